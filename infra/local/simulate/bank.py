"""Bank statements in memory, read and matched by the very rules that the functions use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from infra.local.simulate.state import AccountState
from quittance.adapters.bank_files import read_statements
from quittance.domain.allocation import Debt
from quittance.domain.claim import Claim
from quittance.domain.errors import Rejected
from quittance.domain.names import compact
from quittance.domain.numbering import prefix_of
from quittance.domain.payment import Standing
from quittance.runtime.clock import iso
from quittance.store.keys import BANK_PREFIX
from quittance.usecases.bank_records import PLACED, REFUSED, LineRecord, StatementRecord
from quittance.usecases.payment_message import ApplyPayment
from quittance.usecases.read_statement import read_statement


class Bank:
    """The partner's bank lines; nobody decides in a simulation, so no IBAN is ever learned."""

    def __init__(self, partner: str, profile: Mapping[str, Any]) -> None:
        self._partner = partner
        self._profile = profile
        self._lines: dict[tuple[str, str], LineRecord] = {}
        self._transfers: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
        self._placed: list[LineRecord] = []

    def read(
        self, name: str, content: bytes, accounts: Mapping[str, AccountState], now: datetime
    ) -> list[ApplyPayment]:
        """Read a statement; return what the booking is told of its new lines. Rejected where it is refused."""
        self._accounts = accounts
        self._placed = []
        record = read_statement(self._partner, name, content, parse=read_statements, book=self, now=now)
        if record.state == REFUSED:
            raise Rejected(f"the statement was refused: {record.body['reason']}")
        return [_message(self._partner, line) for line in self._placed]

    # -- what reading a statement asks of the table ----------------------------------------------------------------

    def number_prefix(self, partner: str) -> str:
        """Return what the partner's document numbers begin with."""
        return prefix_of(partner, self._profile)

    def claims(self, partner: str, numbers: Collection[str]) -> dict[str, Claim]:
        """Return which invoices compact numbers are."""
        known = {
            compact(one.number or ""): Claim(account=name, invoice=one.id, number=one.number or "", gross=one.gross)
            for name, state in self._accounts.items()
            for one in state.invoices.values()
            if one.kind == "invoice"
        }
        return {number: known[number] for number in numbers if number in known}

    def payers(self, partner: str, ibans: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return nobody: an IBAN is learned by a person's decision only."""
        return {}

    def standings(self, partner: str, accounts: Collection[str]) -> dict[str, Standing]:
        """Return what accounts owe."""
        return {name: _standing(self._accounts[name]) for name in accounts}

    def account_names(self, partner: str) -> dict[str, str]:
        """Return the names of the accounts: a name only proposes, and nobody sees the proposals here."""
        return {}

    def known(self, partner: str, bank: str, lines: Collection[str]) -> dict[str, LineRecord]:
        """Return the lines that were read before."""
        return {line: self._lines[bank, line] for line in lines if (bank, line) in self._lines}

    def keep(self, partner: str, record: LineRecord, *, transfer: str | None) -> LineRecord:
        """Keep a line once."""
        key = (record.bank, record.line)
        if key not in self._lines:
            self._lines[key] = record
            if transfer:
                self._transfers[record.bank, transfer].append(key)
            if record.state == PLACED:
                self._placed.append(record)
        return self._lines[key]

    def of_transfer(self, partner: str, bank: str, transfer: str) -> list[LineRecord]:
        """Return the lines of an end-to-end transfer."""
        return [self._lines[key] for key in sorted(self._transfers[bank, transfer])]

    def note(self, partner: str, record: StatementRecord) -> None:
        """Forget what became of the file: the caller is told."""


def _message(partner: str, line: LineRecord) -> ApplyPayment:
    return ApplyPayment(
        partner=partner,
        provider=f"{BANK_PREFIX}{line.bank}",
        event_id=line.id,
        payment_id=line.payment_id,
        kind=line.kind,
        amount=line.amount,
        currency=line.currency,
        received_at=iso(line.received_at),
        account=line.account,
        invoice=line.invoice,
        movement_id=line.movement_id,
        reference=line.reference,
    )


def _standing(state: AccountState) -> Standing:
    file = state.file
    debts = tuple(
        Debt(invoice=one.id, number=one.number, due=one.due, remaining=one.remaining) for one in file.open.values()
    )
    return Standing(currency=file.profile.currency, debts=debts, version=file.version, pays_for=file.pays_for)
