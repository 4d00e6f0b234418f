"""The rules of arrears, one row each: who owes what since when, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from quittance.domain.arrears import apply, assess
from quittance.domain.arrears_terms import full_days_after
from quittance.domain.errors import Poison, Rejected
from quittance.domain.policy import PolicyRef
from tests.unit.collections.books import PROFILE, SEAT, at, book, eur, given, hold, invoice, policy, run, suspended, utc

I1 = invoice("I1", "2026-11-08")
FINAL = given("final", "2026-11-22T00:00", "I1")
REMINDER = given("reminder", "2026-11-09T00:00", "I1")
BOTH = (REMINDER, FINAL)


def wanted(file: Any, now: Any) -> list[str]:
    """Return what is wanted of each subscription after the assessment."""
    return [one.desired for one in apply(file, assess(file, now), now).subscriptions]


@pytest.mark.parametrize(
    ("now", "stage", "days"),
    [
        (at("2026-11-08T23:59:59"), "clear", 0),  # the due date has not ended
        (at("2026-11-09T00:00"), "reminder", 1),
        (at("2026-11-21T23:59:59"), "reminder", 13),
        (at("2026-11-22T00:00"), "final", 14),
        (at("2026-12-07T23:59:59"), "final", 29),
        (at("2026-12-08T00:00"), "suspended", 30),
        (at("2027-03-28T12:00"), "suspended", 140),  # across a year and a spring change
    ],
)
def test_the_stage_follows_the_local_date(now: Any, stage: str, days: int) -> None:
    found = assess(book(I1), now)
    assert (found.stage, found.days) == (stage, days)


@pytest.mark.parametrize(
    ("zone", "still_clear"),
    [
        ("Europe/Berlin", "2026-11-08T22:59:59"),
        ("America/New_York", "2026-11-09T04:59:59"),
        ("Pacific/Kiritimati", "2026-11-08T09:59:59"),
        ("Pacific/Pago_Pago", "2026-11-09T10:59:59"),
        ("Asia/Kathmandu", "2026-11-08T18:14:59"),
    ],
)
def test_the_due_date_ends_where_the_account_is(zone: str, still_clear: str) -> None:
    file = book(I1, profile={"timezone": zone})
    assert assess(file, utc(still_clear)).stage == "clear"
    assert assess(file, utc(still_clear) + timedelta(seconds=1)).stage == "reminder"
    assert assess(file, utc(still_clear)).next_due == utc(still_clear) + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("due", "now", "days"),
    [
        ("2026-01-31", "2026-03-02T12:00", 30),  # month end in a short February
        ("2028-02-28", "2028-02-29T12:00", 1),  # leap day
        ("2028-02-29", "2028-03-30T12:00", 30),
        ("2027-02-28", "2027-03-30T12:00", 30),
        ("2026-02-27", "2026-03-29T00:00", 30),  # the night of the spring change
        ("2026-03-28", "2026-03-29T23:30", 1),
        ("2026-10-24", "2026-10-25T23:30", 1),  # a day of 25 hours
        ("2026-12-31", "2027-01-01T00:00", 1),
    ],
)
def test_days_are_counted_by_the_calendar(due: str, now: str, days: int) -> None:
    assert assess(book(invoice("I1", due)), at(now)).days == days


@pytest.mark.parametrize(
    ("amount", "stage"),
    [("24.99", "reminder"), ("25.00", "suspended"), ("0.01", "reminder"), ("25.01", "suspended")],
)
def test_thresholds_are_reached_not_crossed(amount: str, stage: str) -> None:
    assert assess(book(invoice("I1", "2026-11-08", amount)), at("2026-12-20T12:00")).stage == stage


@pytest.mark.parametrize(
    ("invoices", "credit", "overdue", "stage"),
    [
        ([("A", "2026-11-08", "100.00")], "0.00", "100.00", "suspended"),
        ([("A", "2026-11-08", "100.00")], "80.00", "20.00", "reminder"),
        ([("A", "2026-11-08", "100.00")], "100.00", "0.00", "clear"),
        ([("A", "2026-11-08", "100.00")], "120.00", "0.00", "clear"),
        # credit covers the oldest, so the younger one is what ages
        ([("A", "2026-11-08", "100.00"), ("B", "2026-12-06", "100.00")], "100.00", "100.00", "reminder"),
        ([("A", "2026-11-08", "100.00"), ("B", "2026-12-06", "100.00")], "99.99", "100.01", "suspended"),
        ([("A", "2026-11-08", "10.00"), ("B", "2026-12-06", "15.00")], "0.00", "25.00", "suspended"),
        ([("A", "2026-12-31", "100.00")], "0.00", "0.00", "clear"),
        ([], "0.00", "0.00", "clear"),
    ],
)
def test_credit_covers_the_oldest_first(invoices: Any, credit: str, overdue: str, stage: str) -> None:
    found = assess(book(*(invoice(*one) for one in invoices), credit=credit), at("2026-12-09T12:00"))
    assert (str(found.overdue), found.stage) == (overdue, stage)


@pytest.mark.parametrize(
    ("disputed", "stage"), [("297.44", "clear"), ("272.45", "reminder"), ("272.44", "suspended"), (None, "suspended")]
)
def test_what_is_disputed_does_not_age(disputed: str | None, stage: str) -> None:
    assert assess(book(invoice("I1", "2026-11-08", disputed=disputed)), at("2026-12-20T12:00")).stage == stage


def test_a_number_of_invoices_is_a_condition() -> None:
    rules = policy(last={"when": {"days": 30, "invoices": 2}})
    one, two = invoice("A", "2026-11-08"), invoice("B", "2026-12-08")
    assert assess(book(one, two, policies=(rules,)), at("2026-12-08T12:00")).stage == "final"
    found = assess(book(one, two, policies=(rules,)), at("2026-12-09T12:00"))
    assert found.stage == "suspended"


@pytest.mark.parametrize(
    ("now", "stage"),
    [("2026-11-08T12:00", "clear"), ("2026-11-09T12:00", "suspended")],  # 31 days after issue, the first day overdue
)
def test_the_issue_date_clock_counts_from_issue_but_never_before_overdue(now: str, stage: str) -> None:
    rules = policy(clock="issue_date")
    assert assess(book(I1, policies=(rules,)), at(now)).stage == stage


def test_the_policy_pinned_on_the_oldest_overdue_invoice_governs() -> None:
    mild = policy("mild", 7, stages=[])
    older = invoice("A", "2026-11-08", ref=PolicyRef("mild", 7))
    file = book(older, invoice("B", "2026-11-09"), policies=(mild, policy()))
    assert (assess(file, at("2026-12-20T12:00")).stage, assess(file, at("2026-12-20T12:00")).policy) == (
        "clear",
        PolicyRef("mild", 7),
    )
    paid = replace(file, open={"B": file.open["B"]})
    assert assess(paid, at("2026-12-20T12:00")).policy == PolicyRef("standard", 1)


def test_a_pinned_policy_that_is_missing_is_poison() -> None:
    with pytest.raises(Poison):
        assess(replace(book(I1), policies={}), at("2026-12-20T12:00"))


@pytest.mark.parametrize(
    ("now", "notices", "kinds"),
    [
        ("2026-11-09T12:00", (), ["reminder"]),
        ("2026-11-09T12:00", (REMINDER,), []),
        ("2026-11-22T12:00", (REMINDER,), ["final"]),
        ("2026-11-22T12:00", (), ["final"]),  # reached late: the missed reminder stays away
        ("2026-12-08T12:00", (), ["final"]),  # later still: what the suspension requires
        ("2026-12-08T12:00", (REMINDER,), ["final"]),
        ("2026-12-08T12:00", BOTH, []),
        ("2026-12-08T12:00", (given("final", None, "I1", state="queued"),), []),
        ("2026-12-08T12:00", (given("final", "2026-11-22T00:00", "I1", state="bounced"),), []),
    ],
)
def test_notices_go_out_once_and_only_those_needed(now: str, notices: Any, kinds: list[str]) -> None:
    found = assess(book(I1, notices=notices), at(now))
    assert [notice.kind for notice in found.notices] == kinds
    assert all(notice.cause == "I1.0" and notice.id == f"I1.0.{notice.kind}" for notice in found.notices)


def test_a_notice_names_all_that_is_overdue() -> None:
    file = book(I1, invoice("I2", "2026-11-10"), invoice("I3", "2026-12-30"), invoice("I4", "2026-11-01", "0.00"))
    (notice,) = assess(file, at("2026-11-15T12:00")).notices
    assert notice.invoices == ("I1", "I2")


@pytest.mark.parametrize(
    ("now", "notice", "access"),
    [
        ("2026-12-08T08:59", FINAL, "active"),  # Tuesday, before hours
        ("2026-12-08T09:00", FINAL, "suspended"),
        ("2026-12-08T16:59:59", FINAL, "suspended"),
        ("2026-12-08T17:00", FINAL, "active"),
        ("2026-12-12T12:00", FINAL, "active"),  # Saturday
        ("2026-12-25T12:00", FINAL, "active"),  # a holiday in Germany
        ("2026-12-28T12:00", FINAL, "suspended"),
        ("2026-12-07T12:00", FINAL, "active"),  # 29 days
        ("2026-12-09T12:00", None, "active"),  # the notice goes out first
        ("2026-12-09T12:00", given("final", "2026-12-02T11:00:01", "I1"), "active"),  # a second short of seven days
        ("2026-12-09T12:00", given("final", "2026-12-02T11:00:00", "I1"), "suspended"),
        ("2026-12-09T12:00", given("final", None, "I1", state="queued"), "active"),
        ("2026-12-09T12:00", given("final", "2026-11-22T00:00", "I1", state="bounced"), "active"),
        ("2026-12-09T12:00", given("final", "2026-11-22T00:00", "I1", state="complained"), "active"),
        ("2026-12-09T12:00", given("final", "2026-11-22T00:00", "I1", state="delivered"), "suspended"),
        ("2026-12-09T12:00", given("reminder", "2026-11-09T00:00", "I1"), "active"),  # not the kind required
        ("2026-12-09T12:00", given("final", "2026-11-22T00:00", "I9"), "active"),  # about an invoice since paid
        ("2026-12-09T12:00", given("final", "2026-11-22T00:00", "I9", "I1"), "suspended"),
    ],
)
def test_suspends_only_after_notice_and_in_business_hours(now: str, notice: Any, access: str) -> None:
    assert wanted(book(I1, notices=(notice,) if notice else ()), at(now)) == [access]


def test_the_newest_notice_is_the_promise_that_counts() -> None:
    # Given an old final notice that also named I2, and a fresh one about I2 after I1 was paid
    old, fresh = given("final", "2026-11-22T00:00", "I1", "I2"), given("final", "2026-12-07T09:00", "I2")
    file = book(invoice("I2", "2026-11-08"), notices=(old, fresh))
    assert wanted(file, at("2026-12-09T12:00")) == ["active"]
    assert wanted(file, at("2026-12-14T12:00")) == ["suspended"]


def test_a_reopened_invoice_needs_its_own_notice() -> None:
    back = invoice("I1", "2026-11-08", reopened=1)
    found = assess(book(back, notices=BOTH), at("2026-12-20T12:00"))
    assert [(n.kind, n.cause, n.openings) for n in found.notices] == [("final", "I1.1", {"I1": 1})]
    assert wanted(book(back, notices=BOTH), at("2026-12-21T12:00")) == ["active"]
    again = given("final", "2026-12-20T11:00", "I1", cause="I1.1")
    assert wanted(book(back, notices=(*BOTH, again)), at("2026-12-28T12:00")) == ["suspended"]


@pytest.mark.parametrize(
    ("sent", "aged"),
    [
        ("2026-03-25T12:00", "2026-04-01T11:00"),  # spring: 7 x 24 hours end at 13:00 by the wall
        ("2026-10-20T12:00", "2026-10-27T11:00"),  # autumn: the seventh noon comes an hour after 7 x 24 hours
        ("2026-11-20T12:00", "2026-11-27T11:00"),
        ("2026-03-22T02:30", "2026-03-29T01:30"),  # a reading that the change skips
        ("2026-10-18T02:30", "2026-10-25T01:30"),  # a reading that comes twice: its second
    ],
)
def test_full_days_have_passed_by_the_wall_and_by_the_hour(sent: str, aged: str) -> None:
    assert full_days_after(at(sent), 7, PROFILE.zone) == utc(aged)


@pytest.mark.parametrize(
    ("remaining", "credit", "access"),
    [
        ("297.44", "0.00", "suspended"),
        ("20.00", "0.00", "suspended"),  # below the stage's amount, not below restore_below
        ("0.01", "0.00", "suspended"),
        ("0.00", "0.00", "active"),
        ("20.00", "20.00", "active"),
        ("20.00", "19.99", "suspended"),
    ],
)
def test_access_comes_back_when_less_than_restore_below_is_overdue(remaining: str, credit: str, access: str) -> None:
    file = book(invoice("I1", "2026-11-08", remaining), credit=credit, notices=BOTH, subscriptions=(suspended(),))
    assert wanted(file, at("2026-12-25T03:00")) == [access]  # restoring asks for no hours


def test_access_comes_back_below_a_higher_limit() -> None:
    rules = policy(restore_below="20.00")
    for remaining, access in (("20.00", "suspended"), ("19.99", "active")):
        file = book(
            invoice("I1", "2026-11-08", remaining), notices=BOTH, subscriptions=(suspended(),), policies=(rules,)
        )
        assert wanted(file, at("2026-12-25T03:00")) == [access]


def test_below_the_limit_nothing_is_suspended_even_without_an_amount() -> None:
    rules = policy(last={"when": {"days": 30}}, restore_below="20.00")
    file = book(invoice("I1", "2026-11-08", "19.99"), notices=BOTH, policies=(rules,))
    assert wanted(file, at("2026-12-09T12:00")) == ["active"]


def test_access_comes_back_when_what_is_left_is_young() -> None:
    young = invoice("I2", "2026-12-01")
    file = book(young, notices=BOTH, subscriptions=(suspended(),))
    found = assess(file, at("2026-12-09T20:00"))
    assert found.stage == "reminder"
    assert wanted(file, at("2026-12-09T20:00")) == ["active"]


def test_access_stays_away_while_what_is_left_is_old() -> None:
    # Given I1, for which access went, is paid while I2 is old enough by itself
    file = book(invoice("I2", "2026-11-08"), notices=BOTH, subscriptions=(suspended(),))
    assert wanted(file, at("2026-12-20T12:00")) == ["suspended"]


def test_only_the_reason_nonpayment_is_lifted() -> None:
    held = suspended(SEAT, "nonpayment", "fraud")
    file = book(subscriptions=(held,), holds=(hold("fraud"),))
    found = apply(file, assess(file, at("2026-12-20T12:00")), at("2026-12-20T12:00"))
    (one,) = found.subscriptions
    assert (one.desired, one.reasons, one.generation) == ("suspended", {"fraud"}, 1)


def test_a_reason_is_added_to_a_subscription_held_already() -> None:
    held = suspended(SEAT, "fraud")
    file = book(I1, notices=BOTH, subscriptions=(held,), holds=(hold("fraud"),))
    (one,) = assess(file, at("2026-12-09T12:00")).subscriptions
    assert (one.desired, one.reasons, one.generation) == ("suspended", {"fraud", "nonpayment"}, 1)


@pytest.mark.parametrize(
    ("products", "access"),
    [
        (frozenset({"CFQ7TTC0LH18"}), ["suspended", "active"]),
        (frozenset({"OTHER"}), ["active", "suspended"]),
        (frozenset(), ["active", "active"]),
        (None, ["active", "active"]),
    ],
)
def test_unpaid_lines_reach_only_their_products(products: Any, access: list[str]) -> None:
    rules = policy(last={"do": [{"suspend": "unpaid_lines"}]})
    seats = (SEAT, replace(SEAT, id="sub-2", product="OTHER"))
    owed = invoice("I1", "2026-11-08", products=products)
    file = book(owed, notices=BOTH, subscriptions=seats, policies=(rules,))
    assert wanted(file, at("2026-12-09T12:00")) == access
    said = any("not recorded" in fact for fact in assess(file, at("2026-12-09T12:00")).facts)
    assert said is (products is None)


def test_a_stage_beyond_the_suspending_one_keeps_and_catches_up() -> None:
    stages = [
        {"name": "final", "when": {"days": 14}, "do": [{"notice": "final"}]},
        {
            "name": "off",
            "when": {"days": 30},
            "do": [{"suspend": "all"}],
            "after_notice": {"notice": "final", "days": 7},
        },
        {"name": "agency", "when": {"days": 60}, "do": [{"notice": "agency"}]},
    ]
    rules = policy(stages=stages)
    late = assess(book(I1, policies=(rules,)), at("2027-02-01T12:00"))
    assert (late.stage, [n.kind for n in late.notices], late.subscriptions) == ("agency", ["final", "agency"], ())
    assert wanted(book(I1, policies=(rules,), notices=(FINAL,)), at("2027-02-01T12:00")) == ["suspended"]
    kept = book(I1, policies=(rules,), notices=(FINAL,), subscriptions=(suspended(),))
    assert wanted(kept, at("2027-02-01T12:00")) == ["suspended"]


def test_a_notice_of_the_suspending_stage_goes_out_with_the_suspension() -> None:
    rules = policy(last={"do": [{"notice": "suspended"}, {"suspend": "all"}]})
    waiting = assess(book(I1, notices=BOTH, policies=(rules,)), at("2026-12-08T08:00"))
    acting = assess(book(I1, notices=BOTH, policies=(rules,)), at("2026-12-08T09:00"))
    assert (waiting.notices, waiting.next_due) == ((), at("2026-12-08T09:00"))
    assert [n.kind for n in acting.notices] == ["suspended"]
    assert [s.desired for s in acting.subscriptions] == ["suspended"]


def test_one_stage_may_send_the_notice_it_waits_for() -> None:
    stage = {"name": "off", "when": {"days": 10}, "do": [{"notice": "last"}, {"suspend": "all"}]}
    rules = policy(stages=[stage | {"after_notice": {"notice": "last", "days": 7}}])
    file = book(I1, policies=(rules,))
    file = run(file, at("2026-11-18T00:00"))
    assert [n.kind for n in file.notices] == ["last"]
    assert assess(file, at("2026-11-18T01:00")).next_due == at("2026-11-25T00:00")
    assert wanted(file, at("2026-11-25T00:00")) == ["suspended"]


@pytest.mark.parametrize(
    ("now", "notices", "next_due"),
    [
        ("2026-10-10T12:00", (), "2026-11-09T00:00"),  # the due date ends
        ("2026-11-09T00:00", (), "2026-11-22T00:00"),  # the next stage
        ("2026-11-22T00:00", BOTH, "2026-12-08T00:00"),
        ("2026-12-08T00:00", BOTH, "2026-12-08T09:00"),  # business opens
        ("2026-12-11T18:00", BOTH, "2026-12-14T09:00"),  # after the weekend
        ("2026-12-24T18:00", BOTH, "2026-12-28T09:00"),  # after Christmas
        ("2026-12-09T12:00", (given("final", "2026-12-05T18:30", "I1"),), "2026-12-14T09:00"),  # aged on a Saturday
        ("2026-12-09T12:00", (given("final", "2026-12-07T10:30", "I1"),), "2026-12-14T11:30"),  # aged in hours
        ("2026-12-09T12:00", (), None),  # only delivery can change anything
        ("2026-12-09T12:00", BOTH, None),  # suspended now, nothing further
    ],
)
def test_the_next_moment_that_matters(now: str, notices: Any, next_due: str | None) -> None:
    assert assess(book(I1, notices=notices), at(now)).next_due == (at(next_due) if next_due else None)


def test_the_policys_own_calendar_is_used() -> None:
    calendar = {"hours": {"sat": ["10:00-12:00"]}, "holidays": ["2026-12-12"]}
    file = book(I1, notices=BOTH, policies=(policy(calendar=calendar),))
    assert assess(file, at("2026-12-12T11:00")).next_due == at("2026-12-19T10:00")
    assert wanted(file, at("2026-12-19T10:00")) == ["suspended"]


def test_twenty_days_without_a_sweep_still_leave_the_full_notice() -> None:
    file = run(book(I1), at("2026-11-09T01:00"))
    file = run(file, at("2026-12-12T05:00"))  # the sweep was down from day 1 to day 34
    assert [n.kind for n in file.notices] == ["reminder", "final"]
    assert file.subscriptions[0].desired == "active"
    file = run(file, at("2026-12-12T06:00"))
    assert file.due_at == at("2026-12-21T09:00")  # 7 full days end on Saturday the 19th
    assert wanted(file, at("2026-12-21T08:59")) == ["active"]
    assert wanted(file, at("2026-12-21T09:00")) == ["suspended"]


def test_assessing_twice_decides_once() -> None:
    now = at("2026-12-09T12:00")
    first = apply(book(I1, notices=BOTH), assess(book(I1, notices=BOTH), now), now)
    second = assess(first, now)
    assert (first.version, first.stage, first.stage_since) == (1, "suspended", now)
    assert not second.decides(first)
    assert apply(first, second, now) == first


def test_settled_invoices_leave_the_file() -> None:
    now = at("2026-12-09T12:00")
    file = book(invoice("I1", "2026-11-08", "0.00", gross=eur("100.00")), invoice("I2", "2027-01-08"))
    assert set(apply(file, assess(file, now), now).open) == {"I2"}


def test_a_run_dated_before_the_last_is_refused() -> None:
    file = book(I1, assessed_at=utc("2026-12-09T12:00"))
    with pytest.raises(Rejected):
        assess(file, utc("2026-12-09T11:59:59"))
    assert assess(file, utc("2026-12-09T12:00")).stage == "suspended"


def test_the_facts_say_why() -> None:
    told = "\n".join(assess(book(I1, notices=BOTH), at("2026-12-08T08:00")).facts)
    for fact in (
        "297.44 EUR is overdue on 1 invoice",
        "30 days since the due date of ACME-I1 in Europe/Berlin",
        "policy standard version 1, pinned on ACME-I1",
        "stage suspended holds",
        "notice I1.0.final was given 2026-11-22 01:00 CET; 7 full days passed 2026-11-29 01:00 CET",
        "stage suspended waits for business hours until 2026-12-08 09:00 CET",
    ):
        assert fact in told
