"""Book a payment that came in on what its account owes, exactly once, however often it is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from quittance.domain.account import OpenInvoice
from quittance.domain.effect import Aftermath, Effect, Position, knowing
from quittance.domain.errors import Conflict, Rejected, Transient
from quittance.domain.invoice_lines import numbers
from quittance.domain.money import Money, exponent
from quittance.domain.movement import paid
from quittance.domain.names import checked
from quittance.domain.payment import Payment
from quittance.domain.policy import PolicyRef
from quittance.domain.transfers import is_others, owner_of, qualified
from quittance.runtime.clock import parse_iso
from quittance.usecases.payment_message import ApplyPayment

TRIES = 5


class Outcome(StrEnum):
    """What became of a message about a payment."""

    BOOKED = "booked"
    DUPLICATE = "duplicate"
    PARKED = "parked"
    WAITING = "waiting"
    NOTED = "noted"
    IGNORED = "ignored"
    TOLD_AGAIN = "told_again"  # a payment that is booked, told by another event: it may have come again


class AlreadyBooked(Conflict):
    """This payment or movement has been booked before; `told_by` is the event that told of it, where that is known."""

    def __init__(self, message: str, *, told_by: str | None = None) -> None:
        super().__init__(message)
        self.told_by = told_by


class HeadRefused(Conflict):
    """The account's head is not as the booking assumed: another version, currency, or too little owed."""


class Book(Protocol):
    """The account's books; each method is one request, `position` two where it is asked for invoices."""

    def settle(self, payment: Payment, invoice: str) -> None:
        """Book the whole payment on an invoice without reading; AlreadyBooked, or HeadRefused when that cannot be."""
        ...

    def position(self, partner: str, account: str, invoices: Iterable[str] = ()) -> Position | None:
        """Return what the account owes and those that it pays for, with the invoices asked for; None without one."""
        ...

    def aftermath(self, partner: str, account: str) -> dict[str, Aftermath]:
        """Return what befell the account's invoices."""
        ...

    def befell(self, partner: str, account: str, invoice: str) -> Aftermath:
        """Return what befell an invoice, with its lines."""
        ...

    def numbered(self, partner: str, number: str) -> tuple[str, str] | None:
        """Return account and id of the invoice with a number; None where nobody knows it."""
        ...

    def overpaid(self, partner: str, policy: PolicyRef, currency: str) -> int:
        """Return up to how much more than owed a policy keeps without crediting it."""
        ...

    def rate(self, partner: str, account: str, currency: str) -> Decimal | None:
        """Return what one unit of another currency counts in the account's; None where no rate is agreed."""
        ...

    def receive(self, payment: Payment, effect: Effect, seen: Position) -> None:
        """Book an effect made on a position; AlreadyBooked, or HeadRefused when the account has moved on."""
        ...


def book_payment(payment: Payment, *, book: Book, pause: Callable[[int], None]) -> Outcome:
    """Book a payment once: on what it names, then by the policy's order, then on written-off debts, the rest as credit.

    A structured reference names invoices by their numbers. Raises Rejected for what nobody can book as it stands (it
    is parked, so that no money is lost) and Transient when the account changes faster than it can be read.
    """
    try:
        return _book(payment, book=book, pause=pause)
    except AlreadyBooked as known:
        return Outcome.DUPLICATE if known.told_by == payment.event_id else Outcome.TOLD_AGAIN


def payment_of(message: ApplyPayment, *, book: Book) -> Payment:
    """Read a payment from its message; Rejected where nobody can tell what was paid or by whom."""
    if message.kind == "unclear" or message.amount <= 0:
        raise Rejected(message.reason or "amount: nothing was paid", field="amount")
    exponent(message.currency)
    payment = Payment(
        partner=message.partner,
        account=message.account or "",
        provider=message.provider,
        payment_id=message.payment_id,
        event_id=message.event_id,
        amount=Money(message.amount, message.currency),
        received_at=parse_iso(message.received_at),
        occurred_at=message.occurred_at,
        invoice=message.invoice,
        lines=numbers(message.lines) if message.invoice else (),
        reference=message.reference,
        part=message.movement_id if message.total is None else None,
    )
    account = message.account or _payer(payment, book)
    if not account:
        raise Rejected("account: the payment names none; assign it to one", field="account")
    return replace(payment, account=checked(account, "account"))


def _payer(payment: Payment, book: Book) -> str | None:
    """Return whose invoice it is that a payment without an account names by its number."""
    owners = (_numbered(payment, name, book) for name in payment.names)
    return next((owner[0] for owner in owners if owner), None)


def _numbered(payment: Payment, name: str, book: Book) -> tuple[str, str] | None:
    try:
        return book.numbered(payment.partner, checked(name, "reference"))
    except Rejected:
        return None  # what is no identifier is no number either


