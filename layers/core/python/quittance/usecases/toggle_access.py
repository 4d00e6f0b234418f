"""Bring a subscription's access at the vendor to what collections want of it now.

The vendor is asked first, so that a change that was made but never recorded is found. Whatever keeps it from being
done is written on the subscription with the moment of the next try; the message is then done, and the access schedule
brings the next one. Suspending may have to wait for business hours, restoring waits for nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from quittance.domain.access import (
    AFTER_REFUSAL,
    ATTEMPTS_TO_TASK,
    LOOK_AFTER,
    MOST_LOOKS,
    NOT_SUSPENDABLE,
    Switch,
    Underway,
    VendorState,
    may_suspend_from,
    next_try,
    pinned_policy,
)
from quittance.domain.errors import Conflict, NotFound, Poison, Rejected, Transient
from quittance.domain.policy import Policy, PolicyRef
from quittance.usecases.messages import LookAtSubscription, ToggleAccess
from quittance.usecases.watch_access import Costs, look, look_once

_TRIES = 3


class Outcome(StrEnum):
    """What came of a message."""

    STALE = "stale"
    SETTLED = "settled"
    DONE = "done"
    UNDERWAY = "underway"
    WAITS = "waits"
    LOOKED = "looked"
    LATER = "later"
    REFUSED = "refused"


class Switches(Protocol):
    """Keeps the access of subscriptions; each write is a Conflict when another generation has begun."""

    def load(self, partner: str, account: str, subscription: str) -> Switch:
        """Return a switch; NotFound when the subscription left the book."""
        ...

    def keep(self, switch: Switch, snapshot: Mapping[str, Any]) -> None:
        """Keep what suspending is about to lose."""
        ...

    def settle(self, switch: Switch, actual: str, now: datetime) -> None:
        """Record that what is wanted has come about."""
        ...

    def watch(
        self, switch: Switch, until: datetime | None, *, drift: tuple[str, ...], warned: str | None, now: datetime
    ) -> None:
        """Record what a look found, and when the next one is; None leaves that as it is."""
        ...

    def postpone(self, switch: Switch, until: datetime, *, attempts: int, operation: str | None) -> None:
        """Record when to try again."""
        ...

    def ask_person(self, switch: Switch, reason: str, now: datetime) -> bool:
        """Leave a task for a person; True when it is new."""
        ...

    def leave_task(
        self, switch: Switch, about: str, name: str, reason: str, now: datetime, more: Mapping[str, Any] | None = None
    ) -> bool:
        """Leave a task of a kind under a name, once; True when it is new."""
        ...

    def clear_tasks(self, switch: Switch, *, drift_only: bool = False) -> None:
        """Take away the tasks that a subscription has left: what they asked for has come about."""
        ...


class Vendor(Protocol):
    """The vendor's side of one partner; raises Rejected, Conflict, Transient or Poison."""

    def read(self, switch: Switch) -> VendorState:
        """Return the subscription as the vendor has it."""
        ...

    def look(self, switch: Switch, location: str) -> VendorState | Underway:
        """Look whether a change under way has arrived."""
        ...

    def suspend(self, switch: Switch, state: VendorState) -> VendorState | Underway:
        """Suspend an active subscription."""
        ...

    def restore(self, switch: Switch, state: VendorState) -> VendorState | Underway:
        """Bring a subscription back as it was before, renewal settings included; nothing to do is fine."""
        ...


class Vendors(Protocol):
    """Finds the vendor's side of a partner."""

    def of(self, partner: str) -> Vendor:
        """Return it."""
        ...


class Policies(Protocol):
    """Finds a published policy."""

    def get(self, partner: str, ref: PolicyRef, currency: str) -> Policy | None:
        """Return a version; None when it was never published."""
        ...


def toggle_access(
    message: ToggleAccess,
    *,
    switches: Switches,
    vendors: Vendors,
    policies: Policies,
    now: datetime,
    costs: Costs | None = None,
) -> tuple[Outcome, bool]:
    """Converge once; return what came of it and whether a person was newly asked.

    A message of an earlier generation is stale; one that finds everything as wanted changes nothing. Transient only
    when the table does not answer or what is wanted keeps changing.
    """
    for _ in range(_TRIES):
        try:
            switch = switches.load(message.partner, message.account, message.subscription)
        except NotFound:
            return Outcome.STALE, False
        if 0 < message.generation < switch.subscription.generation:
            return Outcome.STALE, False
        try:
            if switch.is_settled:
                return _looked(message, switch, switches=switches, vendors=vendors, costs=costs, now=now)
            return _Attempt(switch, switches, vendors, now).run(policies)
        except Conflict:
            continue
    raise Transient(f"subscription {message.subscription}: what is wanted of it keeps changing")


def look_at(
    message: LookAtSubscription, *, switches: Switches, vendors: Vendors, now: datetime
) -> tuple[Outcome, bool]:
    """Look because somebody asked, and tell as `toggle_access` does; stale while the subscription is being switched."""
    for _ in range(_TRIES):
        try:
            switch = switches.load(message.partner, message.account, message.subscription)
            if not switch.is_settled:
                return Outcome.STALE, False
            asked = look_once(switch, switches=switches, vendor=vendors.of(switch.partner), now=now)
        except NotFound:
            return Outcome.STALE, False
        except Conflict:
            continue
        return (Outcome.LATER, False) if asked is None else (Outcome.LOOKED, asked)
    raise Transient(f"subscription {message.subscription}: what is wanted of it keeps changing")


