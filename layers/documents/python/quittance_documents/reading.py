"""Reads the JSON form of an invoice document; every complaint names the field by its path and the remedy."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from quittance.domain.errors import Rejected
from quittance.domain.money import exponent
from quittance_documents.model import Buyer, InvoiceDocument, Line, Seller, VatRow
from quittance_documents.receipt import ReceiptDocument, ReceiptRow

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

type Reader = Callable[[Any, str], Any]


def _refuse(path: str, remedy: str) -> Rejected:
    return Rejected(f"{path}: {remedy}", field=path, code="document_invalid")


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str):
        raise _refuse(path, "give a text")
    return value


def _decimal(value: Any, path: str) -> Decimal:
    try:
        figure = Decimal(_text(value, path))
    except InvalidOperation:
        raise _refuse(path, f'{value!r} is not a figure; write one such as "12.50"') from None
    if not figure.is_finite():
        raise _refuse(path, "give a finite figure")
    return figure


def _day(value: Any, path: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(_text(value, path))
    except ValueError:
        raise _refuse(path, f'{value!r} is not a date; write one such as "2026-10-09"') from None


def _issued(value: Any, path: str) -> date:
    day = _day(value, path)
    if day is None:
        raise _refuse(path, "an issued document has a date; give one")
    return day


def _currency(value: Any, path: str) -> str:
    code = _text(value, path)
    exponent(code)
    return code


def _kind(value: Any, path: str) -> str:
    if value not in {"invoice", "credit_note"}:
        raise _refuse(path, 'give "invoice" or "credit_note"')
    return str(value)


def _bytes(value: Any, path: str) -> bytes:
    try:
        return b64decode(_text(value, path), validate=True)
    except binascii.Error:
        raise _refuse(path, "give base64") from None


def _many(reader: Reader) -> Reader:
    def read(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise _refuse(path, "give a list")
        return tuple(reader(item, f"{path}[{index}]") for index, item in enumerate(value))

    return read


def _required(cls: type[DataclassInstance]) -> set[str]:
    return {field.name for field in fields(cls) if field.default is MISSING}


def _part(cls: type[DataclassInstance], **special: Reader) -> Reader:
    names, required = {field.name for field in fields(cls)}, _required(cls)

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, Mapping):
            raise _refuse(path or "document", "give an object")
        prefix = f"{path}." if path else ""
        for name in sorted(value.keys() - names):
            raise _refuse(f"{prefix}{name}", "is not a known field; remove it")
        for name in sorted(required - value.keys()):
            raise _refuse(f"{prefix}{name}", "is missing; give it")
        readers: dict[str, Reader] = {name: special.get(name, _text) for name in value}
        build: Callable[..., Any] = cls
        return build(**{name: readers[name](item, f"{prefix}{name}") for name, item in value.items()})

    return read


_seller = _part(Seller, address=_many(_text), logo=_bytes)
_buyer = _part(Buyer, address=_many(_text))
_line = _part(Line, quantity=_decimal, unit_price=_decimal, net=_decimal, vat_percent=_decimal)
_vat_row = _part(VatRow, percent=_decimal, net=_decimal, vat=_decimal)
_invoice = _part(
    InvoiceDocument,
    kind=_kind,
    issued=_issued,
    due=_day,
    period_start=_day,
    period_end=_day,
    currency=_currency,
    seller=_seller,
    buyer=_buyer,
    lines=_many(_line),
    vat=_many(_vat_row),
    net=_decimal,
    vat_total=_decimal,
    gross=_decimal,
    already_paid=_decimal,
)


def read_invoice(data: Mapping[str, Any]) -> InvoiceDocument:
    """Build the document from its JSON form; Rejected with the field's path where it does not fit."""
    document: InvoiceDocument = _invoice(data, "")
    return document


_receipt_row = _part(ReceiptRow, day=_issued, amount=_decimal)
_receipt = _part(
    ReceiptDocument,
    issued=_issued,
    settled=_issued,
    currency=_currency,
    gross=_decimal,
    seller=_seller,
    buyer=_buyer,
    rows=_many(_receipt_row),
)


def read_receipt(data: Mapping[str, Any]) -> ReceiptDocument:
    """Build a receipt from its JSON form; Rejected with the field's path where it does not fit."""
    document: ReceiptDocument = _receipt(data, "")
    return document
