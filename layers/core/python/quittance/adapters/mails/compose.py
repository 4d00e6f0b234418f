"""Chooses and orders the words of a notice; the same blocks become the text and the HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from quittance.adapters.formats import (
    NBSP,
    amount,
    grouped_iban,
    language,
    long_date,
    percent,
    plain_amount,
    short_date,
)
from quittance.adapters.links import is_web_address
from quittance.adapters.mails.blocks import Block, Details, Link, Paragraph, Section, Table, shown
from quittance.adapters.mails.content import KINDS, Mail, NoticeContent, OpenInvoice, Sender
from quittance.adapters.mails.page import as_html, as_text
from quittance.adapters.mails.words import WORDS, MailWords

type Values = dict[str, str]

_MOST_ROWS = 30  # a mail lists the oldest; the total and the documents tell the rest


def _kind(content: NoticeContent) -> str:
    return content.kind if content.kind in KINDS else "reminder"


def _values(content: NoticeContent, words: MailWords, lang: str) -> Values:
    first = content.invoices[0] if content.invoices else None
    return {
        "total": amount(content.total, content.currency, lang),
        "account": content.account_name,
        "sender": content.sender.name,
        "number": first.number if first else "",
        "issued": long_date(first.issued, lang) if first else "",
        "due": words.due_on.format(date=long_date(first.due, lang)) if first and first.due else words.due_now,
        "pay_by": long_date(content.pay_by, lang) if content.pay_by else "",
        "next_at": long_date(content.next_step.at, lang) if content.next_step else "",
        "services": ", ".join(content.services) or words.all_services,
        "days": str(content.data_days),
    }


def _greeting(content: NoticeContent, words: MailWords) -> Paragraph:
    name = content.contact_name
    tone = words.tones[content.tone]
    return Paragraph(tone.greeting_named.format(name=name) if name else tone.greeting)


def _row(invoice: OpenInvoice, currency: str, lang: str) -> tuple[str, ...]:
    due = short_date(invoice.due, lang) if invoice.due else ""
    return invoice.number, short_date(invoice.issued, lang), due, plain_amount(invoice.open_amount, currency, lang)


def _table(content: NoticeContent, words: MailWords, lang: str) -> Table:
    return _listed(content.invoices, content.total, content, words, lang)


def _listed(
    invoices: Sequence[OpenInvoice], total: Decimal, content: NoticeContent, words: MailWords, lang: str
) -> Table:
    *heads, last = words.headings
    rows = [_row(invoice, content.currency, lang) for invoice in invoices[:_MOST_ROWS]]
    if more := len(invoices) - len(rows):
        rows.append((f"+{NBSP}{more}", "", "", "\u2026"))
    rows.append((words.total_row, "", "", plain_amount(total, content.currency, lang)))
    return Table((*heads, f"{last} ({content.currency})"), tuple(rows), totalled=True)


def _costs(content: NoticeContent, words: MailWords, lang: str) -> Iterator[Block]:
    """What being late costs, where it costs anything."""
    told = []
    if content.fee:
        told.append(words.fee.format(fee=amount(content.fee, content.currency, lang)))
    if content.interest:
        told.append(words.interest.format(percent=percent(content.interest, lang)))
    if told:
        yield Section(words.costs_title, " ".join((*told, words.costs_billed)))


def _ahead(content: NoticeContent, words: MailWords, lang: str) -> Iterator[Block]:
    """What is not late, and is told in time along with what is."""
    if content.ahead:
        yield Section(words.ahead_title, words.ahead)
        total = sum((one.open_amount for one in content.ahead), Decimal(0))
        yield _listed(content.ahead, total, content, words, lang)


def _pay(content: NoticeContent, words: MailWords, values: Values) -> Iterator[Block]:
    payment = content.payment
    pairs = (
        (words.amount, values["total"]),
        (words.account_holder, (payment.account_holder or content.sender.name) if payment.iban else ""),
        ("IBAN", grouped_iban(payment.iban)),
        ("BIC", payment.bic),
        (words.reference, payment.reference),
    )
    if payment.iban:
        yield Section(words.pay_title, words.pay_transfer)
        yield Details(tuple((label, value) for label, value in pairs if value))
    elif payment.reference:
        yield Section(words.pay_title, words.reference_hint.format(reference=payment.reference))
    if is_web_address(payment.url):
        yield Link(words.pay_url, payment.url, button=True)


def _call(sender: Sender, words: MailWords) -> Section:
    if sender.phone and sender.email:
        answer = words.call_both.format(phone=sender.phone, email=sender.email)
    elif sender.phone:
        answer = words.call_phone.format(phone=sender.phone)
    else:
        answer = words.call_email.format(email=sender.email) if sender.email else words.call_reply
    return Section(words.call_title, answer)


def _deadline(content: NoticeContent, words: MailWords, values: Values) -> Section:
    template = words.deadline if content.pay_by else words.deadline_now
    return Section(words.deadline_title, template.format_map(values), strong=content.kind == "final")


def _otherwise(content: NoticeContent, words: MailWords, values: Values) -> Iterator[Block]:
    step = content.next_step
    if step is not None:
        disabling = step.kind.startswith("suspend")
        yield Section(words.otherwise_title, words.otherwise[step.kind].format_map(values), strong=disabling)
        if disabling:
            yield Section(words.data_title, words.data.format_map(values))


def _demand(content: NoticeContent, words: MailWords, values: Values, lang: str) -> Iterator[Block]:
    """The parts of a reminder and of a final notice: what, until when, what otherwise, how, whom to ask."""
    yield _table(content, words, lang)
    if content.kind == "final":
        yield Section(words.owed_title, words.owed.format_map(values))
    yield _deadline(content, words, values)
    yield from _otherwise(content, words, values)
    yield from _costs(content, words, lang)
    yield from _pay(content, words, values)
    yield from _ahead(content, words, lang)
    yield _call(content.sender, words)


def _disabled(content: NoticeContent, words: MailWords, values: Values, lang: str) -> Iterator[Block]:
    yield _table(content, words, lang)
    yield Section(words.back_title, words.back.format_map(values))
    yield from _costs(content, words, lang)
    yield from _pay(content, words, values)
    yield from _ahead(content, words, lang)
    yield Section(words.data_title, words.data_now.format_map(values))
    yield _call(content.sender, words)


def _middle(kind: str, content: NoticeContent, words: MailWords, values: Values, lang: str) -> Iterator[Block]:
    if content.attached:
        yield Paragraph(words.attached)
    if kind == "invoice_issued":
        yield from _pay(content, words, values)
    elif kind in {"upcoming", "reminder", "final"}:
        yield from _demand(content, words, values, lang)
    elif kind == "suspended":
        yield from _disabled(content, words, values, lang)


def _blocks(content: NoticeContent, words: MailWords, values: Values, lang: str) -> Iterator[Block]:
    kind = _kind(content)
    yield _greeting(content, words)
    for index, lead in enumerate(words.leads[kind]):
        yield Paragraph(lead.format_map(values), strong=index == 0 and kind in {"final", "suspended"})
    yield from _middle(kind, content, words, values, lang)
    for note in content.notes:
        yield Paragraph(note)
    if is_web_address(content.policy_url):
        yield Link(words.policy.format(policy=content.policy_name), content.policy_url)


def render_mail(content: NoticeContent) -> Mail:
    """Return the mail of a notice in the account's language (English where there are no words for it).

    Every given text stays text: it is escaped in the HTML, never opens a link, and cannot add a header line.
    """
    lang = language(content.locale)
    words = WORDS[lang]
    values = _values(content, words, lang)
    blocks = list(_blocks(content, words, values, lang))
    subject = " ".join(shown(words.subjects[_kind(content)].format_map(values)).split())
    preview = words.leads[_kind(content)][0].format_map(values)
    return Mail(
        subject,
        as_text(blocks, words.tones[content.tone].regards, content.sender),
        as_html(blocks, words.tones[content.tone].regards, content.sender, lang=lang, subject=subject, preview=preview),
    )
