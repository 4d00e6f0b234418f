"""Apply what happens to a payment later: refunds, chargebacks, late failures, fees, in whatever order they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from quittance.domain.effect import Effect, Position
from quittance.domain.errors import Rejected, Transient
from quittance.domain.movement import (
    FAILED,
    FEES_BY_KIND,
    MORE,
    RETURNS,
    TAKES,
    CreditUses,
    History,
    fee,
    more,
    returned,
    taken,
)
from quittance.domain.retry import came_again, is_new_part, part_of, went_back
from quittance.usecases.book_payment import TRIES, AlreadyBooked, HeadRefused, Outcome
from quittance.usecases.payment_message import ApplyPayment

MOVEMENTS = frozenset((*TAKES, *RETURNS, *FEES_BY_KIND))


class Later(Exception):
    """What the movement rests on has not been told yet; it is kept until then."""


class MovementBook(Protocol):
    """The books as movements need them."""

    def position(self, partner: str, account: str, invoices: Iterable[str] = ()) -> Position | None:
        """Return what the account owes, with the invoices asked for; None when there is no such account."""
        ...

    def owner(self, partner: str, provider: str, payment_id: str) -> str | None:
        """Return whose payment it is; None while nobody has noted it."""
        ...

    def note_owner(self, partner: str, account: str, provider: str, payment_id: str) -> None:
        """Note whose payment it is."""
        ...

    def history(self, partner: str, account: str, provider: str, payment_id: str) -> History | None:
        """Return a booked payment and its movements; None where it is not booked in this account."""
        ...

    def credit_uses(self, partner: str, account: str) -> CreditUses:
        """Return what credit is used for."""
        ...

    def move(self, message: ApplyPayment, account: str, key: tuple[str, str], change: Change) -> None:
        """Book a movement under its kind and id; AlreadyBooked, or HeadRefused when the account has moved on."""
        ...

    def keep(self, message: ApplyPayment, *, at: datetime) -> None:
        """Keep a movement that comes before its payment."""
        ...

    def kept(self, partner: str, provider: str, payment_id: str) -> Sequence[ApplyPayment]:
        """Return the movements kept for a payment, in the order of their keys."""
        ...

    def forget(self, message: ApplyPayment) -> None:
        """Keep a movement no longer; it is booked."""
        ...


class Change:
    """Effects to book on a position: the movement's own last, before it what it takes back from credit's uses."""

    def __init__(self, seen: Position, effects: tuple[Effect, ...], amount: int) -> None:
        self.seen, self.effects, self.amount = seen, effects, amount


def apply_movement(
    message: ApplyPayment, *, book: MovementBook, now: datetime, pause: Callable[[int], None]
) -> Outcome:
    """Book a movement once; while its payment (or what it reverses) has not been told of it is kept and waits.

    Raises Rejected for one that nobody can book, Transient when the account changes faster than it can be read.
    """
    outcome = _apply(message, book, pause)
    if outcome is Outcome.WAITING:
        book.keep(message, at=now)
        outcome = _apply(message, book, pause)  # its payment may have come while it was put aside
        if outcome is Outcome.WAITING:
            return outcome
        book.forget(message)
    follow(message.partner, message.provider, message.payment_id, book=book, pause=pause)
    return outcome


def follow_payment(
    partner: str, account: str, provider: str, payment_id: str, *, book: MovementBook, pause: Callable[[int], None]
) -> int:
    """Note whose payment it is and book what was told of it before it came; return how many movements that were."""
    book.note_owner(partner, account, provider, payment_id)
    return follow(partner, provider, payment_id, book=book, pause=pause)


def follow(partner: str, provider: str, payment_id: str, *, book: MovementBook, pause: Callable[[int], None]) -> int:
    """Book the movements that waited, again and again while one makes way for another; return how many."""
    done = 0
    waiting = list(book.kept(partner, provider, payment_id))
    while waiting:
        booked = [one for one in waiting if _retried(one, book, pause) is not Outcome.WAITING]
        for one in booked:
            book.forget(one)
        if not booked:
            break
        done += len(booked)
        waiting = [one for one in waiting if one not in booked]
    return done


def _retried(message: ApplyPayment, book: MovementBook, pause: Callable[[int], None]) -> Outcome:
    try:
        return _apply(message, book, pause)
    except Rejected:
        return Outcome.WAITING  # it stays where a person finds it


def _apply(message: ApplyPayment, book: MovementBook, pause: Callable[[int], None]) -> Outcome:
    """Book a movement in the account it names, else in the one that is noted as the payment's."""
    for account in _accounts(message, book):
        try:
            return _book(message, account, book, pause)
        except Later:
            continue
        except AlreadyBooked:
            return Outcome.DUPLICATE
    return Outcome.WAITING


def _accounts(message: ApplyPayment, book: MovementBook) -> Iterator[str]:
    if message.account:
        yield message.account
    owner = book.owner(message.partner, message.provider, message.payment_id)
    if owner and owner != message.account:
        yield owner


