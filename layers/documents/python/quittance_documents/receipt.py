"""The receipt of a settled invoice: what it shows, its words, and its PDF."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import typst

from quittance.adapters.formats import amount, language, long_date, plain_amount, short_date
from quittance_documents.glyphs import FONTS, main_font, printable
from quittance_documents.model import Buyer, Seller
from quittance_documents.receipt_words import WORDS, ReceiptWords
from quittance_documents.view import View, footer, initials, wordmark_size

_LAYOUT = Path(__file__).parent / "receipt.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptRow:
    """What settled the debt, or was taken back meanwhile: amounts in major units, negative for what was taken back."""

    day: date
    kind: str
    provider: str = ""
    reference: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptDocument:
    """A settled debt; `settled` is the day in the customer's time zone, `times` which settlement of the invoice."""

    locale: str
    number: str
    issued: date
    settled: date
    times: str = "1"
    currency: str
    gross: Decimal
    seller: Seller
    buyer: Buyer
    rows: tuple[ReceiptRow, ...]

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> ReceiptDocument:
        """Read the JSON form; Rejected with the field's path where it does not fit."""
        from quittance_documents.reading import read_receipt  # noqa: PLC0415 - reading builds this class

        return read_receipt(data)


def receipt_view(document: ReceiptDocument) -> View:
    """Return the texts of the layout in the document's language, before missing glyphs are replaced."""
    lang = language(document.locale)
    words, seller = WORDS[lang], document.seller
    gross = amount(document.gross, document.currency, lang)
    facts = {"number": document.number, "issued": long_date(document.issued, lang), "gross": gross}
    confirmed = words.confirmed.format(**facts, settled=long_date(document.settled, lang), buyer=document.buyer.name)
    return {
        "lang": lang,
        "title": words.title.format(number=document.number),
        "seller": {"name": seller.name},
        "wordmark": {"initials": initials(seller.name), "size": wordmark_size(seller.name)},
        "letterhead": [text for text in (seller.phone, seller.email, seller.website) if text],
        "return_line": " \u00b7 ".join((seller.name, *seller.address)),
        "address": [document.buyer.name, *document.buyer.address],
        "facts": _facts(document, words, lang),
        "confirmed": confirmed,
        "headings": words.headings,
        "rows": [_row(row, words, document.currency, lang) for row in document.rows],
        "total": (
            words.total,
            plain_amount(sum((row.amount for row in document.rows), Decimal(0)), document.currency, lang),
        ),
        "settled": words.settled,
        "amount": gross,
        "stamp": words.stamp.format(settled=long_date(document.settled, lang)),
        "footer": footer(seller, words.vat_id, words.tax_number),
    }


def _facts(document: ReceiptDocument, words: ReceiptWords, lang: str) -> list[tuple[str, str]]:
    pairs = (
        (words.invoice, document.number),
        (words.issued, short_date(document.issued, lang)),
        (words.settled_on, short_date(document.settled, lang)),
        (words.customer_number, document.buyer.customer_number),
    )
    return [(label, value) for label, value in pairs if value]


def _row(row: ReceiptRow, words: ReceiptWords, currency: str, lang: str) -> tuple[str, str, str, str]:
    what = words.kinds.get(row.kind) or (words.kinds["payment"] if row.amount > 0 else words.taken_back)
    if row.provider:
        what = f"{what} ({row.provider.replace('_', ' ').title()})"
    return short_date(row.day, lang), what, row.reference, plain_amount(row.amount, currency, lang)


@cache
def _compiler() -> typst.Compiler:
    """Load layout and fonts once per process; only the shipped fonts count, so every machine makes the same bytes."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    return typst.Compiler(_LAYOUT, root=_LAYOUT.parent, font_paths=fonts, ignore_system_fonts=True)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(item, change) for item in value]
    return value


def _attempts(document: ReceiptDocument) -> Iterator[View]:
    """What to print, then what to fall back to, as for invoices: no logo, then no font but the text font's own."""
    view = receipt_view(document)
    texts = _mapped(view, printable)
    logo = list(document.seller.logo) if document.seller.logo else None
    yield {**texts, "logo": logo}
    yield {**texts, "logo": None}
    yield {**_mapped(view, partial(printable, fonts=(main_font(),))), "logo": None}


def print_receipt(document: ReceiptDocument) -> bytes:
    """Return the receipt as PDF/A-3a bytes, the same for the same input."""
    last: typst.TypstError | None = None
    made = datetime(document.settled.year, document.settled.month, document.settled.day, tzinfo=UTC)
    for view in _attempts(document):
        data = {"document": json.dumps(view, ensure_ascii=False)}
        try:
            pdf = _compiler().compile(sys_inputs=data, format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=made)
        except typst.TypstError as error:
            last = error
        else:
            return cast("bytes", pdf)
    raise last or RuntimeError("no view to print")
