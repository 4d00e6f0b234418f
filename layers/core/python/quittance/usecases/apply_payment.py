"""Apply whatever a provider tells about money, exactly once, however often and in whatever order it is told.

This is the one door: payments that came, what happened to them later, and mere facts.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from quittance.domain.errors import Rejected
from quittance.domain.movement import FAILED
from quittance.usecases.apply_movement import MOVEMENTS, MovementBook, apply_movement
from quittance.usecases.book_payment import Book, book_payment, payment_of
from quittance.usecases.book_payment import Outcome as Outcome  # noqa: PLC0414  # part of this module for its users
from quittance.usecases.payment_message import ApplyPayment

FACTS = frozenset((FAILED, "pending", "cancelled"))
_KNOWN = frozenset((Outcome.DUPLICATE, Outcome.TOLD_AGAIN))


class Books(Book, MovementBook, Protocol):
    """All that booking money asks of the table."""

    def note(self, message: ApplyPayment) -> bool:
        """Keep a fact without money on the account's timeline; False where it is known or nobody has the account."""
        ...

    def park(self, message: ApplyPayment, *, reason: str, at: datetime) -> bool:
        """Keep money that nobody can book for a person; False when it was kept before."""
        ...


def apply_payment(message: ApplyPayment, *, book: Books, now: datetime, pause: Callable[[int], None]) -> Outcome:
    """Book, keep, note or park what a message tells, once. Raises Transient when the message has to come again."""
    try:
        return _take(message, book, now, pause)
    except Rejected as problem:
        if _is_booked(message, book):
            return Outcome.DUPLICATE
        new = book.park(message, reason=problem.message, at=now)
        return Outcome.PARKED if new else Outcome.DUPLICATE


def _is_booked(message: ApplyPayment, book: Books) -> bool:
    """Tell whether a payment that nobody could book now was booked before, when its reference meant something else."""
    if message.kind != "succeeded":
        return False
    owner = book.owner(message.partner, message.provider, message.payment_id)
    accounts = dict.fromkeys(filter(None, (message.account, owner)))
    try:
        found = (book.history(message.partner, one, message.provider, message.payment_id) for one in accounts)
        return any(found)
    except Rejected:
        return False  # an account that is no identifier has no books


def _take(message: ApplyPayment, book: Books, now: datetime, pause: Callable[[int], None]) -> Outcome:
    if message.kind in ("succeeded", "unclear"):
        outcome = book_payment(payment_of(message, book=book), book=book, pause=pause)
        more = outcome in _KNOWN and _may_be_more(message, outcome)
        return apply_movement(message, book=book, now=now, pause=pause) if more else _said(outcome)
    if message.kind in MOVEMENTS or (message.kind == FAILED and message.movement_id):
        return apply_movement(message, book=book, now=now, pause=pause)
    if message.kind in FACTS and message.account and not message.movement_id:
        return Outcome.NOTED if book.note(message) else Outcome.DUPLICATE
    return Outcome.IGNORED


def _may_be_more(message: ApplyPayment, outcome: Outcome) -> bool:
    """Tell whether a payment that is booked may have come once more: the sum so far, a part or a moment will say."""
    other = outcome is Outcome.TOLD_AGAIN and (message.movement_id or message.occurred_at)
    return message.total is not None or bool(other)


def _said(outcome: Outcome) -> Outcome:
    return Outcome.DUPLICATE if outcome is Outcome.TOLD_AGAIN else outcome
