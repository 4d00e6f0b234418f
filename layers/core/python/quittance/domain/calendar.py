"""Business time: opening hours by weekday in a time zone, without holidays, right across daylight saving.

A window opens at the first and closes at the last instant that reads its local time; a local time that the spring
change skips stands for the instant of the change. Everything is measured between instants, so a day of 23 or 25
hours counts as long as it was. Aware datetimes in, UTC out.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from quittance.domain.errors import Rejected

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = time(0)  # as the end of a window: the end of that day
Window = tuple[time, time]
Hours = Mapping[int, tuple[Window, ...]]
_HORIZON_DAYS = 3660
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=256)
def _public_holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415  # heavy: only who asks for a country's holidays pays for it

    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))
    except NotImplementedError:  # the package does not know the country or its subdivision
        return frozenset()


@dataclass(frozen=True, slots=True)
class PublicHolidays:
    """A country's public holidays (package `holidays`), computed a year at a time; none where it is not known."""

    country: str
    subdivision: str | None = None

    def __contains__(self, day: object) -> bool:
        return isinstance(day, date) and day in _public_holidays(self.country, self.subdivision, day.year)


@dataclass(frozen=True, slots=True)
class WithEves:
    """Holidays, and the last working day before each: whoever is cut off there could reach nobody for days."""

    hours: Hours
    holidays: Container[date]

    def __contains__(self, day: object) -> bool:
        if not isinstance(day, date) or day in self.holidays:
            return isinstance(day, date)
        following = (day + timedelta(days=n) for n in range(1, len(WEEKDAYS) + 1))
        for one in following:
            if one in self.holidays:
                return True
            if self.hours.get(one.weekday()):
                return False
        return False


