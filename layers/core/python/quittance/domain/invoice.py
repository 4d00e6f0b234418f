"""An invoice: lines, VAT, totals, the pinned policy and balanced postings; pure, and final once issued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal, Self

from quittance.domain.charges import KINDS
from quittance.domain.errors import Rejected
from quittance.domain.ledger import CUSTOMER_CREDIT, LATE_CHARGES, RECEIVABLE, REVENUE, VAT, Posting, entry
from quittance.domain.money import Money, total
from quittance.domain.numbering import Series
from quittance.domain.policy import Order, PolicyRef
from quittance.domain.pricing import Priced
from quittance.domain.vat import Treatment, VatRow, vat_table

DocumentKind = Literal["invoice", "credit_note"]
ChargeRefs = Mapping[str, tuple[int, ...]]
_SEAT_PLACES = 4
_USAGE_PLACES = 6
_USAGE = "usage"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line; `net` is the issued figure. `charges` names the vendor's charges it bills: vendor invoice to rows.

    `unit_price` is for the reader (never negative; a refund has a negative quantity), `change` is the vendor's charge
    type where it explains the line, `start` and `end` the time charged for, `product` what a licence line bills.
    `late` names the fee or interest that the line charges.
    """

    text: str
    quantity: Decimal
    unit_price: Decimal
    net: Money
    vat: Treatment
    charges: ChargeRefs
    start: date | None = None
    end: date | None = None
    change: str = ""
    product: str = ""
    late: str = ""

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form: amounts in minor units, decimals and dates as text."""
        data: dict[str, Any] = {
            "text": self.text,
            "quantity": format(self.quantity, "f"),
            "unit_price": format(self.unit_price, "f"),
            "net": self.net.minor,
            "vat_category": self.vat.category,
            "vat_percent": format(self.vat.percent, "f"),
            "vat_reason": self.vat.reason,
            "charges": {invoice: list(rows) for invoice, rows in self.charges.items()},
            "start": self.start.isoformat() if self.start else "",
            "end": self.end.isoformat() if self.end else "",
            "change": self.change,
            "product": self.product,
            "late": self.late,
        }
        return {name: value for name, value in data.items() if value not in ("", {})}

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any], currency: str) -> Self:
        """Read the JSON form back."""
        return cls(
            text=data["text"],
            quantity=Decimal(data["quantity"]),
            unit_price=Decimal(data["unit_price"]),
            net=Money(data["net"], currency),
            vat=Treatment(data["vat_category"], Decimal(data["vat_percent"]), data.get("vat_reason", "")),
            charges={invoice: tuple(rows) for invoice, rows in data.get("charges", {}).items()},
            start=_day(data.get("start")),
            end=_day(data.get("end")),
            change=data.get("change", ""),
            product=data.get("product", ""),
            late=data.get("late", ""),
        )


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absorbed:
    """A charge that a price rule bills at nothing: listed, so that every charge is accounted for."""

    text: str
    cost: str
    charges: ChargeRefs

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form; `cost` is the vendor's Subtotal as a decimal."""
        return {
            "text": self.text,
            "cost": self.cost,
            "charges": {name: list(rows) for name, rows in self.charges.items()},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedInvoice:
    """An invoice or credit note as issued.

    Figures carry the sign they have on the account: a credit note's are negative. `policy` is the collections
    policy's version pinned at issue, `allocation` its order of payments, `remind_on` the day from which the customer is
    reminded before it is due.
    """

    id: str
    number: str
    issued: date
    due: date
    period: str | None
    currency: str
    policy: PolicyRef
    lines: tuple[InvoiceLine, ...]
    absorbed: tuple[Absorbed, ...]
    vat: tuple[VatRow, ...]
    net: Money
    vat_total: Money
    gross: Money
    allocation: Order = "oldest_due"
    remind_on: date | None = None

    @property
    def kind(self) -> DocumentKind:
        """A total below zero makes a credit note."""
        return "credit_note" if self.gross.minor < 0 else "invoice"

    @property
    def series(self) -> Series:
        """The series its number comes from."""
        return "CN" if self.kind == "credit_note" else "INV"

    @property
    def products(self) -> tuple[str, ...] | None:
        """The products whose licences are billed; None where a person wrote the lines and nobody recorded them."""
        if not any(line.charges for line in self.lines):
            return None
        return tuple(sorted({line.product for line in self.lines if line.product}))

    @property
    def postings(self) -> tuple[Posting, ...]:
        """The double entry: an invoice is owed (receivable), a credit note's gross becomes the customer's credit."""
        claim = RECEIVABLE if self.kind == "invoice" else CUSTOMER_CREDIT
        late = self.late
        return entry((claim, self.gross), (REVENUE, late - self.net), (LATE_CHARGES, -late), (VAT, -self.vat_total))

    @property
    def late(self) -> Money:
        """What of the net is fees and interest for paying late: not revenue of services."""
        return total((line.net for line in self.lines if line.late), self.currency)

    def numbered(self, number: str) -> IssuedInvoice:
        """Return the invoice under the number it was given."""
        return replace(self, number=number)


def build_invoice(
    *,
    id: str,  # noqa: A002  # the field's own name
    issued: date,
    due: date,
    period: str | None,
    currency: str,
    policy: PolicyRef,
    lines: Sequence[InvoiceLine],
    absorbed: Sequence[Absorbed] = (),
    number: str = "",
    allocation: Order = "oldest_due",
) -> IssuedInvoice:
    """Add up an invoice: nets are given and rounded, VAT is on their sums, totals follow exactly.

    Raises Rejected for a line in another currency, a due date before the issue date, or nothing to state.
    """
    for place, line in enumerate(lines):
        if line.net.currency != currency:
            raise Rejected(f"lines[{place}]: is in {line.net.currency}, the account in {currency}", field="lines")
    if not lines and not absorbed:
        raise Rejected("lines: an invoice has at least one", field="lines")
    if due < issued:
        raise Rejected(f"due: {due} is before the issue date {issued}", field="due")
    vat = vat_table(((line.vat, line.net) for line in lines), currency)
    net = total((line.net for line in lines), currency)
    tax = total((row.vat for row in vat), currency)
    return IssuedInvoice(
        id=id,
        number=number,
        issued=issued,
        due=due,
        period=period,
        currency=currency,
        policy=policy,
        lines=tuple(lines),
        absorbed=tuple(absorbed),
        vat=vat,
        net=net,
        vat_total=tax,
        gross=net + tax,
        allocation=allocation,
    )


def due_date(issued: date, payment_days: int) -> date:
    """Return the last day to pay on: the issue date and the pinned policy's payment days."""
    return issued + timedelta(days=payment_days)


def lines_from(priced: Iterable[Priced], how: Treatment) -> tuple[tuple[InvoiceLine, ...], tuple[Absorbed, ...]]:
    """Turn priced charges into lines for people, and list what rules absorb.

    Every licence charge stays a line of its own, a seat change's refund and charge side by side; metered usage is
    summed by subscription, service and time. Nothing is left out, even at zero.
    """
    ordered = sorted(priced, key=_place)
    groups: dict[Any, list[Priced]] = {}
    for item in ordered:
        if not item.absorbed:
            groups.setdefault(_group(item), []).append(item)
    lines = tuple(_line(group, how) for group in groups.values())
    return lines, tuple(_absorbed(item) for item in ordered if item.absorbed)


def _place(item: Priced) -> tuple[Any, ...]:
    charge = item.charge
    first = charge.start or date.min
    return (
        KINDS.index(charge.kind),
        charge.product_name,
        charge.subscription,
        charge.reference_id,
        first,
        charge.vendor_invoice,
        charge.row,
    )


def _group(item: Priced) -> tuple[Any, ...]:
    charge = item.charge
    if charge.kind != _USAGE:
        return (charge.id,)
    return (charge.subscription, charge.product, charge.sku, charge.start, charge.end, charge.charge_type.lower())


def _line(group: Sequence[Priced], how: Treatment) -> InvoiceLine:
    charge = group[0].charge
    net = total((item.net for item in group), charge.currency)
    quantity, each = _figures(group, net)
    return InvoiceLine(
        text=_text(group[0]),
        quantity=quantity,
        unit_price=each,
        net=net,
        vat=how,
        charges=_refs(group),
        start=charge.start,
        end=charge.end,
        change=charge.charge_type,
        product="" if charge.kind == _USAGE else charge.product,
    )


def _figures(group: Sequence[Priced], net: Money) -> tuple[Decimal, Decimal]:
    """Return quantity and unit price as shown: seats or metered units, or one sum where units differ."""
    first = group[0]
    same = len({(item.charge.unit, item.charge.billable_quantity > 0) for item in group}) == 1
    quantity = abs(sum((item.charge.billable_quantity for item in group), Decimal(0)))
    if not same or not quantity:
        return Decimal(-1 if net.minor < 0 else 1), abs(net.decimal)
    each = first.unit_price if len(group) == 1 else abs(net.decimal) / quantity
    places = _USAGE_PLACES if first.charge.kind == _USAGE else _SEAT_PLACES
    return quantity.copy_sign(net.decimal) if net else quantity, _trimmed(each, places)


def _trimmed(figure: Decimal, places: int) -> Decimal:
    """Round for the reader's eye and drop zeros at the end, as 8.58 and not 8.5800."""
    return Decimal(format(round(figure, places).normalize(), "f"))


def _text(item: Priced) -> str:
    """Name the product, and the SKU where it says more."""
    product, sku = item.charge.product_name, item.charge.sku_name
    if not product or product.lower() in sku.lower():
        return sku or product or item.charge.product
    return f"{product}, {sku}" if sku and sku.lower() not in product.lower() else product


def _refs(group: Sequence[Priced]) -> dict[str, tuple[int, ...]]:
    refs: dict[str, list[int]] = {}
    for item in group:
        refs.setdefault(item.charge.vendor_invoice, []).append(item.charge.row)
    return {name: tuple(sorted(rows)) for name, rows in refs.items()}


def _absorbed(item: Priced) -> Absorbed:
    return Absorbed(text=_text(item), cost=format(item.charge.subtotal, "f"), charges=_refs([item]))
