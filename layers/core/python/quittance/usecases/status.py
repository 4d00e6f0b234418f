"""Looking at an account: what holds now, and everything that has happened."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, cast
from zoneinfo import ZoneInfo

from quittance.domain.account import AccountFile
from quittance.domain.errors import Rejected
from quittance.domain.explanation import Decided, explain
from quittance.domain.forbearance import day_ends
from quittance.domain.observation import Bill, observe
from quittance.domain.partner import Partner
from quittance.domain.policy import Policy, PolicyRef
from quittance.domain.reading import Fields
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

    def payment_methods(self, partner: str, account: str) -> list[dict[str, Any]]:
        """Return the account's payment methods as they are shown."""
        ...

    def facts(self, partner: str, account: str, *, after: str | None, limit: int) -> tuple[Sequence[Fact], str | None]:
        """Return a page of the partition's items and the place where the next begins."""
        ...

    def decisions(self, partner: str, account: str, *, until: datetime) -> list[Decided]:
        """Return the decisions up to a moment, the oldest first."""
        ...


class Policies(Protocol):
    """Finds a published policy (store.policies)."""

    def get(self, partner: str, ref: PolicyRef, currency: str) -> Policy | None:
        """Return a version; None when it was never published."""
        ...


def status(partner: str, account: str, *, now: datetime, accounts: Accounts, book: Book, rest: Rest) -> dict[str, Any]:
    """Return what is seen of an account now, in the partner's time zone."""
    file = accounts.load(partner, account)
    zone = book.read_partner(partner).zone
    seen = observe(file, rest.bills(partner, account), rest.tickets(partner, account), now, zone)
    methods = rest.payment_methods(partner, account)
    return {**seen, "payment_methods": methods} if methods else seen


def explanation(
    partner: str, account: str, at: str | None, *, now: datetime, accounts: Accounts, rest: Rest, policies: Policies
) -> dict[str, Any]:
    """Explain an account's state at a past moment, now if none is named, from what was decided up to then.

    A date stands for its end where the account is. Rejected for a moment to come.
    """
    file = accounts.load(partner, account)
    moment = _moment(at, file.profile.zone) if at else now
    if moment > now and at and "T" not in at:
        moment = now
    if moment > now:
        raise Rejected(f"at: {at} is yet to come; name a past moment", field="at")
    decisions = rest.decisions(partner, account, until=moment)
    refs = {PolicyRef(one["name"], one["version"]) for one in (d.body["policy"] for d in decisions) if one}
    found = {ref: policies.get(partner, ref, file.profile.currency) for ref in refs}
    return explain(file.profile, decisions, {(ref.name, ref.version): one for ref, one in found.items() if one}, moment)


def _moment(text: str, zone: ZoneInfo) -> datetime:
    fields = Fields({"at": text.replace(" ", "+")})  # a plus sign that an address did not escape reads as a space
    if "T" in text:
        return cast("datetime", fields.moment("at")).astimezone(UTC)
    return day_ends(fields.day("at"), zone) - timedelta(seconds=1)


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