def _looked(
    message: ToggleAccess, switch: Switch, *, switches: Switches, vendors: Vendors, costs: Costs | None, now: datetime
) -> tuple[Outcome, bool]:
    """Look at a suspension where the schedule asks for it and it is due; for any other message all is settled."""
    if not message.attempt or switch.looks_at is None or switch.looks_at > now:
        return Outcome.SETTLED, False
    return Outcome.LOOKED, look(switch, switches=switches, vendor=vendors.of(switch.partner), costs=costs, now=now)


class _Attempt:
    """One try to bring one subscription to what is wanted."""

    def __init__(self, switch: Switch, switches: Switches, vendors: Vendors, now: datetime) -> None:
        self._switch = switch
        self._switches = switches
        self._vendors = vendors
        self._now = now
        self._operation = switch.operation

    def run(self, policies: Policies) -> tuple[Outcome, bool]:
        """Do what can be done now and record it."""
        opens = self._opens(policies)
        if opens > self._now:
            return self._later(Outcome.WAITS, opens, attempts=self._switch.attempts), False
        try:
            return self._fresh(self._vendors.of(self._switch.partner)), False
        except (Transient, Conflict) as problem:
            return self._failed(problem)
        except (Rejected, Poison) as problem:
            self._operation = None
            outcome = self._later(Outcome.REFUSED, self._now + AFTER_REFUSAL, attempts=self._switch.attempts + 1)
            return outcome, self._switches.ask_person(self._switch, problem.message, self._now)

    def _opens(self, policies: Policies) -> datetime:
        """Return when this may be carried out; what is under way already is only looked at."""
        ref = pinned_policy(self._switch.subscription)
        if ref is None or self._operation:
            return self._now
        policy = policies.get(self._switch.partner, ref, self._switch.profile.currency)
        return may_suspend_from(policy, self._switch.profile, self._now) if policy else self._now

    def _fresh(self, vendor: Vendor) -> Outcome:
        """Converge on what the vendor has now; where it changed under our hands, read it again at once."""
        for _ in range(_TRIES - 1):
            try:
                return self._converge(vendor)
            except _OvertakenError:
                raise
            except Conflict:
                continue
        return self._converge(vendor)

    def _converge(self, vendor: Vendor) -> Outcome:
        state = self._state(vendor)
        if isinstance(state, VendorState):
            if state.status == "pending":
                raise Transient("the vendor is changing the subscription")
            changed = self._suspend(vendor, state) if self._wants_suspended else self._restore(vendor, state)
            if isinstance(changed, VendorState):
                return self._record(changed)
            self._operation = changed.location
        looks = self._switch.attempts + 1
        if looks % MOST_LOOKS == 0:
            self._operation = None
            raise Transient("a change that the vendor took on never showed; it is asked for anew")
        return self._later(Outcome.UNDERWAY, self._now + LOOK_AFTER, attempts=looks)

    @property
    def _wants_suspended(self) -> bool:
        return self._switch.subscription.desired == "suspended"

    def _state(self, vendor: Vendor) -> VendorState | Underway:
        if self._operation:
            looked = vendor.look(self._switch, self._operation)
            if isinstance(looked, Underway):
                return looked
            self._operation = None
        return vendor.read(self._switch)

    def _suspend(self, vendor: Vendor, state: VendorState) -> VendorState | Underway:
        if state.status == "suspended":
            return state
        if reason := NOT_SUSPENDABLE.get(self._switch.subscription.kind):
            raise Rejected(f"{reason}; settle with the customer in another way", field="kind")
        if state.status != "active":
            raise Rejected(f"the vendor has the subscription as {state.status!r}, which cannot be suspended")
        if self._switch.snapshot is None:
            self._switches.keep(self._switch, state.snapshot())
            self._switch = replace(self._switch, snapshot=state.snapshot())
        return vendor.suspend(self._switch, state)

    def _restore(self, vendor: Vendor, state: VendorState) -> VendorState | Underway:
        if state.status not in ("suspended", "active"):
            raise Rejected(f"the vendor has the subscription as {state.status!r}, which cannot be restored")
        return vendor.restore(self._switch, state)

    def _record(self, state: VendorState) -> Outcome:
        if state.status != self._switch.subscription.desired:
            raise Transient(f"the vendor answered, but has the subscription as {state.status!r}")
        try:
            self._switches.clear_tasks(self._switch)
            self._switches.settle(self._switch, state.status, self._now)
        except Conflict:
            raise _OvertakenError("another generation began meanwhile") from None
        return Outcome.DONE

    def _failed(self, problem: Transient | Conflict) -> tuple[Outcome, bool]:
        if isinstance(problem, _OvertakenError):
            raise problem
        attempts = self._switch.attempts + 1
        asked = problem.retry_after if isinstance(problem, Transient) else None
        outcome = self._later(Outcome.LATER, next_try(self._now, attempts, asked), attempts=attempts)
        if attempts < ATTEMPTS_TO_TASK:
            return outcome, False
        reason = f"not switched after {attempts} tries: {problem.message}"
        return outcome, self._switches.ask_person(self._switch, reason, self._now)

    def _later(self, outcome: Outcome, until: datetime, *, attempts: int) -> Outcome:
        whole = until.replace(microsecond=0) + (timedelta(seconds=1) if until.microsecond else timedelta(0))
        self._switches.postpone(self._switch, whole, attempts=attempts, operation=self._operation)
        return outcome


class _OvertakenError(Conflict):
    """What is wanted changed while it was being done: go on with the newest at once."""
