"""Promises, pauses, disputes and holds, one row each: who agreed on what until when, and what follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from quittance.domain.access import pinned_policy
from quittance.domain.arrears import apply, assess
from quittance.domain.decision import decision_body
from quittance.domain.outlook import outlook
from quittance.domain.policy import PolicyRef
from tests.unit.collections.books import (
    SEAT,
    at,
    book,
    eur,
    given,
    hold,
    invoice,
    pause,
    policy,
    promise,
    run,
    suspended,
    utc,
)

I1 = invoice("I1", "2026-11-08")
FINAL = given("final", "2026-11-22T00:00", "I1")
REMINDER = given("reminder", "2026-11-09T00:00", "I1")
BOTH = (REMINDER, FINAL)
RIPE = at("2026-12-09T12:00")  # a Wednesday at noon, 31 days past due, the final notice 17 days old


def late(**more: Any) -> Any:
    """Return an account that loses access now, unless something stands against it."""
    more.setdefault("notices", BOTH)
    return book(*more.pop("invoices", (I1,)), **more)


def wanted(file: Any, now: Any = RIPE) -> list[str]:
    return [one.desired for one in apply(file, assess(file, now), now).subscriptions]


def test_the_account_of_these_tests_loses_access_without_them() -> None:
    assert wanted(late()) == ["suspended"]


# -- what stands against it ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("against", "access", "promised"),
    [
        ({"promises": (promise("297.44", until="2026-12-09"),)}, "active", "open"),  # its day is not over
        ({"promises": (promise("297.44", until="2026-12-08"),)}, "suspended", "broken"),
        ({"promises": (promise("100.00", until="2026-12-31"),)}, "active", "open"),  # of a part
        ({"promises": (promise("297.44", until="2026-12-31", state="withdrawn"),)}, "suspended", "withdrawn"),
        ({"promises": (promise("297.44", until="2026-12-31", state="broken"),)}, "suspended", "broken"),
        ({"promises": (promise("297.44", until="2026-12-31", stops="suspension"),)}, "active", "open"),
        ({"promises": (promise("297.44", until="2026-12-31", stops="nothing"),)}, "suspended", "open"),
        ({"promises": (promise("200.00", ("2026-12-01", "100.00"), ("2026-12-31", "100.00")),)}, "suspended", "broken"),
        ({"promises": (promise("200.00", ("2026-12-09", "100.00"), ("2026-12-31", "100.00")),)}, "active", "open"),
        ({"pauses": (pause(),)}, "active", None),
        ({"pauses": (pause("2026-12-09T11:00:01"),)}, "active", None),
        ({"pauses": (pause("2026-12-09T11:00"),)}, "suspended", None),  # it ends with its moment
        ({"pauses": (pause("2027-01-31T00:00", ended="2026-12-01T08:00"),)}, "suspended", None),
        ({"pauses": (pause("2026-11-30T00:00"), pause(since="2026-12-01T08:00"))}, "active", None),
        ({"invoices": (replace(I1, disputed=eur("297.44")),)}, "active", None),
        ({"invoices": (replace(I1, disputed=eur("272.45")),)}, "active", None),  # 24.99 are left
        ({"invoices": (replace(I1, disputed=eur("272.44")),)}, "suspended", None),
        ({"invoices": (replace(I1, disputed=eur("300.00")),)}, "active", None),  # paid down below what is disputed
        (
            {"invoices": (replace(I1, disputed=eur("297.44")), invoice("I2", "2026-12-01"))},
            "active",
            None,
        ),  # the next is 8 days old
    ],
)
def test_what_stands_against_a_suspension(against: Any, access: str, promised: str | None) -> None:
    file = late(**against)
    after = apply(file, assess(file, RIPE), RIPE)
    assert [one.desired for one in after.subscriptions] == [access]
    assert [one.state for one in after.promises] == ([promised] if promised else [])


@pytest.mark.parametrize("stops", ["all", "suspension", "nothing"])
@pytest.mark.parametrize(("now", "kind"), [("2026-11-23T12:00", "final"), ("2026-11-09T12:00", "reminder")])
def test_notices_wait_only_for_what_stops_all(stops: Any, now: str, kind: str) -> None:
    made = promise("297.44", until="2026-12-31", stops=stops)
    file = book(I1, promises=(made,), notices=() if kind == "reminder" else (REMINDER,))
    kinds = [notice.kind for notice in assess(file, at(now)).notices]
    assert kinds == ([] if stops == "all" else [kind])


def test_the_stage_is_what_the_facts_say_whatever_waits() -> None:
    for against in ({"pauses": (pause(),)}, {"promises": (promise("297.44", until="2026-12-31"),)}):
        found = assess(late(**against), RIPE)
        assert (found.stage, found.notices, found.subscriptions) == ("suspended", (), ())
        assert found.overdue == eur("297.44")


# -- boundary days, zones, changes of the clock ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "until", "last"),
    [
        ("Europe/Berlin", "2026-12-15", "2026-12-15T22:59:59"),
        ("America/New_York", "2026-12-15", "2026-12-16T04:59:59"),
        ("Pacific/Kiritimati", "2026-12-15", "2026-12-15T09:59:59"),
        ("Asia/Kathmandu", "2026-12-15", "2026-12-15T18:14:59"),
        ("Europe/Berlin", "2027-02-28", "2027-02-28T22:59:59"),  # a month's end
        ("Europe/Berlin", "2028-02-29", "2028-02-29T22:59:59"),  # a leap day
        ("Europe/Berlin", "2027-03-27", "2027-03-27T22:59:59"),  # the night before the spring change
        ("Europe/Berlin", "2027-03-28", "2027-03-28T21:59:59"),  # a day of 23 hours
        ("Europe/Berlin", "2027-10-31", "2027-10-31T22:59:59"),  # a day of 25 hours
        ("Europe/Berlin", "2026-12-31", "2026-12-31T22:59:59"),
    ],
)
def test_a_promise_lasts_to_the_end_of_its_day_where_the_account_is(zone: str, until: str, last: str) -> None:
    file = late(promises=(promise("297.44", until=until),), profile={"timezone": zone})
    assert assess(file, utc(last)).promises == ()
    assert assess(file, utc(last)).next_due == utc(last) + timedelta(seconds=1)
    (broken,) = assess(file, utc(last) + timedelta(seconds=1)).promises
    assert broken.state == "broken"


@pytest.mark.parametrize(
    ("broken_at", "acts"),
    [
        ("2026-12-12T00:00", "2026-12-14T09:00"),  # a Saturday: business opens on Monday
        ("2026-12-15T00:00", "2026-12-15T09:00"),
        ("2026-12-25T00:00", "2026-12-28T09:00"),  # Christmas, then a weekend
    ],
)
def test_a_broken_promise_resumes_at_the_right_stage_in_business_hours(broken_at: str, acts: str) -> None:
    until = str((at(broken_at) - timedelta(hours=1)).astimezone(book().profile.zone).date())
    file = run(late(promises=(promise("297.44", until=until),)), at(broken_at))
    assert (file.stage, file.promises[0].state, wanted(file, at(broken_at))) == ("suspended", "broken", ["active"])
    assert file.due_at == at(acts)
    assert wanted(file, at(acts)) == ["suspended"]


# -- kept or broken --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "credit", "state"),
    [
        ("297.44", "0.00", "open"),
        ("197.45", "0.00", "open"),
        ("197.44", "0.00", "kept"),
        ("0.00", "0.00", "kept"),
        ("297.44", "100.00", "kept"),  # money that went to credit counts
        ("297.44", "99.99", "open"),
    ],
)
def test_a_promise_is_kept_by_what_is_owed_no_more(left: str, credit: str, state: str) -> None:
    file = late(
        invoices=(invoice("I1", "2026-11-08", left),),
        credit=credit,
        promises=(promise("100.00", until="2026-12-31"),),
    )
    assert apply(file, assess(file, RIPE), RIPE).promises[0].state == state


def test_a_promise_counts_settled_invoices_that_are_gone() -> None:
    file = book(promises=(promise("297.44", until="2026-12-31"),))
    assert assess(file, RIPE).promises[0].state == "kept"


def test_a_new_invoice_breaks_no_promise() -> None:
    paid, new = invoice("I1", "2026-11-08", "0.00"), invoice("I2", "2026-12-01")
    file = late(invoices=(paid, new), promises=(promise("297.44", until="2026-12-31"),))
    assert assess(file, RIPE).promises[0].state == "kept"


def test_paying_early_brings_nothing_forward() -> None:
    part = invoice("I1", "2026-11-08", "197.44")
    made = promise("100.00", until="2026-12-15")
    file = run(late(invoices=(part,), promises=(made,)), RIPE)
    assert (file.promises[0].state, wanted(file)) == ("kept", ["active"])
    assert file.due_at == at("2026-12-16T00:00")
    assert wanted(file, at("2026-12-16T09:00")) == ["suspended"]


def test_what_is_kept_or_broken_stays_so() -> None:
    file = run(late(promises=(promise("297.44", until="2026-12-08"),)), RIPE)
    assert file.promises[0].state == "broken"
    settled = replace(file, open={"I1": replace(I1, remaining=eur("0.00"))})
    assert assess(settled, RIPE).promises == ()


def test_a_chargeback_after_a_kept_promise_ages_at_once() -> None:
    kept = promise("297.44", until="2026-12-01", state="kept")
    again = replace(I1, reopened=1)
    found = assess(late(invoices=(again,), promises=(kept,)), RIPE)
    assert (found.stage, [notice.id for notice in found.notices]) == ("suspended", ["I1.1.final"])


# -- access that is gone already -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("against", "access"),
    [
        ({"promises": (promise("297.44", until="2026-12-31"),)}, "suspended"),
        ({"promises": (promise("297.44", until="2026-12-31", restores=True),)}, "active"),
        ({"promises": (promise("297.44", until="2026-12-08", restores=True),)}, "suspended"),  # broken
        ({"pauses": (pause(),)}, "suspended"),
        ({"invoices": (replace(I1, disputed=eur("297.44")),)}, "active"),
        ({"invoices": (replace(I1, disputed=eur("100.00")),)}, "suspended"),
    ],
)
def test_what_gives_access_back(against: Any, access: str) -> None:
    assert wanted(late(subscriptions=(suspended(),), **against)) == [access]


@pytest.mark.parametrize("against", [{"pauses": (pause(),)}, {"promises": (promise("297.44", until="2026-12-31"),)}])
def test_a_suspension_that_has_not_reached_the_vendor_is_called_back(against: Any) -> None:
    waiting = replace(suspended(), actual="active")
    (one,) = assess(late(subscriptions=(waiting,), **against), RIPE).subscriptions
    assert (one.desired, one.reasons, one.generation) == ("active", frozenset(), 2)


def test_access_that_a_promise_gave_back_goes_again_when_it_is_broken() -> None:
    file = late(subscriptions=(suspended(),), promises=(promise("297.44", until="2026-12-09", restores=True),))
    file = run(file, RIPE)
    assert wanted(file) == ["active"]
    file = run(file, at("2026-12-10T00:00"))
    assert (file.promises[0].state, wanted(file, at("2026-12-10T00:00"))) == ("broken", ["active"])
    assert wanted(file, at("2026-12-10T09:00")) == ["suspended"]


# -- pauses ----------------------------------------------------------------------------------------------------------


def test_after_a_pause_the_needed_notice_comes_first_and_its_full_days() -> None:
    file = run(book(I1, notices=(REMINDER,), pauses=(pause("2026-12-19T23:00"),)), at("2026-12-01T12:00"))
    assert (file.stage, file.due_at, file.notices) == ("final", at("2026-12-08T00:00"), (REMINDER,))
    file = run(file, at("2026-12-20T00:00"))
    assert [notice.id for notice in file.notices] == ["I1.0.reminder", "I1.0.final"]
    assert assess(file, at("2026-12-20T00:00")).next_due == at("2026-12-28T09:00")  # seven full days end on a Sunday
    assert wanted(file, at("2026-12-28T08:59:59")) == ["active"]
    assert wanted(file, at("2026-12-28T09:00")) == ["suspended"]


def test_a_pause_across_the_change_of_the_clock_ends_with_its_moment() -> None:
    file = book(I1, pauses=(pause("2027-03-28T00:59"), pause("2027-03-28T01:00", since="2026-10-02T08:00")))
    assert assess(file, utc("2027-03-28T00:30")).notices == ()
    assert assess(file, utc("2027-03-28T00:59:59")).notices == ()
    assert [notice.kind for notice in assess(file, utc("2027-03-28T01:00")).notices] == ["final"]


def test_a_notice_that_waits_for_the_mail_is_withdrawn_by_a_pause() -> None:
    queued = given("final", None, "I1", state="queued")
    assert outlook(book(I1, notices=(queued,)), [queued], RIPE) is not None
    assert outlook(book(I1, notices=(queued,), pauses=(pause(),)), [queued], RIPE) is None


# -- disputes --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("disputed", "overdue", "stage"),
    [
        (None, "416.44", "suspended"),
        ("119.00", "297.44", "suspended"),
        ("400.00", "16.44", "reminder"),
        ("416.44", "0.00", "clear"),
    ],
)
def test_what_is_disputed_does_not_age_and_the_rest_does(disputed: str | None, overdue: str, stage: str) -> None:
    found = assess(book(invoice("I1", "2026-11-08", "416.44", disputed=disputed), notices=BOTH), RIPE)
    assert (str(found.overdue), found.stage) == (overdue, stage)


def test_a_rejected_dispute_ages_from_the_due_date_as_if_it_had_never_been() -> None:
    disputed = late(invoices=(replace(I1, disputed=eur("297.44")),))
    assert assess(disputed, RIPE).next_due is None
    found = assess(replace(disputed, open={"I1": I1}), RIPE)
    assert (found.days, found.stage, found.relied) == (31, "suspended", (FINAL,))


def test_a_disputed_invoice_hands_its_place_to_the_next() -> None:
    other = invoice("I2", "2026-11-20", ref=PolicyRef("lenient", 1))
    rules = (policy(), policy("lenient", last={"when": {"days": 60}}))
    found = assess(late(invoices=(replace(I1, disputed=eur("297.44")), other), policies=rules), RIPE)
    assert (found.policy, found.days, found.stage) == (PolicyRef("lenient", 1), 19, "final")


# -- holds -----------------------------------------------------------------------------------------------------------

SUNDAY_NIGHT = at("2026-12-13T03:00")


@pytest.mark.parametrize("owes", [(), (I1,), (invoice("I9", "2027-05-01"),)])  # none, overdue without notice, not due
@pytest.mark.parametrize("reason", ["fraud", "administrative"])
def test_a_hold_needs_no_debt_and_no_business_hours(owes: Any, reason: str) -> None:
    seats = (SEAT, replace(SEAT, id="sub-2"))
    found = assess(book(*owes, subscriptions=seats, holds=(hold(reason),)), SUNDAY_NIGHT)
    assert [(one.id, one.desired, one.reasons) for one in found.subscriptions] == [
        ("sub-1", "suspended", {reason}),
        ("sub-2", "suspended", {reason}),
    ]
    assert found.relied == ()


@pytest.mark.parametrize(
    ("reasons", "holds", "owes", "left"),
    [
        (("nonpayment", "fraud"), (hold("fraud"),), (), {"fraud"}),  # paid: only non-payment is lifted
        (("fraud",), (hold("fraud", released="2026-12-01T00:00"),), (), set()),
        (("nonpayment", "fraud"), (hold("fraud", released="2026-12-01T00:00"),), (I1,), {"nonpayment"}),
        (
            ("administrative", "fraud"),
            (hold("fraud", released="2026-12-01T00:00"), hold("administrative")),
            (),
            {"administrative"},
        ),
        (("fraud",), (hold("fraud", released="2026-12-01T00:00"), hold("fraud", "2026-12-02T00:00")), (), {"fraud"}),
        (("fraud",), (hold("fraud"),), (I1,), {"fraud", "nonpayment"}),
    ],
)
def test_each_reason_is_lifted_by_its_own(reasons: Any, holds: Any, owes: Any, left: set[str]) -> None:
    file = late(invoices=owes, subscriptions=(suspended(SEAT, *reasons),), holds=holds)
    (one,) = apply(file, assess(file, RIPE), RIPE).subscriptions
    assert (one.reasons, one.desired) == (left, "suspended" if left else "active")


def test_neither_promise_nor_pause_lifts_a_hold() -> None:
    held = suspended(SEAT, "fraud")
    made = promise("297.44", until="2026-12-31", restores=True)
    file = late(subscriptions=(held,), holds=(hold("fraud"),), pauses=(pause(),), promises=(made,))
    assert wanted(file) == ["suspended"]


def test_a_hold_hurries_a_suspension_that_waits_for_business_hours() -> None:
    why = {"policy": "standard", "version": 1, "stage": "suspended", "business_hours": True}
    waiting = replace(suspended(), actual="active", why=why)
    assert pinned_policy(waiting) == PolicyRef("standard", 1)
    (one,) = assess(late(subscriptions=(waiting,), holds=(hold("fraud"),)), SUNDAY_NIGHT).subscriptions
    assert (one.generation, pinned_policy(one)) == (2, None)


# -- the decision says so --------------------------------------------------------------------------------------------


def test_a_decision_tells_what_stood_in_plain_words() -> None:
    disputed = invoice("I2", "2026-11-01", disputed="297.44")
    file = late(
        invoices=(I1, disputed),
        holds=(hold("fraud"),),
        pauses=(pause("2026-12-19T23:00"),),
        promises=(promise("297.44", until="2026-12-15"),),
    )
    found = assess(file, RIPE)
    told = " | ".join(found.facts)
    assert "297.44 EUR is promised by 2026-12-15: until then nothing is sent or suspended" in told
    assert "collecting is paused until 2026-12-20 00:00 CET: talks" in told
    assert "297.44 EUR of invoice ACME-I2 is disputed and does not age" in told
    assert "all access is withheld since 2026-10-01 10:00 CEST, whatever is paid: fraud" in told
    body = decision_body(file, found, "test")
    assert body["standing"] == {
        "promises": ["P1"],
        "pause": "2026-10-01T08:00",
        "holds": ["fraud"],
        "disputed": {"I2": "297.44"},
    }
    assert [change["added"] for change in body["access"]] == [["fraud"]]
