"""What a person decides about money that is owed or was paid: give up, take up again, refund, allocate otherwise."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.effect import Aftermath, Effect, Position
from quittance.domain.errors import Conflict, NotFound, Rejected, Transient
from quittance.domain.money import Money
from quittance.domain.movement import REALLOCATED, History, reallocated, reinstated, written_off
from quittance.domain.reading import Fields
from quittance.domain.transfers import owner_of
from quittance.runtime.clock import iso
from quittance.usecases.apply_movement import MovementBook, apply_movement
from quittance.usecases.book_payment import HeadRefused, Outcome
from quittance.usecases.payment_message import ApplyPayment

WRITTEN_OFF, REINSTATED = "written_off", "reinstated"
_TRIES = 5
_PAUSE = 0.05


class Books(MovementBook, Protocol):
    """The books as a person's decisions need them (store.payments)."""

    def find(self, partner: str, account: str, payment_id: str) -> History | None:
        """Return a payment of an account with its movements."""
        ...

    def correct(
        self, partner: str, account: str, kind: str, effect: Effect, seen: Position, *, at: datetime, reason: str
    ) -> None:
        """Book a movement that belongs to no payment; HeadRefused when the account has moved on."""
        ...

    def reallocate(
        self, partner: str, account: str, history: History, effect: Effect, seen: Position, *, at: datetime, reason: str
    ) -> None:
        """Book another allocation of a payment; HeadRefused when the account has moved on."""
        ...


def write_off(
    partner: str, account: str, invoice: str, definition: object, *, book: Books, now: datetime, pause: _Pause
) -> dict[str, Any]:
    """Give up what remains of an invoice as bad debt; again changes nothing. Rejected where nothing is owed."""

    def decide(position: Position) -> Effect | None:
        if position.remaining(invoice) > 0:
            return written_off(position, invoice)
        if position.of(invoice).written_off > 0:
            return None
        raise Rejected(f"invoice: nothing is owed on {invoice!r}", field="invoice")

    return _decide(
        partner, account, invoice, WRITTEN_OFF, decide, definition=definition, book=book, now=now, pause=pause
    )


def reinstate(
    partner: str, account: str, invoice: str, definition: object, *, book: Books, now: datetime, pause: _Pause
) -> dict[str, Any]:
    """Take a written-off invoice up again: it is owed as it was. Rejected where it is neither given up nor owed."""

    def decide(position: Position) -> Effect | None:
        if position.of(invoice).written_off > 0:
            return reinstated(position, invoice)
        if position.remaining(invoice) > 0:
            return None
        raise Rejected(f"invoice: {invoice!r} is not written off", field="invoice")

    return _decide(
        partner, account, invoice, REINSTATED, decide, definition=definition, book=book, now=now, pause=pause
    )


_Pause = Callable[[float], None]


def _decide(
    partner: str,
    account: str,
    invoice: str,
    kind: str,
    decide: Callable[[Position], Effect | None],
    *,
    definition: object,
    book: Books,
    now: datetime,
    pause: _Pause,
) -> dict[str, Any]:
    fields = Fields({} if definition is None else definition)
    reason = fields.text("reason", "")
    fields.done()

    def attempt() -> dict[str, Any]:
        position = _position(book, partner, account, [invoice])
        if invoice not in position.open:
            raise NotFound(f"invoice {invoice!r} of account {account!r} is not issued")
        effect = decide(position)
        if effect is not None:
            book.correct(partner, account, kind, effect, position, at=now, reason=reason)
        left = _position(book, partner, account, [invoice])
        return _shown(left, invoice)

    return _tried(attempt, pause)


def _shown(position: Position, invoice: str) -> dict[str, Any]:
    befell, currency = position.of(invoice), position.currency
    remaining = position.remaining(invoice)
    return {
        "invoice": invoice,
        "currency": currency,
        "remaining": str(Money(remaining, currency)),
        "written_off": str(Money(befell.written_off, currency)),
        "status": status_of(befell, remaining),
    }


def status_of(befell: Aftermath, remaining: int) -> str:
    """Return how an issued invoice stands."""
    return befell.ended or ("open" if remaining > 0 else "paid")


