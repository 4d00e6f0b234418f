"""Tasks for a person: closed with a note by whoever may, or, where they are money, by saying whose it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.effect import Position
from quittance.domain.errors import Conflict, Rejected
from quittance.domain.reading import Fields
from quittance.domain.roles import Permission, require
from quittance.domain.tasks import KINDS, Closing, Task
from quittance.usecases.apply_payment import Books, apply_payment
from quittance.usecases.payment_message import ApplyPayment

_MOST_PAGES = 10
_ORDERS = ("oldest", "newest")


class Tasks(Protocol):
    """Keeps the tasks (store.tasks)."""

    def page(self, partner: str, *, after: str | None, limit: int, newest: bool) -> tuple[list[Task], str | None]:
        """Return a page of the open tasks in the order of time, and where the next begins."""
        ...

    def get(self, partner: str, task: str) -> Task:
        """Return a task; NotFound when there is none."""
        ...

    def close(self, partner: str, task: Task, closing: Closing, *, account: str | None) -> Task:
        """Close a task once and tell it on an account's timeline; return it as it is closed."""
        ...


def listed(partner: str, wanted: object, *, limit: int, tasks: Tasks) -> tuple[list[Task], str | None]:
    """Return a page of the open tasks, perhaps of one kind or account, and where the next page begins.

    A page that is filtered may be short, even empty, before the last one: only so much is read for it.
    """
    fields = Fields(wanted)
    newest = fields.choice("order", _ORDERS, "oldest") == "newest"
    kind, account = fields.choice("kind", KINDS, None), fields.name("account", None)
    place, found = fields.text("after", None), list[Task]()
    for _ in range(_MOST_PAGES):
        some, place = tasks.page(partner, after=place, limit=limit - len(found), newest=newest)
        found += [one for one in some if kind in (None, one.kind) and account in (None, one.account)]
        if place is None or len(found) >= limit:
            break
    return found, place


def close(partner: str, name: str, definition: object, *, role: str, by: str, now: datetime, tasks: Tasks) -> Task:
    """Close a task with a note; one that is closed stays as it is.

    Raises Rejected without a note, Forbidden where the role may not, Conflict for money that nobody placed yet.
    """
    fields = Fields(definition)
    note = fields.text("note", most=500)
    fields.done()
    task = tasks.get(partner, name)
    if not task.guide.helpdesk:
        require(role, Permission.MONEY)
    if task.closing:
        return task
    if not task.guide.closable:
        raise Conflict(f"a {task.kind.replace('_', ' ')} is not closed, it is placed: {task.guide.says}")
    return tasks.close(partner, task, Closing(at=now, by=by, note=note), account=task.account)


def assign(
    partner: str,
    name: str,
    definition: object,
    *,
    by: str,
    now: datetime,
    tasks: Tasks,
    book: Books,
    pause: Callable[[int], None],
) -> Task:
    """Book a payment that nobody could place on the account a person names, once, and close its task.

    Whose it is is noted before it is booked: two people who name different accounts cannot both be followed. The same
    again books nothing more; after a crash between booking and closing it closes. Raises Rejected for an account that
    cannot take it, Conflict when it is another account's.
    """
    account, invoice = _wanted(definition)
    task = tasks.get(partner, name)
    if task.kind != "payment":
        raise Conflict(f"task: a {task.kind.replace('_', ' ')} cannot be assigned; {task.guide.says}")
    kept = {key: value for key, value in task.body.items() if key != "state"} | {"type": ApplyPayment.TYPE}
    told = ApplyPayment.from_mapping(kept)
    message = replace(told, account=account, invoice=invoice)
    _claim(message, told, book)
    if book.history(partner, account, message.provider, message.payment_id) is None:
        apply_payment(message, book=book, now=now, pause=pause)
    if book.history(partner, account, message.provider, message.payment_id) is None:
        raise Conflict(f"the payment could not be booked on account {account!r}; try again")
    if task.closing:
        return task
    note = f"assigned to account {account}" + (f", invoice {invoice}" if invoice else "")
    return tasks.close(partner, task, Closing(at=now, by=by, note=note), account=account)


def _wanted(definition: object) -> tuple[str, str | None]:
    fields = Fields(definition)
    account, invoice = fields.name("account"), fields.name("invoice", None)
    fields.done()
    return account, invoice


def _claim(message: ApplyPayment, told: ApplyPayment, book: Books) -> None:
    """Note whose payment it is, once; Conflict where it is somebody else's, Rejected where it cannot be booked."""
    account, named = str(message.account), (message.partner, message.provider, message.payment_id)
    taken = Conflict("the payment is booked, or being booked, on another account; correct it there")
    for other in _others(told, account, book):
        if book.history(message.partner, other, *named[1:]):
            raise taken
    position = book.position(message.partner, account, (message.invoice,) if message.invoice else ())
    if position is None:
        raise Rejected(f"account: there is no account {account!r}", field="account")
    _bookable(message, position, book)
    book.note_owner(message.partner, account, *named[1:])
    if book.owner(*named) != account:
        raise taken


def _others(told: ApplyPayment, account: str, book: Books) -> Iterator[str]:
    """Yield the accounts that the payment may have been booked on since: the one it names, the one that is noted."""
    owner = book.owner(told.partner, told.provider, told.payment_id)
    for one in {told.account, owner} - {None, account}:
        with suppress(Rejected):  # what a provider gave as account need not be an identifier
            if one and book.position(told.partner, one):
                yield one


def _bookable(message: ApplyPayment, position: Position, book: Books) -> None:
    rate: Any = book.rate(message.partner, str(message.account), message.currency)
    if position.currency != message.currency and rate is None:
        raise Rejected(
            f"account: {message.account!r} is kept in {position.currency}, the payment is in {message.currency}; "
            "agree on a rate for the account first",
            field="account",
        )
    if message.invoice and message.invoice not in position.open:
        raise Rejected(
            f"invoice: nothing is known of {message.invoice!r} on account {message.account!r}; leave it out to settle "
            "the oldest",
            field="invoice",
        )
