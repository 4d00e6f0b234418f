"""Under which day a fact stands in the books, and what an entry changes."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from quittance.domain.journal import Closing, posting_day
from tests.unit.books.samples import charged_back, issued, moment, paid, written_off

BERLIN = ZoneInfo("Europe/Berlin")
AUGUST = Closing(date(2026, 8, 31), moment("2026-09-05T09:00"))
SEPTEMBER = Closing(date(2026, 9, 30), moment("2026-10-06T09:00"))


@pytest.mark.parametrize(
    ("day", "booked", "closings", "posted"),
    [
        ("2026-09-30", "2026-09-30T12:00", [], "2026-09-30"),
        ("2026-09-30", "2026-10-03T12:00", [], "2026-09-30"),
        ("2026-09-30", "2026-10-06T08:59", [AUGUST, SEPTEMBER], "2026-09-30"),
        ("2026-09-30", "2026-10-06T09:00", [AUGUST, SEPTEMBER], "2026-10-06"),
        ("2026-08-31", "2026-09-04T09:00", [AUGUST, SEPTEMBER], "2026-08-31"),
        ("2026-08-31", "2026-09-20T09:00", [AUGUST, SEPTEMBER], "2026-09-20"),
        ("2026-08-31", "2026-10-20T09:00", [SEPTEMBER, AUGUST], "2026-10-20"),
        ("2026-10-01", "2026-10-07T09:00", [AUGUST, SEPTEMBER], "2026-10-01"),
        ("2026-09-30", "2026-10-31T23:30", [AUGUST, SEPTEMBER], "2026-11-01"),
    ],
    ids=[
        "nothing is closed",
        "late, into an open period",
        "the last moment before the period is closed",
        "the moment it is closed: the day of booking",
        "booked before any closing",
        "after one closing, before the next",
        "the order of closings does not matter",
        "its own period is open",
        "the day of booking is the partner's own day",
    ],
)
def test_the_day_of_posting(day, booked, closings, posted):
    assert posting_day(date.fromisoformat(day), moment(booked), closings, BERLIN) == date.fromisoformat(posted)


def test_what_is_posted_is_never_in_a_period_that_was_closed():
    early = datetime.fromisoformat("2026-10-06T09:00:00+00:00")
    wide = Closing(date(2026, 12, 31), early)
    assert posting_day(date(2026, 9, 1), early, [wide], BERLIN) == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("entry", "claim", "credit"),
    [
        (issued("I1", "2026-09-01", 11900, due="2026-10-01", vat=1900), 11900, 0),
        (issued("C1", "2026-09-01", -11900, due="2026-09-01", vat=-1900), -11900, 11900),
        (paid("P1", "2026-09-01", I1=10000), -10000, 0),
        (paid("P1", "2026-09-01", I1=10000, credit=500), -10500, 500),
        (charged_back("D1", "2026-09-01", I1=10000), 10000, 0),
        (written_off("I1", "2026-09-01", 1900), -1900, 0),
    ],
    ids=lambda value: getattr(value, "kind", None),
)
def test_what_an_entry_does_to_claim_and_credit(entry, claim, credit):
    assert (entry.claim, entry.credit) == (claim, credit)
