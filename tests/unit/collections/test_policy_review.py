"""Looking a draft over: what will not happen as it is written is named with its place."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.domain.errors import Rejected
from quittance.domain.policy import PromiseTerms
from quittance.domain.policy_parsing import parse_policy, policy_to_mapping
from quittance.domain.policy_review import review
from tests.unit.collections.books import STANDARD, policy

SUSPENDS = {"do": [{"suspend": "all"}]}
NOTICE = {"name": "final", "when": {"days": 14}, "do": [{"notice": "final"}]}


def found(**changes: Any) -> list[str]:
    return [one.place for one in review(parse_policy("p", 1, STANDARD | changes, "EUR"))]


def test_the_standard_policy_needs_no_second_look() -> None:
    assert review(policy()) == ()


@pytest.mark.parametrize(
    ("changes", "places"),
    [
        # notice on day 14, 7 full days: not before day 21
        (
            {
                "stages": [
                    NOTICE,
                    {"name": "off", "when": {"days": 20}, "after_notice": {"notice": "final", "days": 7}, **SUSPENDS},
                ]
            },
            ["stages[1].after_notice.days"],
        ),
        (
            {
                "stages": [
                    NOTICE,
                    {"name": "off", "when": {"days": 21}, "after_notice": {"notice": "final", "days": 7}, **SUSPENDS},
                ]
            },
            [],
        ),
        ({"stages": [NOTICE, {"name": "off", "when": {"days": 30}, **SUSPENDS}]}, ["stages[1].after_notice"]),
        ({"stages": [NOTICE, {"name": "shown", "when": {"days": 30}, "do": []}]}, ["stages[1].do"]),
        # by the issue date nothing is overdue before day 31
        (
            {
                "clock": "issue_date",
                "stages": [
                    {"name": "soon", "when": {"days": 5}, "do": [{"notice": "soon"}]},
                    {"name": "later", "when": {"days": 10}, "do": [{"notice": "later"}]},
                    {"name": "last", "when": {"days": 40}, "do": [{"notice": "last"}]},
                ],
            },
            ["stages[0].when.days"],
        ),
        (
            {
                "clock": "issue_date",
                "stages": [
                    {"name": "soon", "when": {"days": 5}, "do": [{"notice": "soon"}]},
                    {"name": "later", "when": {"days": 10, "amount": "500.00"}, "do": [{"notice": "later"}]},
                ],
            },
            [],
        ),
    ],
)
def test_what_will_not_happen_is_named(changes: Any, places: list[str]) -> None:
    assert found(**changes) == places


@pytest.mark.parametrize(
    ("given", "terms"),
    [
        (None, PromiseTerms()),
        ({}, PromiseTerms()),
        ({"stops": "suspension"}, PromiseTerms(stops="suspension")),
        (
            {"stops": "all", "restores": True, "longest_days": 30},
            PromiseTerms(stops="all", restores=True, longest_days=30),
        ),
    ],
)
def test_terms_of_promises_are_read_and_written(given: Any, terms: PromiseTerms) -> None:
    definition = STANDARD | ({"promise": given} if given is not None else {})
    read = parse_policy("p", 1, definition, "EUR")
    assert read.promise == terms
    assert parse_policy("p", 1, policy_to_mapping(read), "EUR") == read


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"stops": "mail"}, "promise.stops"),
        ({"restores": "yes"}, "promise.restores"),
        ({"stops": "nothing", "restores": True}, "promise.restores"),
        ({"longest_days": 0}, "promise.longest_days"),
        ({"grace": 1}, "promise.grace"),
    ],
)
def test_terms_that_contradict_themselves_are_refused(given: Any, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        parse_policy("p", 1, STANDARD | {"promise": given}, "EUR")
    assert refused.value.field == field


def test_an_order_that_may_leave_the_oldest_debt_open_deserves_a_second_look() -> None:
    assert found(allocation="largest_first") == ["allocation"]
    assert found(allocation="largest_first", stages=[]) == []


def test_a_reminder_that_the_invoice_forestalls_or_that_comes_too_late_is_named() -> None:
    stage = {"name": "soon", "when": {"days": 1}, "do": [{"notice": "upcoming"}]}
    assert found(payment_days=5, upcoming={"days": 5}) == ["upcoming.days"]
    assert found(stages=[stage], upcoming={"days": 5}) == ["stages[0].do"]
