"""What is booked without anybody's word, by the use case that assessments begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from infra.local.simulate.money import Ledger
from infra.local.simulate.state import AccountState
from quittance.domain.account import AccountFile
from quittance.domain.effect import Effect, Position
from quittance.usecases.assess import settled


def book_unasked(account: str, accounts: Mapping[str, AccountState], ledger: Ledger, now: datetime) -> list[str]:
    """Book it for an account; return which other accounts' debts that changed."""
    before = {name: state.file.version for name, state in accounts.items()}
    settled(accounts[account].file, now, _Accounts(accounts, ledger))
    return [name for name, version in before.items() if name != account and accounts[name].file.version != version]


class _Accounts:
    """The accounts in memory as assessing asks for them."""

    def __init__(self, accounts: Mapping[str, AccountState], ledger: Ledger) -> None:
        self._accounts = accounts
        self._ledger = ledger

    def load(self, partner: str, account: str) -> AccountFile:
        return self._accounts[account].file

    def position(self, partner: str, account: str) -> Position | None:
        return self._ledger.position(partner, account)

    def settle(self, partner: str, account: str, kind: str, effect: Effect, seen: Position, at: datetime) -> None:
        self._ledger.correct(partner, account, kind, effect, seen, at=at, reason="")
