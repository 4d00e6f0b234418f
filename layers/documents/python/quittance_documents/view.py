"""Turns an invoice document into what the layout prints: every label, figure and date as finished text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from quittance.adapters.formats import (
    amount,
    grouped_iban,
    language,
    long_date,
    number,
    percent,
    plain_amount,
    short_date,
    unit_price,
)
from quittance_documents.model import InvoiceDocument, Line, Seller, VatRow
from quittance_documents.words import WORDS, Words

type View = dict[str, Any]
type Pair = tuple[str, str]

_WORDMARK_SIZES = ((18, 17.0), (28, 14.0), (56, 11.5))
_ADDRESS_SIZES = ((6, 10.5), (7, 9.5), (9, 8.0))
_ADDRESS_WIDTH = 42  # characters in a line of the envelope's window


def _size(extent: int, sizes: tuple[tuple[int, float], ...], otherwise: float) -> float:
    return next((size for most, size in sizes if extent <= most), otherwise)


def _filled(*pairs: Pair) -> list[Pair]:
    return [(label, value) for label, value in pairs if value]


def _facts(document: InvoiceDocument, words: Words, lang: str) -> list[Pair]:
    start, end = document.period_start, document.period_end
    period = f"{short_date(start, lang)} \u2013 {short_date(end, lang)}" if start and end else ""
    return _filled(
        (words.number[document.kind], document.number),
        (words.corrects, document.corrects),
        (words.issued, short_date(document.issued, lang)),
        (words.due, short_date(document.due, lang) if document.due and document.kind == "invoice" else ""),
        (words.period, period),
        (words.customer_number, document.buyer.customer_number),
        (words.your_vat_id, document.buyer.vat_id),
        (words.order_reference, document.order_reference),
    )


def _intro(document: InvoiceDocument, words: Words, lang: str) -> str:
    start, end = document.period_start, document.period_end
    if start and end:
        template = words.intro_period[document.kind]
        return template.format(start=long_date(start, lang), end=long_date(end, lang), currency=document.currency)
    return words.intro[document.kind].format(currency=document.currency)


def _line(line: Line, currency: str, lang: str) -> View:
    return {
        "position": line.position,
        "text": line.text,
        "detail": line.detail,
        "quantity": number(line.quantity, lang),
        "unit_price": unit_price(line.unit_price, currency, lang),
        "vat": percent(line.vat_percent, lang),
        "net": plain_amount(line.net, currency, lang),
    }


def _vat_row(row: VatRow, words: Words, currency: str, lang: str) -> tuple[str, str, str]:
    label = words.category.get(row.category, "{percent}").format(percent=percent(row.percent, lang))
    return label, plain_amount(row.net, currency, lang), plain_amount(row.vat, currency, lang)


def _notes(document: InvoiceDocument, words: Words) -> list[str]:
    """The sentences that the law asks for where no VAT is charged; each once."""
    notes = (row.reason or words.notes.get(row.category, "") for row in document.vat)
    return list(dict.fromkeys(note for note in notes if note))


def _totals(document: InvoiceDocument, words: Words, lang: str) -> list[View]:
    def row(label: str, value: Decimal, *, strong: bool = False) -> View:
        return {"label": label, "amount": amount(value, document.currency, lang), "strong": strong}

    rows = [row(words.net_total, document.net)]
    rows += [
        row(words.vat_line.format(percent=percent(vat.percent, lang)), vat.vat)
        for vat in document.vat
        if vat.category == "S" or vat.vat
    ]
    rows.append(row(words.total, document.gross, strong=True))
    if document.already_paid and document.kind == "invoice":
        rows.append(row(words.already_paid, -document.already_paid))
        rows.append(row(words.amount_due, document.amount_due, strong=True))
    return rows


def _payment(document: InvoiceDocument, words: Words, lang: str) -> list[Pair]:
    if not document.amount_due:
        return []
    seller = document.seller
    return _filled(
        (words.pay_amount, amount(document.amount_due, document.currency, lang)),
        (words.pay_until, long_date(document.due, lang) if document.due else ""),
        (words.account_holder, (seller.account_holder or seller.name) if seller.iban else ""),
        ("IBAN", grouped_iban(seller.iban)),
        ("BIC", seller.bic if seller.iban else ""),
        (words.reference, document.payment_reference or document.number),
    )


def _closing(document: InvoiceDocument, words: Words, lang: str) -> list[str]:
    if document.kind == "credit_note":
        return [words.credited.format(amount=amount(document.gross, document.currency, lang))]
    if not document.amount_due:
        return [words.nothing_due]
    if document.payment_terms:
        return [document.payment_terms]
    template = words.please_pay if document.due else words.please_pay_now
    return [
        template.format(
            amount=amount(document.amount_due, document.currency, lang),
            due=long_date(document.due, lang) if document.due else "",
            reference=document.payment_reference or document.number,
        )
    ]


def _policy(document: InvoiceDocument, words: Words) -> View | None:
    if not document.policy_name or document.kind == "credit_note":
        return None
    before, _, after = words.policy.partition("{name}")
    return {"before": before, "name": document.policy_name, "after": after}


def footer(seller: Seller, vat_id: str, tax_number: str) -> list[list[str]]:
    """Return the columns of the letter's foot; `vat_id` and `tax_number` are their labels."""
    numbers = _filled((vat_id, seller.vat_id), (tax_number, seller.tax_number))
    bank = _filled(("IBAN", grouped_iban(seller.iban)), ("BIC", seller.bic)) if seller.iban else []
    columns = (
        [seller.name, *seller.address],
        [seller.phone, seller.email, seller.website],
        [*(f"{label} {value}" for label, value in numbers), seller.register],
        [(seller.account_holder or seller.name) if bank else "", *(f"{label} {value}" for label, value in bank)],
    )
    return [shown for column in columns if (shown := [text for text in column if text])]


