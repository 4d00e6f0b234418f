"""A credit note that corrects an issued invoice: a new document, which takes back the same VAT as was charged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from quittance.domain.errors import Rejected
from quittance.domain.invoice import InvoiceLine
from quittance.domain.manual_lines import parse_lines
from quittance.domain.money import Money, split
from quittance.domain.vat import Treatment

_ONE = Decimal(1)
_HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """The invoice that a credit note corrects: as issued, and how much of it was credited before."""

    invoice: str
    number: str
    gross: Money
    credited: Money
    lines: Sequence[Mapping[str, Any]]
    vat: Sequence[Mapping[str, Any]]

    @property
    def left(self) -> Money:
        """How much may still be credited."""
        return self.gross - self.credited


def credit_lines(
    corrected: Corrected, request: Mapping[str, Any], default: Treatment | None
) -> tuple[InvoiceLine, ...]:
    """Return the lines of a credit note, all negative, for what a request gives with its `reason`.

    `amount` is gross, `lines` are new ones, `of_lines` some of the invoice's own, counted from 1.
    The whole invoice is credited line by line. Rejected where more is asked for than is left, or where an amount
    cannot be split into net and VAT to the cent.
    """
    currency = corrected.gross.currency
    if request.get("lines") is not None:
        return tuple(_negative(line) for line in parse_lines(request["lines"], currency, default))
    if request.get("of_lines") is not None:
        return tuple(_negative(line) for line in _own(corrected, request["of_lines"]))
    amount = Money.parse(request.get("amount"), currency)
    if amount.minor <= 0:
        raise Rejected("amount: credit more than nothing", field="amount")
    if amount > corrected.left:
        raise Rejected(f"amount: {corrected.left} of {corrected.number} is left to credit", field="amount")
    if amount == corrected.gross:
        return tuple(_negative(InvoiceLine.from_mapping(line, currency)) for line in corrected.lines)
    return tuple(_shares(corrected, amount, str(request.get("reason") or "")))


def _own(corrected: Corrected, numbers: Any) -> Iterator[InvoiceLine]:
    listed = numbers if isinstance(numbers, list) else [None]
    for i, number in enumerate(listed):
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(corrected.lines):
            message = f"{number!r} is no line of {corrected.number}; they are counted from 1 to {len(corrected.lines)}"
            raise Rejected(f"of_lines[{i}]: {message}", field=f"of_lines[{i}]")
        if number in listed[:i]:
            raise Rejected(f"of_lines[{i}]: line {number} comes twice", field=f"of_lines[{i}]")
        yield InvoiceLine.from_mapping(corrected.lines[number - 1], corrected.gross.currency)


def check(corrected: Corrected, gross: Money) -> None:
    """Refuse a credit note (gross below zero) over more than is left of its invoice, or over nothing."""
    if not -corrected.left.minor <= gross.minor < 0:
        raise Rejected(f"lines: {-gross} is not within the {corrected.left} left of {corrected.number}", field="lines")


def _negative(line: InvoiceLine) -> InvoiceLine:
    return replace(line, quantity=-line.quantity, net=-line.net, charges={}, product="")


def _shares(corrected: Corrected, amount: Money, reason: str) -> Iterator[InvoiceLine]:
    """Split a gross amount over the invoice's VAT rates by largest remainder, then each share into net and VAT."""
    rows = [row for row in corrected.vat if row["net"] + row["vat"] > 0]
    for row, share in zip(rows, split(amount, [row["net"] + row["vat"] for row in rows]), strict=True):
        percent = Decimal(row["percent"])
        net = _net(share, percent)
        yield InvoiceLine(
            text=f"{corrected.number}: {reason}" if reason else corrected.number,
            quantity=-_ONE,
            unit_price=net.decimal,
            net=-net,
            vat=Treatment(row["category"], percent, row.get("reason", "")),
            charges={},
        )


def _net(gross: Money, percent: Decimal) -> Money:
    """Return the net whose VAT, rounded as on an invoice, makes the gross; not every gross has one."""
    near = Money.rounded(gross.decimal * _HUNDRED / (_HUNDRED + percent), gross.currency)
    for step in (0, -1, 1):
        net = Money(near.minor + step, gross.currency)
        if net + Money.rounded(net.decimal * percent / _HUNDRED, gross.currency) == gross:
            return net
    below = Money(gross.minor - 1, gross.currency)
    raise Rejected(f"amount: no net makes {gross} at {percent} %; take {below}, or give lines", field="amount")
