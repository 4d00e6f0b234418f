"""Compiles an invoice document to PDF/A-3a and PDF/UA-1 with typst, in this process, without files and network."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import typst

from quittance.adapters.links import is_web_address
from quittance_documents.epc import payment_code_svg
from quittance_documents.glyphs import FONTS, main_font, printable
from quittance_documents.model import InvoiceDocument
from quittance_documents.view import View, invoice_view

_LAYOUT = Path(__file__).parent / "invoice.typ"


@cache
def _compiler() -> typst.Compiler:
    """Load layout and fonts once per process; only the shipped fonts count, so every machine makes the same bytes."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    return typst.Compiler(_LAYOUT, root=_LAYOUT.parent, font_paths=fonts, ignore_system_fonts=True)


def _mapped(value: Any, change: Callable[[str], str]) -> Any:
    """Apply a change to every text within lists and mappings."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _mapped(item, change) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_mapped(item, change) for item in value]
    return value


def _with_pictures(view: View, document: InvoiceDocument, *, logo: bool) -> View:
    url = document.policy_url if is_web_address(document.policy_url) else ""
    policy = view["policy"] and {**view["policy"], "url": url}
    pay = document.pay_url if view["payment"] and is_web_address(document.pay_url) else ""
    shown = list(document.seller.logo) if logo and document.seller.logo else None
    return {**view, "policy": policy, "logo": shown, "qr": payment_code_svg(document), "pay_url": pay}


def _attempts(document: InvoiceDocument) -> Iterator[View]:
    """What to print, then what to fall back to: no logo that cannot be drawn, no font but the text font's own."""
    view = invoice_view(document)
    texts = _mapped(view, printable)
    yield _with_pictures(texts, document, logo=True)
    yield _with_pictures(texts, document, logo=False)
    yield _with_pictures(_mapped(view, partial(printable, fonts=(main_font(),))), document, logo=False)


def _compiled(view: View, document: InvoiceDocument) -> bytes:
    """Compile one view; the document's date stands for the time of making, so that bytes repeat."""
    made = datetime(document.issued.year, document.issued.month, document.issued.day, tzinfo=UTC)
    data = {"document": json.dumps(view, ensure_ascii=False)}
    pdf = _compiler().compile(sys_inputs=data, format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=made)
    return cast("bytes", pdf)


def render_invoice(document: InvoiceDocument) -> bytes:
    """Return the document as PDF/A-3a bytes, the same for the same input.

    A logo that is no picture gives way to the written name, and a text that the fonts cannot set to boxes;
    only a fault of the layout itself raises typst's error.
    """
    last: typst.TypstError | None = None
    for view in _attempts(document):
        try:
            return _compiled(view, document)
        except typst.TypstError as error:
            last = error
    raise last or RuntimeError("no view to print")