def wordmark_size(name: str) -> float:
    """Return the size in points of a name that stands for a logo."""
    return _size(len(name), _WORDMARK_SIZES, 9.0)


def initials(name: str) -> str:
    """Return the two letters that stand for a logo."""
    letters = [word[0] for word in name.split() if word[0].isalnum()]
    return "".join(letters[:2]).upper() or "\u2022"


def _address(document: InvoiceDocument) -> View:
    lines = [document.buyer.name, *document.buyer.address]
    rows = sum(-(-max(len(line), 1) // _ADDRESS_WIDTH) for line in lines)
    return {"address": lines, "address_size": _size(rows, _ADDRESS_SIZES, 6.5)}


def invoice_view(document: InvoiceDocument) -> View:
    """Return the texts of the layout in the document's language, before missing glyphs are replaced."""
    lang = language(document.locale)
    words, seller = WORDS[lang], document.seller
    kind = words.credit_note if document.kind == "credit_note" else words.invoice
    due = amount(document.amount_due, document.currency, lang)
    reference = document.payment_reference or document.number
    return {
        "lang": lang,
        "title": kind.format(number=document.number),
        "words": {
            "page": words.page,
            "of": words.of,
            "payment": words.payment,
            "qr_caption": words.qr_caption,
            "pay_online": words.pay_online,
            "qr_alt": words.qr_alt.format(amount=due, reference=reference),
        },
        "seller": {"name": seller.name},
        "wordmark": {"initials": initials(seller.name), "size": wordmark_size(seller.name)},
        "letterhead": [text for text in (seller.phone, seller.email, seller.website) if text],
        "return_line": " · ".join((seller.name, *seller.address)),
        **_address(document),
        "facts": _facts(document, words, lang),
        "intro": [_intro(document, words, lang)],
        "headings": words.headings,
        "lines": [_line(line, document.currency, lang) for line in document.lines],
        "vat_headings": words.vat_headings,
        "vat_rows": [_vat_row(row, words, document.currency, lang) for row in document.vat],
        "totals": _totals(document, words, lang),
        "notes": _notes(document, words),
        "payment": _payment(document, words, lang),
        "closing": _closing(document, words, lang),
        "policy": _policy(document, words),
        "footer": footer(seller, words.vat_id, words.tax_number),
    }
