"""An account's statement: what was owed before, what happened in between, what is owed after."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from quittance.domain.journal import JournalEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementLine:
    """One entry that changed what is owed, in minor units; `balance` is what is owed after it."""

    posted: date
    day: date
    kind: str
    reference: str
    change: int
    balance: int

    @property
    def debit(self) -> int:
        """By how much more is owed."""
        return max(self.change, 0)

    @property
    def credit(self) -> int:
        """By how much less is owed."""
        return max(-self.change, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A statement from a day to a day, both included; amounts in minor units, positive where the customer owes."""

    first: date
    last: date
    currency: str
    opening: int
    lines: tuple[StatementLine, ...]

    @property
    def closing(self) -> int:
        """What is owed at the end of the last day."""
        return self.lines[-1].balance if self.lines else self.opening


def statement(entries: Iterable[tuple[date, JournalEntry]], *, currency: str, first: date, last: date) -> Statement:
    """Return the statement of one account by posting days; entries that change nothing owed have no line.

    Posting days, as the trial balance has them: the closing balances of all accounts are its claims less its credits.
    """
    within = sorted(
        (one for one in entries if one[0] <= last and one[1].claim),
        key=lambda one: (one[0], one[1].booked_at, one[1].reference),
    )
    balance = opening = sum(entry.claim for day, entry in within if day < first)
    lines = []
    for day, entry in within:
        if day < first:
            continue
        balance += entry.claim
        lines.append(
            StatementLine(
                posted=day,
                day=entry.day,
                kind=entry.kind,
                reference=entry.reference,
                change=entry.claim,
                balance=balance,
            )
        )
    return Statement(first=first, last=last, currency=currency, opening=opening, lines=tuple(lines))
