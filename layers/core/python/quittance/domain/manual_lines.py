"""Lines that a person writes on an invoice: text, net, rate and quantity, read with clear complaints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from quittance.domain.errors import Rejected
from quittance.domain.invoice import InvoiceLine
from quittance.domain.money import Money
from quittance.domain.vat import Treatment, line_treatment

_KEYS = frozenset({"text", "net", "vat_percent", "quantity"})
_MOST_LINES = 500
_MOST_TEXT = 500
_HUNDRED = Decimal(100)


def parse_lines(lines: object, currency: str, default: Treatment | None) -> tuple[InvoiceLine, ...]:
    """Read `[{text, net, vat_percent?, quantity?}]`, nets as decimal strings; Rejected names line and field.

    Without `vat_percent` a line is taxed as the countries say (`default`).
    """
    if not isinstance(lines, Sequence) or isinstance(lines, str | bytes) or not 0 < len(lines) <= _MOST_LINES:
        raise Rejected(f"lines: give a list of 1 to {_MOST_LINES} lines", field="lines")
    return tuple(_line(item, f"lines[{place}]", currency, default) for place, item in enumerate(lines))


def _line(item: object, place: str, currency: str, default: Treatment | None) -> InvoiceLine:
    if not isinstance(item, Mapping):
        raise Rejected(f"{place}: give a mapping with text, net and vat_percent", field=place)
    if unknown := sorted(str(key) for key in item.keys() - _KEYS):
        raise Rejected(f"{place}.{unknown[0]}: is not known; use {', '.join(sorted(_KEYS))}", field=place)
    net = Money.parse(item.get("net"), currency, field=f"{place}.net")
    quantity = _decimal(item, "quantity", place) or Decimal(1)
    if quantity <= 0:
        raise Rejected(f"{place}.quantity: give a figure above zero; a refund has a negative net", field=place)
    return InvoiceLine(
        text=_text(item.get("text"), place),
        quantity=quantity if net.minor >= 0 else -quantity,
        unit_price=round(abs(net.decimal) / quantity, 4),
        net=net,
        vat=line_treatment(default, _percent(item, place)),
        charges={},
    )


def _text(value: Any, place: str) -> str:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _MOST_TEXT:
        raise Rejected(f"{place}.text: give 1 to {_MOST_TEXT} characters", field=f"{place}.text")
    return value.strip()


def _percent(item: Mapping[Any, Any], place: str) -> Decimal | None:
    percent = _decimal(item, "vat_percent", place)
    if percent is not None and not 0 <= percent <= _HUNDRED:
        raise Rejected(f"{place}.vat_percent: {percent} is not between 0 and 100", field=f"{place}.vat_percent")
    return percent


def _decimal(item: Mapping[Any, Any], name: str, place: str) -> Decimal | None:
    value, field = item.get(name), f"{place}.{name}"
    if value is None:
        return None
    try:
        figure = Decimal(value) if isinstance(value, str) else None
    except InvalidOperation:
        figure = None
    if figure is None or not figure.is_finite() or abs(figure) >= 10**9:
        raise Rejected(f'{field}: write it as a decimal string such as "19"', field=field)
    return figure
