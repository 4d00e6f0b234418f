"""A scenario as the runner and the simulator read it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens: when, what (`import`, `pay`, `expect`, ...), with which fields."""

    at: datetime
    verb: str
    fields: dict[str, Any]
    index: int


@dataclass(frozen=True, slots=True)
class Observe:
    """One look at every account: `label` is what the observation shows as its time, `at` when it is taken."""

    at: datetime
    label: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A valid scenario; mappings keep the format's own words, they go to the API as they stand."""

    file: Path
    title: str
    start: datetime
    partner: dict[str, Any]
    policies: dict[str, dict[str, Any]]
    support_plans: dict[str, dict[str, Any]]
    price_rules: list[dict[str, Any]]
    accounts: list[dict[str, Any]]
    steps: list[Step]
    observe: list[Observe]

    @property
    def zone(self) -> ZoneInfo:
        """The partner's time zone: that of bare dates."""
        return ZoneInfo(self.partner["timezone"])

    @property
    def folder(self) -> Path:
        """Where the files that the scenario names are looked for."""
        return self.file.parent


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of a day in a zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the last second of a day in a zone, in UTC: everything scheduled for the day has run by then."""
    return midnight(day + timedelta(days=1), zone) - timedelta(seconds=1)
