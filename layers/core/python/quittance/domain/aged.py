"""Aged receivables as of any moment: replayed from what was booked by then, never from what stands now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from quittance.domain.journal import JournalEntry

BUCKETS = ("not_due", "1_30", "31_60", "61_90", "over_90")
_ENDS = ((0, "not_due"), (30, "1_30"), (60, "31_60"), (90, "61_90"))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgedInvoice:
    """What was left to pay of an invoice, in minor units, and how many days it was past due (negative: not yet)."""

    invoice: str
    number: str
    due: date
    remaining: int
    days: int

    @property
    def bucket(self) -> str:
        """The column it stands in; the due day itself is not late."""
        return next((name for end, name in _ENDS if self.days <= end), BUCKETS[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """An account's receivables at a moment: its unsettled invoices, the oldest due first, less its credit."""

    account: str
    currency: str
    invoices: tuple[AgedInvoice, ...]
    credit: int

    @property
    def buckets(self) -> Mapping[str, int]:
        """What is owed by age, in minor units."""
        sums = Counter(dict.fromkeys(BUCKETS, 0))
        for one in self.invoices:
            sums[one.bucket] += one.remaining
        return dict(sums)

    @property
    def balance(self) -> int:
        """What the customer owes altogether: negative where its credit is larger."""
        return sum(one.remaining for one in self.invoices) - self.credit


def aged(account: str, currency: str, entries: Iterable[JournalEntry], at: datetime, zone: tzinfo) -> Aged:
    """Return what was owed at a moment, by what was booked until then; days count in the given time zone."""
    today = at.astimezone(zone).date()
    known = [entry for entry in entries if entry.booked_at <= at]
    settled: Counter[str] = Counter()
    for entry in known:
        settled.update(entry.shares)
    invoices = [
        AgedInvoice(
            invoice=entry.invoice,
            number=entry.reference,
            due=entry.due,
            remaining=entry.gross - settled[entry.invoice],
            days=(today - entry.due).days,
        )
        for entry in known
        if entry.invoice is not None and entry.due is not None and entry.gross > 0
    ]
    unsettled = sorted((one for one in invoices if one.remaining), key=lambda one: (one.due, one.number))
    credit = sum(entry.credit for entry in known)
    return Aged(account=account, currency=currency, invoices=tuple(unsettled), credit=credit)
