"""Apply a payment to what its account owes, exactly once, however often and in whatever order it is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from quittance.domain.allocation import Allocation, allocate
from quittance.domain.errors import Conflict, Rejected, Transient
from quittance.domain.money import Money, exponent
from quittance.domain.names import checked
from quittance.domain.payment import Payment, Standing
from quittance.runtime.clock import parse_iso
from quittance.usecases.payment_message import ApplyPayment

_TRIES = 5


class Outcome(StrEnum):
    """What became of a message about a payment."""

    BOOKED = "booked"
    DUPLICATE = "duplicate"
    PARKED = "parked"
    IGNORED = "ignored"


class AlreadyBooked(Conflict):
    """This payment has been booked before."""


class HeadRefused(Conflict):
    """The account's head is not as the booking assumed: another version, currency, or too little owed."""


class Book(Protocol):
    """The account's books; each method is one request."""

    def settle(self, payment: Payment, invoice: str) -> None:
        """Book the whole payment on an invoice without reading; AlreadyBooked, or HeadRefused when that cannot be."""
        ...

    def standing(self, partner: str, account: str) -> Standing | None:
        """Return what the account owes; None when there is no such account."""
        ...

    def spread(self, payment: Payment, allocation: Allocation, *, seen: int) -> None:
        """Book an allocation made on a version of the head; AlreadyBooked, or HeadRefused when it has moved on."""
        ...

    def park(self, message: ApplyPayment, *, reason: str, at: datetime) -> bool:
        """Keep a payment that nobody can book for a person; False when it was kept before."""
        ...


def apply_payment(message: ApplyPayment, *, book: Book, now: datetime, pause: Callable[[int], None]) -> Outcome:
    """Book a successful payment once: on the invoice it names, else on the oldest debts, the rest as credit.

    What cannot be booked is parked with its reason, so no money is lost. Events that moved no money change nothing.
    Raises Transient when the table is busy or the account changes faster than it can be read: the message comes again.
    """
    if message.kind not in ("succeeded", "unclear"):
        return Outcome.IGNORED
    try:
        payment = _payment(message)
        return _book(payment, book=book, pause=pause)
    except AlreadyBooked:
        return Outcome.DUPLICATE
    except Rejected as problem:
        new = book.park(message, reason=problem.message, at=now)
        return Outcome.PARKED if new else Outcome.DUPLICATE


def _payment(message: ApplyPayment) -> Payment:
    if message.kind == "unclear" or message.amount <= 0:
        raise Rejected(message.reason or "amount: nothing was paid", field="amount")
    if not message.account:
        raise Rejected("account: the payment names none; assign it to one", field="account")
    exponent(message.currency)
    return Payment(
        partner=message.partner,
        account=checked(message.account, "account"),
        provider=message.provider,
        payment_id=message.payment_id,
        event_id=message.event_id,
        amount=Money(message.amount, message.currency),
        received_at=parse_iso(message.received_at),
        invoice=message.invoice,
    )


def _book(payment: Payment, *, book: Book, pause: Callable[[int], None]) -> Outcome:
    if payment.invoice:
        try:
            book.settle(payment, payment.invoice)
        except HeadRefused:
            pass  # the invoice is unknown, not issued yet, or owes less: reading the account tells what to do
        else:
            return Outcome.BOOKED
    return _spread(payment, book=book, pause=pause)


def _spread(payment: Payment, *, book: Book, pause: Callable[[int], None]) -> Outcome:
    for attempt in range(_TRIES):
        standing = _bookable(payment, book.standing(payment.partner, payment.account))
        allocation = allocate(payment.amount, standing.debts, named=payment.invoice)
        try:
            book.spread(payment, allocation, seen=standing.version)
        except HeadRefused:
            pause(attempt)
        else:
            return Outcome.BOOKED
    raise Transient(f"account {payment.account} changes too fast to be read; try again", retry_after=1)


def _bookable(payment: Payment, standing: Standing | None) -> Standing:
    if standing is None:
        raise Rejected(f"account: there is no account {payment.account}; assign the payment to one", field="account")
    if standing.currency != payment.amount.currency:
        raise Rejected(
            f"currency: paid in {payment.amount.currency}, but the account is kept in {standing.currency}",
            field="currency",
        )
    return standing
