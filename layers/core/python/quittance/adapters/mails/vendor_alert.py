"""The mail to the partner itself: a vendor invoice is unpaid, until when it has to be, and whom to call first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from quittance.adapters.formats import amount, language, long_date, short_date
from quittance.adapters.mails.blocks import Block, Details, Paragraph, Section, Table, shown
from quittance.adapters.mails.content import Mail, Sender
from quittance.adapters.mails.page import as_html, as_text
from quittance.domain.cash_forecast import Call
from quittance.usecases.alert_payables import VendorWarning

ALERT_WORDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "subject": "Herstellerrechnung {invoice}: {remaining} offen, fällig am {due}",
        "lead": "die Herstellerrechnung {invoice} ist mit {remaining} noch nicht bezahlt. Sie ist am {due} fällig.",
        "late": "Eine Zahlung braucht fünf Werktage, bis der Hersteller sie sieht. Zahlen Sie bis zum {pay_by}.",
        "overdue": "Sie ist überfällig: Der Hersteller kann Ihr eigenes Konto jetzt sperren. Zahlen Sie heute.",
        "invoice": "Herstellerrechnung",
        "remaining": "Offen",
        "due": "Fällig",
        "pay_by": "Zahlen bis",
        "short_title": "Was bis dahin fehlt",
        "short": "Zahlen Ihre Kunden pünktlich, fehlen bis dahin {short} (Ihr Bankguthaben nicht gerechnet).",
        "enough": "Zahlen Ihre Kunden pünktlich, reicht das, was bis dahin fällig wird.",
        "calls_title": "Wen Sie zuerst anrufen",
        "calls": "Diese Kunden haben am meisten überfällig:",
        "nobody": "Kein Kunde ist überfällig.",
        "account": "Kunde",
        "since": "Seit",
        "overdue_column": "Überfällig",
        "regards": "Ihre Buchhaltung",
    },
    "en": {
        "subject": "Vendor invoice {invoice}: {remaining} unpaid, due {due}",
        "lead": "Vendor invoice {invoice} is unpaid by {remaining}. It is due on {due}.",
        "late": "A payment takes five business days until the vendor sees it. Pay by {pay_by}.",
        "overdue": "It is overdue: the vendor may suspend your own account now. Pay today.",
        "invoice": "Vendor invoice",
        "remaining": "Unpaid",
        "due": "Due",
        "pay_by": "Pay by",
        "short_title": "What will be missing",
        "short": "If your customers pay on time, {short} will be missing by then (your bank balance not counted).",
        "enough": "If your customers pay on time, what falls due until then is enough.",
        "calls_title": "Whom to call first",
        "calls": "These customers have most overdue:",
        "nobody": "No customer is overdue.",
        "account": "Customer",
        "since": "Since",
        "overdue_column": "Overdue",
        "regards": "Your back office",
    },
    "fr": {
        "subject": "Facture du fournisseur {invoice} : {remaining} impayés, échéance le {due}",
        "lead": "La facture {invoice} du fournisseur reste impayée : {remaining}. Son échéance est le {due}.",
        "late": "Un paiement met cinq jours ouvrés à être vu par le fournisseur. Payez au plus tard le {pay_by}.",
        "overdue": "Elle est en retard : le fournisseur peut suspendre votre propre compte. Payez aujourd'hui.",
        "invoice": "Facture du fournisseur",
        "remaining": "Impayé",
        "due": "Échéance",
        "pay_by": "Payer avant le",
        "short_title": "Ce qui manquera",
        "short": "Si vos clients paient à temps, il manquera {short} d'ici là (sans compter votre solde bancaire).",
        "enough": "Si vos clients paient à temps, ce qui arrive à échéance d'ici là suffit.",
        "calls_title": "Qui appeler en premier",
        "calls": "Ces clients ont le plus de retard :",
        "nobody": "Aucun client n'est en retard.",
        "account": "Client",
        "since": "Depuis",
        "overdue_column": "En retard",
        "regards": "Votre gestion",
    },
}


def render_alert(warning: VendorWarning) -> Mail:
    """Return the mail in the partner's language."""
    lang = language(warning.partner.locale)
    words, values = ALERT_WORDS[lang], _values(warning, lang)
    sender = Sender(name=warning.partner.name)
    blocks = list(_blocks(warning, words, values, lang))
    subject = " ".join(shown(words["subject"].format_map(values)).split())
    preview = words["lead"].format_map(values)
    return Mail(
        subject,
        as_text(blocks, words["regards"], sender),
        as_html(blocks, words["regards"], sender, lang=lang, subject=subject, preview=preview),
    )


def _values(warning: VendorWarning, lang: str) -> dict[str, str]:
    payable = warning.payable
    return {
        "invoice": payable.vendor_invoice,
        "remaining": amount(payable.remaining.decimal, payable.amount.currency, lang),
        "due": long_date(payable.due, lang),
        "pay_by": long_date(warning.pay_by, lang),
        "short": amount(warning.short.decimal, warning.short.currency, lang),
    }


def _blocks(warning: VendorWarning, words: Mapping[str, str], values: Mapping[str, str], lang: str) -> Iterator[Block]:
    overdue = warning.today > warning.payable.due
    yield Paragraph(words["lead"].format_map(values))
    yield Paragraph(words["overdue" if overdue else "late"].format_map(values), strong=True)
    yield Details(tuple((words[name], values[name]) for name in ("invoice", "remaining", "due", "pay_by")))
    yield Section(words["short_title"], words["short" if warning.short else "enough"].format_map(values))
    yield Section(words["calls_title"], words["calls" if warning.calls else "nobody"])
    if warning.calls:
        headings = (words["account"], words["since"], words["overdue_column"])
        yield Table(headings, tuple(_call(call, lang) for call in warning.calls), totalled=False)


def _call(call: Call, lang: str) -> tuple[str, str, str]:
    overdue: Decimal = call.overdue.decimal
    return call.profile.name, short_date(call.oldest_due, lang), amount(overdue, call.overdue.currency, lang)
