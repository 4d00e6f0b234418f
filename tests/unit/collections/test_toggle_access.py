"""Access converges: each row a vendor that answers in some way, and what is kept of it."""

# hand-written fakes keep the signatures of the ports
from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from quittance.domain.access import Switch, Underway, VendorState, backoff, next_try
from quittance.domain.errors import Conflict, NotFound, Poison, Rejected, Transient
from quittance.domain.policy import PolicyRef
from quittance.usecases.messages import ToggleAccess
from quittance.usecases.toggle_access import Outcome, toggle_access
from tests.unit.collections.books import PROFILE, SEAT, at, policy, utc

NOON = at("2026-12-08T12:00")
WHY = {"policy": "standard", "version": 1, "stage": "suspended", "business_hours": True}
SUSPENDING = replace(SEAT, desired="suspended", reasons=frozenset({"nonpayment"}), generation=1)
RESTORING = replace(SEAT, desired="active", actual="suspended", generation=2, auto_renew=True)


class Switches:
    """One subscription's access, kept in memory."""

    def __init__(self, switch: Switch) -> None:
        self.switch = switch
        self.writes = 0
        self.until: datetime | None = None
        self.tasks: dict[int, str] = {}
        self.others: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.before_write: Callable[[], None] = lambda: None

    def load(self, *_: str) -> Switch:
        return self.switch

    def keep(self, switch: Switch, snapshot: Mapping[str, Any]) -> None:
        self._write(switch, snapshot=dict(snapshot))

    def settle(self, switch: Switch, actual: str, now: datetime) -> None:
        kept = self.switch.snapshot if actual == "suspended" else None
        one = replace(self.switch.subscription, actual=actual, drift=())
        looks_at = now if actual == "suspended" else None
        self._write(
            switch,
            subscription=one,
            attempts=0,
            operation=None,
            due=False,
            snapshot=kept,
            looks_at=looks_at,
            asked=None,
        )
        self.until = None

    def watch(
        self, switch: Switch, until: datetime | None, *, drift: tuple[str, ...], warned: str | None, now: datetime
    ) -> None:
        one = replace(self.switch.subscription, drift=drift)
        looks_at = until or switch.looks_at
        self._write(switch, subscription=one, looks_at=looks_at, warned=warned or switch.warned)
        self.until = looks_at

    def postpone(self, switch: Switch, until: datetime, *, attempts: int, operation: str | None) -> None:
        self._write(switch, attempts=attempts, operation=operation, due=True)
        self.until = until

    def ask_person(self, switch: Switch, reason: str, now: datetime) -> bool:
        generation = switch.subscription.generation
        new = generation not in self.tasks
        self.tasks.setdefault(generation, reason)
        self.switch = replace(self.switch, asked=generation)
        return new

    def leave_task(
        self, switch: Switch, about: str, name: str, reason: str, now: datetime, more: Mapping[str, Any] | None = None
    ) -> bool:
        new = (about, name) not in self.others
        self.others.setdefault((about, name), {"reason": reason, **(more or {})})
        return new

    def clear_tasks(self, switch: Switch, *, drift_only: bool = False) -> None:
        self.others = {} if not drift_only else {k: v for k, v in self.others.items() if k[0] != "drift"}
        if not drift_only:
            self.tasks = {}

    def want(self, desired: str) -> None:
        """Let collections decide otherwise."""
        one = self.switch.subscription
        one = replace(one, desired=desired, generation=one.generation + 1)  # type: ignore[arg-type]
        self.switch = replace(self.switch, subscription=one, attempts=0, due=True)

    def _write(self, switch: Switch, **changes: Any) -> None:
        self.before_write()
        if switch.subscription.generation != self.switch.subscription.generation:
            raise Conflict("another generation")
        self.switch = replace(self.switch, **changes)
        self.writes += 1


