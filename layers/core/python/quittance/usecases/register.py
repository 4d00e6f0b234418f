"""Setting up the book: the partner, its published policies and plans, its price rules, its accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.errors import NotFound, Rejected
from quittance.domain.names import checked
from quittance.domain.partner import Partner, parse_partner
from quittance.domain.policy_parsing import parse_policy
from quittance.domain.registration import Registration, parse_account
from quittance.domain.support_plan import SupportPlan, parse_support_plan, plain
from quittance.usecases.billing import next_billing


class Book(Protocol):
    """What belongs to the partner as a whole (store.partners)."""

    def read_partner(self, partner: str) -> Partner:
        """Return the partner; NotFound before it was put."""
        ...

    def write_partner(self, partner: Partner, billed_at: datetime | None) -> None:
        """Store the partner and when it is billed next."""
        ...

    def latest_policy(self, partner: str, name: str) -> tuple[int, str, dict[str, Any]] | None:
        """Return the latest version, when it was published, its definition."""
        ...

    def publish_policy(self, partner: str, name: str, version: int, definition: object, at: datetime) -> None:
        """Store a version that does not exist yet."""
        ...

    def write_support_plan(self, partner: str, plan: SupportPlan, at: datetime) -> None:
        """Publish a plan."""
        ...


class Accounts(Protocol):
    """The registered accounts (store.registrations)."""

    def read_account(self, partner: str, account: str) -> dict[str, Any] | None:
        """Return an account's definition, None when it is not registered."""
        ...

    def write_account(self, partner: str, registration: Registration) -> None:
        """Write an account, keeping money and access of one that exists."""
        ...


def put_partner(partner: str, definition: object, *, now: datetime, book: Book) -> Partner:
    """Set up or change the partner; Rejected when a definition already in use would change its currency."""
    wanted = parse_partner(partner, definition)
    try:
        stored = book.read_partner(partner)
    except NotFound:
        stored = wanted
    if stored.currency != wanted.currency:
        raise Rejected(f"currency: stays {stored.currency}; policies and plans are priced in it", field="currency")
    book.write_partner(wanted, next_billing(wanted.definition, now))
    return wanted


def publish_policy(partner: str, name: str, definition: object, *, now: datetime, book: Book) -> tuple[int, bool]:
    """Publish the next version of a policy; return it and whether it is new.

    A published version never changes. Publishing what is the latest already gives that version again, so the call may
    be repeated.
    """
    latest = book.latest_policy(partner, checked(name, "policy"))
    version, _, stored = latest or (0, "", None)
    parse_policy(name, version + 1, definition, book.read_partner(partner).currency)
    if stored is not None and stored == plain(definition):
        return version, False
    book.publish_policy(partner, name, version + 1, definition, now)
    return version + 1, True


def put_support_plan(partner: str, name: str, definition: object, *, now: datetime, book: Book) -> SupportPlan:
    """Publish a support plan under its name."""
    currency = book.read_partner(partner).currency
    plan = parse_support_plan(checked(name, "support_plan"), definition, currency)
    book.write_support_plan(partner, plan, now)
    return plan


def put_account(partner: str, account: str, definition: object, *, book: Book, accounts: Accounts) -> bool:
    """Register or change an account; return whether it is new.

    An account keeps its currency. Subscriptions that are not mentioned at all stay as they are.
    """
    stored = accounts.read_account(partner, checked(account, "account"))
    wanted = _with_subscriptions(definition, stored)
    registration = parse_account(account, wanted, book.read_partner(partner))
    if stored and stored["currency"] != registration.profile.currency:
        raise Rejected(f"currency: an account keeps its currency, {stored['currency']}", field="currency")
    accounts.write_account(partner, registration)
    return stored is None


def _with_subscriptions(definition: object, stored: Mapping[str, Any] | None) -> object:
    if stored is None or not isinstance(definition, Mapping) or "subscriptions" in definition:
        return definition
    return {**definition, "subscriptions": stored["subscriptions"]}


def get_account(partner: str, account: str, *, accounts: Accounts) -> dict[str, Any]:
    """Return an account's definition; NotFound when it is not this partner's."""
    found = accounts.read_account(partner, checked(account, "account"))
    if found is None:
        raise NotFound(f"there is no account {account!r}")
    return found
