"""What travels between the functions: JSON objects told apart by `type`; each may come twice, late or out of order."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Self

from quittance.domain.errors import Poison


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Base: encodes to and decodes from the JSON body of a queue message."""

    TYPE: ClassVar[str] = ""
    QUEUE: ClassVar[str] = ""

    def to_json(self) -> str:
        """Return the body as compact JSON with its type."""
        return json.dumps({"type": self.TYPE, **asdict(self)}, separators=(",", ":"))

    @classmethod
    def from_mapping(cls, body: dict[str, Any]) -> Self:
        """Read a decoded body; Poison when the type or a field is not what the contract says."""
        if body.get("type") != cls.TYPE:
            raise Poison(f"type: {body.get('type')!r} where {cls.TYPE!r} was expected")
        names = {field.name for field in fields(cls)}
        try:
            return cls(**{name: value for name, value in body.items() if name in names})
        except TypeError as problem:
            raise Poison(f"{cls.TYPE}: {problem}") from problem


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRun(Message):
    """Plan a billing run: one Issue message an account."""

    TYPE: ClassVar[str] = "plan"
    QUEUE: ClassVar[str] = "INVOICES"
    partner: str
    run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueInvoice(Message):
    """Issue one draft invoice."""

    TYPE: ClassVar[str] = "issue"
    QUEUE: ClassVar[str] = "INVOICES"
    partner: str
    account: str
    invoice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderDocument(Message):
    """Make and store the document of an issued invoice."""

    TYPE: ClassVar[str] = "render"
    QUEUE: ClassVar[str] = "DOCUMENTS"
    partner: str
    account: str
    invoice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPayment(Message):
    """Book a provider's payment; `amount` in minor units of `currency`."""

    TYPE: ClassVar[str] = "payment"
    QUEUE: ClassVar[str] = "PAYMENTS"
    partner: str
    provider: str
    event_id: str
    payment_id: str
    kind: str
    amount: int
    currency: str
    received_at: str
    account: str | None = None
    invoice: str | None = None
    reason: str | None = None


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
class ToggleAccess(Message):
    """Bring the vendor's state of a subscription to what collections want; older generations are stale.

    `attempt` keeps a FIFO queue from taking a later try for a copy of the first.
    """

    TYPE: ClassVar[str] = "toggle"
    QUEUE: ClassVar[str] = "ACCESS"
    partner: str
    account: str
    subscription: str
    generation: int
    attempt: int = 0


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
