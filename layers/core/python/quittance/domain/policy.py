"""A collections policy: what happens when somebody pays late, in stages with their conditions and actions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal, NamedTuple, get_args

from quittance.domain.calendar import Hours
from quittance.domain.money import Money

UPCOMING = "upcoming"
"""The kind of the reminder before the due date."""
Stops = Literal["all", "suspension", "nothing"]
Order = Literal["oldest_due", "newest_due", "largest_first", "smallest_first", "proportional"]
ORDERS: tuple[Order, ...] = get_args(Order)
"""In which order a payment settles what it does not name."""


class PolicyRef(NamedTuple):
    """One published version of a policy, as pinned on an invoice."""

    name: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Conditions of a stage; all that are given must hold. `days` count from the policy's clock."""

    days: int
    amount: Money | None = None
    invoices: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterNotice:
    """A stage may act only when a notice of this kind has been given for that many full days."""

    notice: str
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A dunning stage: its name, when it holds, and what it does."""

    name: str
    when: When
    notices: tuple[str, ...] = ()
    suspend: Literal["all", "unpaid_lines"] | None = None
    after_notice: AfterNotice | None = None
    business_hours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseTerms:
    """What an accepted promise to pay does: what it stops, whether access comes back, how far off it may lie.

    `stops` is all (notices and suspension), suspension alone, or nothing. `longest_days` None sets no limit.
    """

    stops: Stops = "all"
    restores: bool = False
    longest_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A published, immutable version of a policy.

    Amounts are in `currency`. A remainder of a partly paid invoice up to `tolerance_under` is let go, an overpayment up
    to `tolerance_over` is kept; both are posted as differences. `hours` and `holidays` are the policy's own business
    calendar where it gives one; `closed_before_holidays` closes the last working day before a holiday, too.
    `upcoming_days` before the due date the customer is reminded; None: not at all. Fees and interest are those of the
    customer's country where one is given, else the general ones; with `late_charges` off, none.
    """

    ref: PolicyRef
    currency: str
    clock: Literal["due_date", "issue_date"]
    payment_days: int
    allocation: Order
    stages: tuple[Stage, ...]
    restore_below: Money
    fees: tuple[tuple[str, Money], ...] = ()
    interest_percent: Decimal = Decimal(0)
    published_at: datetime | None = None
    hours: Hours | None = None
    holidays: frozenset[date] | None = None
    closed_before_holidays: bool = False
    tolerance_under: Money | None = None
    tolerance_over: Money | None = None
    promise: PromiseTerms = PromiseTerms()
    upcoming_days: int | None = None
    late_charges: bool = True
    country_fees: tuple[tuple[str, tuple[tuple[str, Money], ...]], ...] = ()
    country_interest: tuple[tuple[str, Decimal], ...] = ()

    def fee(self, kind: str, country: str) -> Money | None:
        """Return what a notice of a kind costs a customer in a country, None where nothing."""
        fees = dict(self.fees) | dict(dict(self.country_fees).get(country, ()))
        fee = fees.get(kind) if self.late_charges else None
        return fee if fee and fee.minor > 0 else None

    def interest(self, country: str) -> Decimal:
        """Return the interest a customer in a country owes, in per cent a year; 0 for none."""
        if not self.late_charges:
            return Decimal(0)
        return dict(self.country_interest).get(country, self.interest_percent)
