"""What a notice tells: plain values, amounts in major units, dates in the account's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

type NextKind = Literal["reminder", "final", "suspend", "suspend_unpaid"]

KINDS = (
    "invoice_issued",
    "credit_note_issued",
    "receipt",
    "upcoming",
    "reminder",
    "final",
    "suspended",
    "restored",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The partner as its customer meets it: who writes, and whom to call."""

    name: str
    email: str = ""
    phone: str = ""
    address: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """An invoice (or credit note) the notice is about, and what is open on it."""

    number: str
    issued: date
    due: date | None
    open_amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """How to pay: a bank account, a payment page, or both."""

    reference: str = ""
    account_holder: str = ""
    iban: str = ""
    bic: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What happens if nothing is paid, and not before which day."""

    kind: NextKind
    at: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeContent:
    """A notice of any kind; a stage's own notice name (say "second_reminder") reads as a reminder.

    `services` names the subscriptions that are or would be disabled; empty means all of the account's.
    `data_days` is how long the vendor keeps data of disabled services at least. `notes` are added as written.
    `ahead` are invoices that are not late but will soon be due. `fee` is what this notice costs, `interest` what
    being late costs, in per cent a year; None for nothing.
    """

    kind: str
    locale: str
    sender: Sender
    account_name: str
    contact_name: str = ""
    currency: str
    invoices: tuple[OpenInvoice, ...] = ()
    total: Decimal
    pay_by: date | None = None
    next_step: NextStep | None = None
    services: tuple[str, ...] = ()
    data_days: int = 90
    payment: Payment = Payment()
    policy_name: str = ""
    policy_url: str = ""
    attached: bool = False
    notes: tuple[str, ...] = ()
    ahead: tuple[OpenInvoice, ...] = ()
    tone: Literal["formal", "friendly"] = "formal"
    fee: Decimal | None = None
    interest: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """A finished mail; the two bodies say the same."""

    subject: str
    text: str
    html: str
