"""Explaining: what is told of a moment is what was decided by then, not what is known now."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.domain.arrears import apply, assess
from quittance.domain.decision import decision_body
from quittance.domain.explanation import Decided, explain, stage_in_words
from quittance.domain.policy import PolicyRef
from tests.unit.collections.books import PROFILE, at, book, deliver, hold, invoice, policy

RULES = {PolicyRef("standard", 1): policy()}


def story() -> list[Decided]:
    """A late payer's decisions: reminder, final, stage suspended, access gone, paid, then held for fraud."""
    file, told = book(invoice("I1", "2026-11-08")), []
    moments = ("2026-11-09T00:00", "2026-11-22T00:00", "2026-12-08T00:00", "2026-12-08T09:00")
    for moment in moments:
        found = assess(file, at(moment))
        told.append(Decided(at(moment), decision_body(file, found, "sweep")))
        file = deliver(apply(file, found, at(moment)), at(moment))
    paid = at("2026-12-20T22:00")
    file = book(subscriptions=file.subscriptions, notices=file.notices, stage=file.stage)
    told.append(Decided(paid, decision_body(file, assess(file, paid), "payment")))
    file = apply(file, assess(file, paid), paid)
    file = book(subscriptions=file.subscriptions, holds=(hold("fraud"),))
    held = at("2026-12-21T03:00")
    told.append(Decided(held, decision_body(file, assess(file, held), "hold")))
    return told


def at_moment(moment: str) -> dict[str, Any]:
    return explain(PROFILE, story(), RULES, at(moment))


@pytest.mark.parametrize(
    ("moment", "stage", "overdue", "access", "chain"),
    [
        ("2026-11-08T23:59:59", "clear", None, None, 0),
        ("2026-11-09T00:00", "reminder", "297.44", None, 1),
        ("2026-12-08T08:59", "suspended", "297.44", None, 3),
        ("2026-12-08T09:00", "suspended", "297.44", ["nonpayment"], 4),
        ("2026-12-20T21:59", "suspended", "297.44", ["nonpayment"], 4),
        ("2026-12-20T22:00", "clear", "0.00", [], 1),
        ("2026-12-21T03:00", "clear", "0.00", ["fraud"], 1),
    ],
)
def test_every_past_moment_has_its_answer(moment: str, stage: str, overdue: Any, access: Any, chain: int) -> None:
    told = at_moment(moment)
    assert (told["stage"], told["overdue"], len(told["chain"])) == (stage, overdue, chain)
    assert told["access"].get("sub-1", {}).get("reasons") == access


def test_a_suspension_names_rule_version_notice_and_numbers() -> None:
    told = at_moment("2026-12-10T12:00")
    assert told["policy"] == {"name": "standard", "version": 1}
    assert [(one["kind"], one["given_at"]) for one in told["relied"]] == [("final", "2026-11-21T23:00:00+00:00")]
    assert [one["kind"] for one in told["notices"]] == ["reminder", "final"]
    text = " ".join(told["text"])
    for said in (
        "The account is at stage suspended since 2026-12-08 00:00 CET.",
        "297.44 EUR is overdue on 1 invoice.",
        "30 days since the due date of ACME-I1",
        "The policy says of suspended: applies when the oldest unpaid invoice is 30 days past its due date and at",
        "25.00 EUR is overdue; then all services are suspended, 7 full days after the notice final, within business",
        "The notice final was given 2026-11-22 00:00 CET.",
        "Access to sub-1 is withheld for non-payment, since 2026-12-08 09:00 CET.",
    ):
        assert said in text


def test_what_each_stage_does_is_said_in_a_sentence() -> None:
    rules = policy(clock="issue_date", last={"when": {"days": 30, "invoices": 2}, "do": [{"suspend": "unpaid_lines"}]})
    assert stage_in_words(rules, rules.stages[0]) == (
        "reminder: applies when the oldest unpaid invoice was issued at least 1 day ago; "
        "then the notice reminder is sent"
    )
    assert (
        "at least 2 invoices overdue at a time; then the services on unpaid invoices are suspended"
        in stage_in_words(rules, rules.stages[2])
    )
