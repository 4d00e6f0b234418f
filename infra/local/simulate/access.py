"""Access in memory: the vendor does what is asked, unless a fault keeps it from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from quittance.domain.access import next_try

from infra.local.simulate.state import AccountState, Attempt
from quittance.domain.account import Subscription


class Access:
    """Switches subscriptions at a vendor that may be down, with the retries of the real thing."""

    def __init__(self) -> None:
        self._down_until: datetime | None = None

    def fault(self, mode: str, until: datetime) -> None:
        """Let the vendor fail until a moment; a slow one answers all the same."""
        self._down_until = until if mode != "slow" else None

    def follow(self, state: AccountState, now: datetime) -> None:
        """Try what collections newly want; what is tried already waits for its turn."""
        for one in state.file.subscriptions:
            tried = state.attempts.get(one.id)
            if one.desired != one.actual and (tried is None or tried.generation != one.generation):
                self._try(state, one, 0, now)

    def retry(self, state: AccountState, now: datetime) -> None:
        """Try again what is due."""
        for one in state.file.subscriptions:
            tried = state.attempts.get(one.id)
            if tried and tried.next_at <= now:
                self._try(state, one, tried.tries, now)

    def dues(self, state: AccountState) -> Iterator[datetime]:
        """Yield when something is tried again."""
        return (attempt.next_at for attempt in state.attempts.values())

    def _try(self, state: AccountState, one: Subscription, tries: int, now: datetime) -> None:
        state.attempts.pop(one.id, None)
        if one.desired == one.actual:
            return
        if self._down_until and now < self._down_until:
            at = next_try(tries + 1, now)
            state.attempts[one.id] = Attempt(generation=one.generation, tries=tries + 1, next_at=at)
            return
        done = replace(one, actual=one.desired)
        switched = tuple(done if other.id == one.id else other for other in state.file.subscriptions)
        state.file = replace(state.file, subscriptions=switched)
