"""Access in memory: the use case of the real function, between switches that are remembered and a vendor that may fail.

The vendor does at once what it is asked and keeps to the one rule that access rests on: it fails while a fault lasts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from infra.local.simulate.state import AccountState, Pending
from quittance.domain.access import Switch, Underway, VendorState
from quittance.domain.account import Subscription
from quittance.domain.errors import Transient
from quittance.domain.policy import Policy, PolicyRef
from quittance.usecases.messages import ToggleAccess
from quittance.usecases.toggle_access import toggle_access

THROTTLED_FOR = 30
"""Seconds that the throttled stand-in asks its callers to wait."""


class Access:
    """Switches the subscriptions of all accounts."""

    def __init__(self) -> None:
        self._vendor = _Vendor()

    def fault(self, mode: str, until: datetime) -> None:
        """Let the vendor fail until a moment; a slow one answers all the same."""
        self._vendor.mode, self._vendor.until = mode, until

    def follow(self, state: AccountState, now: datetime) -> None:
        """Take up what collections newly want; what is tried already waits for its turn."""
        for one in state.file.subscriptions:
            begun = state.pending.get(one.id)
            if one.generation and (begun is None or begun.generation != one.generation):
                kept = begun.snapshot if begun else None
                state.pending[one.id] = Pending(generation=one.generation, snapshot=kept)
                self._toggle(state, one, now)

    def retry(self, state: AccountState, now: datetime) -> None:
        """Try again what is due."""
        for one in state.file.subscriptions:
            begun = state.pending.get(one.id)
            if begun and begun.due_at and begun.due_at <= now:
                self._toggle(state, one, now)

    def dues(self, state: AccountState) -> Iterator[datetime]:
        """Yield when something is tried again."""
        return (begun.due_at for begun in state.pending.values() if begun.due_at)

    def _toggle(self, state: AccountState, one: Subscription, now: datetime) -> None:
        self._vendor.now = now
        message = ToggleAccess(
            partner=state.file.partner, account=state.file.profile.id, subscription=one.id, generation=one.generation
        )
        toggle_access(message, switches=_Switches(state), vendors=self._vendor, policies=_Policies(state), now=now)


class _Switches:
    """The switches of one account."""

    def __init__(self, state: AccountState) -> None:
        self._state = state

    def load(self, partner: str, account: str, subscription: str) -> Switch:
        begun = self._state.pending[subscription]
        return Switch(
            partner=partner,
            profile=self._state.file.profile,
            subscription=next(one for one in self._state.file.subscriptions if one.id == subscription),
            attempts=begun.attempts,
            operation=begun.operation,
            snapshot=begun.snapshot,
            due=begun.due_at is not None,
        )

    def keep(self, switch: Switch, snapshot: Mapping[str, Any]) -> None:
        self._change(switch, snapshot=snapshot)

    def settle(self, switch: Switch, actual: str, now: datetime) -> None:
        changed = tuple(
            replace(one, actual=actual) if one.id == switch.subscription.id else one
            for one in self._state.file.subscriptions
        )
        self._state.file = replace(self._state.file, subscriptions=changed)
        snapshot = switch.snapshot if actual == "suspended" else None
        self._change(switch, due_at=None, attempts=0, operation=None, snapshot=snapshot)

    def postpone(self, switch: Switch, until: datetime, *, attempts: int, operation: str | None) -> None:
        self._change(switch, due_at=until, attempts=attempts, operation=operation)

    def ask_person(self, switch: Switch, reason: str, now: datetime) -> bool:
        return False

    def _change(self, switch: Switch, **changes: Any) -> None:
        name = switch.subscription.id
        self._state.pending[name] = replace(self._state.pending[name], **changes)


class _Policies:
    """The policies that the account's file knows."""

    def __init__(self, state: AccountState) -> None:
        self._state = state

    def get(self, partner: str, ref: PolicyRef, currency: str) -> Policy | None:
        return self._state.file.policies.get(ref)


class _Vendor:
    """A vendor that has every subscription as it was last switched."""

    def __init__(self) -> None:
        self.mode = ""
        self.until: datetime | None = None
        self.now: datetime | None = None

    def of(self, partner: str) -> _Vendor:
        return self

    def read(self, switch: Switch) -> VendorState:
        self._answer()
        one = switch.subscription
        return VendorState(status=one.actual, auto_renew=bool(one.auto_renew))

    def look(self, switch: Switch, location: str) -> VendorState | Underway:
        return self.read(switch)

    def suspend(self, switch: Switch, state: VendorState) -> VendorState:
        self._answer()
        return replace(state, status="suspended", auto_renew=False)

    def restore(self, switch: Switch, state: VendorState) -> VendorState:
        self._answer()
        return replace(state, status="active", auto_renew=switch.renewal(current=state.auto_renew))

    def _answer(self) -> None:
        if self.until and self.now and self.now < self.until and self.mode in ("down", "throttled"):
            asked = THROTTLED_FOR if self.mode == "throttled" else None
            raise Transient(f"the vendor is {self.mode}", retry_after=asked)
