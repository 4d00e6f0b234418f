"""Assess an account: read its facts, decide, write the decision in one transaction that no other fact slips into."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from quittance.domain.account import AccountFile, Notice
from quittance.domain.arrears import Assessment, assess
from quittance.domain.effect import Effect, Position, position_of
from quittance.domain.errors import Conflict, Transient
from quittance.domain.forbearance import Pause, Promise
from quittance.domain.movement import CREDIT_USED, credit_used, unasked
from quittance.domain.outlook import speaks
from quittance.domain.standstill import bygone
from quittance.runtime.clock import iso
from quittance.usecases.charge_late import LateBooks, charge_late
from quittance.usecases.messages import Assess

# Clocks of two machines differ a little; a run dated no further back than this counts as of the last run's moment.
CLOCK_SKEW = timedelta(minutes=2)
_TRIES = 5
_PAUSE = 0.05


class Settling(Protocol):
    """Reads what accounts owe and books what needs nobody's word."""

    def load(self, partner: str, account: str) -> AccountFile:
        """Return the account's facts of one moment; NotFound when there is no such account."""
        ...

    def position(self, partner: str, account: str) -> Position | None:
        """Return what an account and those that it pays for owe; None when there is no such account."""
        ...

    def settle(self, partner: str, account: str, kind: str, effect: Effect, seen: Position, at: datetime) -> None:
        """Book what needs nobody's word; Conflict when a fact changed since."""
        ...


class Accounts(Settling, LateBooks, Protocol):
    """Reads account files and writes decisions on them."""

    def send_again(self, file: AccountFile, notice: Notice, at: datetime) -> bool:
        """Queue a notice that failed for the account's new contacts; False when it has changed since."""
        ...

    def archive(self, file: AccountFile, bygone: Sequence[Promise | Pause]) -> None:
        """Move promises and pauses that were over long ago out of what `load` reads."""
        ...

    def write(self, file: AccountFile, assessment: Assessment, cause: str) -> None:
        """Write a decision; Conflict when a fact changed since."""
        ...

    def reschedule(self, file: AccountFile, assessment: Assessment) -> None:
        """Write when the account is next due; Conflict when a fact changed since."""
        ...


def assess_account(
    message: Assess, *, accounts: Accounts, now: datetime, pause: Callable[[float], None] = time.sleep
) -> Assessment | None:
    """Assess and write; running it twice, late or out of order changes nothing more. Nothing changed: nothing written.

    None when the run is dated before the last one: it is ignored, the account stays due. NotFound when there is no
    such account, Transient when its facts keep changing.
    """
    for attempt in range(_TRIES):
        file = accounts.load(message.partner, message.account)
        moment = _moment(file, now)
        if moment is None:
            return None
        try:
            file = _sent_again(settled(file, moment, accounts), moment, accounts)
            charge_late(file, books=accounts, now=moment)
            if old := bygone(file, moment):
                accounts.archive(file, old)
            return _decide(file, moment, message.cause, accounts)
        except Conflict:
            pause(random.uniform(0, _PAUSE * 2**attempt))  # noqa: S311  # spreads racing runs, no secret
    raise Transient(f"account {message.account}: its facts changed during every one of {_TRIES} assessments")


def settled(file: AccountFile, now: datetime, accounts: Settling) -> AccountFile:
    """Use credit on what is owed and let small remainders go before anything is decided on them.

    Its own credit pays what it owes and what those owe that it pays for; so does the credit of who pays for it.
    """
    while True:
        owner = _creditor(file, accounts)
        seen = _seen(file, accounts)
        if owner and (used := credit_used(owner[1])):
            accounts.settle(file.partner, owner[0], CREDIT_USED, used, owner[1], now)
        elif found := unasked(file, seen):
            accounts.settle(file.partner, file.profile.id, *found, seen, now)
        else:
            return file
        file = accounts.load(file.partner, file.profile.id)


def _seen(file: AccountFile, accounts: Settling) -> Position:
    """Return what the account's credit may pay: others' debts are read only where there is credit."""
    others = file.pays_for and file.credit
    position = accounts.position(file.partner, file.profile.id) if others else None
    return position or position_of(file)


def _creditor(file: AccountFile, accounts: Settling) -> tuple[str, Position] | None:
    """Return who pays for the account with what its credit may pay; None where there is nobody, or nothing to pay."""
    payer = file.profile.parent
    if payer is None or not any(one.collectable.minor > 0 for one in file.open.values()):
        return None
    position = accounts.position(file.partner, payer)
    return (payer, position) if position and file.profile.id in position.pays_for else None


def _sent_again(file: AccountFile, now: datetime, accounts: Accounts) -> AccountFile:
    """Let notices that could not be given go to contacts that the account has got since."""
    failed = [one for one in file.notices if one.failed and one.state in ("bounced", "complained")]
    again = [one for one in failed if one.failed != file.profile.contacts and speaks(file, one, now)]
    for notice in again:
        accounts.send_again(file, notice, now)
    return accounts.load(file.partner, file.profile.id) if again else file


def _moment(file: AccountFile, now: datetime) -> datetime | None:
    last = file.assessed_at
    if last is None or now >= last:
        return now
    return last if last - now <= CLOCK_SKEW else None


def _decide(file: AccountFile, now: datetime, cause: str, accounts: Accounts) -> Assessment:
    assessment = assess(file, now)
    if assessment.decides(file):
        accounts.write(file, assessment, cause)
    elif _text(assessment.next_due) != _text(file.due_at):
        accounts.reschedule(file, assessment)
    return assessment


def _text(moment: datetime | None) -> str | None:
    return iso(moment) if moment else None
