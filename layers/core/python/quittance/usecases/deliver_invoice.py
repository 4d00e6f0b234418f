"""Send an issued document to its customer by mail, once, as soon as its bytes are stored.

Whoever printed it sends it at once; what could not be sent then is taken up by the sweep. The record of the document
keeps when it was sent. Only a crash between the mail and that record lets a later delivery send the same mail again,
with the same identity. While mail is down the document waits in the due index.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from quittance.domain.access import backoff
from quittance.domain.account import Profile
from quittance.domain.errors import Poison, Rejected, Transient
from quittance.domain.money import Money
from quittance.domain.partner import Partner
from quittance.usecases.messages import DeliverInvoice, DeliverReceipt


class Outcome(StrEnum):
    """What came of a message."""

    SENT = "sent"
    NOTHING = "nothing"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An issued document on its way: figures carry the sign they have on the account, a credit note's is negative."""

    partner: str
    profile: Profile
    invoice: str
    number: str
    issued: date
    due: date
    gross: Money
    policy: str
    location: str
    attempt: int
    receipt: str | None = None

    @property
    def name(self) -> str:
        """What the mail is called: the invoice, or which receipt of it."""
        return self.receipt.replace("#", ".receipt-") if self.receipt else self.invoice

    @property
    def kind(self) -> str:
        """What the mail announces."""
        if self.receipt:
            return "receipt"
        return "credit_note_issued" if self.gross.minor < 0 else "invoice_issued"


class Fates(Protocol):
    """Keeps what became of parcels."""

    def sent(self, parcel: Parcel, at: datetime) -> None:
        """Record that it was sent."""
        ...

    def postpone(self, parcel: Parcel, until: datetime) -> None:
        """Let the sweep bring it again."""
        ...

    def give_up(self, parcel: Parcel, reason: str, at: datetime) -> None:
        """Leave it to a person."""
        ...


class Documents(Fates, Protocol):
    """Keeps which documents were sent; one of invoices, one of receipts."""

    def unsent(self, partner: str, account: str, name: str) -> Parcel | None:
        """Return a stored document that was not sent yet; None when it was, or is not stored."""
        ...


class Files(Protocol):
    """Reads stored bytes."""

    def read(self, location: str) -> bytes:
        """Return the bytes; Poison when they are gone."""
        ...


class Partners(Protocol):
    """Finds who a partner is."""

    def __call__(self, partner: str) -> Partner:
        """Return it; NotFound before it was put."""
        ...


class Mailer(Protocol):
    """Sends parcels."""

    def send_parcel(self, parcel: Parcel, partner: Partner, content: bytes, at: datetime) -> None:
        """Return when the mail was taken; Transient while mail is down, Rejected when it takes this one never."""
        ...


def deliver_invoice(
    message: DeliverInvoice, *, documents: Documents, files: Files, partners: Partners, mailer: Mailer, now: datetime
) -> Outcome:
    """Send the document of an invoice unless it was sent; what nobody takes becomes a person's task."""
    parcel = documents.unsent(message.partner, message.account, message.invoice)
    return deliver(parcel, documents=documents, files=files, partners=partners, mailer=mailer, now=now)


def deliver_receipt(
    message: DeliverReceipt, *, receipts: Documents, files: Files, partners: Partners, mailer: Mailer, now: datetime
) -> Outcome:
    """Send the receipt of a settled invoice, in the same way."""
    parcel = receipts.unsent(message.partner, message.account, message.receipt)
    return deliver(parcel, documents=receipts, files=files, partners=partners, mailer=mailer, now=now)


def deliver(
    parcel: Parcel | None, *, documents: Fates, files: Files, partners: Partners, mailer: Mailer, now: datetime
) -> Outcome:
    """Send a parcel and keep what became of it: sent, again later, or a person's task; nothing where there is none."""
    if parcel is None:
        return Outcome.NOTHING
    try:
        mailer.send_parcel(parcel, partners(parcel.partner), files.read(parcel.location), now)
    except Transient:
        documents.postpone(parcel, now + backoff(parcel.attempt))
        return Outcome.LATER
    except (Rejected, Poison) as problem:
        documents.give_up(parcel, problem.message, now)
        return Outcome.REFUSED
    documents.sent(parcel, now)
    return Outcome.SENT
