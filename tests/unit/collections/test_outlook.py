"""What a notice says happens next, and when: as the policy will really do it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from quittance.domain.outlook import outlook
from tests.unit.collections.books import SEAT, at, book, given, invoice, policy, suspended

I1 = invoice("I1", "2026-11-08")
REMINDER, FINAL = given("reminder", None, "I1", state="queued"), given("final", None, "I1", state="queued")


@pytest.mark.parametrize(
    ("notice", "now", "stage", "day"),
    [
        (REMINDER, "2026-11-09T00:00", "final", date(2026, 11, 22)),
        (FINAL, "2026-11-22T00:00", "suspended", date(2026, 12, 8)),
        (FINAL, "2026-12-08T10:00", "suspended", date(2026, 12, 15)),  # late: the full days from now
        (FINAL, "2026-12-12T06:00", "suspended", date(2026, 12, 21)),  # they end on a Saturday
        (FINAL, "2026-12-18T12:00", "suspended", date(2026, 12, 28)),  # and on Christmas
    ],
)
def test_the_next_step_is_what_the_policy_does_next(notice: Any, now: str, stage: str, day: date) -> None:
    told = outlook(book(I1, notices=(notice,)), [notice], at(now))
    assert told
    assert told.next_step
    assert (told.next_step.stage, told.next_step.at) == (stage, day)
    assert told.pay_by
    assert (day - told.pay_by).days == 1


def test_small_amounts_are_told_of_no_step_that_will_not_come() -> None:
    told = outlook(book(invoice("I1", "2026-11-08", "24.99")), [REMINDER], at("2026-11-09T00:00"))
    assert told
    assert (told.next_step, told.pay_by) == (None, None)


def test_nothing_more_follows_when_access_is_gone() -> None:
    file = book(I1, subscriptions=(suspended(),))
    told = outlook(file, [FINAL], at("2026-12-20T00:00"))
    assert told
    assert told.next_step is None


@pytest.mark.parametrize(
    "now_owed",
    [
        [],
        [invoice("I1", "2026-11-08", "0.00")],
        [invoice("I1", "2026-12-30")],
        [invoice("I2", "2026-11-08")],
        [invoice("I1", "2026-11-08", reopened=1)],
    ],
)
def test_a_notice_whose_reason_is_gone_says_nothing(now_owed: Any) -> None:
    assert outlook(book(*now_owed), [REMINDER], at("2026-11-20T00:00")) is None


def test_only_what_the_notice_is_about_is_listed() -> None:
    told = outlook(book(I1, invoice("I2", "2026-11-10", "10.00")), [REMINDER], at("2026-11-20T00:00"))
    assert told
    assert ([one.id for one, _ in told.owed], str(told.total)) == (["I1"], "297.44")


def test_unpaid_services_are_named() -> None:
    rules = policy(last={"do": [{"suspend": "unpaid_lines"}]})
    owed = replace(I1, products=frozenset({"OTHER"}))
    seats = (SEAT, replace(SEAT, id="sub-2", product="OTHER", name="Teams Phone"))
    told = outlook(book(owed, policies=(rules,), subscriptions=seats), [FINAL], at("2026-11-22T00:00"))
    assert told
    assert told.next_step
    assert (told.next_step.reach, told.next_step.services) == ("unpaid_lines", ("Teams Phone",))
