"""Access through the real handlers and the vendor's client, against the stand-in vendor."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from infra.local.meter import Meter
from quittance.runtime.clock import parse_iso
from quittance.store.access import AccessStore
from tests.functional.collections.world import CUSTOMER, ROOT, SEAT, World, our_clients

SUSPENDED_AT = "2026-12-08T08:00:00Z"


def due_for_suspension(world: World, **account: Any) -> World:
    """An account whose suspension is decided at the next opening, with everything before it done."""
    world.open_book(**account)
    world.owe("I1", "2026-11-08")
    world.drain()
    world.pass_time("2026-12-08T07:59:00Z")
    return world


def test_a_vendor_down_for_two_days_is_caught_up_with(world: World) -> None:
    due_for_suspension(world)
    world.vendor.fault("down", until=parse_iso("2026-12-10T08:00:00Z"), on="all")
    world.pass_time("2026-12-10T07:59:00Z")
    assert (world.seat().actual, world.at_vendor()["status"]) == ("active", "active")
    assert len(world.kinds("PARKED#access#")) == 1
    world.pass_time("2026-12-10T10:00:00Z")
    assert (world.seat().actual, world.at_vendor()["status"]) == ("suspended", "suspended")
    # Ten tries are a task; what comes about at last takes it away, and is looked at once a day from then on.
    assert (world.seat().attempts, world.kinds("PARKED#access#")) == (0, [])
    (look,) = world.due("access")
    assert world.now < look <= world.now + timedelta(days=1)


def test_a_vendor_down_during_restoration_is_caught_up_with_at_night(world: World) -> None:
    due_for_suspension(world).pass_time(SUSPENDED_AT)
    world.at("2026-12-20T20:00:00Z")
    world.vendor.fault("down", until=parse_iso("2026-12-20T23:00:00Z"))
    world.pay("I1")
    world.drain()
    assert (world.seat().desired, world.seat().actual) == ("active", "suspended")
    world.pass_time("2026-12-21T00:00:00Z")
    assert (world.at_vendor()["status"], world.at_vendor()["auto_renew"]) == ("active", True)


def test_paid_while_the_vendor_is_down_never_suspends(world: World) -> None:
    due_for_suspension(world)
    world.vendor.fault("down", until=parse_iso("2026-12-08T12:00:00Z"))
    world.pass_time("2026-12-08T09:00:00Z")
    world.pay("I1")
    world.pass_time("2026-12-08T14:00:00Z")
    patches = world.vendor.requests(method="PATCH")
    assert (world.seat().actual, world.at_vendor()["status"], world.due("access")) == ("active", "active", [])
    assert [one for one in patches if one["status"] < 300] == []


def test_changes_that_the_vendor_makes_later(world: World) -> None:
    due_for_suspension(world)
    world.vendor.fault("async", seconds=150)
    world.pass_time(SUSPENDED_AT)
    assert (world.seat().actual, world.seat().operation is None) == ("active", False)
    world.pass_time("2026-12-08T08:10:00Z")
    assert (world.seat().actual, world.seat().operation) == ("suspended", None)
    world.pay("I1")
    world.pass_time("2026-12-08T08:30:00Z")
    assert (world.at_vendor()["status"], world.at_vendor()["auto_renew"]) == ("active", True)
    assert world.seat().actual == "active"


def test_throttled_calls_wait_as_long_as_the_vendor_asks(world: World) -> None:
    due_for_suspension(world)
    world.vendor.fault("throttled", count=1, seconds=300)
    world.pass_time(SUSPENDED_AT)
    assert world.due("access") == [parse_iso("2026-12-08T08:05:00Z")]
    world.pass_time("2026-12-08T08:05:00Z")
    assert world.seat().actual == "suspended"


def test_an_answer_that_is_lost_is_no_second_change(world: World) -> None:
    due_for_suspension(world)
    world.vendor.fault("lost", count=2)
    world.pass_time("2026-12-08T08:10:00Z")
    assert (world.seat().actual, world.at_vendor()["status"]) == ("suspended", "suspended")
    assert world.seat().snapshot == {"auto_renew": True, "quantity": 25}


def test_an_azure_plan_goes_after_what_is_under_it(world: World) -> None:
    plan = {**SEAT, "id": "plan-1", "kind": "azure_plan", "product": "DZH318Z0BPS6", "auto_renew": False}
    world.open_book()
    world.add_account("fabrikam", vendor_customer="fabrikam-customer", subscriptions=[plan])
    world.vendor.seed(
        customers=[
            {"id": "fabrikam-customer", "name": "Fabrikam", "subscriptions": [{**plan, "entitlements": ["a", "b"]}]}
        ]
    )
    world.owe("I1", "2026-11-08", account="fabrikam")
    world.drain()
    world.pass_time("2026-12-08T08:30:00Z")
    state = world.vendor.subscription("fabrikam-customer", "plan-1")
    assert (world.seat("plan-1", "fabrikam").actual, state["status"]) == ("suspended", "suspended")
    world.pay("I1", account="fabrikam")
    world.pass_time("2026-12-08T09:30:00Z")
    state = world.vendor.subscription("fabrikam-customer", "plan-1")
    assert (world.seat("plan-1", "fabrikam").actual, state["status"]) == ("active", "active")


def test_what_cannot_be_suspended_is_a_task(world: World) -> None:
    due_for_suspension(world, subscriptions=[{**SEAT, "kind": "perpetual", "id": "office"}])
    world.pass_time("2026-12-08T12:00:00Z")
    assert world.kinds("PARKED#access#") == ["PARKED#access#contoso#office#1"]
    assert world.seat("office").actual == "active"


def test_a_subscription_the_vendor_does_not_know_is_a_task(world: World) -> None:
    due_for_suspension(world, vendor_customer=None)
    world.pass_time("2026-12-08T12:00:00Z")
    assert world.kinds("PARKED#access#") == ["PARKED#access#contoso#sub-1#1"]
    assert world.due("access") == [parse_iso("2026-12-09T08:00:00Z")]


def test_a_lost_message_is_made_up_for(world: World) -> None:
    due_for_suspension(world)
    world.at(SUSPENDED_AT)
    world.send({"type": "assess", "partner": "acme", "account": "contoso", "cause": "test"}, "ARREARS")
    world._work("ARREARS")
    world._seen = world.items()  # the relay's message is lost
    world.retry(parse_iso(SUSPENDED_AT) + timedelta(minutes=2))
    assert world.seat().actual == "suspended"


def test_an_access_change_costs_three_write_units_and_a_copy_none(world: World) -> None:
    due_for_suspension(world)
    for moment, paid in ((SUSPENDED_AT, False), ("2026-12-20T21:00:00Z", True)):
        world.vendor.fault("down", until=parse_iso(moment) + timedelta(minutes=1))
        world.at(moment)
        if paid:
            world.pay("I1")
        world.pass_time(moment)
        with Meter(*our_clients()) as meter:
            world.retry(parse_iso(moment) + timedelta(minutes=2))
        assert world.seat().actual == ("active" if paid else "suspended")
        assert meter.write_units <= 3
    toggle = {"type": "toggle", "partner": "acme", "account": "contoso", "subscription": "sub-1", "generation": 2}
    before = world.items()
    with Meter(*our_clients()) as meter:
        world.send(toggle, "ACCESS")
        world.drain()
    assert (world.items(), meter.write_units, meter.by_operation.keys()) == (before, 0, {"GetItem"})


@pytest.mark.parametrize("body", ["nonsense", "{}", '{"type": "toggle"}', '{"type":"toggle","partner":"a b"}', "[1]"])
def test_messages_nobody_can_read_are_parked(world: World, body: str) -> None:
    answer = world.call(
        "access_toggle", {"Records": [{"messageId": "m1", "body": body, "attributes": {"MessageGroupId": "g"}}]}
    )
    assert answer == {"batchItemFailures": []}
    assert world.kinds("PARKED#stream#") == ["PARKED#stream#m1"]


def test_customer_ids_are_the_vendors(world: World) -> None:
    due_for_suspension(world).pass_time(SUSPENDED_AT)
    paths = {one["path"] for one in world.vendor.requests(method="PATCH")}
    assert paths == {f"/v1/customers/{CUSTOMER}/subscriptions/sub-1"}


def test_what_is_resumed_at_the_vendor_is_shown_and_not_fought_over(world: World) -> None:
    due_for_suspension(world).pass_time(SUSPENDED_AT)
    world.pass_time("2026-12-08T08:10:00Z")
    world.vendor.change(CUSTOMER, "sub-1", status="active", quantity=30)
    world.pass_time("2026-12-09T09:00:00Z")
    drift = ["the vendor has it as active, it was suspended", "the quantity is 30 at the vendor, it was 25"]
    assert (world.at_vendor()["status"], list(world.seat().drift)) == ("active", drift)
    assert world.kinds("PARKED#drift#") == ["PARKED#drift#contoso#sub-1#changed"]
    # Paid, nothing is left to be shown; how many seats there are is the vendor's word.
    world.pay("I1")
    world.drain()
    assert (world.seat().actual, world.seat().drift, world.due("access")) == ("active", None, [])
    assert (world.at_vendor()["quantity"], world.kinds("PARKED#drift#")) == (30, [])


def test_what_changed_of_an_active_subscription_is_found_when_somebody_asks(world: World) -> None:
    world.open_book()
    world.vendor.change(CUSTOMER, "sub-1", quantity=30)
    AccessStore().ask_look("acme", "contoso", "sub-1", world.now)
    world.drain()
    drift = ["the quantity is 30 at the vendor, registered is 25"]
    assert (world.at_vendor()["quantity"], list(world.seat().drift), world.due("access")) == (30, drift, [])
    assert world.kinds("PARKED#drift#") == ["PARKED#drift#contoso#sub-1#changed"]
    before = world.items()
    event = json.loads((ROOT / "events" / "access_toggle" / "look.json").read_text(encoding="utf-8"))
    assert world.call("access_toggle", event) == {"batchItemFailures": []}  # late, and once more
    assert world.items() == before
    assert [one["method"] for one in world.vendor.requests() if one["method"] in ("PATCH", "DELETE")] == []


def test_a_look_while_the_vendor_is_down_does_not_hold_up_the_switching(world: World) -> None:
    due_for_suspension(world)
    world.vendor.fault("down", until=parse_iso("2026-12-08T08:00:00Z"), on="all")
    AccessStore().ask_look("acme", "contoso", "sub-1", world.now)
    world.drain()
    assert (world.seat().drift, world.kinds("PARKED#")) == (None, [])
    world.pass_time("2026-12-08T08:10:00Z")
    assert (world.seat().actual, world.at_vendor()["status"]) == ("suspended", "suspended")


def test_a_term_that_ends_during_suspension_is_a_task_with_its_costs(world: World) -> None:
    due_for_suspension(world).pass_time(SUSPENDED_AT)
    world.vendor.change(CUSTOMER, "sub-1", term_ends="2026-12-20T00:00:00Z")
    world.pass_time("2026-12-18T12:00:00Z")
    names = ["PARKED#term_end#contoso#sub-1#2026-12-20#03", "PARKED#term_end#contoso#sub-1#2026-12-20#14"]
    assert sorted(world.kinds("PARKED#term_end#")) == names
    world.pay("I1")
    world.drain()
    assert world.kinds("PARKED#term_end#") == []
