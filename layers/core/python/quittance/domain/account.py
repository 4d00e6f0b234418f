"""The facts of an account, as collections, access and statements see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from quittance.domain.forbearance import Dispute, Hold, Pause, Promise
from quittance.domain.money import Money, total
from quittance.domain.policy import Order, Policy, PolicyRef

NoticeState = Literal["queued", "sent", "delivered", "bounced", "complained", "withdrawn"]
Wanted = Literal["active", "suspended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Who the account is; one currency, one policy and one support plan each.

    `rates` are agreed with the customer: what one unit of another currency counts in the account's, as decimal text.
    `next_policy` names another `policy` that is assigned `from` a day on (domain.assignment).
    """

    id: str
    name: str
    country: str
    timezone: str
    currency: str
    email: str
    policy: str
    support_plan: str | None = None
    vat_id: str | None = None
    vendor_customer: str | None = None
    parent: str | None = None
    locale: str = "en"
    address: tuple[str, ...] = ()
    rates: Mapping[str, str] = field(default_factory=dict)
    second_email: str | None = None
    next_policy: Mapping[str, str] | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which the account's dates are reckoned."""
        return ZoneInfo(self.timezone)

    @property
    def contacts(self) -> str:
        """The addresses that notices may go to, as one text: a notice that failed remembers which they were."""
        return f"{self.email} {self.second_email or ''}".strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """An issued invoice as long as something is owed on it (or until the next assessment prunes it).

    `reopened` counts how often it was settled and came back (a chargeback); `products` are those on its lines, None
    where nobody recorded them; `order` is how its policy has payments allocated.
    """

    id: str
    number: str
    issued: date
    due: date
    gross: Money
    remaining: Money
    policy: PolicyRef
    disputed: Money | None = None
    reopened: int = 0
    products: frozenset[str] | None = None
    order: Order = "oldest_due"

    @property
    def collectable(self) -> Money:
        """What may be collected: the remainder less what is disputed, never below zero."""
        nothing = Money.zero(self.remaining.currency)
        return max(self.remaining - self.disputed, nothing) if self.disputed else self.remaining


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A notice to the customer; it counts as given from `sent_at` on, unless it bounced.

    One whose reason was gone before it could be sent is withdrawn: as if it had never been decided.
    `second` tells that it bounced and went, or goes, to the second contact. `openings` tells which opening
    (`OpenInvoice.reopened`) of its invoices it is about, 0 where not given. `tries` counts how often its mail was
    tried, `mail` is the identity of the mail that took it, which several notices may share.
    `about` is the number of the invoice it is sent for, `fee` what it costs once given, `charged` tells that an
    invoice takes it. `failed` are the account's contacts when it could be given to none of them.
    """

    id: str
    kind: str
    cause: str
    invoices: tuple[str, ...]
    decided_at: datetime
    state: NoticeState = "queued"
    sent_at: datetime | None = None
    openings: Mapping[str, int] = field(default_factory=dict)
    second: bool = False
    tries: int = 0
    mail: str | None = None
    fee: Money | None = None
    about: str = ""
    charged: bool = False
    failed: str | None = None

    @property
    def given_at(self) -> datetime | None:
        """When the notice was given, None while it is not."""
        return self.sent_at if self.state in ("sent", "delivered") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A vendor subscription: what collections want of it and what the vendor says it is.

    `why` names the decision behind a suspension: policy, notices, and whether business hours bind it.
    """

    id: str
    product: str
    name: str
    kind: str
    quantity: int
    vendor_customer: str | None = None
    vendor_subscription: str | None = None
    term_ends: date | None = None
    auto_renew: bool | None = None
    desired: Wanted = "active"
    actual: str = "active"
    reasons: frozenset[str] = frozenset()
    generation: int = 0
    drift: tuple[str, ...] = ()
    """What the vendor has otherwise than suspending made it, in words; found by looking at it."""

    why: Mapping[str, Any] | None = None

    @property
    def access(self) -> str:
        """active, suspending, suspended or restoring."""
        if self.desired == "suspended":
            return "suspended" if self.actual == "suspended" else "suspending"
        return "active" if self.actual == "active" else "restoring"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFile:
    """All facts of one account that a decision may rest on, read at one moment.

    `version` is the head's: whoever writes a decision back makes it conditional on it. `pays_for` are the accounts that
    this one pays for.
    """

    partner: str
    profile: Profile
    balance: Money
    credit: Money
    open: Mapping[str, OpenInvoice] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    policies: Mapping[PolicyRef, Policy] = field(default_factory=dict)
    promises: tuple[Promise, ...] = ()
    pauses: tuple[Pause, ...] = ()
    holds: tuple[Hold, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    stage: str = "clear"
    stage_since: datetime | None = None
    version: int = 0
    due_at: datetime | None = None
    assessed_at: datetime | None = None
    pays_for: tuple[str, ...] = ()

    @property
    def held_for(self) -> frozenset[str]:
        """The reasons for which all access is withheld."""
        return frozenset(hold.reason for hold in self.holds if hold.in_force)

    def overdue_invoices(self, now: datetime) -> list[OpenInvoice]:
        """Unsettled, undisputed invoices whose due date has ended in the account's time zone, oldest first."""
        today = now.astimezone(self.profile.zone).date()
        late = [invoice for invoice in self.open.values() if invoice.due < today and invoice.collectable.minor > 0]
        return sorted(late, key=lambda invoice: (invoice.due, invoice.number))

    def overdue(self, now: datetime) -> Money:
        """What is overdue: the collectable remainders of overdue invoices less unapplied credit, never below zero."""
        currency = self.profile.currency
        owed = total((invoice.collectable for invoice in self.overdue_invoices(now)), currency) - self.credit
        return max(owed, Money.zero(currency))
