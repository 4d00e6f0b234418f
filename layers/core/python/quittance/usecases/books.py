"""What the books say: trial balance, statement, aged receivables, deferred revenue, exports; and closing a period.

Whatever covers a partner is read account by account from the list of accounts, a page at a time. A page tells after
which account the next begins; every figure is a sum, so the pages of a report add up to the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from quittance.domain.aged import Aged, aged
from quittance.domain.datev import Booking, DatevSettings, bookings, parse_settings
from quittance.domain.deferred import ServiceLine
from quittance.domain.errors import NotFound, Rejected
from quittance.domain.journal import Closing, JournalEntry, posted
from quittance.domain.periods import checked_period, first_and_last
from quittance.domain.statement import Statement, statement
from quittance.domain.trial_balance import Row, trial_balance

SETTLING = timedelta(minutes=15)
"""How long what was begun before a period was closed may still be on its way: the longest a function runs."""

Posted = tuple[date, JournalEntry]


class Journal(Protocol):
    """The entries in the accounts' partitions (store.journal)."""

    def entries(self, partner: str, account: str, zone: tzinfo) -> Iterator[JournalEntry]:
        """Yield an account's entries."""
        ...

    def service_lines(self, partner: str, account: str) -> Iterator[ServiceLine]:
        """Yield the lines of an account's documents that charge for a time."""
        ...


class Bookkeeping(Protocol):
    """What the partner keeps about its books as a whole (store.bookkeeping)."""

    def closings(self, partner: str) -> list[tuple[str, Closing]]:
        """Return the closed periods in their order."""
        ...

    def close(self, partner: str, period: str, *, at: datetime, by: str) -> bool:
        """Close a period; False where it was closed before."""
        ...

    def datev_settings(self, partner: str) -> Any:
        """Return what was put for DATEV exports."""
        ...

    def write_datev_settings(self, partner: str, settings: Any) -> None:
        """Store it."""
        ...


class Accounts(Protocol):
    """The partner's list of accounts (store.partners)."""

    def account_entries(self, partner: str, *, after: str | None, limit: int) -> list[tuple[str, str]]:
        """Return ids and names from after one on."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A partner's books as they are read: its calendar and its closed periods, the same for a whole report."""

    partner: str
    zone: ZoneInfo
    journal: Journal
    accounts: Accounts
    closed: tuple[tuple[str, Closing], ...] = ()

    def page(self, after: str | None, limit: int) -> tuple[list[str], str | None]:
        """Return a page of the accounts' ids, and after which one the next page begins; None at the end."""
        found = [id_ for id_, _ in self.accounts.account_entries(self.partner, after=after, limit=limit)]
        return found, found[-1] if len(found) == limit else None

    def entries(self, account: str) -> Iterator[JournalEntry]:
        """Yield an account's entries."""
        return self.journal.entries(self.partner, account, self.zone)

    def posted(self, accounts: Iterable[str]) -> Iterator[Posted]:
        """Yield the entries of accounts with the days under which they stand in the books."""
        closings = [closing for _, closing in self.closed]
        for account in accounts:
            for entry in self.entries(account):
                yield posted(entry, closings, self.zone), entry

    def within(self, accounts: Iterable[str], period: str) -> list[Posted]:
        """Return the entries of a period, by account and day."""
        first, last = first_and_last(checked_period(period))
        found = [one for one in self.posted(accounts) if first <= one[0] <= last]
        return sorted(found, key=lambda one: (one[1].account, one[0], one[1].booked_at, one[1].reference))

    def closing_of(self, period: str) -> Closing | None:
        """Return the closing that covers a period; None while it is open."""
        last = first_and_last(checked_period(period))[1]
        covering = [closing for _, closing in self.closed if closing.through >= last]
        return min(covering, key=lambda closing: closing.closed_at, default=None)

    def final(self, period: str, now: datetime) -> bool:
        """Tell whether a period's figures can change no more: closed, and nothing on its way any longer."""
        closing = self.closing_of(period)
        return closing is not None and now >= closing.closed_at + SETTLING


def balance(books: Books, accounts: Iterable[str], period: str) -> list[Row]:
    """Return the trial balance of accounts for a period."""
    first, last = first_and_last(checked_period(period))
    return trial_balance(books.posted(accounts), first, last)


def account_statement(books: Books, account: str, *, currency: str, first: date, last: date) -> Statement:
    """Return an account's statement; Rejected when it ends before it begins."""
    if last < first:
        raise Rejected(f"to: {last} is before {first}; give the last day of the statement", field="to")
    return statement(books.posted((account,)), currency=currency, first=first, last=last)


def receivables(books: Books, accounts: Iterable[str], at: datetime) -> list[Aged]:
    """Return the aged receivables of those accounts that owed or were owed something at a moment."""
    found = []
    for account in accounts:
        entries = list(books.entries(account))
        if entries:
            one = aged(account, entries[0].currency, entries, at, books.zone)
            if one.invoices or one.credit:
                found.append(one)
    return found


def deferred(books: Books, accounts: Iterable[str], at: date) -> list[tuple[ServiceLine, int]]:
    """Return what was invoiced until a day for days after it, line by line."""
    lines = (line for account in accounts for line in books.journal.service_lines(books.partner, account))
    parts = ((line, line.deferred(at)) for line in lines if line.posted <= at)
    return [(line, part) for line, part in parts if part]


def close_period(books: Books, period: str, *, now: datetime, by: str, bookkeeping: Bookkeeping) -> Closing:
    """Close a period and all before it for good; closing it again changes nothing.

    Rejected before it is over in the partner's time zone.
    """
    last = first_and_last(checked_period(period))[1]
    if last >= now.astimezone(books.zone).date():
        raise Rejected(f"period: {period} is not over; close it after {last.isoformat()}", field="period")
    closing = books.closing_of(period)
    if closing is None:
        bookkeeping.close(books.partner, period, at=now, by=by)
        closing = next(one for name, one in bookkeeping.closings(books.partner) if name == period)
    return closing


def put_settings(partner: str, definition: Any, *, bookkeeping: Bookkeeping) -> None:
    """Store what DATEV exports are made with; Rejected names the field."""
    parse_settings(definition)
    bookkeeping.write_datev_settings(partner, definition)


def datev_bookings(
    books: Books, accounts: Iterable[str], period: str, *, currency: str, bookkeeping: Bookkeeping
) -> tuple[DatevSettings, list[Booking]]:
    """Return a period's bookings in one currency and the settings they are made with; NotFound before those."""
    stored = bookkeeping.datev_settings(books.partner)
    if stored is None:
        raise NotFound("no DATEV settings; put them first (PUT /v1/books/datev-settings)")
    settings = parse_settings(stored)
    lines = (one for one in books.within(accounts, period) if one[1].currency == currency)
    return settings, [booking for day, entry in lines for booking in bookings(day, entry, settings)]