def _book(message: ApplyPayment, account: str, book: MovementBook, pause: Callable[[int], None]) -> Outcome:
    for attempt in range(TRIES):
        try:
            return _attempt(message, account, book)
        except HeadRefused:
            pause(attempt)
    raise Transient(f"account {account} changes too fast to be read; try again", retry_after=1)


def _attempt(message: ApplyPayment, account: str, book: MovementBook) -> Outcome:
    """Plan a movement on what the account and the payment are now, and book it if they still are."""
    seen = book.position(message.partner, account)
    history = book.history(message.partner, account, message.provider, message.payment_id)
    if seen is None or history is None:
        raise Later
    planned = _plan(message, history)
    if planned is None:
        return Outcome.DUPLICATE
    kind, name, amount = planned
    uses = _uses(message, account, seen, history, kind, amount, book)
    position = book.position(message.partner, account, {*history.invoices, *uses.by_invoice})
    if position is None or position.version != seen.version:
        raise HeadRefused("the account changed while it was read")
    book.move(message, account, (kind, name), _change(message, kind, position, history, amount, uses))
    return Outcome.BOOKED


def _uses(
    message: ApplyPayment,
    account: str,
    position: Position,
    history: History,
    kind: str,
    amount: int,
    book: MovementBook,
) -> CreditUses:
    short = min(amount, history.credit) > position.credit.minor
    if short and (kind in TAKES or kind == FAILED):
        return book.credit_uses(message.partner, account)
    return CreditUses()


def _plan(message: ApplyPayment, history: History) -> tuple[str, str, int] | None:
    """Return kind, business key and amount to book; None where nothing new is told. Later, or Rejected, where not."""
    if message.kind == FAILED:
        return _late_failure(message, history)
    if message.total is not None:
        return _difference(message, history)
    if message.amount <= 0:
        raise Rejected(message.reason or "amount: no money moved", field="amount")
    amount = _counted(message.amount, message, history)
    if message.kind == "succeeded":
        return _once_more(message, history, amount)
    name = message.movement_id or message.event_id
    if history.has(message.kind, name):
        return None
    if message.kind in RETURNS and history.outstanding(RETURNS[message.kind], message.of) < amount:
        raise Later
    return message.kind, name, amount


def _counted(minor: int, message: ApplyPayment, history: History) -> int:
    """Return an amount of a message in the currency of the books."""
    counted = history.counted(minor, message.currency)
    if counted is None:
        raise Rejected(
            f"currency: moved in {message.currency}, but the payment was booked in {history.currency}",
            field="currency",
        )
    return counted


def _late_failure(message: ApplyPayment, history: History) -> tuple[str, str, int] | None:
    """A failure takes back what is left, or its part, unless it came before the payment succeeded."""
    name = message.movement_id or message.event_id
    if history.has(FAILED, name):
        return None
    if message.of and history.part and message.of != history.payment_id:
        amount = part_of(history, message.of)
        gone = None if amount is None else True
    else:
        amount, gone = history.left, went_back(history, message.occurred_at)
    if gone is None:
        raise Later
    return (FAILED, name, amount or 0) if gone else None


def _once_more(message: ApplyPayment, history: History, amount: int) -> tuple[str, str, int] | None:
    """A payment told again counts where it is another part, or where the money had gone back before."""
    if part := message.movement_id:
        return (MORE, part, amount) if is_new_part(history, part) else None
    name = message.event_id
    again = False if name == history.event_id else came_again(history, message.occurred_at)
    if again is None:
        raise Later
    return (MORE, name, amount) if again and not history.has(MORE, name) else None


def _difference(message: ApplyPayment, history: History) -> tuple[str, str, int] | None:
    """Where only the sum so far is told, what it differs by from what is booked is what has moved."""
    total = _counted(message.total or 0, message, history)
    if message.kind == "succeeded":
        more = total - history.came
        return (MORE, f"total.{message.total}", more) if more > 0 else None
    away = RETURNS.get(message.kind, message.kind)
    moved = total - history.outstanding(away)
    if not moved:
        return None
    kind = away if moved > 0 else TAKES[away]
    steps = sum(one.kind == kind for one in history.movements)
    return kind, f"total.{steps + 1}", abs(moved)


def _change(
    message: ApplyPayment, kind: str, position: Position, history: History, amount: int, uses: CreditUses
) -> Change:
    if kind == MORE:
        named = (message.invoice,) if message.invoice else tuple(history.received.shares)
        return Change(position, (more(position, history, amount, named=named),), amount)
    if sign := FEES_BY_KIND.get(kind):
        return Change(position, (fee(history, sign * amount),), amount)
    if kind in RETURNS:
        return Change(position, (returned(position, history, amount),), amount)
    return Change(position, taken(position, history, amount, uses), amount)
