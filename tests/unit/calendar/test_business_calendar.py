"""Business time by the clock on the wall, measured between instants."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quittance.domain.calendar import (
    BusinessCalendar,
    PublicHolidays,
    WithEves,
    instant,
    office_calendar,
    parse_holidays,
    parse_hours,
    write_hours,
)
from quittance.domain.errors import Rejected

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = office_calendar(BERLIN, "DE")
SPLIT = BusinessCalendar(BERLIN, parse_hours({"mon": ["09:00-12:00", "13:00-17:00"], "sat": ["22:00-24:00"]}))
ALWAYS = BusinessCalendar(BERLIN, parse_hours({d: ["00:00-24:00"] for d in "mon tue wed thu fri sat sun".split()}))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("moment", "is_open", "next_opening"),
    [
        ("2026-09-07T08:59:59", False, "2026-09-07T09:00"),
        ("2026-09-07T09:00", True, "2026-09-07T09:00"),
        ("2026-09-07T16:59:59", True, "2026-09-07T16:59:59"),
        ("2026-09-07T17:00", False, "2026-09-08T09:00"),
        ("2026-09-11T17:00", False, "2026-09-14T09:00"),  # Friday evening
        ("2026-12-24T18:00", False, "2026-12-28T09:00"),  # Christmas and a weekend
        ("2026-10-02T17:00", False, "2026-10-05T09:00"),
    ],
)
def test_opens_on_working_days(moment: str, is_open: bool, next_opening: str) -> None:
    assert OFFICE.is_open(berlin(moment)) is is_open
    assert OFFICE.next_opening(berlin(moment)) == berlin(next_opening)
    assert OFFICE.next_opening(berlin(moment)).tzinfo is UTC


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-09-07T10:00", 0, "2026-09-07T10:00"),
        ("2026-09-07T20:00", 0, "2026-09-07T20:00"),
        ("2026-09-07T10:00", 120, "2026-09-07T12:00"),
        ("2026-09-07T10:00", 121, "2026-09-07T13:01"),
        ("2026-09-07T10:00", 360, "2026-09-07T17:00"),
        ("2026-09-07T10:00", 361, "2026-09-12T22:01"),
        ("2026-09-07T10:00", 480, "2026-09-12T24:00"),
    ],
)
def test_adds_business_minutes(start: str, minutes: int, end: str) -> None:
    expected = berlin("2026-09-13T00:00") if end.endswith("24:00") else berlin(end)
    assert SPLIT.add_minutes(berlin(start), minutes) == expected
    assert SPLIT.minutes_between(berlin(start), expected) == minutes


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-24", 24), ("2026-10-25", 25)],
)
def test_a_day_is_as_long_as_it_was(day: str, hours: int) -> None:
    start = date.fromisoformat(day)
    ends = berlin(str(start + timedelta(days=1)))
    assert ALWAYS.minutes_between(berlin(day), ends) == hours * 60
    assert ALWAYS.add_minutes(berlin(day), hours * 60) == ends


@pytest.mark.parametrize(
    ("day", "at", "fold", "expected"),
    [
        ("2026-03-29", "02:30", 0, "2026-03-29T01:00:00+00:00"),  # skipped: the instant of the change
        ("2026-03-29", "02:30", 1, "2026-03-29T01:00:00+00:00"),
        ("2026-10-25", "02:30", 0, "2026-10-25T00:30:00+00:00"),  # read twice
        ("2026-10-25", "02:30", 1, "2026-10-25T01:30:00+00:00"),
    ],
)
def test_local_times_around_the_changes(day: str, at: str, fold: int, expected: str) -> None:
    found = instant(date.fromisoformat(day), time.fromisoformat(at), BERLIN, fold=fold)
    assert found == datetime.fromisoformat(expected)


def test_midnight_that_does_not_exist() -> None:
    # Given a zone whose clocks go from 24:00 to 01:00, the day begins at the change
    zone = ZoneInfo("Africa/Cairo")
    assert instant(date(2026, 4, 24), time(0), zone) == datetime(2026, 4, 23, 22, tzinfo=UTC)


def test_holidays_come_from_the_country_or_the_list() -> None:
    assert date(2026, 10, 3) in PublicHolidays("DE")
    assert date(2026, 1, 6) not in PublicHolidays("DE")
    assert date(2026, 1, 6) in PublicHolidays("DE", "BY")
    assert date(2026, 1, 1) not in PublicHolidays("XX")
    assert parse_holidays(["2026-10-03", date(2026, 1, 1)]) == {date(2026, 10, 3), date(2026, 1, 1)}


@pytest.mark.parametrize(
    ("hours", "field"),
    [
        ("09:00-17:00", "hours"),
        ({}, "hours"),
        ({"mon": []}, "hours"),
        ({"monday": ["09:00-17:00"]}, "hours.monday"),
        ({"mon": "09:00-17:00"}, "hours.mon"),
        ({"mon": ["9-17"]}, "hours.mon[0]"),
        ({"mon": ["09:00"]}, "hours.mon[0]"),
        ({"mon": [9]}, "hours.mon[0]"),
        ({"mon": ["17:00-09:00"]}, "hours.mon[0]"),
        ({"mon": ["09:00+02:00-10:00"]}, "hours.mon[0]"),
        ({"mon": ["09:00-12:00", "11:00-17:00"]}, "hours.mon"),
        ({"mon": ["09:00-24:00", "11:00-17:00"]}, "hours.mon"),
    ],
)
def test_refuses_hours_that_are_none(hours: object, field: str) -> None:
    with pytest.raises(Rejected) as refusal:
        parse_hours(hours)
    assert refusal.value.field == field


def test_refuses_holidays_that_are_no_dates() -> None:
    for value in (["soon"], [None], "2026-01-01"):
        with pytest.raises(Rejected):
            parse_holidays(value)


def test_hours_survive_being_written() -> None:
    assert parse_hours(write_hours(SPLIT.hours)) == SPLIT.hours


def test_a_calendar_that_never_opens_says_so() -> None:
    class Always:
        def __contains__(self, _day: object) -> bool:
            return True

    with pytest.raises(Rejected):
        BusinessCalendar(BERLIN, OFFICE.hours, Always()).next_opening(berlin("2026-09-07T10:00"))


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, st.integers(0, 6000))
def test_adding_and_measuring_agree(moment: datetime, minutes: int) -> None:
    for calendar in (OFFICE, SPLIT):
        end = calendar.add_minutes(moment, minutes)
        assert calendar.minutes_between(moment, end) == minutes
        if minutes:
            assert calendar.minutes_between(moment, end - timedelta(microseconds=1)) == minutes - 1


@given(MOMENTS)
def test_next_opening_is_open_and_nothing_before_it(moment: datetime) -> None:
    opening = SPLIT.next_opening(moment)
    assert SPLIT.is_open(opening)
    assert SPLIT.minutes_between(moment, opening) == 0


@pytest.mark.parametrize(
    ("day", "closed"),
    [
        ("2026-12-23", False),  # Wednesday
        ("2026-12-24", True),  # the day before Christmas
        ("2026-12-28", False),  # Monday after it
        ("2026-05-22", True),  # Friday: the weekend ends with Whit Monday
        ("2026-05-25", True),  # Whit Monday itself
        ("2026-05-15", False),  # Friday before an ordinary weekend
    ],
)
def test_the_last_working_day_before_a_holiday_may_be_closed(day: str, closed: bool) -> None:
    eves = BusinessCalendar(BERLIN, OFFICE.hours, WithEves(OFFICE.hours, PublicHolidays("DE")))
    assert eves.is_open(berlin(f"{day}T10:00")) is not closed
