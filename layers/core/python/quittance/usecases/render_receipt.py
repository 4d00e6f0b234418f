"""Makes the quittance: the document that says that the debt of an invoice is settled, once for each settlement.

It goes out by mail as soon as it is printed. Few people ask for it again and an object costs eight times what its
record does, so its bytes are not stored: the record keeps its facts and the hash of its bytes, and whoever asks gets
the same bytes printed from the same facts. Only one whose mail did not go out is stored at once, for whoever sends it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from quittance.domain.errors import Poison
from quittance.domain.settlement import Settlement
from quittance.runtime.clock import iso
from quittance.usecases.messages import PrintReceipt, RenderReceipt
from quittance.usecases.render_document import DocumentFacts, Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptFacts:
    """What a receipt is made of: the settlement, its day in the customer's time zone, and the invoice's own facts."""

    settlement: Settlement
    settled_on: date
    document: DocumentFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReceipt:
    """A receipt as its record tells: its JSON form (None where its bytes are stored), their hash and their place."""

    form: Mapping[str, Any] | None
    sha256: str
    location: str | None


class Archive(Protocol):
    """The records of receipts and what they are made of (store.receipts)."""

    def facts(self, partner: str, account: str, invoice: str) -> ReceiptFacts | None:
        """Return what a receipt is made of; None while the invoice is not settled by payment."""
        ...

    def recorded(self, partner: str, account: str, invoice: str, times: int) -> bool:
        """Tell whether the receipt of a settlement is made."""
        ...

    def fits(self, form: Mapping[str, Any]) -> bool:
        """Tell whether a record takes the JSON form."""
        ...

    def record(
        self, command: RenderReceipt, facts: Settlement, kept: KeptReceipt, *, at: str, fate: Mapping[str, Any]
    ) -> bool:
        """Store the record, and what became of its mail, unless there is one; False then."""
        ...


class Records(Protocol):
    """The records of receipts that were made (store.receipts)."""

    def kept(self, partner: str, account: str, receipt: str) -> KeptReceipt | None:
        """Return a receipt by the name that messages give it; None where there is none."""
        ...

    def stored(self, partner: str, account: str, receipt: str, location: str) -> None:
        """Record where its bytes are stored now."""
        ...


class Form(Protocol):
    """Turns the facts into the receipt's JSON form (adapters.receipt_document)."""

    def __call__(self, facts: ReceiptFacts) -> dict[str, Any]:
        """Return all that the receipt shows."""
        ...


class Printer(Protocol):
    """Turns the JSON form into bytes (quittance_documents)."""

    def __call__(self, form: Mapping[str, Any]) -> bytes:
        """Return the bytes, the same for the same form; Rejected where the receipt cannot be printed."""
        ...


class Post(Protocol):
    """Sends a receipt to its customer (usecases.deliver_invoice)."""

    def __call__(self, facts: ReceiptFacts, location: str, content: bytes) -> Mapping[str, Any]:
        """Send it; return what its record keeps of that."""
        ...


def render_receipt(
    command: RenderReceipt,
    *,
    now: datetime,
    archive: Archive,
    form: Form,
    printer: Printer,
    objects: Objects,
    post: Post,
) -> bool:
    """Make and send the receipt; False when there is nothing to confirm or it was made before.

    What is confirmed is what the journal says now: a payment that was taken back meanwhile gets no receipt. The record
    comes last: until then all of it is done again.
    """
    facts = archive.facts(command.partner, command.account, command.invoice)
    if facts is None:
        return False
    found = facts.settlement
    if archive.recorded(command.partner, command.account, command.invoice, found.times):
        return False
    shown = form(facts)
    content = printer(shown)
    sha256 = hashlib.sha256(content).hexdigest()
    location = place(command.partner, command.account, receipt_name(command.invoice, found.times), sha256)
    fate = post(facts, location, content)
    kept = KeptReceipt(form=shown, sha256=sha256, location=None)
    if "sent_at" not in fate or not archive.fits(shown):
        objects.put(location, content)
        kept = KeptReceipt(form=None, sha256=sha256, location=location)
    return archive.record(command, found, kept, at=iso(now), fate=fate)


def print_receipt(command: PrintReceipt, *, archive: Records, printer: Printer, objects: Objects) -> bool:
    """Print a receipt again from its record and store the bytes; False where that was done, or there is none.

    Poison when they are not the bytes that the customer got: nothing else may go by their name.
    """
    kept = archive.kept(command.partner, command.account, command.receipt)
    if kept is None or kept.location is not None:
        return False
    content = printer(kept.form or {})
    if (sha256 := hashlib.sha256(content).hexdigest()) != kept.sha256:
        raise Poison(
            f"receipt {command.receipt!r}: printed again its SHA-256 is {sha256[:12]}, recorded is {kept.sha256[:12]};"
            " print it with the version that made it, or take the copy in the customer's mail"
        )
    location = place(command.partner, command.account, command.receipt, sha256)
    objects.put(location, content)
    archive.stored(command.partner, command.account, command.receipt, location)
    return True


def receipt_name(invoice: str, times: int) -> str:
    """Return what messages call the receipt of a settlement."""
    return f"{invoice}#{times:04d}"


def place(partner: str, account: str, receipt: str, sha256: str) -> str:
    """Return where the bytes of a receipt are when they are stored."""
    invoice, _, times = receipt.rpartition("#")
    return f"{partner}/{account}/{invoice}/receipt-{times}/{sha256}.pdf"
