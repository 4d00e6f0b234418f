"""The states of a ticket, its triage, its vehicle and its hand-over."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from quittance.domain.account import Subscription
from quittance.domain.errors import Rejected
from quittance.domain.handover import hand_over
from quittance.domain.partner import Entitlement, parse_partner
from quittance.domain.ticket import Ticket, from_body, open_ticket, to_body
from quittance.domain.triage import KINDS, SERVICES, normal_service, triage
from quittance.domain.vehicle import Chosen, NoVehicle, choose

NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
DEFINITION = {
    "name": "ACME Cloud GmbH",
    "country": "DE",
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "email": "support@acme.example",
}
WANTED = {"id": "T1", "service": "azure", "kind": "technical", "severity": "B", "subject": "It does not start"}


def ticket(**changes: str) -> Ticket:
    return open_ticket({**WANTED, **changes}, plan=None, currency="EUR", at=NOW)


def diagnosed() -> Ticket:
    return ticket().diagnose(finding="A bug of the service", at=NOW)


def test_a_ticket_goes_through_its_states():
    told = ticket()
    assert told.status(NOW) == "open"
    told = told.wait(until=NOW + timedelta(hours=1), at=NOW)
    assert (told.status(NOW), told.status(NOW + timedelta(hours=1))) == ("pending", "open")
    told = told.resume(at=NOW).diagnose(finding="A bug", at=NOW).request_escalation(impact=None, at=NOW)
    assert (told.status(NOW), told.escalation_wanted) == ("open", True)
    told = told.escalate(handover={}, vehicle="partner-cloud-support", entitlement=None, at=NOW)
    assert (told.status(NOW), told.escalation_wanted, told.vehicle) == ("escalated", False, "partner-cloud-support")
    assert told.wait(until=None, at=NOW).status(NOW) == "pending"
    told = told.close(text=None, at=NOW)
    assert told.status(NOW) == "closed"
    told = told.reopen(at=NOW)
    assert (told.status(NOW), told.vehicle) == ("open", "partner-cloud-support")


@pytest.mark.parametrize(
    "command",
    [
        lambda told: told.resume(at=NOW),
        lambda told: told.reopen(at=NOW),
        lambda told: told.diagnose(finding="A bug of the service", at=NOW),
        lambda told: told.request_escalation(impact=None, at=NOW).request_escalation(impact=None, at=NOW),
        lambda told: told.wait(until=None, at=NOW).wait(until=None, at=NOW),
        lambda told: told.close(text=None, at=NOW).close(text="again", at=NOW),
        lambda told: told.reply(by="customer", public=True, text="x", at=NOW, key="k").reply(
            by="customer", public=True, text="x", at=NOW, key="k"
        ),
    ],
)
def test_repeating_a_command_adds_nothing(command):
    assert len(command(diagnosed()).events) <= len(diagnosed().events) + 1


@pytest.mark.parametrize(
    "command",
    [
        lambda told: told.reply(by="partner", public=True, text=None, at=NOW),
        lambda told: told.wait(until=None, at=NOW),
        lambda told: told.diagnose(finding="x", at=NOW),
        lambda told: told.request_escalation(impact=None, at=NOW),
        lambda told: told.record_vendor_case(number="1", at=NOW),
    ],
)
def test_a_closed_ticket_must_be_reopened_first(command):
    with pytest.raises(Rejected, match="reopen it"):
        command(diagnosed().close(text=None, at=NOW))


def test_events_are_in_order_whatever_the_clocks_of_two_machines_say():
    told = diagnosed().diagnose(finding="earlier?", at=NOW - timedelta(seconds=5))
    assert [event.at for event in told.events] == [NOW, NOW, NOW]


def test_a_ticket_is_what_its_stored_events_tell():
    told = diagnosed().wait(until=NOW + timedelta(days=1), at=NOW).close(text="done", at=NOW)
    assert from_body(to_body(told)) == told


@pytest.mark.parametrize(
    ("spelling", "service"),
    [
        ("azure", "azure"),
        ("Azure", "azure"),
        ("microsoft365", "microsoft-365"),
        ("Microsoft 365", "microsoft-365"),
        ("M365", "microsoft-365"),
        ("dynamics365", "dynamics-365"),
        ("partner_center", "partner-center"),
    ],
)
def test_a_service_has_one_name_however_it_is_spelt(spelling, service):
    assert normal_service(spelling) == service


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_service_and_kind_has_its_triage(service, kind):
    found = triage(service=service, kind=kind)
    assert found.where
    assert found.baseline
    assert len(found.checklist) == len(set(found.checklist)) >= 6
    assert "21Vianet" in triage(service=service, kind=kind, cloud="china").where


AZURE = Entitlement(vehicle="partner-cloud-support", services=("azure",), incidents=2, until=date(2027, 6, 30))
ALL = Entitlement(vehicle="premier-support-for-partners", services=SERVICES)


@pytest.mark.parametrize(
    ("case", "vehicle"),
    [
        ({"kind": "commercial", "entitlements": []}, "commercial-issue-support"),
        ({"kind": "commercial", "cloud": "china"}, "21vianet"),
        ({"cloud": "china"}, "21vianet"),
        ({}, "partner-cloud-support"),
        ({"cloud": "us-government"}, "partner-cloud-support"),
        ({"entitlements": [ALL, AZURE]}, "premier-support-for-partners"),
        ({"service": "microsoft-365"}, "premier-support-for-partners"),
        ({"used": {AZURE.id: 1}}, "partner-cloud-support"),
        ({"used": {AZURE.id: 2}}, "premier-support-for-partners"),
        ({"today": date(2027, 6, 30)}, "partner-cloud-support"),
        ({"today": date(2027, 7, 1)}, "premier-support-for-partners"),
    ],
)
def test_the_vehicle_follows_the_rule(case, vehicle):
    given = {
        "service": "azure",
        "kind": "technical",
        "cloud": "global",
        "entitlements": [AZURE, ALL],
        "used": {},
        "today": date(2026, 9, 7),
    }
    found = choose(**{**given, **case})
    assert isinstance(found, Chosen)
    assert found.vehicle == vehicle


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        ({"entitlements": []}, "no technical support entitlement"),
        ({"service": "dynamics-365"}, "does not cover dynamics-365"),
        ({"used": {AZURE.id: 2}}, "all 2 incidents are used"),
        ({"today": date(2028, 1, 1)}, "ended on 2027-06-30"),
    ],
)
def test_without_a_vehicle_it_is_said_why_and_what_can_be_done(case, reason):
    given = {
        "service": "azure",
        "kind": "technical",
        "cloud": "global",
        "entitlements": [AZURE],
        "used": {},
        "today": date(2026, 9, 7),
    }
    found = choose(**{**given, **case})
    assert isinstance(found, NoVehicle)
    assert reason in found.reason
    assert len(found.options) == 3


def package(told: Ticket) -> dict:
    seats = Subscription(id="sub-1", product="P", name="Azure plan", kind="azure_plan", quantity=1)
    partner = parse_partner("acme", DEFINITION)
    return hand_over(told, partner, vehicle="v", where="w", vendor_customer="tenant", subscriptions=[seats])


def test_the_hand_over_has_the_partners_contact_and_not_the_conversation():
    told = diagnosed().reply(by="customer", public=True, text="call me, Jo", at=NOW)
    found = package(told.request_escalation(impact="The shop is down", at=NOW))
    assert found["contact"] == {"company": "ACME Cloud GmbH", "email": "support@acme.example"}
    assert found["business_impact"] == "The shop is down"
    assert "Jo" not in str(found)
    assert package(diagnosed())["business_impact"].startswith("moderate")


def test_an_incomplete_hand_over_is_refused_with_what_is_missing():
    with pytest.raises(Rejected, match="diagnosis missing"):
        package(ticket())
