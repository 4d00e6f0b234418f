"""When an invoice's debt is settled: what a quittance says, and when it may be said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from quittance.domain.journal import JournalEntry
from quittance.domain.money import Money


@dataclass(frozen=True, slots=True)
class Share:
    """What one entry settled of the invoice: a payment, the use of credit, a credit note."""

    kind: str
    reference: str
    day: date
    amount: Money
    provider: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """A debt that is settled: of which invoice, since when, by what. `times` counts settlements of this invoice."""

    invoice: str
    number: str
    issued: date
    gross: Money
    settled_at: datetime
    times: int
    shares: tuple[Share, ...]


def settlement(invoice: str, entries: Iterable[JournalEntry]) -> Settlement | None:
    """Return how an invoice came to be settled; None while anything is owed on it, and where some was given up.

    What was written off is not paid: there is no quittance for it unless it is recovered.
    """
    story = sorted(entries, key=lambda entry: (entry.booked_at, entry.invoice != invoice))
    issued = next((entry for entry in story if entry.invoice == invoice and entry.gross > 0), None)
    if issued is None:
        return None
    owed, given_up, times = issued.gross, 0, 0
    shares: list[Share] = []
    settled_at = issued.booked_at
    for entry in story:
        share, back = entry.shares.get(invoice, 0), entry.recovered.get(invoice, 0)
        before = (owed, given_up)
        owed, given_up = owed - share, given_up - back
        if share + back:
            amount = Money(share + back, entry.currency)
            shares.append(Share(entry.kind, entry.reference, entry.day, amount, entry.provider))
        if (owed, given_up) == (0, 0) != before:
            settled_at, times = entry.booked_at, times + 1
    if owed != 0 or given_up != 0 or times == 0:
        return None
    return Settlement(
        invoice=invoice,
        number=issued.reference,
        issued=issued.day,
        gross=Money(issued.gross, issued.currency),
        settled_at=settled_at,
        times=times,
        shares=tuple(shares),
    )
