"""A vendor's charge: one line of its reconciliation file, with the figures exactly as the vendor gave them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Self, get_args

Kind = Literal["license", "usage", "reservation", "one_time"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One line the vendor charged. Amounts are decimals in major units of `currency`, negative for refunds.

    `product` and `sku` are the catalogue's ids ("CFQ7TTC0LH18", "0001"); `row` counts the file's records, its header
    being row 1, as a spreadsheet shows them. `charge_type` is kept as the vendor spells it, known or not.
    """

    vendor_invoice: str
    row: int
    vendor_customer: str
    customer_name: str = ""
    subscription: str = ""
    product: str
    sku: str = ""
    product_name: str = ""
    sku_name: str = ""
    kind: Kind
    charge_type: str
    quantity: Decimal
    billable_quantity: Decimal
    unit_price: Decimal
    effective_unit_price: Decimal
    subtotal: Decimal
    tax: Decimal
    total: Decimal
    currency: str
    start: date | None = None
    end: date | None = None
    order: str = ""
    ordered: date | None = None
    reference_id: str = ""
    term: str = ""
    frequency: str = ""
    unit: str = ""
    meter: str = ""
    reservation: str = ""
    credit_reason: str = ""
    promotion: str = ""

    @property
    def id(self) -> str:
        """The charge's name: unique, the same in every import of the file."""
        return f"{self.vendor_invoice}#{self.row}"

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form, decimals as strings, without what is empty or belongs to the whole chunk."""
        values = {field.name: getattr(self, field.name) for field in fields(self) if field.name not in _SHARED}
        return {name: _plain(value) for name, value in values.items() if value not in ("", None)}

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], *, vendor_invoice: str, vendor_customer: str, currency: str) -> Self:
        """Read the JSON form back; the chunk gives what its charges share."""
        read: dict[str, Any] = dict(data)
        read.update({name: Decimal(read[name]) for name in _DECIMALS})
        read.update({name: date.fromisoformat(read[name]) for name in _DATES if name in read})
        return cls(vendor_invoice=vendor_invoice, vendor_customer=vendor_customer, currency=currency, **read)


_SHARED = frozenset({"vendor_invoice", "vendor_customer", "currency"})
_DECIMALS = ("quantity", "billable_quantity", "unit_price", "effective_unit_price", "subtotal", "tax", "total")
_DATES = ("start", "end", "ordered")


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, date) else value


def kind_of(*, meter: str, plan: str, reservation: str, frequency: str) -> Kind:
    """Tell metered usage, reservations, one-time purchases and licences apart.

    Usage names its meter or belongs to an Azure plan (columns MeterDescription and SubscriptionDescription).
    """
    if meter or plan.strip().lower() == "azure plan":
        return "usage"
    if reservation:
        return "reservation"
    if frequency.replace("-", "").replace(" ", "").lower() == "onetime":
        return "one_time"
    return "license"


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some charges of one vendor customer from one vendor invoice, as stored in one item."""

    vendor_customer: str
    number: int
    charges: tuple[Charge, ...]


@dataclass(frozen=True, slots=True)
class ChunkLimits:
    """How large a chunk grows. Stored with the file: a retry must cut the same chunks, whatever the code says then."""

    charges: int = 100
    size: int = 150_000


def chunked(charges: Iterable[Charge], limits: ChunkLimits) -> Iterator[Chunk]:
    """Group charges by vendor customer in chunks, numbered from 0; what is cut depends on the file's order only.

    Holds at most one unfinished chunk per customer, so the memory grows with the customers, not with the file.
    """
    open_chunks: dict[str, list[Charge]] = {}
    sizes: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for charge in charges:
        name, size = charge.vendor_customer, _size(charge)
        held = open_chunks.setdefault(name, [])
        if held and (len(held) == limits.charges or sizes[name] + size > limits.size):
            yield _close(name, held, numbers)
            held, sizes[name] = open_chunks.setdefault(name, []), 0
            held.clear()
        held.append(charge)
        sizes[name] = sizes.get(name, 0) + size
    for name, held in open_chunks.items():
        yield _close(name, held, numbers)


def _close(name: str, held: list[Charge], numbers: dict[str, int]) -> Chunk:
    number = numbers.get(name, 0)
    numbers[name] = number + 1
    return Chunk(name, number, tuple(held))


def _size(charge: Charge) -> int:
    # Escaping in the stored JSON at most doubles the bytes of a text: 150,000 stay well under an item's 400 KB.
    texts = (value for value in charge.to_mapping().values() if isinstance(value, str))
    return sum(len(text.encode()) + 24 for text in texts)
