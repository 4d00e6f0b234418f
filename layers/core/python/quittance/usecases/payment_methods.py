"""Keep how an account pays: put, remove and show its payment methods."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.errors import Conflict, Rejected, Transient
from quittance.domain.payment_method import STATES, Methods, read
from quittance.runtime.clock import parse_iso
from quittance.usecases.payment_message import ApplyPayment

_TRIES = 5


class Shelf(Protocol):
    """Where an account's methods lie (store.payment_methods)."""

    def load(self, partner: str, account: str) -> tuple[Methods, int]:
        """Return the methods and their version; NotFound when there is no such account."""
        ...

    def save(self, partner: str, account: str, methods: Methods, *, version: int) -> None:
        """Write them; Conflict when somebody else changed them since the version was read."""
        ...


def put_method(
    partner: str, account: str, name: str, request: object, *, shelf: Shelf, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Add or change a method; return it, and whether it is new. The same again writes nothing."""
    method, default = read(name, request, today=now.date())
    before, after = _change(partner, account, shelf, lambda known: known.put(method, default=default, at=now))
    return after.get(name), name not in before.known


def remove_method(partner: str, account: str, name: str, *, shelf: Shelf, now: datetime) -> dict[str, Any]:
    """Remove a method; return what it was."""
    before, _ = _change(partner, account, shelf, lambda known: known.remove(name, at=now))
    return {**before.get(name), "default": False, "state": "removed"}


class Owners(Shelf, Protocol):
    """The shelf, found by what a provider calls a method."""

    def owners(self, partner: str, provider: str, reference: str) -> list[str]:
        """Return the accounts that have, or had, a method of this reference."""
        ...


def take_news(message: ApplyPayment, *, shelf: Owners) -> int:
    """Take over what a provider tells of a mandate, once and in the order of its moments; return of how many methods.

    News of what nobody has is nothing: partners have mandates that are none of ours.
    """
    at = parse_iso(message.occurred_at or message.received_at)
    known = (message.provider, message.payment_id, message.reason or "")
    if known[2] not in STATES:
        raise Rejected(f"reason: {message.reason!r} is no state of a payment method", field="reason")
    changed = 0
    for account in shelf.owners(message.partner, *known[:2]):
        before, after = _change(message.partner, account, shelf, lambda methods: methods.tell(*known, at=at))
        changed += before != after
    return changed


def _change(partner: str, account: str, shelf: Shelf, change: Callable[[Methods], Methods]) -> tuple[Methods, Methods]:
    for _ in range(_TRIES):
        before, version = shelf.load(partner, account)
        after = change(before)
        if after == before:
            return before, after
        try:
            shelf.save(partner, account, after, version=version)
        except Conflict:
            continue
        return before, after
    raise Transient(f"account {account!r}: its payment methods kept changing; try again", retry_after=1)
