"""The clocks of a ticket: business time, holidays, waiting for the customer, reopening, daylight saving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quittance.domain.support_plan import parse_support_plan
from quittance.domain.ticket import Ticket, from_body, open_ticket, to_body
from quittance.domain.ticket_clocks import clocks, newly_missed, next_look

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = ("mon", "tue", "wed", "thu", "fri")
PLAN = parse_support_plan(
    "basic",
    {
        "timezone": "Europe/Berlin",
        "hours": {day: ["09:00-17:00"] for day in DAYS},
        "holidays": ["2026-10-05"],
        "targets": {
            "A": {"first_response": 120, "update": 240, "solution": 480},
            "B": {"first_response": 240, "solution": 960},
            "C": {"first_response": 480},
        },
    },
    "EUR",
)
ALWAYS = parse_support_plan(
    "always",
    {
        "timezone": "Europe/Berlin",
        "hours": {day: ["00:00-24:00"] for day in (*DAYS, "sat", "sun")},
        "targets": {"A": {"first_response": 120}},
    },
    "EUR",
)


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=BERLIN).astimezone(UTC)


def shown(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(BERLIN):%m-%dT%H:%M}"


def ticket(severity: str = "A", opened: str = "09-07T10:00", plan=PLAN) -> Ticket:
    wanted = {"id": "T1", "service": "azure", "kind": "technical", "severity": severity, "subject": "It does not start"}
    return open_ticket(wanted, plan=plan, currency="EUR", at=berlin(opened))


def after(start: Ticket, *steps: tuple[str, str, dict]) -> Ticket:
    """Apply (moment, command, arguments) one after the other."""
    for at, name, arguments in steps:
        start = getattr(start, name)(at=berlin(at), **arguments)
    return start


PARTNER = {"by": "partner", "public": True, "text": None}
NOTE = {"by": "partner", "public": False, "text": None}
CUSTOMER = {"by": "customer", "public": True, "text": None}
WAIT = {"until": None}
CLOSE = {"text": None}


@pytest.mark.parametrize(
    ("severity", "opened", "first", "update", "solution"),
    [
        ("A", "09-07T10:00", "09-07T12:00", "09-07T14:00", "09-08T10:00"),
        ("B", "09-07T10:00", "09-07T14:00", None, "09-09T10:00"),
        ("C", "09-07T10:00", "09-08T10:00", None, None),
        ("A", "09-07T16:00", "09-08T10:00", "09-08T12:00", "09-08T16:00"),  # over night
        ("A", "09-11T16:30", "09-14T10:30", "09-14T12:30", "09-14T16:30"),  # over the weekend
        ("A", "09-12T12:00", "09-14T11:00", "09-14T13:00", "09-14T17:00"),  # opened on a Saturday
        ("A", "10-02T16:30", "10-06T10:30", "10-06T12:30", "10-06T16:30"),  # Monday is a holiday
        ("A", "10-23T16:30", "10-26T10:30", "10-26T12:30", "10-26T16:30"),  # the clocks go back on Sunday
    ],
)
def test_targets_are_due_in_business_time(severity, opened, first, update, solution):
    found = clocks(ticket(severity, opened), berlin(opened))
    dues = (found.first_response_due, found.update_due, found.solution_due)
    assert tuple(map(shown, dues)) == (first, update, solution)
    assert found.breached == ()


@pytest.mark.parametrize(
    ("opened", "due"),
    [
        (
            "03-29T01:00",
            "2026-03-29T02:00:00+00:00",
        ),  # 02:00 to 03:00 does not exist: two hours pass on the wall as three
        ("10-25T01:00", "2026-10-25T01:00:00+00:00"),  # 02:00 to 03:00 comes twice
    ],
)
def test_an_hour_is_an_hour_while_the_clocks_change(opened, due):
    assert clocks(ticket("A", opened, ALWAYS), berlin(opened)).first_response_due == datetime.fromisoformat(due)


STORIES = [
    pytest.param(
        "A", [("09-07T11:00", "reply", NOTE)], "09-07T12:01", ("first_response",), id="an internal note is no response"
    ),
    pytest.param(
        "A", [("09-07T11:00", "reply", CUSTOMER)], "09-07T12:01", ("first_response",), id="nor is the customer's"
    ),
    pytest.param("A", [("09-07T11:00", "reply", PARTNER)], "09-07T14:00", (), id="answered in time"),
    pytest.param("A", [], "09-07T12:00", (), id="not missed at the very moment"),
    pytest.param("A", [("09-07T12:00", "reply", PARTNER)], "09-07T14:00", (), id="answered at the very moment"),
    pytest.param("A", [("09-07T12:01", "reply", PARTNER)], "09-07T14:00", ("first_response",), id="answered too late"),
    pytest.param("A", [("09-07T11:00", "reply", PARTNER)], "09-07T15:01", ("update",), id="silent after the response"),
    pytest.param(
        "A",
        [("09-07T11:00", "reply", PARTNER), ("09-07T15:00", "reply", PARTNER)],
        "09-08T09:59",
        (),
        id="each word begins the next update",
    ),
    pytest.param(
        "A",
        [("09-07T11:00", "reply", PARTNER), ("09-07T15:01", "reply", PARTNER)],
        "09-07T15:02",
        ("update",),
        id="a missed update stays missed",
    ),
    pytest.param(
        "B",
        [("09-07T11:00", "reply", PARTNER), ("09-07T12:00", "close", CLOSE)],
        "12-01T00:00",
        (),
        id="solved in time",
    ),
    pytest.param("B", [("09-07T11:00", "close", CLOSE)], "12-01T00:00", (), id="closing tells the customer"),
    pytest.param(
        "B",
        [("09-07T11:00", "reply", PARTNER), ("09-09T10:01", "close", CLOSE)],
        "12-01T00:00",
        ("solution",),
        id="solved too late",
    ),
    pytest.param(
        "B",
        [("09-07T11:00", "reply", PARTNER), ("09-07T12:00", "wait", WAIT)],
        "12-01T00:00",
        (),
        id="waiting for the customer stops the clocks",
    ),
    pytest.param("A", [("09-07T11:00", "wait", WAIT)], "12-01T00:00", (), id="the first response too"),
    pytest.param(
        "A",
        [("09-07T12:30", "wait", WAIT)],
        "09-07T12:30",
        ("first_response",),
        id="what was missed before stays missed",
    ),
]


@pytest.mark.parametrize(("severity", "steps", "at", "breached"), STORIES)
def test_what_is_missed(severity, steps, at, breached):
    told = after(ticket(severity), *steps)
    assert clocks(told, berlin(at)).breached == breached
    assert clocks(from_body(to_body(told)), berlin(at)).breached == breached


@pytest.mark.parametrize(
    ("steps", "at", "solution"),
    [
        # B: 16 hours from Monday 10:00; 2 are used when the waiting begins
        ([("09-07T12:00", "wait", WAIT)], "09-07T13:00", None),
        ([("09-07T12:00", "wait", WAIT), ("09-08T12:00", "resume", {})], "09-08T12:00", "09-10T10:00"),
        ([("09-07T12:00", "wait", WAIT), ("09-08T12:00", "reply", CUSTOMER)], "09-08T12:00", "09-10T10:00"),
        ([("09-07T12:00", "wait", {"until": berlin("09-08T12:00")})], "09-07T13:00", "09-10T10:00"),
        ([("09-07T12:00", "wait", {"until": berlin("09-08T12:00")})], "09-09T13:00", "09-10T10:00"),
        (
            [("09-07T12:00", "wait", {"until": berlin("09-08T12:00")}), ("09-07T13:00", "resume", {})],
            "09-07T13:00",
            "09-09T11:00",
        ),
        (
            [("09-07T12:00", "wait", {"until": berlin("09-08T12:00")}), ("09-08T10:00", "wait", WAIT)],
            "09-08T13:00",
            None,
        ),
        # a weekend of waiting costs nothing
        ([("09-07T12:00", "wait", WAIT), ("09-12T12:00", "resume", {})], "09-12T12:00", "09-15T15:00"),
        # closed with 14 hours left: what was due stays, and reopening goes on where it stopped
        ([("09-07T12:00", "close", CLOSE)], "09-08T12:00", "09-09T10:00"),
        ([("09-07T12:00", "close", CLOSE), ("09-10T09:00", "reopen", {})], "09-10T09:00", "09-11T15:00"),
        (
            [("09-07T12:00", "wait", WAIT), ("09-08T12:00", "close", CLOSE), ("09-10T09:00", "reopen", {})],
            "09-10T09:00",
            "09-11T15:00",
        ),
    ],
)
def test_waiting_and_reopening_move_the_solution(steps, at, solution):
    assert shown(clocks(after(ticket("B"), *steps), berlin(at)).solution_due) == solution


def test_a_met_target_keeps_its_moment_and_a_closed_ticket_owes_no_update():
    told = after(ticket(), ("09-07T11:00", "reply", PARTNER), ("09-07T11:30", "close", CLOSE))
    found = clocks(told, berlin("09-09T12:00"))
    assert (shown(found.first_response_due), found.update_due) == ("09-07T12:00", None)


def test_without_a_plan_nothing_is_promised():
    found = clocks(ticket(plan=None), berlin("12-01T00:00"))
    assert (found.first_response_due, found.solution_due, found.breached) == (None, None, ())
    assert next_look(ticket(plan=None), berlin("12-01T00:00")) is None


@pytest.mark.parametrize(("severity", "hours"), [("A", 2), ("B", 4), ("C", 8)])
def test_the_vendors_clock_runs_on_the_wall_from_its_case_to_its_word(severity, hours):
    told = after(ticket(severity), ("09-07T11:00", "reply", PARTNER))
    told = told.escalate(handover={}, vehicle="v", entitlement=None, at=berlin("09-11T16:00"))
    assert clocks(told, berlin("09-11T16:00")).vendor_response_due is None
    told = told.record_vendor_case(number="1", at=berlin("09-11T16:00"))
    due = berlin("09-11T16:00") + timedelta(hours=hours)
    assert clocks(told, due) == clocks(told, due)
    assert (clocks(told, due).vendor_response_due, clocks(told, due).vendor_breached) == (due, False)
    late = due + timedelta(seconds=1)
    assert "vendor_response" in newly_missed(told, late)
    assert "vendor_response" not in clocks(told, late).breached
    answered = told.reply(by="vendor", public=False, text=None, at=due)
    assert clocks(answered, late).vendor_breached is False


def test_each_miss_is_recorded_once_and_the_next_moment_is_the_next_target():
    told = ticket()
    assert shown(next_look(told, berlin("09-07T10:00"))) == "09-07T12:00"
    assert newly_missed(told, berlin("09-07T12:01")) == ("first_response",)
    told = told.record_breach(("first_response",), at=berlin("09-07T12:01"))
    assert newly_missed(told, berlin("09-07T12:05")) == ()
    assert shown(next_look(told, berlin("09-07T12:05"))) == "09-07T14:00"
    closed = after(told, ("09-07T13:00", "close", CLOSE))
    assert next_look(closed, berlin("09-07T13:00")) is None


MINUTES = st.integers(0, 20 * 24 * 60)


@given(opened=MINUTES, pauses=st.lists(st.tuples(MINUTES, MINUTES), max_size=4))
def test_waiting_never_brings_a_target_nearer(opened, pauses):
    start = berlin("09-07T00:00") + timedelta(minutes=opened)
    told = ticket("B", f"{start.astimezone(BERLIN):%m-%dT%H:%M}")
    before, at = clocks(told, start).solution_due, start
    for begin, length in pauses:
        at += timedelta(minutes=begin)
        told = told.wait(until=None, at=at)
        at += timedelta(minutes=length)
        told = told.resume(at=at)
        due = clocks(told, at).solution_due
        assert due is not None
        assert before is not None
        assert due >= before - timedelta(minutes=1)
        before = due
