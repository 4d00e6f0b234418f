"""What the client reads out of the vendor's answers; everything else stays in `raw` and is sent back as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from quittance.domain.errors import Poison

_NO_DATE = "0001-01-01"
_ENDLESS = "9999-"
_MODERN_KINDS = {"onlineservicesnce": "nce_license", "azure": "azure_plan", "saas": "marketplace"}


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorSubscription:
    """A subscription as the vendor holds it; `status` may be a word nobody has documented yet."""

    id: str
    status: str
    auto_renew: bool
    scheduled_next_term: Mapping[str, Any] | None
    etag: str | None
    kind: str
    quantity: int
    parent: str | None
    term_ends: datetime | None
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """The vendor has made the change; `subscription` is what it answered with."""

    subscription: VendorSubscription


@dataclass(frozen=True, slots=True)
class Pending:
    """The vendor took the change on; hand `location` to `poll` later (text, fit to be stored)."""

    location: str


@dataclass(frozen=True, slots=True)
class VendorEntitlement:
    """An Azure subscription under an Azure plan."""

    id: str
    status: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorInvoice:
    """An invoice of the vendor to the partner; `total` and `paid` in `currency`, negative for a credit."""

    id: str
    date: datetime
    total: Decimal
    paid: Decimal
    currency: str
    document_type: str
    amends: str | None
    amendments: tuple[VendorInvoice, ...]
    raw: Mapping[str, Any]


def camel(value: Any) -> Any:
    """Lower the first letter of every property name: answers to PATCH come in either case."""
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: camel(item) for name, item in value.items()}
    return [camel(item) for item in value] if isinstance(value, list) else value


def read_subscription(body: Any) -> VendorSubscription:
    """Read a subscription resource; Poison when what every subscription has is missing or of another type."""
    raw = camel(body)
    return VendorSubscription(
        id=_text(raw, "id"),
        status=_text(raw, "status").lower(),
        auto_renew=raw.get("autoRenewEnabled") is True,
        scheduled_next_term=raw.get("scheduledNextTermInstructions") or None,
        etag=(raw.get("attributes") or {}).get("etag"),
        kind=_kind(raw),
        quantity=int(raw.get("quantity") or 0),
        parent=raw.get("parentSubscriptionId") or None,
        term_ends=read_moment(raw.get("commitmentEndDateTime") or raw.get("commitmentEndDate")),
        raw=raw,
    )


def read_entitlement(body: Any) -> VendorEntitlement:
    """Read an Azure entitlement; Poison when it lacks id or status."""
    raw = camel(body)
    return VendorEntitlement(_text(raw, "id"), _text(raw, "status").lower(), raw)


def read_invoice(body: Any) -> VendorInvoice:
    """Read an invoice with its amendments; Poison when it lacks id, date, total or currency."""
    raw = camel(body)
    date = read_moment(raw.get("invoiceDate")) if isinstance(raw, dict) else None
    if date is None:
        raise Poison("vendor invoice: invoiceDate is missing", field="invoiceDate")
    return VendorInvoice(
        id=_text(raw, "id"),
        date=date,
        total=_amount(raw, "totalCharges"),
        paid=_amount(raw, "paidAmount"),
        currency=_text(raw, "currencyCode"),
        document_type=raw.get("documentType") or "invoice",
        amends=raw.get("amendsOf"),
        amendments=tuple(read_invoice(item) for item in raw.get("amendments") or ()),
        raw=raw,
    )


def read_items(body: Any) -> list[Any]:
    """Return the items of a collection; Poison when it is none."""
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise Poison("vendor answer: items is missing from the collection", field="items")
    return items


def read_moment(text: Any) -> datetime | None:
    """Read the vendor's moment, UTC where it names no zone; None for its two ways to say "no date"."""
    if not isinstance(text, str) or not text or text.startswith((_NO_DATE, _ENDLESS)):
        return None
    try:
        moment = datetime.fromisoformat(text.replace(" ", ""))
    except ValueError as problem:
        raise Poison(f"vendor answer: {text!r} is no moment") from problem
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _kind(raw: Mapping[str, Any]) -> str:
    product = raw.get("productType")
    name = product.get("id", "") if isinstance(product, dict) else product or ""
    if not name:
        return "legacy_azure" if raw.get("billingType") == "usage" else "legacy_license"
    if kind := _MODERN_KINDS.get(str(name).lower()):
        return kind
    return "perpetual" if "perpetual" in str(name).lower() else "software"


def _text(raw: Any, name: str) -> str:
    value = raw.get(name) if isinstance(raw, dict) else None
    if not isinstance(value, str) or not value:
        raise Poison(f"vendor answer: {name} is missing or no text", field=name)
    return value


def _amount(raw: Mapping[str, Any], name: str) -> Decimal:
    """Read an amount that may come as a number or as text."""
    value = raw.get(name)
    try:
        return Decimal(str(value))
    except InvalidOperation as problem:
        raise Poison(f"vendor answer: {name} is {value!r}, no amount", field=name) from problem
