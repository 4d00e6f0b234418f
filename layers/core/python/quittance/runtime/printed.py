"""The composition of sending what was just printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quittance.domain.partner import parse_partner
from quittance.runtime.mailing import mailer
from quittance.store.keys import Key
from quittance.store.mailing import FirstTry, first_parcel
from quittance.usecases.deliver_invoice import deliver
from quittance.usecases.render_document import DocumentFacts


@dataclass(frozen=True, slots=True)
class _Printed:
    """Bytes that need not be read back, for whoever printed them sends them."""

    content: bytes

    def read(self, _location: str) -> bytes:
        return self.content


def send_printed(
    facts: DocumentFacts, location: str, content: bytes, *, record: Key, now: datetime, receipt: str | None = None
) -> dict[str, Any]:
    """Send what was just printed; return what its record keeps of that."""
    first = FirstTry(record)
    deliver(
        first_parcel(facts, location, receipt),
        documents=first,
        files=_Printed(content),
        partners=lambda partner: parse_partner(partner, facts.partner),
        mailer=mailer(),
        now=now,
    )
    return first.fate
