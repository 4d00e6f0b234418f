"""Issues several invoices of a series in one transaction, where a batch of messages brings several.

The counter of the series is paid for once, and what belongs to the partner is read once. One attempt, all or nothing:
whatever stands in its way, `issue_invoice` does the same invoices one by one, or tells why it cannot.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Protocol

from quittance.domain.errors import QuittanceError
from quittance.domain.invoice import IssuedInvoice
from quittance.domain.numbering import document_number, legal_entity, prefix_of, series_year
from quittance.usecases.issue_invoice import ISSUED, Books, Case, Sources, compose
from quittance.usecases.messages import IssueInvoice

_MOST_LINES = 1000  # of a transaction, which takes 4 MB


class Batch(Books, Protocol):
    """Books that issue several invoices at once (store.invoices)."""

    def load_many(self, partner: str, wanted: Sequence[tuple[str, str]]) -> list[Case]:
        """Read invoices, as pairs of account and invoice; those that `load` would complain of are left out."""
        ...

    def issue_many(self, made: Sequence[tuple[Case, IssuedInvoice]], counter: tuple[str, int], now: datetime) -> None:
        """Write the counter, up to the last number, and invoices and heads together; as `issue` otherwise."""
        ...


def issue_together(
    commands: Sequence[IssueInvoice], *, now: datetime, books: Batch
) -> dict[IssueInvoice, IssuedInvoice]:
    """Issue what can go together, at most one invoice an account; return what was issued."""
    done: dict[IssueInvoice, IssuedInvoice] = {}
    for partner in sorted({command.partner for command in commands}):
        # A head is written once in a transaction.
        firsts = {command.account: command for command in reversed(commands) if command.partner == partner}
        with suppress(QuittanceError):
            made = _issue_all(partner, list(firsts.values())[::-1], now=now, books=books)
            done |= {firsts[case.account]: issued for case, issued in made}
    return done


def _issue_all(
    partner: str, commands: Sequence[IssueInvoice], *, now: datetime, books: Batch
) -> Sequence[tuple[Case, IssuedInvoice]]:
    if len(commands) == 1:
        return ()
    cases = books.load_many(partner, [(command.account, command.invoice) for command in commands])
    drafts = list(_drafts(cases, books=books, now=now))
    if len(drafts) <= 1:
        return ()
    body, (_, first) = cases[0].partner_body, drafts[0]
    entity, prefix, year = legal_entity(partner, body), prefix_of(partner, body), series_year(first.issued)
    last = books.last_number(partner, entity, first.series, year)
    made = []
    for number, (case, draft) in enumerate(drafts, start=last + 1):
        name = document_number(prefix=prefix, series=first.series, year=year, number=number)
        made.append((case, draft.numbered(name)))
    books.issue_many(made, (entity, last + len(made)), now)
    return made


def _drafts(cases: Sequence[Case], *, books: Sources, now: datetime) -> Iterator[tuple[Case, IssuedInvoice]]:
    """Yield what can go together: invoices of the first one's year whose lines fit one transaction."""
    year, lines = None, 0
    for case in cases:
        if case.state == ISSUED or case.corrected:
            continue
        try:
            draft = compose(case, books=books, now=now)
        except QuittanceError:
            continue
        year = year or series_year(draft.issued)
        lines += len(draft.lines)
        if draft.series == "INV" and series_year(draft.issued) == year and lines <= _MOST_LINES:
            yield case, draft
