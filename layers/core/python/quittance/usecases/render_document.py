"""Makes the document of an issued invoice once and keeps its bytes under their hash; it is never made again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.errors import Conflict, Rejected
from quittance.runtime.clock import iso
from quittance.usecases.messages import RenderDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredInvoice:
    """An issued invoice's facts: amounts in minor units, signed as on the account; `body` as `store.invoices` keeps."""

    partner: str
    account: str
    invoice: str
    number: str
    issued: str
    due: str
    period: str | None
    currency: str
    net: int
    vat: int
    gross: int
    policy: str
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentFacts:
    """What a document is made of: the invoice as issued, and the profiles as they are."""

    invoice: StoredInvoice
    partner: Mapping[str, Any]
    account: Mapping[str, Any]


class Archive(Protocol):
    """The records of stored documents and what they are made of (store.documents)."""

    def recorded(self, partner: str, account: str, invoice: str) -> bool:
        """Tell whether the document of an invoice is stored."""
        ...

    def facts(self, partner: str, account: str, invoice: str) -> DocumentFacts | None:
        """Return what the document is made of, None while the invoice is not issued; NotFound for an unknown one."""
        ...

    def record(
        self, command: RenderDocument, *, sha256: str, location: str, rendered_at: str, fate: Mapping[str, Any]
    ) -> bool:
        """Store the record, and what became of its mail, unless there is one; False then."""
        ...


class Printer(Protocol):
    """Turns the facts into bytes (quittance_documents)."""

    def __call__(self, facts: DocumentFacts) -> bytes:
        """Return the bytes; Rejected where the document cannot be printed."""
        ...


class Post(Protocol):
    """Sends a document to its customer (usecases.deliver_invoice)."""

    def __call__(self, facts: DocumentFacts, location: str, content: bytes) -> Mapping[str, Any]:
        """Send it; return what its record keeps of that. While mail is down the sweep takes it up later."""
        ...


class Objects(Protocol):
    """Keeps bytes under a name."""

    def put(self, name: str, content: bytes) -> None:
        """Store bytes; storing the same again changes nothing."""
        ...


def render_document(
    command: RenderDocument, *, now: datetime, archive: Archive, printer: Printer, objects: Objects, post: Post
) -> str | None:
    """Make, store and send the document; return where it is, None when it was stored before.

    The bytes go first, the record that names their hash last: a crash between the two leaves an object nobody refers
    to, never a record without its object. One write keeps both that it is stored and that it was sent; a crash just
    before it sends the same mail again. Raises Rejected for an invoice that is not issued.
    """
    if archive.recorded(command.partner, command.account, command.invoice):
        return None
    facts = archive.facts(command.partner, command.account, command.invoice)
    if facts is None:
        raise Rejected(f"invoice {command.invoice!r} of account {command.account!r} is not issued", field="invoice")
    content = printer(facts)
    sha256 = hashlib.sha256(content).hexdigest()
    location = f"{command.partner}/{command.account}/{command.invoice}/{sha256}.pdf"
    objects.put(location, content)
    fate = post(facts, location, content)
    try:
        stored = archive.record(command, sha256=sha256, location=location, rendered_at=iso(now), fate=fate)
    except Conflict:
        stored = False
    return location if stored else None
