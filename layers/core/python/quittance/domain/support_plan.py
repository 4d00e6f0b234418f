"""A published support plan: hours, holidays, how fast by severity, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from quittance.domain.calendar import BusinessCalendar, parse_holidays, parse_hours
from quittance.domain.money import Money
from quittance.domain.reading import Fields

SEVERITIES = ("A", "B", "C")
_YEAR_OF_MINUTES = 366 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """How soon, in business minutes: the first response, each further update, the solution; None: not promised."""

    first_response: int
    update: int | None = None
    solution: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Incidents within the plan's price, the price of each further one and of an hour, where they are charged."""

    included_incidents: int | None = None
    per_incident: Money | None = None
    per_hour: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportPlan:
    """A support plan; `definition` is what was published, as `parse_support_plan` reads it."""

    name: str
    calendar: BusinessCalendar
    targets: Mapping[str, Targets]
    price: Price
    contact: str | None
    provider: str
    provider_name: str | None
    definition: Mapping[str, Any]


def parse_support_plan(name: str, definition: object, currency: str) -> SupportPlan:
    """Read a plan's definition; Rejected names the field. Prices are in the partner's currency."""
    fields = Fields(definition)
    zone = ZoneInfo(fields.zone("timezone"))
    hours = parse_hours(fields.raw("hours"), field="hours")
    holidays = parse_holidays(fields.raw("holidays", ()), field="holidays")
    plan = SupportPlan(
        name=name,
        calendar=BusinessCalendar(zone, hours, holidays),
        targets=_all_targets(fields),
        price=_price(fields, currency),
        contact=fields.text("contact", None, most=200),
        provider=fields.choice("provider", ("own", "outsourced", "resold"), "own"),
        provider_name=fields.text("provider_name", None, most=200),
        definition=plain(definition),
    )
    fields.done()
    return plan


def _all_targets(fields: Fields) -> dict[str, Targets]:
    given = fields.under("targets")
    targets = {name: _targets(given.under(name)) for name in SEVERITIES if given.has(name)}
    given.done()
    if not targets:
        raise fields.refuse("targets", "give the targets of at least one severity (A, B, C)")
    return targets


def _targets(fields: Fields) -> Targets:
    found = Targets(
        first_response=fields.whole("first_response", least=1, most=_YEAR_OF_MINUTES),
        update=fields.whole("update", None, least=1, most=_YEAR_OF_MINUTES),
        solution=fields.whole("solution", None, least=1, most=_YEAR_OF_MINUTES),
    )
    fields.done()
    return found


def _price(fields: Fields, currency: str) -> Price:
    if not fields.has("price"):
        return Price()
    given = fields.under("price")
    price = Price(
        included_incidents=given.whole("included_incidents", None),
        per_incident=_amount(given, "per_incident", currency),
        per_hour=_amount(given, "per_hour", currency),
    )
    given.done()
    return price


def _amount(fields: Fields, name: str, currency: str) -> Money | None:
    value = fields.raw(name, None)
    if value is None:
        return None
    amount = Money.parse(value, currency, field=fields.path(name))
    if amount.minor < 0:
        raise fields.refuse(name, "a price is not negative")
    return amount


def plain(value: Any) -> Any:
    """Return a definition as JSON can hold it: YAML's dates become ISO text."""
    if isinstance(value, Mapping):
        return {str(name): plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
