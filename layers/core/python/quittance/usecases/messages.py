"""What travels between the functions: JSON objects told apart by `type`; each may come twice, late or out of order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from quittance.usecases.message import Message as Message  # noqa: PLC0414  # part of this module for its users
from quittance.usecases.payment_message import ApplyPayment as ApplyPayment  # noqa: PLC0414  # as above


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRun(Message):
    """Plan a billing run: one Issue message an account.

    `request` and `attempt` keep a FIFO queue from taking a later plan for a copy of an earlier one.
    """

    TYPE: ClassVar[str] = "plan"
    QUEUE: ClassVar[str] = "INVOICES"
    partner: str
    run: str
    request: int = 1
    attempt: int = 0

    @property
    def group(self) -> str:
        """The partner, a legal entity: numbers are given one after the other."""
        return self.partner


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueInvoice(Message):
    """Issue one draft invoice; `cause` says who asked, so that a later request is no copy of an earlier one."""

    TYPE: ClassVar[str] = "issue"
    QUEUE: ClassVar[str] = "INVOICES"
    partner: str
    account: str
    invoice: str
    cause: str = ""

    @property
    def group(self) -> str:
        """The partner, a legal entity: numbers are given one after the other."""
        return self.partner


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderDocument(Message):
    """Make and store the document of an issued invoice."""

    TYPE: ClassVar[str] = "render"
    QUEUE: ClassVar[str] = "DOCUMENTS"
    partner: str
    account: str
    invoice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderReceipt(Message):
    """Make and send the receipt of an invoice on which nothing is owed any more."""

    TYPE: ClassVar[str] = "receipt"
    QUEUE: ClassVar[str] = "DOCUMENTS"
    partner: str
    account: str
    invoice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintReceipt(Message):
    """Print a receipt again and store it, for somebody asks for it; `receipt` is its name, as DeliverReceipt has it."""

    TYPE: ClassVar[str] = "print_receipt"
    QUEUE: ClassVar[str] = "DOCUMENTS"
    partner: str
    account: str
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assess(Message):
    """Evaluate an account's arrears; `cause` says why, for the log."""

    TYPE: ClassVar[str] = "assess"
    QUEUE: ClassVar[str] = "ARREARS"
    partner: str
    account: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepShard(Message):
    """Read one shard of the due index up to a moment and ask for the assessment of what is due."""

    TYPE: ClassVar[str] = "sweep"
    QUEUE: ClassVar[str] = "ARREARS"
    lane: str
    shard: int
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverNotice(Message):
    """Send a notice by mail."""

    TYPE: ClassVar[str] = "deliver"
    QUEUE: ClassVar[str] = "NOTICES"
    partner: str
    account: str
    notice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverInvoice(Message):
    """Send the stored document of an invoice by mail."""

    TYPE: ClassVar[str] = "invoice"
    QUEUE: ClassVar[str] = "NOTICES"
    partner: str
    account: str
    invoice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailTold(Message):
    """Note what became of a notice's mail: delivered, bounced or complained; empty names are of another mail."""

    TYPE: ClassVar[str] = "mail"
    QUEUE: ClassVar[str] = "NOTICES"
    partner: str
    account: str
    notice: str
    event: str
    recipient: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertPayable(Message):
    """Tell the partner by mail that a vendor invoice is unpaid; `number` counts the alerts of one invoice."""

    TYPE: ClassVar[str] = "alert"
    QUEUE: ClassVar[str] = "NOTICES"
    partner: str
    vendor_invoice: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverReceipt(Message):
    """Send a stored receipt by mail; `receipt` names the invoice and which settlement of it."""

    TYPE: ClassVar[str] = "receipt"
    QUEUE: ClassVar[str] = "NOTICES"
    partner: str
    account: str
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToggleAccess(Message):
    """Bring the vendor's state of a subscription to what collections want; older generations are stale.

    Generation 0 stands for the newest: a later try knows no other. `attempt` keeps a FIFO queue from taking a later
    try for a copy of the first.
    """

    TYPE: ClassVar[str] = "toggle"
    QUEUE: ClassVar[str] = "ACCESS"
    partner: str
    account: str
    subscription: str
    generation: int
    attempt: int = 0

    @property
    def group(self) -> str:
        """The subscription."""
        return f"{self.partner}.{self.account}.{self.subscription}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookAtSubscription(Message):
    """Compare a subscription with the vendor's and change nothing there; `asked_at` tells two requests apart."""

    TYPE: ClassVar[str] = "look"
    QUEUE: ClassVar[str] = "ACCESS"
    partner: str
    account: str
    subscription: str
    asked_at: str

    @property
    def group(self) -> str:
        """The subscription, so that no look comes between the steps of switching it."""
        return f"{self.partner}.{self.account}.{self.subscription}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkTicket(Message):
    """Triage a ticket or go on with its escalation."""

    TYPE: ClassVar[str] = "ticket"
    QUEUE: ClassVar[str] = "TICKETS"
    partner: str
    account: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptCharges(Message):
    """Give an account the open charges of its vendor customer."""

    TYPE: ClassVar[str] = "adopt"
    QUEUE: ClassVar[str] = "IMPORTS"
    partner: str
    account: str
    vendor_customer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportFiles(Message):
    """Import files that were uploaded: pairs of bucket and key, as the object store told."""

    TYPE: ClassVar[str] = "import"
    QUEUE: ClassVar[str] = "IMPORTS"
    objects: list[list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowPayment(Message):
    """Note whose a booked payment is, and book what was told of it before it came."""

    TYPE: ClassVar[str] = "follow"
    QUEUE: ClassVar[str] = "PAYMENTS"
    partner: str
    account: str
    provider: str
    payment_id: str

    @property
    def group(self) -> str:
        """The account, as its payments'."""
        return f"{self.partner}.{self.account}"
