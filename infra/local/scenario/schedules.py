"""Schedules in virtual time: their ticks, and the lane of the due index that each one works through."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from quittance.domain.errors import Rejected

# A schedule whose lane has nothing due finds nothing to do, so its firing may be left out.
LANE_OF = {
    "overdue_sweep": "account",
    "access_retry": "access",
    "ticket_clocks": "ticket",
    "billing": "billing",
}
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)s?\)")
_DAILY = re.compile(r"cron\((\d+) (\d+) \* \* \? \*\)")
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}


@dataclass(frozen=True, slots=True)
class Schedule:
    """A periodic firing: `every`, counted from `offset` past midnight UTC."""

    name: str
    every: timedelta
    offset: timedelta = timedelta()

    @property
    def lane(self) -> str:
        """The lane of the due index that a firing works through."""
        return LANE_OF[self.name]

    def tick_at_or_after(self, moment: datetime) -> datetime:
        """Return the first firing not before a moment."""
        origin = datetime(2000, 1, 1, tzinfo=UTC) + self.offset
        return origin + -((origin - moment) // self.every) * self.every

    def ticks(self, after: datetime, until: datetime) -> Iterator[datetime]:
        """Yield the firings in (after, until]."""
        tick = self.tick_at_or_after(after + timedelta(microseconds=1))
        while tick <= until:
            yield tick
            tick += self.every


def parse_schedule(name: str, expression: str) -> Schedule:
    """Read an EventBridge Scheduler expression of the kinds the template uses; Rejected for any other."""
    if name not in LANE_OF:
        raise Rejected(f"schedule {name!r} has no lane in LANE_OF: say there what it works through")
    if rate := _RATE.fullmatch(expression):
        return Schedule(name, int(rate[1]) * _UNITS[rate[2]])
    if daily := _DAILY.fullmatch(expression):
        return Schedule(name, timedelta(days=1), timedelta(hours=int(daily[2]), minutes=int(daily[1])))
    raise Rejected(f"schedule {name!r}: {expression!r} is neither rate(...) nor a daily cron(M H * * ? *)")
