"""Record what was agreed with a customer or decided about it: promises, pauses, holds, disputes.

Each call reads the account, lets the domain agree or refuse, and writes the fact on the condition that nothing came
between; the change then asks for an assessment, so that what follows from it follows at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from quittance.domain import measures
from quittance.domain.account import AccountFile
from quittance.domain.errors import Conflict, Transient
from quittance.domain.forbearance import Dispute, Hold, Measure, Pause, Promise
from quittance.domain.invoice import InvoiceLine

_TRIES = 5


class Accounts(Protocol):
    """Loads an account's facts (store.accounts)."""

    def load(self, partner: str, account: str) -> AccountFile:
        """Return the account's facts; NotFound when there is no such account."""
        ...


class Facts(Protocol):
    """Records facts (store.measures)."""

    def record(self, file: AccountFile, *facts: Measure, now: datetime) -> None:
        """Write facts; Conflict when another fact came between."""
        ...


class Invoices(Protocol):
    """The invoices' lines (store.invoices)."""

    def lines(self, partner: str, account: str, invoice: str) -> Sequence[InvoiceLine]:
        """Return the lines as issued; NotFound when there is no such invoice."""
        ...


class Credits(Protocol):
    """Asks for credit notes; asking for the same one again changes nothing."""

    def __call__(self, partner: str, account: str, invoice: str, note: str, definition: Mapping[str, Any]) -> None:
        """Ask for the credit note `note` on an invoice: `{amount | of_lines, reason}`, gross."""
        ...


class Desk:
    """Somebody of a partner at work on one account; `author` is who it is, as the facts name them."""

    def __init__(
        self, partner: str, account: str, *, author: str, now: datetime, accounts: Accounts, facts: Facts
    ) -> None:
        self._where = partner, account
        self._author, self._now = author, now
        self._accounts, self._facts = accounts, facts

    def promise(self, request: object) -> Promise:
        """Accept a promise to pay."""
        return self._one(lambda file: measures.promise(file, request, now=self._now, author=self._author))

    def withdraw(self, promise: str) -> Promise:
        """End a promise that was a mistake."""
        return self._one(lambda file: measures.withdraw(file, promise, now=self._now))

    def pause(self, request: object) -> Pause:
        """Pause collecting; an earlier pause ends."""
        return self._all(lambda file: measures.pause(file, request, now=self._now, author=self._author))[-1]

    def unpause(self) -> tuple[Pause, ...]:
        """End the pause that is in force, if any."""
        return self._all(lambda file: measures.unpause(file, now=self._now, author=self._author))

    def hold(self, request: object) -> Hold:
        """Withhold all access for a reason."""
        return self._one(lambda file: measures.hold(file, request, now=self._now, author=self._author))

    def release(self, reason: str) -> Hold:
        """Release the hold for a reason."""
        return self._one(lambda file: measures.release(file, reason, now=self._now, author=self._author))

    def dispute(self, invoice: str, request: object, invoices: Invoices) -> Dispute:
        """Take an invoice or some of its lines out of collecting."""
        lines = invoices.lines(*self._where, invoice)
        return self._one(
            lambda file: measures.dispute(file, invoice, request, lines, now=self._now, author=self._author)
        )

    def close_dispute(self, invoice: str, request: object, notes: Credits) -> Dispute:
        """Close the dispute of an invoice.

        Upheld, its credit note is asked for first, under the dispute's id, so that there is one however often this is
        called; where it cannot be made, nothing is closed. Its amount stays out of collecting until it is booked.
        """

        def agree(file: AccountFile) -> Dispute:
            closed = measures.close_dispute(file, invoice, request, now=self._now, author=self._author)
            wanted = measures.credit_request(file, closed) if closed.state == "upheld" else None
            if wanted:
                notes(*self._where, invoice, closed.id, wanted)
            return closed

        return self._one(agree)

    def standing(self) -> dict[str, list[dict[str, Any]]]:
        """Return everything that was agreed, in force or not."""
        return measures.standing(self._accounts.load(*self._where))

    def _one[Fact: Measure](self, agree: Callable[[AccountFile], Fact]) -> Fact:
        return self._all(lambda file: (agree(file),))[0]

    def _all[Fact: Measure](self, agree: Callable[[AccountFile], tuple[Fact, ...]]) -> tuple[Fact, ...]:
        """Agree and record; what is recorded already is not written again. Transient when facts keep changing."""
        for _ in range(_TRIES):
            file = self._accounts.load(*self._where)
            agreed = agree(file)
            known: tuple[Measure, ...] = (*file.promises, *file.pauses, *file.holds, *file.disputes)
            new = [fact for fact in agreed if fact not in known]
            try:
                if new:
                    self._facts.record(file, *new, now=self._now)
            except Conflict:
                continue
            return agreed
        raise Transient(f"account {self._where[1]!r}: its facts kept changing; try again", retry_after=1)
