"""The trial balance: what each ledger account held before a period, what was debited and credited, what it holds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from quittance.domain.journal import JournalEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One ledger account in one currency, in minor units: balances are debits less credits."""

    ledger: str
    currency: str
    opening: int = 0
    debit: int = 0
    credit: int = 0

    @property
    def closing(self) -> int:
        """What it holds after the period."""
        return self.opening + self.debit - self.credit


def trial_balance(entries: Iterable[tuple[date, JournalEntry]], first: date, last: date) -> list[Row]:
    """Sum entries with their posting days into rows by currency and ledger account; what comes later does not count.

    It is a sum: the rows of parts of the accounts, added up, are the rows of all.
    """
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for day, entry in entries:
        if day > last:
            continue
        for posting in entry.postings:
            row = sums[posting.amount.currency, posting.account]
            minor = posting.amount.minor
            place = 0 if day < first else 1 if minor > 0 else 2
            row[place] += -minor if place == 2 else minor  # noqa: PLR2004  # the third column is the credits'
    return [_row(currency, ledger, row) for (currency, ledger), row in sorted(sums.items())]


def _row(currency: str, ledger: str, row: list[int]) -> Row:
    opening, debit, credit = row
    return Row(ledger=ledger, currency=currency, opening=opening, debit=debit, credit=credit)


def out_of_balance(rows: Iterable[Row]) -> Iterator[tuple[str, int]]:
    """Yield each currency whose opening or closing balances do not sum to zero, with the worse of the sums."""
    found = list(rows)
    for currency in sorted({row.currency for row in found}):
        mine = [row for row in found if row.currency == currency]
        off = max((sum(row.opening for row in mine), sum(row.closing for row in mine)), key=abs)
        if off:
            yield currency, off