@dataclass(frozen=True, slots=True)
class BusinessCalendar:
    """When business is open: local windows of each weekday (0 is Monday), closed on holidays."""

    zone: ZoneInfo
    hours: Hours = field(hash=False)
    holidays: Container[date] = frozenset()

    def is_open(self, moment: datetime) -> bool:
        """Tell whether the moment lies in a window; its end is already closed."""
        start, _ = self._window_from(moment)
        return start <= moment

    def next_opening(self, moment: datetime) -> datetime:
        """Return the moment itself while open, else when the next window opens."""
        start, _ = self._window_from(moment)
        return max(start, _utc(moment))

    def add_minutes(self, moment: datetime, minutes: int) -> datetime:
        """Return the earliest instant by which that many minutes of business time have passed since the moment."""
        if minutes < 0:
            raise ValueError("business minutes are only added")
        at, left = _utc(moment), timedelta(minutes=minutes)
        while left:
            start, end = self._window_from(at)
            at = max(start, at)
            if left <= end - at:
                return at + left
            left -= end - at
            at = end
        return at

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Return the whole minutes of business time from start to end, 0 when end is not after start."""
        passed = timedelta(0)
        for opens, closes in self._windows(start, _utc(end)):
            passed += max(min(closes, _utc(end)) - max(opens, _utc(start)), timedelta(0))
        return passed // timedelta(minutes=1)

    def _window_from(self, moment: datetime) -> tuple[datetime, datetime]:
        """Return the window that holds the moment or the first after it."""
        for window in self._windows(moment, _utc(moment) + timedelta(days=_HORIZON_DAYS)):
            return window
        raise Rejected("hours: there is no opening within ten years; give hours on days that are not all holidays")

    def _windows(self, start: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the windows that end after start and open before `until`, in order."""
        day = _utc(start).astimezone(self.zone).date() - timedelta(days=1)
        while True:
            opening = instant(day, MIDNIGHT, self.zone)
            if opening >= until:
                return
            for opens, closes in self._day(day):
                if closes > start and opens < until:
                    yield opens, closes
            day += timedelta(days=1)

    def _day(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day in self.holidays:
            return
        for opens, closes in self.hours.get(day.weekday(), ()):
            last = day if closes != MIDNIGHT else day + timedelta(days=1)
            yield instant(day, opens, self.zone), instant(last, closes, self.zone, fold=int(closes != MIDNIGHT))


def instant(day: date, at: time, zone: ZoneInfo, *, fold: int = 0) -> datetime:
    """Return the UTC instant of a local time: its first reading (last with fold=1), the change where it is skipped."""
    local = datetime.combine(day, at.replace(fold=fold), tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None, fold=0):
        return moment
    return _change(
        datetime.combine(day, at.replace(fold=1), tzinfo=zone).astimezone(UTC),
        datetime.combine(day, at.replace(fold=0), tzinfo=zone).astimezone(UTC),
        zone,
    )


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the UTC instant at which a local date begins."""
    return instant(day, MIDNIGHT, zone)


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Find the second at which the zone's offset changes between two instants."""
    old = before.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its time zone")
    return moment.astimezone(UTC)


def parse_hours(value: object, *, field: str = "hours") -> Hours:
    """Read {"mon": ["09:00-12:00", "13:00-17:00"], ...}; Rejected names the field at fault.

    "24:00" ends a window with its day. Windows of a day may not overlap, nor run past midnight.
    """
    if not isinstance(value, Mapping):
        raise Rejected(f'{field}: write hours by weekday, such as {{"mon": ["09:00-17:00"]}}', field=field)
    hours: dict[int, tuple[Window, ...]] = {}
    for name, windows in value.items():
        path = f"{field}.{name}"
        if name not in WEEKDAYS:
            raise Rejected(f"{path}: weekdays are {', '.join(WEEKDAYS)}", field=path)
        hours[WEEKDAYS.index(name)] = _day_windows(windows, path)
    if not any(hours.values()):
        raise Rejected(f"{field}: give at least one weekday some hours", field=field)
    return hours


def _day_windows(value: object, path: str) -> tuple[Window, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Rejected(f'{path}: write a list of windows, such as ["09:00-17:00"]', field=path)
    windows = sorted(_window(text, f"{path}[{i}]") for i, text in enumerate(value))
    for (_, end), (start, _) in pairwise(windows):
        if end == MIDNIGHT or start < end:
            raise Rejected(f"{path}: the windows overlap; join or shorten them", field=path)
    return tuple(windows)


def _window(text: object, path: str) -> Window:
    opens, dash, closes = text.partition("-") if isinstance(text, str) else ("", "", "")
    try:
        start = time.fromisoformat(opens.strip())
        end = MIDNIGHT if closes.strip() == "24:00" else time.fromisoformat(closes.strip())
    except ValueError:
        dash = ""
        start = end = MIDNIGHT
    if not dash or start.tzinfo or end.tzinfo:
        raise Rejected(f'{path}: {text!r} is not a window such as "09:00-17:00"', field=path)
    if end <= start and closes.strip() != "24:00":
        raise Rejected(f"{path}: {text!r} ends before it starts; split hours over midnight at 24:00", field=path)
    return start, end


def write_hours(hours: Hours) -> dict[str, list[str]]:
    """Write hours as `parse_hours` reads them."""
    return {
        WEEKDAYS[day]: [
            f"{opens:%H:%M}-{'24:00' if closes == MIDNIGHT else f'{closes:%H:%M}'}" for opens, closes in windows
        ]
        for day, windows in sorted(hours.items())
    }


def parse_holidays(value: object, *, field: str = "holidays") -> frozenset[date]:
    """Read a list of ISO dates; Rejected names the one at fault."""
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Rejected(f'{field}: write a list of dates, such as ["2026-10-03"]', field=field)
    return frozenset(_date(item, f"{field}[{i}]") for i, item in enumerate(value))


def _date(value: object, path: str) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value)  # type: ignore[arg-type]  # a wrong type is what the except answers
    except (TypeError, ValueError):
        raise Rejected(f"{path}: {value!r} is not a date such as 2026-10-03", field=path) from None


OFFICE_HOURS: Hours = {day: ((time(9), time(17)),) for day in range(5)}


def office_calendar(zone: ZoneInfo, country: str, subdivision: str | None = None) -> BusinessCalendar:
    """Return the calendar used where a policy names none: Monday to Friday 09:00-17:00, no public holidays."""
    return BusinessCalendar(zone, OFFICE_HOURS, PublicHolidays(country, subdivision))
