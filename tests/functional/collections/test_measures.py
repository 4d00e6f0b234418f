"""Promises, pauses, holds and disputes on the table, through the relay's rules and the real handlers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from quittance.domain.timeline import told as tell
from quittance.runtime.clock import parse_iso
from quittance.store import keys, measures, timeline
from quittance.store.accounts import AccountStore
from quittance.store.models import HeadItem, Item, PromiseItem
from quittance.store.packed import unpack
from quittance.store.policies import PolicyStore
from quittance.usecases.measures import Desk
from tests.functional.collections.world import Calls, CrashError, World, our_clients


def desk(world: World, account: str = "contoso") -> Desk:
    accounts = AccountStore(PolicyStore())
    return Desk("acme", account, author="desk", now=world.now, accounts=accounts, facts=measures)


@pytest.fixture
def late(world: World) -> World:
    world.open_book()
    world.owe("I1", "2026-11-08")
    world.drain()
    return world


def promised(world: World) -> list[Any]:
    return list(PromiseItem.query(keys.account_pk("acme", "contoso"), Item.sk.startswith("C#PROMISE#")))


def decisions(world: World) -> list[dict[str, Any]]:
    items = world.items()
    return [unpack(bytes(items["P#acme#A#contoso", sk]["body"]["B"])) for sk in world.kinds("DEC#")]


def test_a_promise_that_is_broken_resumes_at_the_right_stage(late: World) -> None:
    late.pass_time("2026-11-24T09:00:00Z")
    desk(late).promise({"id": "P1", "amount": "297.44", "until": "2026-12-15"})
    late.pass_time("2026-12-15T22:59:00Z")
    assert (late.head().stage, late.seat().desired, promised(late)[0].state) == ("suspended", "active", "open")
    late.pass_time("2026-12-15T23:00:00Z")
    assert (late.seat().desired, promised(late)[0].state) == ("active", "broken")
    late.pass_time("2026-12-16T08:00:00Z")
    assert (late.seat().actual, late.at_vendor()["status"]) == ("suspended", "suspended")
    broken, gone = decisions(late)[-2:]
    assert broken["promises"] == [{"id": "P1", "state": "broken"}]
    assert gone["standing"]["promises"] == []
    # Nothing is left to be tried; what is due is the first look at what was suspended.
    assert (late.due("access"), late.seat().attempts) == ([parse_iso("2026-12-16T08:02:00Z")], 0)
    assert late.seat().watched_since == "2026-12-16T08:00:00Z"


def test_a_promise_that_is_kept_needs_nobody(late: World) -> None:
    late.pass_time("2026-11-24T09:00:00Z")
    desk(late).promise({"amount": "297.44", "until": "2026-12-15"})
    late.at("2026-12-15T22:00:00Z")
    late.pay("I1")
    late.drain()
    assert (promised(late)[0].state, late.head().stage, late.seat().desired) == ("kept", "clear", "active")
    late.pass_time("2026-12-31T00:00:00Z")
    assert late.due("account") == []


def test_a_pause_ends_by_itself(late: World) -> None:
    late.pass_time("2026-11-10T09:00:00Z")
    desk(late).pause({"reason": "talks", "until": "2026-12-20"})
    late.pass_time("2026-12-19T22:59:00Z")
    assert sorted(late.notices()) == ["I1.0.reminder"]
    late.pass_time("2026-12-19T23:00:00Z")
    assert sorted(late.notices()) == ["I1.0.final", "I1.0.reminder"]


def test_a_hold_acts_at_night_and_survives_a_payment(late: World) -> None:
    late.pass_time("2026-12-09T03:00:00Z")
    assert late.seat().actual == "suspended"
    late.at("2026-12-12T02:00:00Z")
    desk(late).hold({"reason": "administrative"})
    late.pay("I1")
    late.drain()
    assert (list(late.seat().reasons), late.at_vendor()["status"]) == (["administrative"], "suspended")
    desk(late).release("administrative")
    late.drain()
    assert (list(late.seat().reasons), late.at_vendor()["status"]) == ([], "active")
    assert late.due("access") == []


def test_a_hold_overtakes_a_suspension_that_waits_for_business_hours(late: World) -> None:
    late.pass_time("2026-12-08T07:00:00Z")
    late.vendor.fault("down", until=late.now.replace(hour=17))
    late.pass_time("2026-12-08T18:00:00Z")  # decided in business hours, the vendor back after them
    assert (late.seat().desired, late.seat().actual) == ("suspended", "active")
    desk(late).hold({"reason": "fraud"})
    late.drain()
    assert (sorted(late.seat().reasons), late.seat().actual) == (["fraud", "nonpayment"], "suspended")


def test_a_suspension_under_way_is_called_back_by_a_promise(late: World) -> None:
    late.pass_time("2026-12-08T07:00:00Z")
    late.vendor.fault("down", until=late.now.replace(hour=17))
    late.pass_time("2026-12-08T18:00:00Z")
    desk(late).promise({"amount": "297.44", "until": "2026-12-15"})
    late.pass_time("2026-12-10T18:00:00Z")
    assert (late.seat().desired, late.seat().actual, late.at_vendor()["status"]) == ("active", "active", "active")


def test_the_file_is_still_read_in_one_query(late: World) -> None:
    late.pass_time("2026-11-24T09:00:00Z")
    desk(late).promise({"amount": "297.44", "until": "2026-12-15"})
    desk(late).pause({"reason": "talks"})
    desk(late).hold({"reason": "fraud"})
    late.drain()
    calls = Calls()
    calls.attach(our_clients())
    late.send({"type": "assess", "partner": "acme", "account": "contoso", "cause": "again"}, "ARREARS")
    late.drain()
    assert calls.made.count("Query") == 1


AGREEMENTS: list[tuple[str, Callable[[Desk], Any]]] = [
    ("promise", lambda one: one.promise({"id": "P1", "amount": "297.44", "until": "2026-12-31"})),
    ("pause", lambda one: one.pause({"id": "Z1", "reason": "talks", "until": "2026-12-31"})),
    ("hold", lambda one: one.hold({"reason": "fraud"})),
]


@pytest.mark.parametrize(("name", "agree"), AGREEMENTS, ids=[name for name, _ in AGREEMENTS])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_loses_nothing_and_doubles_nothing(
    late: World, name: str, agree: Callable[[Desk], Any], after: bool
) -> None:
    late.pass_time("2026-12-08T06:00:00Z")
    calls = Calls()
    calls.attach(our_clients())
    for n in range(1, 20):
        calls.made, calls.fail_at, calls.after = [], n, after
        try:
            agree(desk(late))
        except CrashError:
            calls.fail_at = None
            agree(desk(late))  # whoever called tries again
            _undo(late, name)
        else:
            break
    calls.fail_at = None
    late.drain()
    assert n > 1
    assert len(late.kinds(f"C#{name.upper()}#")) == 1
    late.pass_time("2026-12-08T12:00:00Z")
    held = name == "hold"
    assert (late.seat().desired, late.head().stage) == ("suspended" if held else "active", "suspended")
    assert sorted(late.seat().reasons) == (["fraud", "nonpayment"] if held else [])


def _undo(world: World, name: str) -> None:
    """Take the fact away, so that the next try begins where this one did."""
    assert len(world.kinds(f"C#{name.upper()}#")) == 1
    (sk,) = world.kinds(f"C#{name.upper()}#")
    Item.get("P#acme#A#contoso", sk).delete()


def test_two_at_once_are_both_recorded(late: World) -> None:
    late.pass_time("2026-11-24T09:00:00Z")

    class Racing:
        """Lets another fact slip in between reading and writing, once."""

        def __init__(self) -> None:
            self.tries = 0

        def record(self, file: Any, *facts: Any, now: Any) -> None:
            self.tries += 1
            if self.tries == 1:
                desk(late).pause({"reason": "talks"})
            measures.record(file, *facts, now=now)

    racing = Racing()
    accounts = AccountStore(PolicyStore())
    one = Desk("acme", "contoso", author="desk", now=late.now, accounts=accounts, facts=racing)
    one.promise({"amount": "297.44", "until": "2026-12-15"})
    assert racing.tries == 2
    standing = desk(late).standing()
    assert (len(standing["promises"]), len(standing["pauses"])) == (1, 1)


def test_recording_makes_the_account_due_now(late: World) -> None:
    late.pass_time("2026-11-24T09:00:00Z")
    desk(late).hold({"reason": "fraud"})
    head: HeadItem = late.head()
    assert head.due_at == "2026-11-24T09:00:00Z"
    late.sweep()  # the message got lost: the sweep makes up for it
    assert late.seat().actual == "suspended"


def test_what_was_over_long_ago_leaves_the_assessments_read_and_stays_on_the_timeline(late: World) -> None:
    late.pass_time("2026-11-24T09:00:00Z")
    desk(late).promise({"id": "P1", "amount": "297.44", "until": "2026-11-30"})
    desk(late).pause({"id": "talks", "reason": "talks", "until": "2026-12-02T08:00:00Z"})
    late.pay("I1")
    late.pass_time("2027-02-27T00:00:00Z")
    message = {"type": "assess", "partner": "acme", "account": "contoso", "cause": "test"}
    late.send(message, "ARREARS")
    late.drain()
    assert (len(promised(late)), late.kinds("OLD#")) == (1, [])  # 90 days are not over
    late.at("2027-03-04T00:00:00Z")
    for _ in range(2):
        late.send(message, "ARREARS")
        late.drain()
    assert (promised(late), late.kinds("C#PAUSE#")) == ([], [])
    assert late.kinds("OLD#") == ["OLD#PAUSE#talks", "OLD#PROMISE#P1"]
    assert AccountStore(PolicyStore()).load("acme", "contoso").promises == ()
    told = [
        entry["text"] for fact in timeline.facts("acme", "contoso", after=None, limit=100)[0] for entry in tell(fact)
    ]
    assert any("297.44 EUR" in text and "2026-11-30" in text for text in told)
    assert sum("talks" in text for text in told) >= 1
