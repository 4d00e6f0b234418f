"""Builds the pages from the definitions partners publish (the form of scenarios and of the API), already validated."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from quittance.adapters.pages.content import (
    WEEKDAYS,
    Action,
    Contact,
    PolicyPage,
    PolicyStage,
    Promise,
    Severity,
    SupportPlanPage,
)


def _day(value: str | date | None) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _actions(steps: list[Mapping[str, Any]]) -> tuple[Action, ...]:
    named = ((kind, detail) for step in steps for kind, detail in step.items())
    return tuple(Action(kind=kind, detail=detail if isinstance(detail, str) else "") for kind, detail in named)  # type: ignore[arg-type]  # kinds are validated on publishing


def _stage(stage: Mapping[str, Any]) -> PolicyStage:
    when, after = stage.get("when") or {}, stage.get("after_notice") or {}
    return PolicyStage(
        name=str(stage["name"]),
        days=when.get("days"),
        amount=_decimal(when.get("amount")),
        invoices=when.get("invoices"),
        actions=_actions(stage.get("do") or []),
        after_notice=str(after.get("notice", "")),
        notice_days=int(after.get("days", 0)),
        business_hours=bool(stage.get("business_hours")),
    )


def _late_charges(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return fees and interest, nothing where they are switched off."""
    if not definition.get("late_charges", True):
        return {}
    fee, interest = definition.get("fee") or {}, definition.get("interest") or {}
    return {
        "fees": _fees({notice: amount for notice, amount in fee.items() if notice != "by_country"}),
        "interest_percent": _decimal(interest.get("annual_percent")) or Decimal(0),
        "country_fees": tuple((country, _fees(fees)) for country, fees in (fee.get("by_country") or {}).items()),
        "country_interest": tuple(
            (country, Decimal(str(percent))) for country, percent in (interest.get("by_country") or {}).items()
        ),
    }


def _fees(fees: Mapping[str, Any]) -> tuple[tuple[str, Decimal], ...]:
    return tuple((notice, Decimal(str(fee))) for notice, fee in fees.items())


def policy_page(
    definition: Mapping[str, Any],
    *,
    contact: Contact,
    name: str,
    version: str,
    currency: str,
    timezone: str,
    effective_from: str | date | None = None,
) -> PolicyPage:
    """Return the page of a collections policy's definition (keys as in a scenario's `policies`)."""
    return PolicyPage(
        contact=contact,
        name=name,
        version=version,
        effective_from=_day(effective_from),
        currency=currency,
        timezone=timezone,
        clock=definition.get("clock", "due_date"),
        payment_days=int(definition["payment_days"]),
        allocation=definition.get("allocation", "oldest_due"),
        stages=tuple(_stage(stage) for stage in definition["stages"]),
        restore_below=_decimal(definition.get("restore_below")) or Decimal("0.01"),
        **_late_charges(definition),
        upcoming_days=(definition.get("upcoming") or {}).get("days"),
        promise=Promise(**(definition.get("promise") or {})),
    )


def support_page(
    definition: Mapping[str, Any],
    *,
    contact: Contact,
    name: str,
    version: str,
    currency: str,
    effective_from: str | date | None = None,
    vehicles: tuple[str, ...] = (),
) -> SupportPlanPage:
    """Return the page of a support plan's definition (keys as in a scenario's `support_plans`)."""
    price, hours = definition.get("price") or {}, definition.get("hours") or {}
    return SupportPlanPage(
        contact=contact,
        name=name,
        version=version,
        effective_from=_day(effective_from),
        provider=definition.get("provider", "own"),
        provider_name=definition.get("provider_name", ""),
        timezone=definition["timezone"],
        hours=tuple((day, tuple(hours[day])) for day in WEEKDAYS if hours.get(day)),
        holidays=tuple(sorted(day for item in definition.get("holidays") or () if (day := _day(item)))),
        severities=tuple(Severity(code=code, **targets) for code, targets in (definition.get("targets") or {}).items()),
        currency=currency,
        included_incidents=price.get("included_incidents"),
        per_incident=_decimal(price.get("per_incident")),
        per_hour=_decimal(price.get("per_hour")),
        vehicles=vehicles,
    )
