"""A payment that names lines of its invoice pays those: what is suspended for unpaid lines follows, also back again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from quittance.domain.timeline import told as entries_of
from quittance.store import keys, positions, timeline
from quittance.store.models import AftermathItem, HeadItem, InvoiceItem
from tests.functional.payments.test_application import told
from tests.functional.payments.test_movements import FOLLOW, handle, moved, sound

RATE = {"vat_category": "S", "vat_percent": "19"}
LINES = [
    {"text": "Seats", "net": 10000, "product": "P1", "charges": {"G1": [1]}, **RATE},
    {"text": "Storage", "net": 5000, "product": "P2", "charges": {"G1": [2]}, **RATE},
]


@pytest.fixture
def head(table: Any) -> Callable[[], HeadItem]:
    """Contoso owes 178.50 EUR on two lines, 119.00 for P1 and 59.50 for P2."""
    place, key = keys.invoice("acme", "contoso", "I1"), keys.head("acme", "contoso")
    figures = {"number": "ACME-1", "issued": "2026-10-09", "due": "2026-11-08", "gross": 17850}
    pinned = {"policy": "standard", "policy_version": 1}
    InvoiceItem(
        place.pk,
        place.sk,
        state="issued",
        currency="EUR",
        issued_at="2026-10-09T06:00:00Z",
        net=15000,
        vat=2850,
        postings=[["receivable", 17850], ["revenue", -15000], ["vat", -2850]],
        body={"kind": "invoice", "lines": LINES, "vat": [{"category": "S", "percent": "19", "vat": 2850}]},
        **figures,
        **pinned,
    ).save()
    entry = {**figures, **pinned, "remaining": 17850, "disputed": 0, "reopened": 0, "products": ["P1", "P2"]}
    HeadItem(key.pk, key.sk, currency="EUR", balance=17850, open={"I1": entry}).save()
    return lambda: HeadItem.get(key.pk, key.sk, consistent_read=True)


def unpaid(head: Callable[[], HeadItem]) -> tuple[int, list[str]]:
    entry = head().open.as_dict()["I1"]
    return entry["remaining"], entry["products"]


def on_lines() -> list[int]:
    return [line.paid for line in positions.befell("acme", "contoso", "I1").lines]


@pytest.mark.parametrize(
    ("lines", "amount", "expected", "by_name"),
    [
        ("1", 11900, (5950, ["P2"]), [11900, 0]),
        ("2", 5950, (11900, ["P1"]), [0, 5950]),
        ("1", 11899, (5951, ["P1", "P2"]), [11899, 0]),
        ("2", 8000, (9850, ["P1"]), [0, 5950]),
        ("1,2", 300, (17550, ["P1", "P2"]), [200, 100]),
        ("9", 5950, (11900, ["P1", "P2"]), [0, 0]),
        (None, 11900, (5950, ["P1", "P2"]), [0, 0]),
    ],
    ids=["one", "the other", "a cent less", "more than it", "both", "none of them", "no line"],
)
def test_only_what_is_paid_by_name_pays_a_line(head, table, lines, amount, expected, by_name):
    assert handle(told(lines=lines, amount=amount), told(lines=lines, amount=amount)) == []
    assert (unpaid(head), on_lines()) == (expected, by_name)
    sound(table)


def test_what_is_taken_back_is_unpaid_again_and_what_comes_back_is_paid(head, table):
    handle(told(lines="1", amount=11900), FOLLOW)
    handle(moved("chargeback", 11900))
    assert (unpaid(head), on_lines()) == ((17850, ["P1", "P2"]), [0, 0])
    handle(moved("chargeback_reversed", 11900))
    assert (unpaid(head), on_lines()) == ((5950, ["P2"]), [11900, 0])
    handle(moved("refunded", 1900))
    assert (unpaid(head), on_lines()) == ((7850, ["P1", "P2"]), [10000, 0])
    sound(table)


def test_an_invoice_that_was_settled_comes_back_with_the_lines_that_are_unpaid(head, table):
    handle(told(lines="1", amount=11900), told("pi_2", amount=5950))
    head().update([HeadItem.open.set({})])  # as the assessment prunes it
    handle(FOLLOW.__class__(partner="acme", account="contoso", provider="stripe", payment_id="pi_2"))
    handle(moved("chargeback", 5950, payment_id="pi_2"))
    assert unpaid(head) == (5950, ["P2"])
    sound(table)


def test_the_timeline_names_the_lines(head, table):
    handle(told(lines="1,2", amount=17850))
    facts, _ = timeline.facts("acme", "contoso", after=None, limit=50)
    texts = [entry["text"] for fact in facts for entry in entries_of(fact)]
    assert "Payment pi_1 of 178.50 EUR by stripe: 178.50 on I1 (lines 1, 2)." in texts
    assert AftermathItem.get(*_place()).lines == [[11900, "P1", 11900], [5950, "P2", 5950]]


def _place() -> tuple[str, str]:
    key = keys.aftermath("acme", "contoso", "I1")
    return key.pk, key.sk
