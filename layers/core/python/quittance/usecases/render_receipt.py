"""Makes the quittance: the document that says that the debt of an invoice is settled, once for each settlement."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from quittance.domain.settlement import Settlement
from quittance.runtime.clock import iso
from quittance.usecases.messages import RenderReceipt
from quittance.usecases.render_document import DocumentFacts, Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """What a receipt is made of: the settlement, its day in the customer's time zone, and the invoice's own facts."""

    settlement: Settlement
    settled_on: date
    document: DocumentFacts


class Archive(Protocol):
    """The records of receipts and what they are made of (store.receipts)."""

    def facts(self, partner: str, account: str, invoice: str) -> ReceiptFacts | None:
        """Return what a receipt is made of; None while the invoice is not settled by payment."""
        ...

    def recorded(self, partner: str, account: str, invoice: str, times: int) -> bool:
        """Tell whether the receipt of a settlement is stored."""
        ...

    def record(
        self, command: RenderReceipt, facts: Settlement, *, sha256: str, location: str, at: str, fate: Mapping[str, Any]
    ) -> bool:
        """Store the record, and what became of its mail, unless there is one; False then."""
        ...


class Printer(Protocol):
    """Turns the facts into bytes (quittance_documents)."""

    def __call__(self, facts: ReceiptFacts) -> bytes:
        """Return the bytes; Rejected where the receipt cannot be printed."""
        ...


class Post(Protocol):
    """Sends a receipt to its customer (usecases.deliver_invoice)."""

    def __call__(self, facts: ReceiptFacts, location: str, content: bytes) -> Mapping[str, Any]:
        """Send it; return what its record keeps of that."""
        ...


def render_receipt(
    command: RenderReceipt, *, now: datetime, archive: Archive, printer: Printer, objects: Objects, post: Post
) -> str | None:
    """Make, store and send the receipt; return where it is, None when there is nothing to confirm or it is there.

    What is confirmed is what the journal says now: a payment that was taken back meanwhile gets no receipt. The bytes
    go first, the record that names their hash last, as for invoices.
    """
    facts = archive.facts(command.partner, command.account, command.invoice)
    if facts is None:
        return None
    found = facts.settlement
    if archive.recorded(command.partner, command.account, command.invoice, found.times):
        return None
    content = printer(facts)
    sha256 = hashlib.sha256(content).hexdigest()
    location = f"{command.partner}/{command.account}/{command.invoice}/receipt-{found.times:04d}/{sha256}.pdf"
    objects.put(location, content)
    fate = post(facts, location, content)
    stored = archive.record(command, found, sha256=sha256, location=location, at=iso(now), fate=fate)
    return location if stored else None
