"""The reminder before the due date: once an invoice, in time or never, and only of what is really to be paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from quittance.domain.arrears import assess
from quittance.domain.arrears_terms import claim_concerns_at
from quittance.domain.errors import Rejected
from quittance.domain.outlook import outlook
from quittance.domain.policy import PolicyRef
from quittance.domain.policy_parsing import parse_policy, policy_to_mapping
from quittance.usecases.issue_invoice import Case, compose
from tests.unit.collections.books import STANDARD, at, book, eur, given, invoice, pause, policy, promise, run

RULES = policy(upcoming={"days": 5})
I1 = invoice("I1", "2026-11-08")
I2 = invoice("I2", "2026-11-08", "10.00")
LATE = invoice("OLD", "2026-11-01", "30.00")
BEGINS = "2026-11-03T00:00"


def announced(*invoices: Any, now: str = BEGINS, **facts: Any) -> list[str]:
    found = assess(book(*invoices, policies=(RULES,), **facts), at(now))
    return [one.id for one in found.notices if one.kind == "upcoming"]


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ("2026-11-02T23:59:59", []),
        (BEGINS, ["I1.0.upcoming"]),
        ("2026-11-08T23:59:59", ["I1.0.upcoming"]),  # the due day is not over: late, and still in time
        ("2026-11-09T00:00", []),  # missed: it is overdue
    ],
)
def test_it_goes_out_from_its_day_on_and_never_when_the_due_date_has_passed(now: str, told: list[str]) -> None:
    assert announced(I1, now=now) == told


@pytest.mark.parametrize(
    ("invoices", "facts"),
    [
        ([replace(I1, remaining=eur("0.00"))], {}),
        ([replace(I1, disputed=eur("297.44"))], {}),
        ([I1], {"credit": "297.44"}),
        ([I1], {"pauses": (pause(),)}),
        ([I1], {"promises": (promise("297.44", until="2026-11-30", made_at=at("2026-10-20T09:00")),)}),
        ([replace(I1, issued=at("2026-11-03T12:00").date())], {}),  # the invoice itself goes out on that day
        ([I1], {"notices": (given("upcoming", "2026-11-03T08:00", "I1"),)}),
        ([I1], {"notices": (given("upcoming", "2026-11-03T08:00", "I1", state="bounced"),)}),
        # once an invoice: that its payment came back does not announce it again
        ([replace(I1, reopened=1)], {"notices": (given("upcoming", "2026-11-03T08:00", "I1"),)}),
    ],
)
def test_nothing_is_announced(invoices: Any, facts: Any) -> None:
    assert announced(*invoices, now="2026-11-04T12:00", **facts) == []


def test_a_policy_without_the_key_announces_nothing() -> None:
    found = assess(book(I1), at(BEGINS))
    assert (found.notices, found.next_due) == ((), at("2026-11-09T00:00"))


def test_one_that_was_withdrawn_may_come_again() -> None:
    assert announced(I1, notices=(given("upcoming", None, "I1", state="withdrawn"),)) == ["I1.0.upcoming"]


def test_each_invoice_is_announced_for_itself_beside_what_is_overdue() -> None:
    found = assess(book(I1, I2, LATE, policies=(RULES,)), at(BEGINS))
    assert sorted(one.id for one in found.notices) == ["I1.0.upcoming", "I2.0.upcoming", "OLD.0.reminder"]
    assert any("invoice ACME-I1 will be due 2026-11-08" in fact for fact in found.facts)


def test_the_account_is_due_when_the_next_reminder_is() -> None:
    file = book(I1, policies=(RULES,))
    assert assess(file, at("2026-10-20T00:00")).next_due == at(BEGINS)
    assert assess(run(file, at(BEGINS)), at(BEGINS)).next_due == at("2026-11-09T00:00")
    overdue = assess(book(I1, LATE, policies=(RULES,)), at("2026-11-02T00:00"))
    assert overdue.next_due == at(BEGINS)


@pytest.mark.parametrize(
    ("zone", "begins"), [("Europe/Berlin", "2026-10-22T00:00"), ("America/New_York", "2026-10-22T00:00")]
)
def test_days_are_the_customers_across_a_change_of_the_clock(zone: str, begins: str) -> None:
    due = invoice("I1", "2026-10-27", issued="2026-10-01")
    file = book(due, policies=(RULES,), profile={"timezone": zone})
    assert assess(file, at("2026-10-20T00:00", zone)).next_due == at(begins, zone)
    concern = partial(claim_concerns_at, 100, due.due, file.profile.zone, at("2026-10-01T00:00", zone))
    assert concern(remind_on=due.due - timedelta(days=5)) == at(begins, zone)
    assert concern() == at("2026-10-28T00:00", zone)


# -- what its mail says ------------------------------------------------------------------------------------------------


def queued(kind: str, decided: str, *about: str) -> Any:
    return replace(given(kind, None, *about, state="queued"), decided_at=at(decided))


def test_a_mail_tells_the_due_date_and_no_threat() -> None:
    notice = queued("upcoming", BEGINS, "I1")
    told = outlook(book(I1, policies=(RULES,), notices=(notice,)), [notice], at(BEGINS))
    assert told
    assert (told.owed, [one.id for one, _ in told.ahead], told.pay_by, told.next_step) == ((), ["I1"], I1.due, None)


def test_one_mail_tells_what_is_late_and_what_will_be_due() -> None:
    notices = [queued("upcoming", BEGINS, "I1"), queued("reminder", "2026-11-02T00:00", "OLD")]
    told = outlook(book(I1, LATE, policies=(RULES,)), notices, at(BEGINS))
    assert told
    assert ([one.id for one, _ in told.owed], [one.id for one, _ in told.ahead]) == (["OLD"], ["I1"])
    assert told.total == eur("30.00")


@pytest.mark.parametrize("now", ["2026-11-09T00:00", "2026-11-20T00:00"])
def test_a_reminder_that_mail_took_too_late_says_nothing(now: str) -> None:
    notice = queued("upcoming", BEGINS, "I1")
    assert outlook(book(I1, policies=(RULES,)), [notice], at(now)) is None


def test_a_stage_that_calls_its_notice_so_is_taken_at_its_word() -> None:
    """Otherwise it would be withdrawn and decided again without end."""
    late = queued("upcoming", "2026-11-09T00:00", "I1")
    assert outlook(book(I1, policies=(RULES,)), [late], at("2026-11-09T00:00")) is not None


# -- the policy --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "field"),
    [
        ({"days": 0}, "upcoming.days"),
        ({"days": "5"}, "upcoming.days"),
        ({}, "upcoming.days"),
        ({"day": 5}, "upcoming.day"),
        (5, "upcoming"),
    ],
)
def test_bad_definitions_are_refused_with_their_place(given_: Any, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        parse_policy("p", 1, STANDARD | {"upcoming": given_}, "EUR")
    assert refused.value.field == field


def test_a_definition_is_written_as_it_was_read() -> None:
    again = parse_policy("standard", 1, policy_to_mapping(RULES), "EUR")
    assert (again, "upcoming" in policy_to_mapping(policy())) == (RULES, False)


class Sources:
    """What a manual invoice is made from: a policy with thirty days to pay."""

    def policy(self, *_: Any) -> Any:
        return PolicyRef("standard", 1), policy_to_mapping(RULES)


@pytest.mark.parametrize(
    ("due", "day"),
    [
        ("2026-11-08", date(2026, 11, 3)),
        ("2026-10-15", date(2026, 10, 10)),
        ("2026-10-14", None),
        (None, date(2026, 11, 3)),
    ],
)
def test_whoever_issues_an_invoice_knows_when_it_is_first_of_concern(due: str | None, day: date | None) -> None:
    lines = [{"text": "Setup", "net": "10.00", "vat_percent": "19"}]
    request = {"issued": "2026-10-09", "lines": lines} | ({"due": due} if due else {})
    case = Case(
        partner="acme", account="contoso", invoice="I1", state="ready", period=None, chunks=(), request=request,
        partner_body={"country": "DE"}, account_body={"policy": "standard", "country": "DE"}, price_rules=[],
        currency="EUR", due_at=None,
    )  # fmt: skip
    sources: Any = Sources()
    assert compose(case, books=sources, now=at("2026-10-09T08:00")).remind_on == day
