"""A partner's price rules: what a vendor's charge costs the customer. The first rule that matches wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from quittance.domain.charges import KINDS, Charge
from quittance.domain.errors import Rejected
from quittance.domain.money import Money

_KEYS = frozenset({"product", "kind", "unit_price", "markup_percent", "absorb"})
_ACTIONS = ("unit_price", "markup_percent", "absorb")
_MOST_PLACES = 10
_HUNDRED = Decimal(100)


class Unpriced(Rejected):
    """A charge that no rule prices; it stays listed as open until the rules know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRule:
    """One rule: which charges it matches and exactly one way to price them.

    `unit_price` in major units of the charge's currency; `markup_percent` on the vendor's Subtotal; `absorb` bills
    nothing and lists the charge as absorbed.
    """

    product: str | None = None
    kind: str | None = None
    unit_price: Decimal | None = None
    markup_percent: Decimal | None = None
    absorb: bool = False

    def matches(self, charge: Charge) -> bool:
        """Tell whether the charge is of this rule's kind and product ("CFQ7TTC0LH18" or "CFQ7TTC0LH18:0001")."""
        if self.kind is not None and self.kind != charge.kind:
            return False
        return self.product in (None, charge.product, f"{charge.product}:{charge.sku}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A charge with what the customer pays for it: net, rounded once, and our price of one unit."""

    charge: Charge
    net: Money
    unit_price: Decimal
    rule: int
    absorbed: bool = False


def parse_rules(definition: object) -> tuple[PriceRule, ...]:
    """Read the rules as a scenario or the API gives them; Rejected names the rule by its place and the field."""
    if not isinstance(definition, Sequence) or isinstance(definition, str | bytes):
        raise Rejected("price_rules: give a list of rules", field="price_rules")
    return tuple(_rule(item, f"price_rules[{place}]") for place, item in enumerate(definition))


def _rule(item: object, place: str) -> PriceRule:
    if not isinstance(item, Mapping):
        raise Rejected(f"{place}: give a mapping such as {{markup_percent: '20'}}", field=place)
    if unknown := sorted(str(key) for key in item.keys() - _KEYS):
        raise Rejected(
            f"{place}.{unknown[0]}: is not known; use {', '.join(sorted(_KEYS))}", field=f"{place}.{unknown[0]}"
        )
    if len([name for name in _ACTIONS if item.get(name) not in (None, False)]) != 1:
        raise Rejected(f"{place}: give exactly one of {', '.join(_ACTIONS)}", field=place)
    return PriceRule(
        product=_text(item, "product", place),
        kind=_kind(item, place),
        unit_price=_decimal(item, "unit_price", place, least=Decimal(0)),
        markup_percent=_decimal(item, "markup_percent", place, least=-_HUNDRED),
        absorb=_flag(item, place),
    )


def _text(item: Mapping[Any, Any], name: str, place: str) -> str | None:
    value = item.get(name)
    if value is not None and (not isinstance(value, str) or not value):
        raise Rejected(f"{place}.{name}: give the vendor's id as a text", field=f"{place}.{name}")
    return value


def _kind(item: Mapping[Any, Any], place: str) -> str | None:
    kind = _text(item, "kind", place)
    if kind is not None and kind not in KINDS:
        raise Rejected(f"{place}.kind: {kind!r} is not one of {', '.join(KINDS)}", field=f"{place}.kind")
    return kind


def _flag(item: Mapping[Any, Any], place: str) -> bool:
    value = item.get("absorb", False)
    if not isinstance(value, bool):
        raise Rejected(f"{place}.absorb: give true or leave it out", field=f"{place}.absorb")
    return value


def _decimal(item: Mapping[Any, Any], name: str, place: str, *, least: Decimal) -> Decimal | None:
    value, field = item.get(name), f"{place}.{name}"
    if value is None:
        return None
    if not isinstance(value, str):
        raise Rejected(f'{field}: write it as a decimal string such as "11.70"', field=field)
    try:
        figure = Decimal(value)
    except InvalidOperation:
        raise Rejected(f"{field}: {value!r} is not a decimal figure", field=field) from None
    if not figure.is_finite() or figure < least or figure >= 10**9 or -_exponent(figure) > _MOST_PLACES:
        raise Rejected(
            f"{field}: {value!r} is out of range; at least {least}, at most {_MOST_PLACES} decimals", field=field
        )
    return figure


def _exponent(figure: Decimal) -> int:
    return int(figure.as_tuple().exponent)


def price(charge: Charge, rules: Sequence[PriceRule]) -> Priced:
    """Price a charge by the first rule that matches, rounded half up once; Unpriced where none does.

    Nothing is billed by guess: a charge without a rule is refused, so that its invoice waits and names it.
    """
    for place, rule in enumerate(rules):
        if rule.matches(charge):
            return _priced(charge, rule, place)
    raise Unpriced(
        f"price_rules: no rule matches product {charge.product}:{charge.sku} of kind {charge.kind} "
        f"(charge {charge.id}); add a rule, or a last one with only markup_percent",
        code="unpriced",
        field="price_rules",
    )


def _priced(charge: Charge, rule: PriceRule, place: int) -> Priced:
    if rule.absorb:
        zero = Money.zero(charge.currency)
        return Priced(charge=charge, net=zero, unit_price=Decimal(0), rule=place, absorbed=True)
    if rule.unit_price is not None:
        if charge.subtotal and not charge.billable_quantity:
            raise _not_by_unit(charge, "a quantity (BillableQuantity is 0)")
        each = rule.unit_price * _proration(charge)
        net = (each * abs(charge.billable_quantity)).copy_sign(charge.subtotal) if charge.subtotal else Decimal(0)
        return Priced(charge=charge, net=Money.rounded(net, charge.currency), unit_price=each, rule=place)
    net = charge.subtotal * (1 + (rule.markup_percent or Decimal(0)) / _HUNDRED)
    size = abs(charge.billable_quantity)
    each = abs(net) / size if size else abs(net)
    return Priced(charge=charge, net=Money.rounded(net, charge.currency), unit_price=each, rule=place)


def _proration(charge: Charge) -> Decimal:
    """Return the vendor's own part of a cycle: effective by list price of one unit; usage is never prorated."""
    if charge.kind == "usage":
        return Decimal(1)
    if not charge.unit_price:
        if not charge.subtotal:
            return Decimal(0)
        raise _not_by_unit(charge, "a list price that tells its part of a cycle (UnitPrice is 0)")
    return abs(charge.effective_unit_price / charge.unit_price)


def _not_by_unit(charge: Charge, missing: str) -> Unpriced:
    return Unpriced(
        f"price_rules: charge {charge.id} costs {charge.subtotal} without {missing}; "
        f"price product {charge.product} by markup_percent",
        code="unpriced",
        field="price_rules",
    )
