"""The journal: every entry of the books as the accounts' items tell it, with its three times.

A fact has a day (when the customer paid, the date on the invoice), a moment at which it was booked, and a day under
which it stands in the books. The last follows from the first two and from which periods were closed by then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from quittance.domain.ledger import CUSTOMER_CREDIT, RECEIVABLE, Posting


@dataclass(frozen=True, slots=True)
class Closing:
    """A period that was closed: its last day, and the moment from which nothing is posted into it any more."""

    through: date
    closed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One entry of an account, of one currency: a debit is positive, a credit negative.

    `day` is the fact's own date in the partner's time zone. `shares` tells in minor units by how much it settles which
    of the account's own invoices (negative: owed again). `invoice`, `gross` and `due` are given for the issue of an
    invoice.
    """

    account: str
    kind: str
    reference: str
    day: date
    booked_at: datetime
    currency: str
    postings: tuple[Posting, ...]
    shares: Mapping[str, int] = field(default_factory=dict)
    recovered: Mapping[str, int] = field(default_factory=dict)
    invoice: str | None = None
    gross: int = 0
    due: date | None = None
    provider: str | None = None

    @property
    def claim(self) -> int:
        """By how much the customer owes more: what is posted to its claims and its credit, in minor units."""
        return sum(one.amount.minor for one in self.postings if one.account in (RECEIVABLE, CUSTOMER_CREDIT))

    @property
    def credit(self) -> int:
        """By how much the customer's credit grows, in minor units.

        Whatever changes the claim changes what is open on invoices or the credit: a credit note is credit as far as
        it settles no invoice.
        """
        issued = self.gross if self.invoice and self.gross > 0 else 0
        return issued - sum(self.shares.values()) - self.claim


def posting_day(day: date, booked_at: datetime, closings: Iterable[Closing], zone: tzinfo) -> date:
    """Return the day under which a fact stands in the books.

    It is the fact's own day while the period of that day is open. What is booked after the period was closed, a late
    payment or a correction, stands under the day of booking, and never before the first open day. Booking itself
    therefore needs to read nothing, and a period that is closed keeps its figures for good.
    """
    closed = [one.through for one in closings if one.closed_at <= booked_at]
    if not closed or day > max(closed):
        return day
    return max(booked_at.astimezone(zone).date(), max(closed) + timedelta(days=1))


def posted(entry: JournalEntry, closings: Iterable[Closing], zone: tzinfo) -> date:
    """Return the day under which an entry stands in the books."""
    return posting_day(entry.day, entry.booked_at, closings, zone)