@dataclass
class Vendor:
    """A vendor that has one subscription and answers as told; `script` holds what it says instead of obeying."""

    status: str = "active"
    auto_renew: bool = True
    entitlements: tuple[str, ...] = ()
    script: list[Any] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    calls: int = 0

    def of(self, _partner: str) -> Vendor:
        return self

    def _state(self) -> VendorState:
        return VendorState(status=self.status, auto_renew=self.auto_renew, entitlements=self.entitlements)

    def read(self, _switch: Switch) -> VendorState:
        self.calls += 1
        if self.script and self.script[0] == "read":
            self.script.pop(0)
            raise self.script.pop(0)
        return self._state()

    def look(self, _switch: Switch, location: str) -> VendorState | Underway:
        self.calls += 1
        return self._told() or self._state()

    def suspend(self, switch: Switch, state: VendorState) -> VendorState | Underway:
        self.calls += 1
        told = self._told()
        self._change("suspended", auto_renew=False)
        return told or self._state()

    def restore(self, switch: Switch, state: VendorState) -> VendorState | Underway:
        self.calls += 1
        told = self._told()
        self._change("active", auto_renew=switch.renewal(current=self.auto_renew))
        return told or self._state()

    def _told(self) -> Underway | None:
        if self.script:
            said = self.script.pop(0)
            if isinstance(said, Exception):
                raise said
            assert isinstance(said, Underway)
            return said
        return None

    def _change(self, status: str, *, auto_renew: bool) -> None:
        if (self.status, self.auto_renew) != (status, auto_renew):
            self.changes.append(status)
        self.status, self.auto_renew = status, auto_renew


class Policies:
    def get(self, _partner: str, ref: PolicyRef, _currency: str) -> Any:
        return policy(ref.name, ref.version)


def switches(subscription: Any = SUSPENDING, **more: Any) -> Switches:
    more.setdefault("due", True)
    return Switches(Switch(partner="acme", profile=PROFILE, subscription=subscription, **more))


def toggle(kept: Switches, vendor: Any, now: datetime = NOON, generation: int = 0) -> Outcome:
    message = ToggleAccess(partner="acme", account="contoso", subscription="sub-1", generation=generation)
    outcome, _ = toggle_access(message, switches=kept, vendors=vendor, policies=Policies(), now=now)
    return outcome


def test_suspends_and_keeps_what_that_loses() -> None:
    kept, vendor = switches(), Vendor()
    assert toggle(kept, vendor) is Outcome.DONE
    assert (vendor.status, kept.switch.subscription.actual, kept.writes) == ("suspended", "suspended", 2)
    assert kept.switch.snapshot == {"auto_renew": True}
    assert kept.until is None


@pytest.mark.parametrize("renewed", [True, False])
def test_restores_what_was_kept(renewed: bool) -> None:
    kept, vendor = switches(RESTORING, snapshot={"auto_renew": renewed}), Vendor("suspended", auto_renew=False)
    assert toggle(kept, vendor) is Outcome.DONE
    assert (vendor.status, vendor.auto_renew, kept.switch.snapshot) == ("active", renewed, None)


def test_restores_renewal_as_registered_when_nothing_was_kept() -> None:
    kept, vendor = switches(RESTORING), Vendor("suspended", auto_renew=False)
    toggle(kept, vendor)
    assert vendor.auto_renew


@pytest.mark.parametrize(
    ("subscription", "due", "generation", "outcome"),
    [
        (SUSPENDING, True, 0, Outcome.DONE),
        (replace(SUSPENDING, generation=3), True, 2, Outcome.STALE),
        (replace(SUSPENDING, generation=3), True, 3, Outcome.DONE),
        (SEAT, False, 0, Outcome.SETTLED),
        (SEAT, False, 5, Outcome.SETTLED),
        (replace(SUSPENDING, actual="suspended"), False, 1, Outcome.SETTLED),
    ],
)
def test_only_the_newest_generation_counts(subscription: Any, due: bool, generation: int, outcome: Outcome) -> None:
    kept, vendor = switches(subscription, due=due), Vendor()
    assert toggle(kept, vendor, generation=generation) is outcome
    if outcome is not Outcome.DONE:
        assert (kept.writes, vendor.calls) == (0, 0)


