"""A policy is published only when it can be kept: every refusal names the place and the remedy."""

from __future__ import annotations

import copy
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from quittance.domain.errors import Rejected
from quittance.domain.money import Money
from quittance.domain.policy import AfterNotice, PolicyRef
from quittance.domain.policy_parsing import parse_policy, policy_to_mapping

STANDARD: dict[str, Any] = {
    "clock": "due_date",
    "payment_days": 30,
    "allocation": "oldest_due",
    "stages": [
        {"name": "reminder", "when": {"days": 1}, "do": [{"notice": "reminder"}]},
        {"name": "final", "when": {"days": 14, "amount": "25.00"}, "do": [{"notice": "final"}]},
        {
            "name": "suspended",
            "when": {"days": 30, "amount": "25.00", "invoices": 1},
            "do": [{"suspend": "all"}],
            "after_notice": {"notice": "final", "days": 7},
            "business_hours": True,
        },
    ],
    "restore_below": "0.01",
    "fee": {"final": "5.00"},
    "interest": {"annual_percent": "9.12"},
    "calendar": {"hours": {"mon": ["09:00-17:00"]}, "holidays": ["2026-10-03"], "closed_before_holidays": True},
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """Return the standard definition with one place changed."""
    definition = copy.deepcopy(STANDARD)
    *way, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place: Any = definition
    for step in way:
        place = place[step]
    place[last] = value
    return definition


def test_reads_every_part() -> None:
    policy = parse_policy("standard", 3, STANDARD, "EUR")
    last = policy.stages[-1]
    assert policy.ref == PolicyRef("standard", 3)
    assert [stage.name for stage in policy.stages] == ["reminder", "final", "suspended"]
    assert (last.suspend, last.business_hours, last.after_notice) == ("all", True, AfterNotice(notice="final", days=7))
    assert (last.when.days, last.when.amount, last.when.invoices) == (30, Money(2500, "EUR"), 1)
    assert policy.fees == (("final", Money(500, "EUR")),)
    assert policy.interest_percent == Decimal("9.12")
    assert policy.hours == {0: ((time(9), time(17)),)}
    assert policy.holidays == {date(2026, 10, 3)}


def test_what_is_left_out_has_its_usual_value() -> None:
    policy = parse_policy("mild", 1, {"stages": []}, "JPY")
    assert (policy.clock, policy.payment_days, policy.allocation) == ("due_date", 30, "oldest_due")
    assert (policy.restore_below, policy.hours, policy.holidays) == (Money(1, "JPY"), None, None)


@pytest.mark.parametrize("order", ["oldest_due", "newest_due", "largest_first", "smallest_first", "proportional"])
def test_payments_are_allocated_in_one_of_the_orders(order: str) -> None:
    policy = parse_policy("p", 1, STANDARD | {"allocation": order}, "EUR")
    assert (policy.allocation, policy_to_mapping(policy)["allocation"]) == (order, order)


def test_survives_being_stored() -> None:
    policy = parse_policy("standard", 3, STANDARD, "EUR")
    assert parse_policy("standard", 3, policy_to_mapping(policy), "EUR") == policy
    bare = parse_policy("mild", 1, {"stages": []}, "EUR")
    assert parse_policy("mild", 1, policy_to_mapping(bare), "EUR") == bare


def test_equal_days_are_fine_when_the_later_stage_is_stricter() -> None:
    stages = [
        {"name": "small", "when": {"days": 14}, "do": [{"notice": "small"}]},
        {"name": "large", "when": {"days": 14, "amount": "1000.00"}, "do": [{"notice": "large"}]},
    ]
    assert len(parse_policy("p", 1, {"stages": stages}, "EUR").stages) == 2


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("colour", "red", "colour"),
        ("clock", "delivery", "clock"),
        ("payment_days", "30", "payment_days"),
        ("payment_days", True, "payment_days"),
        ("payment_days", 366, "payment_days"),
        ("allocation", "newest", "allocation"),
        ("stages", None, "stages"),
        ("stages", "reminder", "stages"),
        ("stages", [STANDARD["stages"][0]] * 21, "stages"),
        ("stages/0", "reminder", "stages[0]"),
        ("stages/0/name", "Reminder!", "stages[0].name"),
        ("stages/0/name", "clear", "stages[0].name"),
        ("stages/1/name", "reminder", "stages[1].name"),
        ("stages/0/wenn", {}, "stages[0].wenn"),
        ("stages/0/when", {}, "stages[0].when.days"),
        ("stages/0/when", {"days": 1.5}, "stages[0].when.days"),
        ("stages/0/when", {"days": -1}, "stages[0].when.days"),
        ("stages/0/when", {"days": 1, "amount": 25}, "stages[0].when.amount"),
        ("stages/0/when", {"days": 1, "amount": "25,00"}, "stages[0].when.amount"),
        ("stages/0/when", {"days": 1, "amount": "25.001"}, "stages[0].when.amount"),
        ("stages/0/when", {"days": 1, "amount": "-1.00"}, "stages[0].when.amount"),
        ("stages/0/when", {"days": 1, "invoices": 0}, "stages[0].when.invoices"),
        ("stages/0/when", {"days": 1, "age": 2}, "stages[0].when.age"),
        ("stages/0/do", {"notice": "reminder"}, "stages[0].do"),
        ("stages/0/do", [{"call": "mother"}], "stages[0].do[0].call"),
        ("stages/0/do", [{"notice": "a", "suspend": "all"}], "stages[0].do[0]"),
        ("stages/0/do", [{"notice": "a"}, {"notice": "a"}], "stages[0].do[1]"),
        ("stages/0/do", [{"notice": "a b"}], "stages[0].do[0].notice"),
        ("stages/2/do", [{"suspend": "some"}], "stages[2].do[0].suspend"),
        ("stages/2/do", [{"suspend": "all"}, {"suspend": "all"}], "stages[2].do[1]"),
        ("stages/2/business_hours", "yes", "stages[2].business_hours"),
        ("stages/2/after_notice", {"notice": "last", "days": 7}, "stages[2].after_notice.notice"),
        ("stages/2/after_notice", {"notice": "final"}, "stages[2].after_notice.days"),
        ("stages/0/after_notice", {"notice": "final", "days": 7}, "stages[0].after_notice.notice"),
        ("stages/1/when", {"days": 1}, "stages[1].when.days"),
        ("stages/2/when", {"days": 13, "amount": "25.00"}, "stages[2].when.days"),
        ("restore_below", "-0.01", "restore_below"),
        ("restore_below", "25.01", "restore_below"),
        ("fee", {"farewell": "5.00"}, "fee.farewell"),
        ("fee", {"final": "-5.00"}, "fee.final"),
        ("interest", {"annual_percent": 9}, "interest.annual_percent"),
        ("interest", {"annual_percent": "many"}, "interest.annual_percent"),
        ("interest", {"annual_percent": "101"}, "interest.annual_percent"),
        ("calendar", {"open": {}}, "calendar.open"),
        ("calendar", {"hours": {"mon": ["nine"]}}, "calendar.hours.mon[0]"),
        ("calendar", {"holidays": ["soon"]}, "calendar.holidays[0]"),
        ("calendar", {"closed_before_holidays": "yes"}, "calendar.closed_before_holidays"),
    ],
)
def test_refuses_and_names_the_place(path: str, value: Any, field: str) -> None:
    with pytest.raises(Rejected) as refusal:
        parse_policy("standard", 1, changed(path, value), "EUR", at="policies.standard")
    assert refusal.value.field == f"policies.standard.{field}"
    assert refusal.value.message.startswith(f"policies.standard.{field}:")


def test_refuses_what_is_no_mapping() -> None:
    with pytest.raises(Rejected) as refusal:
        parse_policy("standard", 1, ["stages"], "EUR")
    assert refusal.value.field == "policy"


def test_notices_go_out_by_mail_alone() -> None:
    assert parse_policy("p", 1, STANDARD | {"channels": ["mail"]}, "EUR").stages
    with pytest.raises(Rejected, match="write \\[mail\\]"):
        parse_policy("p", 1, STANDARD | {"channels": ["mail", "sms"]}, "EUR")
