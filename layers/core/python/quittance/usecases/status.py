"""Looking at an account: what holds now, and everything that has happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.account import AccountFile
from quittance.domain.observation import Bill, observe
from quittance.domain.partner import Partner
from quittance.domain.ticket import Ticket
from quittance.domain.timeline import Fact, in_order, told


class Accounts(Protocol):
    """Loads an account's facts (store.accounts)."""

    def load(self, partner: str, account: str) -> AccountFile:
        """Return the account's facts; NotFound when there is no such account."""
        ...


class Book(Protocol):
    """Who the partner is (store.partners)."""

    def read_partner(self, partner: str) -> Partner:
        """Return the partner."""
        ...


class Rest(Protocol):
    """The rest of an account's partition (store.timeline)."""

    def bills(self, partner: str, account: str) -> list[Bill]:
        """Return the figures of the account's invoices, drafts included."""
        ...

    def tickets(self, partner: str, account: str) -> list[Ticket]:
        """Return the account's tickets."""
        ...

    def facts(self, partner: str, account: str, *, after: str | None, limit: int) -> tuple[Sequence[Fact], str | None]:
        """Return a page of the partition's items and the place where the next begins."""
        ...


def status(partner: str, account: str, *, now: datetime, accounts: Accounts, book: Book, rest: Rest) -> dict[str, Any]:
    """Return what is seen of an account now, in the partner's time zone."""
    file = accounts.load(partner, account)
    zone = book.read_partner(partner).zone
    return observe(file, rest.bills(partner, account), rest.tickets(partner, account), now, zone)


def timeline(
    partner: str, account: str, *, after: str | None, limit: int, accounts: Accounts, rest: Rest
) -> dict[str, Any]:
    """Return a page of what happened to an account, each item told in one sentence, in the order of its page.

    A page follows the items' keys; whoever shows the whole story sorts all pages by `at`.
    """
    if after is None:
        accounts.load(partner, account)  # NotFound for an account that is not there, rather than an empty story
    facts, following = rest.facts(partner, account, after=after, limit=limit)
    entries: Iterable[dict[str, Any]] = (entry for fact in facts for entry in told(fact))
    return {"entries": in_order(entries), "next": following}
