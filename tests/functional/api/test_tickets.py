"""Tickets from the API through triage and hand-over to the vendor's case, as the queue and the schedule drive them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from quittance.store import keys
from tests.functional.api.conftest import PARTNER, Context

TICKET = {
    "id": "T1",
    "service": "azure",
    "kind": "technical",
    "severity": "B",
    "subject": "Virtual machines do not start",
}
PATH = "/v1/accounts/contoso/tickets"


@pytest.fixture
def relay(book: Any) -> Callable[..., dict[str, Any]]:
    """Tell the function about a ticket, as the relay does after every change of it."""
    from functions.ticket_escalation.app import handler  # noqa: PLC0415  # reads the environment when imported

    def _relay(*tickets: str, account: str = "contoso") -> dict[str, Any]:
        bodies = [{"type": "ticket", "partner": "acme", "account": account, "ticket": name} for name in tickets]
        records = [{"messageId": str(i), "body": json.dumps(body)} for i, body in enumerate(bodies)]
        return handler({"Records": records}, Context())

    return _relay


@pytest.fixture
def schedule(book: Any) -> Callable[[str], dict[str, Any]]:
    """Fire the schedule of the ticket clocks."""
    from functions.ticket_escalation.app import handler  # noqa: PLC0415

    return lambda time: handler({"schedule": "ticket_clocks", "time": time}, Context())


def opened(book: Any, **changes: Any) -> Any:
    answer = book("POST", PATH, {**TICKET, **changes})
    assert answer.status == 201, answer.body
    return answer.body


def test_a_ticket_is_triaged_once_however_often_it_is_told(book, relay, items):
    opened(book)
    assert relay("T1", "T1") == {"batchItemFailures": []}
    after = items()
    assert relay("T1") == {"batchItemFailures": []}
    assert items() == after
    seen = book("GET", f"{PATH}/T1").body
    assert seen["triage"]["where"].startswith("Azure portal")
    assert len(seen["triage"]["checklist"]) > 5
    assert seen["status"] == "open"


def test_an_escalation_needs_a_diagnosis(book, relay, items):
    opened(book)
    before = items()
    refused = book("POST", f"{PATH}/T1/escalation", {})
    assert (refused.status, refused.body["field"], refused.body["code"]) == (422, "diagnosis", "incomplete")
    assert items() == before


def test_a_diagnosed_ticket_is_handed_over_and_takes_one_incident(book, relay, items):
    opened(book, business_impact="The shop is down")
    relay("T1")
    book("POST", f"{PATH}/T1/diagnosis", {"finding": "Allocation fails in one region"})
    assert book("POST", f"{PATH}/T1/escalation", {}).body["status"] == "open"
    for _ in range(3):
        assert book("POST", f"{PATH}/T1/escalation", {}).status == 200
        relay("T1", "T1")

    seen = book("GET", f"{PATH}/T1").body
    assert (seen["status"], seen["vehicle"]) == ("escalated", "partner-cloud-support")
    package = seen["handover"]
    assert package["business_impact"] == "The shop is down"
    assert package["steps_taken"] == ["Allocation fails in one region"]
    assert package["contact"] == {"company": "ACME Cloud GmbH"}
    assert package["customer_tenant"] == "3f2c0c5e-0000-4000-8000-000000000001"
    assert package["where_to_open"].startswith("Azure portal")
    used = items()[("P#acme", "ENTITLEMENT#partner-cloud-support.2027-06-30")]
    assert (used["used"], used["kind"]) == ({"N": "1"}, {"S": "entitlement"})


def escalated(book: Any, relay: Any, name: str, **changes: Any) -> Any:
    opened(book, id=name, **changes)
    book("POST", f"{PATH}/{name}/diagnosis", {"finding": "A bug of the service"})
    book("POST", f"{PATH}/{name}/escalation", {})
    relay(name)
    return book("GET", f"{PATH}/{name}").body


def test_when_the_first_entitlement_is_used_up_the_next_is_taken_and_then_there_is_none(book, relay):
    partner = {**PARTNER, "support_entitlements": [{**one, "incidents": 1} for one in PARTNER["support_entitlements"]]}
    book("PUT", "/v1/partner", partner)
    assert escalated(book, relay, "T1")["vehicle"] == "partner-cloud-support"
    assert escalated(book, relay, "T2")["vehicle"] == "advanced-support-for-partners"
    third = escalated(book, relay, "T3")
    assert (third["status"], third["vehicle"]) == ("open", None)
    assert "all 1 incidents are used" in third["blocked"]["reason"]
    assert len(third["blocked"]["options"]) == 3
    assert escalated(book, relay, "T4", kind="commercial")["vehicle"] == "commercial-issue-support"

    book("PUT", "/v1/partner", PARTNER)
    book("POST", f"{PATH}/T3/escalation", {})
    relay("T3")
    assert book("GET", f"{PATH}/T3").body["vehicle"] == "advanced-support-for-partners"


def test_an_incident_that_somebody_else_takes_meanwhile_is_not_counted_twice(book, relay, table, monkeypatch):
    from quittance.store import tickets  # noqa: PLC0415

    seen = tickets.used_incidents
    reads = []

    def racing(partner: str, entitlements: Any) -> dict[str, int]:
        found = seen(partner, entitlements)
        if not reads:
            key = keys.entitlement("acme", "partner-cloud-support.2027-06-30")
            item = {"pk": {"S": key.pk}, "sk": {"S": key.sk}, "kind": {"S": "entitlement"}, "used": {"N": "1"}}
            table.put_item(TableName="Quittance", Item=item)
        reads.append(found)
        return found

    monkeypatch.setattr(tickets, "used_incidents", racing)
    assert escalated(book, relay, "T1")["vehicle"] == "advanced-support-for-partners"
    assert len(reads) == 2


def test_the_vendors_case_is_recorded_and_its_response_watched(book, relay, at):
    opened(book)
    refused = book("POST", f"{PATH}/T1/vendor-case", {"number": "2610130050001234"})
    assert (refused.status, refused.body["code"]) == (422, "wrong_state")
    book("POST", f"{PATH}/T1/diagnosis", {"finding": "A bug"})
    book("POST", f"{PATH}/T1/escalation", {})
    relay("T1")
    answer = book("POST", f"{PATH}/T1/vendor-case", {"number": "2610130050001234"})
    assert answer.body["vendor"] == {
        "case": "2610130050001234",
        "response_due": "2026-10-01T12:00:00+00:00",
        "breached": False,
    }
    at("2026-10-01T12:00:01Z")
    assert book("GET", f"{PATH}/T1").body["vendor"]["breached"] is True
    book("POST", f"{PATH}/T1/replies", {"by": "vendor", "text": "We look at it"})
    assert book("GET", f"{PATH}/T1").body["vendor"]["response_due"] is None


def test_missed_targets_are_recorded_once_and_only_due_tickets_are_read(book, schedule, at, items, table):
    opened(book)
    lane = items()[("P#acme#A#contoso", "TKT#T1")]
    assert lane["due_at"] == {"S": "2026-10-01T12:00:00Z"}
    at("2026-10-01T12:00:00Z")
    assert schedule("2026-10-01T12:00:00Z") == {"looked": 1}
    assert book("GET", f"{PATH}/T1").body["breached"] == []
    at("2026-10-01T12:05:00Z")
    assert schedule("2026-10-01T12:05:00Z") == {"looked": 1}
    assert schedule("2026-10-01T12:05:00Z") == {"looked": 0}
    seen = book("GET", f"{PATH}/T1").body
    assert seen["breached"] == ["first_response"]
    assert [event["targets"] for event in seen["events"] if event["kind"] == "breached"] == [["first_response"]]


def test_a_reply_is_counted_once_by_its_key(book):
    opened(book)
    for _ in range(3):
        body = {"by": "partner", "text": "We are on it"}
        assert book("POST", f"{PATH}/T1/replies", body, headers={"Idempotency-Key": "r1"}).status == 200
    assert len([event for event in book("GET", f"{PATH}/T1").body["events"] if event["kind"] == "replied"]) == 1


def test_opening_again_gives_the_ticket_and_other_words_are_a_conflict(book, items):
    opened(book)
    before = items()
    assert book("POST", PATH, TICKET).status == 200
    assert book("POST", PATH, {**TICKET, "subject": "Something else"}).status == 409
    assert items() == before
    named = {name: value for name, value in TICKET.items() if name != "id"}
    assert book("POST", PATH, named, headers={"idempotency-key": "T7"}).body["id"] == "T7"
    assert book("POST", PATH, named).status == 422


@pytest.mark.parametrize(
    ("action", "body", "field"),
    [
        ("replies", {"by": "nobody"}, "by"),
        ("replies", {}, "by"),
        ("replies", {"by": "partner", "public": "yes"}, "public"),
        ("replies", {"by": "partner", "text": "x" * 9000}, "text"),
        ("diagnosis", {}, "finding"),
        ("pending", {"until": "tomorrow"}, "until"),
        ("pending", {"until": "2026-10-01T07:00:00Z"}, "until"),
        ("pending", {"until": "2026-10-05"}, "until"),
        ("escalation", {"vehicle": "mine"}, "vehicle"),
        ("resume", {"now": True}, "now"),
        ("close", [], "body"),
        ("vendor-case", {"number": 5}, "number"),
    ],
)
def test_a_wrong_command_is_told_and_changes_nothing(book, items, action, body, field):
    opened(book)
    before = items()
    refused = book("POST", f"{PATH}/T1/{action}", body)
    assert (refused.status, refused.body["field"], items()) == (422, field, before)


@pytest.mark.parametrize("service", ["telephone", 5, None])
def test_a_ticket_of_an_unknown_service_is_refused(book, items, service):
    before = items()
    assert book("POST", PATH, {**TICKET, "service": service}).body["field"] == "service"
    assert book("POST", "/v1/accounts/unknown/tickets", TICKET).status == 404
    assert book("POST", PATH, TICKET, partner="globex").status == 404
    assert book("GET", f"{PATH}/T9").status == 404
    assert items() == before


def test_a_message_about_a_ticket_that_is_not_there_is_parked(book, relay, items):
    assert relay("T9") == {"batchItemFailures": []}
    assert [name for name in items() if name[1].startswith("PARKED#ticket#")]


def test_status_and_timeline_tell_the_ticket(book, relay):
    escalated(book, relay, "T1")
    status = book("GET", "/v1/accounts/contoso/status").body
    assert status["tickets"] == {
        "T1": {
            "status": "escalated",
            "first_response_due": "2026-10-01T14:00:00+02:00",
            "update_due": None,
            "solution_due": "2026-10-05T10:00:00+02:00",
            "vehicle": "partner-cloud-support",
            "breached": [],
        }
    }
    assert {
        name: status[name] for name in ("at", "stage", "access", "balance", "oldest_due", "notices", "invoices")
    } == {
        "at": "2026-10-01T10:00:00+02:00",
        "stage": "clear",
        "access": {"sub-1": "active"},
        "balance": "0.00",
        "oldest_due": None,
        "notices": [],
        "invoices": {},
    }
    texts = [entry["text"] for entry in book("GET", "/v1/accounts/contoso/timeline").body["entries"]]
    assert texts[-1] == "Ticket T1: handed over with partner-cloud-support."
    assert book("GET", f"{PATH}").body["tickets"][0]["status"] == "escalated"
