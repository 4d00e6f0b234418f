"""What an invoice's document shows: plain values, finished by the domain; nothing is computed twice here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

type Kind = Literal["invoice", "credit_note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """Who issues the document: the partner's legal entity, with what the law asks to be shown."""

    name: str
    address: tuple[str, ...]
    vat_id: str = ""
    tax_number: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    register: str = ""
    iban: str = ""
    bic: str = ""
    account_holder: str = ""
    logo: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """Who owes, as printed in the envelope's window."""

    name: str
    address: tuple[str, ...]
    vat_id: str = ""
    customer_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line; `net` in major units is the issued figure, whatever quantity times price would give."""

    position: str
    text: str
    detail: str = ""
    quantity: Decimal
    unit_price: Decimal
    net: Decimal
    vat_percent: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    """VAT of one category (EN 16931: S, Z, E, AE, K, G, O) and rate; `reason` as the domain words it, if it does."""

    category: str
    percent: Decimal
    net: Decimal
    vat: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceDocument:
    """An issued invoice or credit note; amounts in major units of `currency`, dates in the account's time zone."""

    kind: Kind = "invoice"
    locale: str
    number: str
    issued: date
    due: date | None = None
    period_start: date | None = None
    period_end: date | None = None
    currency: str
    seller: Seller
    buyer: Buyer
    lines: tuple[Line, ...]
    vat: tuple[VatRow, ...]
    net: Decimal
    vat_total: Decimal
    gross: Decimal
    already_paid: Decimal = Decimal(0)
    payment_terms: str = ""
    payment_reference: str = ""
    order_reference: str = ""
    corrects: str = ""
    policy_name: str = ""
    policy_url: str = ""
    pay_url: str = ""

    @property
    def amount_due(self) -> Decimal:
        """What is still to be paid, in major units; never below zero, and nothing on a credit note."""
        return Decimal(0) if self.kind == "credit_note" else max(self.gross - self.already_paid, Decimal(0))

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> InvoiceDocument:
        """Read the JSON form (amounts as decimal strings, dates as ISO 8601, logo as base64); see `reading`."""
        from quittance_documents.reading import read_invoice  # noqa: PLC0415 - reading builds this class

        return read_invoice(data)