def test_a_subscription_that_left_the_book_is_nobodys() -> None:
    class Gone(Switches):
        def load(self, *_: str) -> Switch:
            raise NotFound("gone")

    assert toggle(Gone(switches().switch), Vendor()) is Outcome.STALE


@pytest.mark.parametrize("attempts", [0, 1, 4, 8])
def test_a_vendor_that_is_down_is_asked_again_later(attempts: int) -> None:
    kept, vendor = switches(attempts=attempts), Vendor(script=["read", Transient("down")])
    assert toggle(kept, vendor) is Outcome.LATER
    assert kept.switch.attempts == attempts + 1
    assert kept.until == NOON + backoff(attempts + 1)
    assert not kept.tasks


@pytest.mark.parametrize(
    ("attempt", "minutes"), [(1, 1), (2, 2), (3, 4), (6, 32), (7, 60), (8, 60), (100, 60), (10_000, 60)]
)
def test_pauses_grow_to_an_hour(attempt: int, minutes: int) -> None:
    assert backoff(attempt) == timedelta(minutes=minutes)


@pytest.mark.parametrize(("asked", "seconds"), [(None, 60), (5, 60), (61, 61), (600, 600), (90_000, 90_000)])
def test_what_the_vendor_asks_for_is_kept(asked: int | None, seconds: int) -> None:
    assert next_try(NOON, 1, asked) == NOON + timedelta(seconds=seconds)


def test_after_many_tries_a_person_is_asked_once_and_tries_go_on() -> None:
    kept, vendor = switches(attempts=9), Vendor(script=["read", Transient("down"), "read", Transient("down")])
    assert toggle(kept, vendor) is Outcome.LATER
    assert toggle(kept, vendor) is Outcome.LATER
    assert kept.tasks == {1: "not switched after 10 tries: down"}
    assert toggle(kept, vendor) is Outcome.DONE
    assert kept.tasks == {}  # what it asked for has come about


@pytest.mark.parametrize("problem", [Rejected("no such"), NotFound("gone"), Poison("?")])
def test_what_the_vendor_refuses_is_a_task_for_a_person_and_never_hangs(problem: Exception) -> None:
    kept, vendor = switches(), Vendor(script=[problem])
    assert toggle(kept, vendor) is Outcome.REFUSED
    assert kept.tasks
    assert kept.until == NOON + timedelta(days=1)


@pytest.mark.parametrize("kind", ["perpetual", "software", "marketplace"])
def test_what_cannot_be_suspended_is_said(kind: str) -> None:
    kept, vendor = switches(replace(SUSPENDING, kind=kind)), Vendor()
    assert toggle(kept, vendor) is Outcome.REFUSED
    assert (vendor.status, vendor.changes) == ("active", [])
    assert "cannot" in kept.tasks[1] or "not known" in kept.tasks[1]


@pytest.mark.parametrize("status", ["expired", "deleted", "disabled", "something-new"])
@pytest.mark.parametrize("subscription", [SUSPENDING, RESTORING])
def test_statuses_that_cannot_be_switched_are_a_persons(status: str, subscription: Any) -> None:
    kept, vendor = switches(subscription), Vendor(status)
    assert toggle(kept, vendor) is Outcome.REFUSED
    assert vendor.changes == []


def test_a_change_under_way_is_looked_up_until_it_has_come() -> None:
    kept, vendor = switches(), Vendor(script=[Underway("/op/1"), Underway("/op/1")])
    assert toggle(kept, vendor) is Outcome.UNDERWAY
    assert (kept.switch.operation, kept.until) == ("/op/1", NOON + timedelta(minutes=1))
    assert toggle(kept, vendor) is Outcome.UNDERWAY
    assert toggle(kept, vendor) is Outcome.DONE
    assert (kept.switch.operation, vendor.changes) == (None, ["suspended"])


