"""Access in memory: the use case of the real function, between switches that are remembered and the stand-in vendor."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from infra.local.simulate.state import AccountState, Pending
from infra.local.simulate.vendor import VendorInside
from quittance.domain.access import Switch
from quittance.domain.account import Subscription
from quittance.domain.policy import Policy, PolicyRef
from quittance.store.accounts import TOGGLE_GRACE
from quittance.usecases.messages import ToggleAccess
from quittance.usecases.toggle_access import toggle_access


class Access:
    """Switches the subscriptions of all accounts."""

    def __init__(self, vendor: VendorInside) -> None:
        self._vendor = vendor

    def follow(self, state: AccountState, now: datetime) -> None:
        """Take up what collections newly want; what is tried already waits for its turn."""
        for one in state.file.subscriptions:
            begun = state.pending.get(one.id)
            if one.generation and (begun is None or begun.generation != one.generation):
                kept = begun.snapshot if begun else None
                state.pending[one.id] = Pending(generation=one.generation, snapshot=kept, due_at=now + TOGGLE_GRACE)
                self._toggle(state, one, now)

    def retry(self, state: AccountState, now: datetime) -> None:
        """Try again what is due."""
        for one in state.file.subscriptions:
            begun = state.pending.get(one.id)
            if begun and begun.due_at and begun.due_at <= now:
                self._toggle(state, one, now, attempt=1)

    def dues(self, state: AccountState) -> Iterator[datetime]:
        """Yield when something is tried again."""
        return (begun.due_at for begun in state.pending.values() if begun.due_at)

    def _toggle(self, state: AccountState, one: Subscription, now: datetime, attempt: int = 0) -> None:
        message = ToggleAccess(
            partner=state.file.partner,
            account=state.file.profile.id,
            subscription=one.id,
            generation=one.generation,
            attempt=attempt,
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
            due=begun.due_at is not None and not begun.watched,
            looks_at=begun.due_at if begun.watched else None,
            warned=begun.warned,
        )

    def keep(self, switch: Switch, snapshot: Mapping[str, Any]) -> None:
        self._change(switch, snapshot=snapshot)

    def settle(self, switch: Switch, actual: str, now: datetime) -> None:
        self._subscribed(switch, actual=actual, drift=())
        self._change(switch, attempts=0, operation=None)
        if actual == "suspended":
            self._change(switch, watched=True)
        else:
            self._change(switch, due_at=None, snapshot=None, warned=None)

    def watch(
        self, switch: Switch, until: datetime | None, *, drift: tuple[str, ...], warned: str | None, now: datetime
    ) -> None:
        self._subscribed(switch, drift=drift)
        self._change(switch, warned=warned or switch.warned, **({"due_at": until} if until else {}))

    def postpone(self, switch: Switch, until: datetime, *, attempts: int, operation: str | None) -> None:
        self._change(switch, due_at=until, attempts=attempts, operation=operation)

    def ask_person(self, switch: Switch, reason: str, now: datetime) -> bool:
        return False

    def leave_task(
        self, switch: Switch, about: str, name: str, reason: str, now: datetime, more: Mapping[str, Any] | None = None
    ) -> bool:
        return False

    def clear_tasks(self, switch: Switch, *, drift_only: bool = False) -> None:
        pass

    def _subscribed(self, switch: Switch, **changes: Any) -> None:
        changed = tuple(
            replace(one, **changes) if one.id == switch.subscription.id else one
            for one in self._state.file.subscriptions
        )
        self._state.file = replace(self._state.file, subscriptions=changed)

    def _change(self, switch: Switch, **changes: Any) -> None:
        name = switch.subscription.id
        self._state.pending[name] = replace(self._state.pending[name], **changes)


class _Policies:
    """The policies that the account's file knows."""

    def __init__(self, state: AccountState) -> None:
        self._state = state

    def get(self, partner: str, ref: PolicyRef, currency: str) -> Policy | None:
        return self._state.file.policies.get(ref)
