"""A dry run by the API: page by page, without any effect, on the live book and on a past period."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

import pytest

from quittance.store.models import DecisionItem, HeadItem, InvoiceItem, MovementItem, NoticeItem, PaymentItem
from tests.functional.api.conftest import ACCOUNT, POLICY, Context, event_of

DRAFT = {
    **POLICY,
    "stages": [
        *POLICY["stages"],
        {
            "name": "suspended",
            "when": {"days": 20},
            "do": [{"suspend": "all"}],
            "after_notice": {"notice": "final", "days": 3},
        },
    ],
}
PATH = "/v1/policies/standard/dry-runs"
PK = "P#acme#A#contoso"


@pytest.fixture
def owing(book: Any) -> Any:
    """An account with one open invoice of 297.44 EUR, due on 2026-09-10, issued under version 1."""
    item = HeadItem.get(PK, "C#HEAD")
    entry = {"number": "ACME-1", "issued": "2026-08-11", "due": "2026-09-10", "gross": 29744, "remaining": 29744}
    item.open = {"I1": {**entry, "policy": "standard", "policy_version": 1, "disputed": 0, "reopened": 0}}
    item.balance = 29744
    item.save()
    InvoiceItem(
        PK,
        "INV#I1",
        state="issued",
        number="ACME-1",
        currency="EUR",
        issued="2026-08-11",
        issued_at="2026-08-11T08:00:00Z",
        due="2026-09-10",
        net=24995,
        vat=4749,
        gross=29744,
        policy="standard",
        policy_version=1,
        body={"lines": []},
    ).save()
    return book


def effects(events: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(event["at"][:10], event["effect"], event["what"]) for event in events]


def test_a_draft_on_the_live_book_changes_nothing(owing, items):
    before = items()
    found = owing("POST", PATH, {"definition": DRAFT, "days": 30})
    (row,) = found.body["accounts"]
    # It is 2026-10-01, 21 days past due: the newest stage's notice first, its three full days, then suspension.
    assert effects(row["proposed"]) == [("2026-10-01", "warned", "final"), ("2026-10-04", "suspended", "sub-1")]
    assert effects(row["in_force"]) == [("2026-10-01", "warned", "final")]
    assert row["differs"] is True
    assert found.body["totals"]["proposed"][-1] == {
        "currency": "EUR",
        "effect": "suspended",
        "accounts": 1,
        "overdue": "297.44",
    }
    assert (found.body["version"], found.body["draft"], found.body["next"]) == (2, True, None)
    assert items() == before


def test_the_published_version_alone_differs_in_nothing(owing):
    (row,) = owing("POST", PATH, {}).body["accounts"]
    assert (row["differs"], row["proposed"]) == (False, row["in_force"])


def test_the_stored_draft_is_tried(owing):
    assert owing("POST", PATH, {"draft": True}).status == 404
    owing("PUT", "/v1/policies/standard/draft", DRAFT)
    given = owing("POST", PATH, {"definition": DRAFT}).body
    assert owing("POST", PATH, {"draft": True}).body == given


def test_another_assignment_is_tried_on_the_accounts_named(owing):
    owing("POST", "/v1/policies/strict", DRAFT)
    assert owing("POST", "/v1/policies/strict/dry-runs", {}).body["accounts"] == []
    (row,) = owing("POST", "/v1/policies/strict/dry-runs", {"accounts": ["contoso"]}).body["accounts"]
    assert (row["assigned"], [event["effect"] for event in row["proposed"]]) == ("standard", ["warned", "suspended"])


def test_a_past_period_is_replayed_by_what_was_invoiced_and_paid(owing, items):
    PaymentItem(
        PK,
        "PAY#stripe#P1",
        provider="stripe",
        payment_id="P1",
        event_id="e",
        currency="EUR",
        amount=29744,
        received_at="2026-09-29T12:00:00Z",
        allocations={"I1": 29744},
        postings=[],
    ).save()
    DecisionItem(PK, "DEC#1", decided_at="2026-09-11T00:00:00Z", stage="reminder", body={"access": []}).save()
    NoticeItem(
        PK,
        "C#NOT#I1.0.reminder",
        notice="I1.0.reminder",
        notice_kind="reminder",
        cause="I1.0",
        state="sent",
        decided_at="2026-09-11T00:00:00Z",
        sent_at="2026-09-11T00:00:00Z",
        body={"invoices": ["I1"], "openings": {}},
    ).save()
    before = items()
    found = owing("POST", PATH, {"definition": {**DRAFT, "payment_days": 14}, "from": "2026-09-01", "days": 60})
    (row,) = found.body["accounts"]
    assert (
        effects(row["proposed"])
        == [
            ("2026-09-11", "warned", "reminder"),
            ("2026-09-24", "warned", "final"),
            ("2026-09-30", "suspended", "sub-1"),
        ][:2]
    )
    assert effects(row["in_force"]) == effects(row["proposed"])
    assert items() == before


def test_money_that_came_back_in_the_past_period_counts(owing):
    """A payment in time, its chargeback after the due date, and a credit note that ends it."""
    paid = {"provider": "stripe", "payment_id": "P1", "currency": "EUR", "postings": []}
    PaymentItem(
        PK, "PAY#stripe#P1", **paid, event_id="e", amount=29744, received_at="2026-09-01T12:00:00Z",
        allocations={"I1": 29744},
    ).save()  # fmt: skip
    MovementItem(
        PK, "PAY#stripe#P1#chargeback#1", **paid, movement="chargeback", movement_id="1", amount=29744,
        booked_at="2026-09-15T12:00:00Z", allocations={"I1": -29744},
    ).save()  # fmt: skip
    InvoiceItem(
        PK, "INV#CN1", state="issued", number="ACME-CN-1", currency="EUR", issued="2026-09-20",
        issued_at="2026-09-20T08:00:00Z", due="2026-09-20", net=-24995, vat=-4749, gross=-29744, policy="standard",
        policy_version=1, allocations={"I1": 29744}, body={"lines": []},
    ).save()  # fmt: skip
    found = owing("POST", PATH, {"from": "2026-08-20", "days": 60})
    (row,) = found.body["accounts"]
    assert effects(row["in_force"]) == [("2026-09-15", "warned", "reminder")]


def test_an_assignment_to_come_is_tried_too(owing):
    owing("POST", "/v1/policies/other", DRAFT)
    account = owing("GET", "/v1/accounts/contoso").body
    following = {"policy": "other", "from": "2027-01-01"}
    assert owing("PUT", "/v1/accounts/contoso", {**account, "next_policy": following}).status == 200
    assert owing("GET", "/v1/accounts/contoso").body["next_policy"] == following
    (row,) = owing("POST", "/v1/policies/other/dry-runs", {}).body["accounts"]
    assert (row["account"], row["assigned"]) == ("contoso", "standard")
    wrong = owing("PUT", "/v1/accounts/contoso", {**account, "next_policy": {"policy": "other"}})
    assert (wrong.status, wrong.body["field"]) == (422, "next_policy.from")
    unknown = owing("PUT", "/v1/accounts/contoso", {**account, "next_policy": {**following, "policy": "none"}})
    assert (unknown.status, unknown.body["field"]) == (422, "next_policy.policy")


def test_pages_go_through_the_whole_book(owing):
    for name in ("adatum", "fabrikam"):
        owing("PUT", f"/v1/accounts/{name}", {**ACCOUNT, "id": name, "vendor_customer": None, "subscriptions": []})
    seen, after = [], {}
    while True:
        page = owing("POST", PATH, {"limit": 1, **after}).body
        seen += [row["account"] for row in page["accounts"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == ["adatum", "contoso", "fabrikam"]


def test_as_csv(owing):
    from functions.partner_api.app import handler  # noqa: PLC0415  # reads the environment when imported

    event = event_of("POST", PATH, {"definition": DRAFT}, headers={"accept": "text/csv"})
    answer = handler(event, Context())
    assert answer["headers"]["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(StringIO(answer["body"])))
    assert [(row["policy"], row["effect"]) for row in rows] == [
        ("proposed", "warned"),
        ("proposed", "suspended"),
        ("in_force", "warned"),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"definition": {**DRAFT, "stages": "none"}}, "definition.stages"),
        ({"days": 0}, "days"),
        ({"days": 401}, "days"),
        ({"from": "2026-10-02"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"accounts": "contoso"}, "accounts"),
        ({"limit": 201}, "limit"),
        ({"definitions": DRAFT}, "definitions"),
    ],
)
def test_a_wrong_question_is_refused(owing, body, field):
    refused = owing("POST", PATH, body)
    assert (refused.status, refused.body["field"]) == (422, field)


def test_who_may_ask_and_about_what(owing):
    assert owing("POST", PATH, {}, role="sales_agent").status == 403
    assert owing("POST", "/v1/policies/none/dry-runs", {}).status == 404
    assert owing("POST", PATH, {"accounts": ["nobody"]}).status == 404
    assert owing("POST", PATH, {}, partner="globex").status == 404
    assert json.dumps(owing("POST", PATH, {"accounts": []}).body["accounts"]) == "[]"