def test_a_change_that_never_comes_is_asked_for_anew() -> None:
    kept, vendor = switches(attempts=59, operation="/op/1"), Vendor(script=[Underway("/op/1")])
    assert toggle(kept, vendor) is Outcome.LATER
    assert kept.switch.operation is None
    assert kept.tasks
    assert toggle(kept, vendor) is Outcome.DONE


def test_restoring_waits_for_a_suspension_under_way_and_then_undoes_it() -> None:
    # Given a suspension the vendor took on, and a payment before it has come
    kept, vendor = switches(), Vendor(script=[Underway("/op/1"), Underway("/op/1")])
    toggle(kept, vendor)
    kept.want("active")
    assert toggle(kept, vendor) is Outcome.UNDERWAY
    assert toggle(kept, vendor) is Outcome.DONE
    assert (vendor.status, vendor.auto_renew, kept.switch.subscription.actual) == ("active", True, "active")


def test_stale_reads_are_read_again_at_once() -> None:
    kept, vendor = switches(), Vendor(script=[Conflict("etag"), Conflict("etag")])
    assert toggle(kept, vendor) is Outcome.DONE
    kept, vendor = switches(), Vendor(script=[Conflict("etag")] * 3)
    assert toggle(kept, vendor) is Outcome.LATER


def test_paid_while_suspending_converges_on_the_newest() -> None:
    kept, vendor = switches(), Vendor()

    def pay_once() -> None:
        if vendor.status == "suspended":
            kept.before_write = lambda: None
            kept.want("active")

    kept.before_write = pay_once
    assert toggle(kept, vendor) is Outcome.DONE
    assert vendor.changes == ["suspended", "active"]
    assert (vendor.status, vendor.auto_renew, kept.switch.subscription.actual) == ("active", True, "active")


def test_a_suspension_made_but_never_recorded_is_found_and_undone() -> None:
    # Given a crash between the vendor's answer and the record, then a payment: kept and wanted seem to agree
    one = replace(SUSPENDING, desired="active", generation=2, auto_renew=None)
    kept, vendor = switches(one, snapshot={"auto_renew": True}), Vendor("suspended", auto_renew=False)
    assert toggle(kept, vendor) is Outcome.DONE
    assert (vendor.status, vendor.auto_renew) == ("active", True)


def test_what_was_kept_first_survives_later_tries() -> None:
    kept, vendor = switches(), Vendor(script=[Transient("down")])
    toggle(kept, vendor)
    vendor.status = "active"  # the vendor lost our suspension but has auto-renew off by now
    toggle(kept, vendor)
    assert kept.switch.snapshot == {"auto_renew": True}


@pytest.mark.parametrize(
    ("now", "outcome", "until"),
    [
        ("2026-12-08T12:00", Outcome.DONE, None),
        ("2026-12-08T17:00", Outcome.WAITS, "2026-12-09T09:00"),
        ("2026-12-11T22:00", Outcome.WAITS, "2026-12-14T09:00"),
        ("2026-12-25T10:00", Outcome.WAITS, "2026-12-28T09:00"),
    ],
)
def test_a_late_try_keeps_business_hours_too(now: str, outcome: Outcome, until: str | None) -> None:
    kept, vendor = switches(replace(SUSPENDING, why=WHY)), Vendor()
    assert toggle(kept, vendor, at(now)) is outcome
    assert kept.until == (at(until) if until else None)
    assert vendor.status == ("suspended" if outcome is Outcome.DONE else "active")


def test_restoring_waits_for_no_hours() -> None:
    kept, vendor = switches(replace(RESTORING, why=WHY)), Vendor("suspended")
    assert toggle(kept, vendor, utc("2026-12-25T03:00")) is Outcome.DONE


def test_gives_up_when_what_is_wanted_keeps_changing() -> None:
    kept, vendor = switches(), Vendor()
    kept.before_write = lambda: kept.want("active" if kept.switch.subscription.desired == "suspended" else "suspended")
    with pytest.raises(Transient):
        toggle(kept, vendor)
