"""What is kept of bank statements and their lines, and what reading them asks of the table."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.claim import Claim
from quittance.domain.payment import Standing

WAITING, PLACED, OUTGOING, SET_ASIDE = "waiting", "placed", "outgoing", "set_aside"
READ, REFUSED = "read", "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRecord:
    """One movement of a bank account as it is kept; `amount` in minor units, `body` as the API shows it.

    `line` names it within its bank account, `payment_id` is the business key of the payment it is about: its own, or
    that of the payment it takes back (then `movement_id` is its own). A line that a person split has `parts` instead of
    an account: {account, invoice, amount in minor units, payment_id}, each a payment of its own.
    """

    bank: str
    line: str
    content: str
    state: str
    kind: str
    payment_id: str
    amount: int
    currency: str
    received_at: datetime
    body: Mapping[str, Any]
    movement_id: str | None = None
    account: str | None = None
    invoice: str | None = None
    reference: str | None = None
    parts: tuple[Mapping[str, Any], ...] = ()

    @property
    def owner(self) -> str | None:
        """Whose money it is where it is one account's alone."""
        owners = {part["account"] for part in self.parts} or {self.account}
        return next(iter(owners)) if len(owners) == 1 else None

    @property
    def id(self) -> str:
        """The line's name for people and addresses: bank account and line."""
        return f"{self.bank}.{self.line}"

    @property
    def own_id(self) -> str:
        """The business key of this very movement."""
        return self.movement_id or self.payment_id


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRecord:
    """What became of a file: read, with figures of its statements, or refused with the reason."""

    name: str
    sha256: str
    state: str
    read_at: datetime
    body: Mapping[str, Any]


class Knowledge(Protocol):
    """What matching looks up; each is one request for many, or one read of one account."""

    def number_prefix(self, partner: str) -> str:
        """Return what the partner's document numbers begin with."""
        ...

    def claims(self, partner: str, numbers: Collection[str]) -> Mapping[str, Claim]:
        """Return which invoices compact numbers are."""
        ...

    def payers(self, partner: str, ibans: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Return which accounts IBANs have stood for."""
        ...

    def standings(self, partner: str, accounts: Collection[str]) -> Mapping[str, Standing]:
        """Return what accounts owe."""
        ...

    def account_names(self, partner: str) -> Mapping[str, str]:
        """Return the names of the partner's accounts."""
        ...


class BankBook(Knowledge, Protocol):
    """The partner's bank lines (store.bank)."""

    def known(self, partner: str, bank: str, lines: Collection[str]) -> Mapping[str, LineRecord]:
        """Return the lines that are kept already."""
        ...

    def keep(self, partner: str, record: LineRecord, *, transfer: str | None) -> LineRecord:
        """Keep a line, once, listed under its end-to-end transfer; return the one that is kept."""
        ...

    def of_transfer(self, partner: str, bank: str, transfer: str) -> list[LineRecord]:
        """Return the lines of an end-to-end transfer."""
        ...

    def note(self, partner: str, record: StatementRecord) -> None:
        """Keep what became of a file."""
        ...


class Decisions(Protocol):
    """What a person's decision reads and writes (store.bank)."""

    def line(self, partner: str, bank: str, line: str) -> LineRecord | None:
        """Return a line, None where there is none of the name."""
        ...

    def standings(self, partner: str, accounts: Collection[str]) -> Mapping[str, Standing]:
        """Return what accounts owe."""
        ...

    def decide(self, partner: str, record: LineRecord, *, iban: str | None) -> None:
        """Write what was decided of a waiting line, and remember whose IBAN it is; Conflict when it waits no more."""
        ...