def refund(
    partner: str, account: str, payment: str, definition: object, *, book: Books, now: datetime, pause: _Pause
) -> dict[str, Any]:
    """Book a refund that we made at the provider: `{refund, amount?, reason?}`, by its id there.

    Without an amount it is all that is left. The provider's own event makes no second one, whichever comes first.
    """
    fields = Fields(definition)
    history = _history(book, partner, account, payment)
    name = fields.text("refund", most=255)
    left = Money(history.left, history.currency)
    booked = next((one for one in history.movements if (one.kind, one.name) == ("refunded", name)), None)
    text = fields.text("amount", str(Money(booked.amount, history.currency) if booked else left))
    amount = Money.parse(text, history.currency)
    reason = fields.text("reason", None)
    fields.done()
    if booked and booked.amount != amount.minor:
        raise Conflict(f"refund: {name!r} is booked over another amount", field="refund")
    if not booked and not 0 < amount.minor <= left.minor:
        raise Rejected(f"amount: {left} of payment {payment} is left to refund", field="amount")
    message = ApplyPayment(
        partner=partner,
        provider=history.provider,
        event_id=name,
        payment_id=history.payment_id,
        kind="refunded",
        amount=amount.minor,
        currency=amount.currency,
        received_at=iso(now),
        account=account,
        movement_id=name,
        reason=reason,
    )
    outcome = apply_movement(message, book=book, now=now, pause=lambda attempt: pause(_PAUSE * attempt))
    after = _history(book, partner, account, payment)
    return {**_payment(after), "refund": name, "amount": str(amount), "new": outcome is Outcome.BOOKED}


def allocate(
    partner: str, account: str, payment: str, definition: object, *, book: Books, now: datetime, pause: _Pause
) -> dict[str, Any]:
    """Put a payment on other invoices: `{allocations: {invoice: amount}, reason}`; what they leave becomes credit.

    Invoices of accounts that the payer pays for are named `account/invoice`.
    """
    fields = Fields(definition)
    told = fields.raw("allocations")
    reason = fields.text("reason")
    fields.done()
    if not isinstance(told, Mapping):
        raise fields.refuse("allocations", "name invoices with their amounts")

    def attempt() -> dict[str, Any]:
        first = _position(book, partner, account, ())
        history = _history(book, partner, account, payment)
        wanted = {
            str(name): Money.parse(text, history.currency, field=f"allocations.{name}").minor
            for name, text in told.items()
        }
        _payable(wanted, first, history)
        position = _position(book, partner, account, {*wanted, *history.invoices})
        if position.version != first.version:
            raise HeadRefused("the account changed while it was read")
        try:
            effect = reallocated(position, history, wanted)
        except ValueError as problem:
            raise Rejected(str(problem), field="allocations") from None
        if effect.shares:
            book.reallocate(partner, account, history, effect, position, at=now, reason=reason)
        return _payment(_history(book, partner, account, payment))

    return _tried(attempt, pause)


def _payable(wanted: Iterable[str], position: Position, history: History) -> None:
    """Raise Rejected where an invoice is of an account that this one does not pay for, and never paid it either."""
    for name in wanted:
        owner, _ = owner_of(name)
        if owner and owner not in position.pays_for and name not in history.invoices:
            raise Rejected(f"allocations.{name}: the account does not pay for {owner}", field=f"allocations.{name}")


def show(partner: str, account: str, payment: str, *, book: Books) -> dict[str, Any]:
    """Return a payment with what has become of it."""
    return _payment(_history(book, partner, account, payment))


def _payment(history: History) -> dict[str, Any]:
    def money(minor: int) -> str:
        return str(Money(minor, history.currency))

    return {
        "payment": history.payment_id,
        "provider": history.provider,
        "currency": history.currency,
        "received": money(history.came),
        "left": money(history.left),
        "allocations": {name: money(minor) for name, minor in history.shares.items()},
        "credit": money(history.credit),
        "movements": [
            {"kind": one.kind, "id": one.name, "amount": money(one.amount)}
            for one in history.movements
            if one.kind != REALLOCATED
        ],
    }


def _history(book: Books, partner: str, account: str, payment: str) -> History:
    history = book.find(partner, account, payment)
    if history is None:
        raise NotFound(f"account {account!r} has no payment {payment!r}")
    return history


def _position(book: Books, partner: str, account: str, invoices: Iterable[str]) -> Position:
    position = book.position(partner, account, invoices)
    if position is None:
        raise NotFound(f"there is no account {account!r}", field="account")
    return position


def _tried(attempt: Callable[[], dict[str, Any]], pause: _Pause) -> dict[str, Any]:
    for n in range(_TRIES):
        try:
            return attempt()
        except HeadRefused:
            pause(random.uniform(0, _PAUSE * 2**n))  # noqa: S311  # spreads racing writers, no secret
    raise Transient("the account changes too fast to be read; try again", retry_after=1)
