"""What the public pages tell: plain values, amounts in major units, times in the plan's own time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

type ActionKind = Literal["notice", "suspend", "fee", "interest", "write_off", "collections"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """The partner as its customers reach it."""

    name: str
    email: str = ""
    phone: str = ""
    website: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What a stage does; `detail` is the notice's name, or what is suspended: "all" or "unpaid_lines"."""

    kind: ActionKind
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyStage:
    """A stage: all given conditions must hold; `after_notice` delays what it suspends by full days."""

    name: str
    days: int | None = None
    amount: Decimal | None = None
    invoices: int | None = None
    actions: tuple[Action, ...] = ()
    after_notice: str = ""
    notice_days: int = 0
    business_hours: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a promise to pay does: stops "all", "suspension" or "nothing"; gives access back; lies how far ahead."""

    stops: Literal["all", "suspension", "nothing"] = "all"
    restores: bool = False
    longest_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPage:
    """A published version of a collections policy.

    A country that is listed has fees and interest of its own; `upcoming_days` before the due date customers are
    reminded, None: not at all.
    """

    contact: Contact
    name: str
    version: str
    effective_from: date | None = None
    currency: str
    timezone: str
    clock: Literal["due_date", "issue_date"] = "due_date"
    payment_days: int
    allocation: str = "oldest_due"
    stages: tuple[PolicyStage, ...]
    restore_below: Decimal = Decimal("0.01")
    fees: tuple[tuple[str, Decimal], ...] = ()
    interest_percent: Decimal = Decimal(0)
    country_fees: tuple[tuple[str, tuple[tuple[str, Decimal], ...]], ...] = ()
    country_interest: tuple[tuple[str, Decimal], ...] = ()
    upcoming_days: int | None = None
    promise: Promise = Promise()


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """A severity with its targets in minutes of business time; None where nothing is promised."""

    code: str
    first_response: int | None = None
    update: int | None = None
    solution: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportPlanPage:
    """A published support plan; `hours` maps weekdays (mon to sun) to spans such as "09:00-17:00"."""

    contact: Contact
    name: str
    version: str
    effective_from: date | None = None
    provider: Literal["own", "outsourced", "resold"] = "own"
    provider_name: str = ""
    timezone: str
    hours: tuple[tuple[str, tuple[str, ...]], ...]
    holidays: tuple[date, ...] = ()
    severities: tuple[Severity, ...]
    currency: str
    included_incidents: int | None = None
    per_incident: Decimal | None = None
    per_hour: Decimal | None = None
    vehicles: tuple[str, ...] = ()


type Page = PolicyPage | SupportPlanPage