def _book(payment: Payment, *, book: Book, pause: Callable[[int], None]) -> Outcome:
    if payment.invoice and not payment.lines:
        try:
            book.settle(payment, payment.invoice)
        except HeadRefused:
            pass  # the invoice is unknown, not issued yet, or owes less: reading the account tells what to do
        else:
            return Outcome.BOOKED
    return _spread(payment, book=book, pause=pause)


def _spread(payment: Payment, *, book: Book, pause: Callable[[int], None]) -> Outcome:
    for attempt in range(TRIES):
        position = book.position(payment.partner, payment.account)
        payment = _counted(payment, position, book)
        position = bookable(payment, position)
        named, closed = _named(payment, position, book)
        if closed:
            position = bookable(payment, book.position(payment.partner, payment.account, closed))
            closed = [_meant(name, position) for name in closed]
        try:
            effect, position = _effect(payment, position, (*named, *closed), book)
            book.receive(payment, *_on_lines(payment, effect, position, (*named, *closed), book))
        except HeadRefused:
            pause(attempt)
        else:
            return Outcome.BOOKED
    raise Transient(f"account {payment.account} changes too fast to be read; try again", retry_after=1)


def _named(payment: Payment, position: Position, book: Book) -> tuple[list[str], list[str]]:
    """Return which listed and which other invoices are named; Rejected where one is of nobody it pays for."""
    by_number = {one.number: name for name, one in position.open.items()}
    named, closed = [], []
    for name in payment.names:
        if name in position.open or name in by_number:
            named.append(name if name in position.open else by_number[name])
        elif owner := _numbered(payment, name, book):
            closed.append(_owned(name, owner, payment, position))
        elif payment.invoice and _is_name(name):
            closed.append(name)
    return named, closed


def _owned(name: str, owner: tuple[str, str], payment: Payment, position: Position) -> str:
    account, invoice = owner
    if account == payment.account:
        return invoice
    if account in position.pays_for:
        return qualified(account, invoice)
    raise Rejected(
        f"invoice: {name} is account {account}'s, the payment is account {payment.account}'s, which does not pay for "
        "it; assign it to one of them",
        field="invoice",
    )


def _meant(name: str, position: Position) -> str:
    """Return which invoice an id means: the payer's own, else that of the one account it pays for that has it."""
    if name in position.open or is_others(name):
        return name
    found = [full for account in position.pays_for if (full := qualified(account, name)) in position.open]
    if len(found) > 1:
        accounts = ", ".join(full.partition("/")[0] for full in found)
        raise Rejected(f"invoice: {name} is an invoice of each of {accounts}; name it by its number", field="invoice")
    return found[0] if found else name


def _is_name(name: str) -> bool:
    try:
        checked(name, "invoice")
    except Rejected:
        return False
    return True


def _effect(payment: Payment, position: Position, named: tuple[str, ...], book: Book) -> tuple[Effect, Position]:
    """Return what the payment does and the position it was made on; what befell invoices matters to a surplus only."""
    effect = paid(position, payment.amount, payment.provider, named=named)
    if not effect.credit:
        return effect, position
    position = replace(position, aftermath=book.aftermath(payment.partner, payment.account))
    kept = _tolerance(payment, [position.open[name] for name in effect.shares], book)
    return paid(position, payment.amount, payment.provider, named=named, tolerance=kept), position


def _on_lines(
    payment: Payment, effect: Effect, position: Position, named: tuple[str, ...], book: Book
) -> tuple[Effect, Position]:
    """Put the share of the invoice that it names on the lines that it names."""
    name = next((name for name in named if effect.shares.get(name)), None)
    if name is None or not payment.lines:
        return effect, position
    account, invoice = owner_of(name)
    befell = book.befell(payment.partner, account or payment.account, invoice)
    return effect.on_lines(name, befell, payment.lines), knowing(position, name, befell)


def _tolerance(payment: Payment, settled: list[OpenInvoice], book: Book) -> int:
    """Return what may be kept: the most that any policy of the invoices it settles allows."""
    refs = {one.policy for one in settled}
    return max((book.overpaid(payment.partner, ref, payment.amount.currency) for ref in refs), default=0)


def _counted(payment: Payment, position: Position | None, book: Book) -> Payment:
    """Return the payment in the account's currency where a rate is agreed for the one it was paid in."""
    if position is None or position.currency == payment.amount.currency:
        return payment
    rate = book.rate(payment.partner, payment.account, payment.amount.currency)
    return payment.at_rate(position.currency, rate) if rate else payment


def bookable(payment: Payment, position: Position | None) -> Position:
    """Return the position to book a payment on; Rejected without an account, or where its currency is another."""
    if position is None:
        raise Rejected(f"account: there is no account {payment.account}; assign the payment to one", field="account")
    if position.currency != payment.amount.currency:
        raise Rejected(
            f"currency: paid in {payment.amount.currency}, but the account is kept in {position.currency}; "
            "agree on a rate for the account, or assign it by hand",
            field="currency",
        )
    return position
