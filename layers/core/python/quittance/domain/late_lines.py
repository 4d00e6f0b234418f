"""Fees and interest for paying late as lines of an invoice, in the customer's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal

from quittance.domain.invoice import InvoiceLine
from quittance.domain.late_charges import FEE, INTEREST, LateCharge
from quittance.domain.vat import Category, Treatment

_WORDS: Mapping[str, Mapping[str, str]] = {
    "en": {
        FEE: "Fee for the notice “{notice}” of {since} about invoice {number}",
        INTEREST: "Interest at {percent} % a year on invoice {number}, paid late: after {since}, until {until}",
        "reason": "Not subject to VAT: damages for late payment, no supply.",
        "reminder": "reminder",
        "final": "final notice",
    },
    "de": {
        FEE: "Gebühr für „{notice}“ vom {since} zur Rechnung {number}",
        INTEREST: "Verzugszinsen {percent} % p. a. auf Rechnung {number}: nach dem {since} bis {until}",
        "reason": "Nicht steuerbar: Schadensersatz wegen Zahlungsverzugs, kein Leistungsentgelt.",
        "reminder": "Zahlungserinnerung",
        "final": "Letzte Mahnung",
    },
    "fr": {
        FEE: "Frais pour « {notice} » du {since} concernant la facture {number}",
        INTEREST: "Intérêts de retard {percent} % l'an sur la facture {number} : après le {since}, jusqu'au {until}",
        "reason": "Hors du champ de la TVA : indemnité pour retard de paiement.",
        "reminder": "rappel de paiement",
        "final": "dernier rappel",
    },
}


def late_lines(charges: Iterable[LateCharge], locale: str, beside: Iterable[Category]) -> tuple[InvoiceLine, ...]:
    """Return the lines of late charges, in the order of their ids, in the account's language.

    An invoice may not mix what is outside the scope of VAT with what is taxed otherwise (EN 16931, BR-O-11): `beside`
    lines of another category the charge stands as exempt, with the reason that says what it is.
    """
    words = _WORDS.get(locale[:2].lower(), _WORDS["en"])
    category: Category = "E" if set(beside) - {"O"} else "O"
    how = Treatment(category, Decimal(0), words["reason"])
    return tuple(_line(one, words, how) for one in sorted(charges, key=lambda one: one.id))


def _line(charge: LateCharge, words: Mapping[str, str], how: Treatment) -> InvoiceLine:
    text = words[charge.kind].format(
        notice=words.get(charge.notice_kind, charge.notice_kind),
        since=charge.since,
        until=charge.until,
        number=charge.number,
        percent=charge.percent,
    )
    return InvoiceLine(
        text=text,
        quantity=Decimal(1),
        unit_price=charge.amount.decimal,
        net=charge.amount,
        vat=how,
        charges={},
        late=charge.id,
    )
