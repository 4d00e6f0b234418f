"""Payments and their movements in the table: one transaction books one, and its key makes it the only one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from pynamodb.expressions.operand import Path

from quittance.domain.allocation import Debt
from quittance.domain.effect import Aftermath, Effect, Position, added
from quittance.domain.errors import Conflict
from quittance.domain.money import Money
from quittance.domain.movement import CREDIT_USED, FAILED, MORE, REALLOCATED, Booked, CreditUses, History
from quittance.domain.payment import Paid, Payment, Standing
from quittance.domain.policy import PolicyRef
from quittance.runtime.clock import iso, parse_iso
from quittance.store import keys, owners, parking, positions
from quittance.store.attention import MONEY
from quittance.store.entries import open_invoice
from quittance.store.models import (
    AccountItem,
    AttemptItem,
    HeadItem,
    Item,
    MovementItem,
    NumberItem,
    ParkedItem,
    PaymentItem,
    PaymentOwnerItem,
)
from quittance.store.policies import PolicyStore
from quittance.store.positions import HeadMoved, effect_of, movement_item
from quittance.store.transact import Transaction, unavailable_is_transient
from quittance.usecases.apply_movement import Change
from quittance.usecases.book_payment import AlreadyBooked, HeadRefused
from quittance.usecases.payment_message import ApplyPayment

_POLICIES = PolicyStore()
# What may wait for ever without anybody having to look: a payment that never came failed, a refund that was never
# paid failed, a success that is told twice at different moments had no failure between.
_MAY_NEVER_BE = frozenset((FAILED, "refund_failed", "succeeded"))


class PaymentBook:
    """Books payments; every change of an account raises its version and makes it due for assessment at once.

    `at` is the moment of booking: what waited in a queue or for its payment belongs to the period then open, not
    to the one in which it was received. Without it the moment of receipt stands for it.
    """

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at

    def settle(self, payment: Payment, invoice: str) -> None:
        """Book the whole payment on one invoice: no read, the conditions tell whether it may be."""
        key, amount = keys.head(payment.partner, payment.account), payment.amount.minor
        remaining = Path(["open", invoice, "remaining"])
        transaction = _with_payment(payment, payment.settles(invoice), self._at, blind=True)
        transaction.update(
            HeadItem(key.pk, key.sk),
            [
                remaining.set(remaining - amount),
                HeadItem.balance.add(-amount),
                HeadItem.version.add(1),
                HeadItem.due_lane.set(keys.due_lane("account", key)),
                # Due as the head says for a payment: what does not move costs nothing in the index.
                HeadItem.due_at.set(HeadItem.due_if_paid | iso(payment.received_at)),
                HeadItem.paid.set(f"{payment.provider}#{payment.payment_id}"),
                HeadItem.change.set(MONEY),
            ],
            (remaining >= amount) & (HeadItem.currency == payment.amount.currency),
            HeadRefused("the account is not as the booking assumed"),
        )
        _commit(transaction)

    def position(self, partner: str, account: str, invoices: Iterable[str] = ()) -> Position | None:
        """Read the head with what is owed, also by accounts that it pays for, and what befell the named invoices."""
        return positions.read_with_others(partner, account, invoices)

    def aftermath(self, partner: str, account: str) -> dict[str, Aftermath]:
        """Read what befell the account's invoices."""
        return positions.all_aftermath(partner, account)

    def befell(self, partner: str, account: str, invoice: str) -> Aftermath:
        """Read what befell an invoice, with its lines."""
        return positions.befell(partner, account, invoice)

    def numbered(self, partner: str, number: str) -> tuple[str, str] | None:
        """Read whose invoice a number is."""
        found: Any = _get(keys.number(partner, number), NumberItem)
        return (found.account, found.invoice) if found else None

    def overpaid(self, partner: str, policy: PolicyRef, currency: str) -> int:
        """Read a policy's tolerance of overpayment."""
        found = _POLICIES.get(partner, policy, currency)
        return found.tolerance_over.minor if found and found.tolerance_over else 0

    def rate(self, partner: str, account: str, currency: str) -> Decimal | None:
        """Read the rate agreed with an account."""
        found: Any = _get(keys.account(partner, account), AccountItem)
        rate = (found.body.get("rates") or {}).get(currency) if found else None
        return Decimal(rate) if rate else None

    def receive(self, payment: Payment, effect: Effect, seen: Position) -> None:
        """Book an effect, provided that the head is still the one it was made on."""
        transaction = _with_payment(payment, effect, self._at)
        told = _told(payment.provider, payment.payment_id) | {
            "occurred_at": payment.occurred_at,
            "booked_at": iso(self._at or payment.received_at),
        }
        positions.move(transaction, payment.partner, payment.account, seen, [effect], payment.received_at, told)
        _commit(transaction)

    def park(self, message: ApplyPayment, *, reason: str, at: datetime) -> bool:
        """Keep the message as it came, once for a payment or movement."""
        key = _parked(message)
        with unavailable_is_transient():
            if message.kind == "succeeded":  # beside the payment, too: who books it later finds it there and closes it
                parking.park(_early(message), reason=reason, body={**asdict(message), "state": "waiting"}, at=at)
            return parking.park(key, reason=reason, body=asdict(message), at=at)

    def note(self, message: ApplyPayment) -> bool:
        """Keep a fact without money in the account's partition, once; False where the account is not known."""
        account = str(message.account)
        key = keys.attempt(message.partner, account, message.provider, message.payment_id, message.kind)
        head = keys.head(message.partner, account)
        item = AttemptItem(
            key.pk,
            key.sk,
            provider=message.provider,
            payment_id=message.payment_id,
            status=message.kind,
            currency=message.currency or None,
            amount=message.amount,
            received_at=message.received_at,
            reason=message.reason,
        )
        transaction = Transaction()
        transaction.check(HeadItem, head, HeadItem.pk.exists(), Conflict("there is no such account"))
        transaction.put(item, AttemptItem.pk.does_not_exist(), Conflict("known already"))
        try:
            transaction.commit()
        except Conflict:
            return False
        return True

    # -- movements of a payment ------------------------------------------------------------------------------------

    def owner(self, partner: str, provider: str, payment_id: str) -> str | None:
        """Read whose payment it is."""
        found: Any = _get(keys.payment_owner(partner, provider, payment_id), PaymentOwnerItem)
        return str(found.account) if found else None

    def note_owner(self, partner: str, account: str, provider: str, payment_id: str) -> None:
        """Write whose payment it is; the first that says so stays."""
        owners.note_owner(partner, account, provider, payment_id)

    def history(self, partner: str, account: str, provider: str, payment_id: str) -> History | None:
        """Read a payment and its movements in one query."""
        key = keys.payment(partner, account, provider, payment_id)
        within = Item.sk.between(key.sk, f"{key.sk}#\uffff")
        with unavailable_is_transient():
            items = list(Item.query(key.pk, within, consistent_read=True))
        payment: Any = next((one for one in items if one.sk == key.sk), None)
        return history_of(payment, [one for one in items if isinstance(one, MovementItem)]) if payment else None

    def find(self, partner: str, account: str, payment_id: str) -> History | None:
        """Find a payment of an account by its id alone; the first by the provider's name where two have one."""
        pk = keys.account_pk(partner, account)
        with unavailable_is_transient():
            found = [
                item
                for item in Item.query(pk, Item.sk.startswith(keys.payments_prefix()), consistent_read=True)
                if isinstance(item, PaymentItem) and item.payment_id == payment_id
            ]
        return self.history(partner, account, found[0].provider, payment_id) if found else None

    def credit_uses(self, partner: str, account: str) -> CreditUses:
        """Read what credit is used for; by their keys, the newest use last."""
        start = keys.correction(partner, account, CREDIT_USED, 0)
        with unavailable_is_transient():
            items: list[Any] = list(
                Item.query(start.pk, Item.sk.startswith(start.sk.rpartition("#")[0] + "#"), consistent_read=True)
            )
        return CreditUses(added(effect_of(item).shares for item in items))

    def move(self, message: ApplyPayment, account: str, key: tuple[str, str], change: Change) -> None:
        """Book a movement, provided that the head is still the one it was made on."""
        kind, name = key
        place = keys.movement(message.partner, account, message.provider, message.payment_id, kind, name)
        at = self._at or parse_iso(message.received_at)
        transaction = Transaction()
        *before, own = change.effects
        more = {
            "provider": message.provider,
            "payment_id": message.payment_id,
            "movement_id": name,
            "event_id": message.event_id,
            "reason": message.reason,
            "occurred_at": message.occurred_at if kind in (FAILED, MORE) else None,
        }
        item = movement_item(place, kind, own, amount=change.amount, at=at, **more)
        transaction.put(item, MovementItem.pk.does_not_exist(), AlreadyBooked("this movement is booked already"))
        for effect in before:
            use = keys.correction(message.partner, account, CREDIT_USED, change.seen.version + 1)
            undone = movement_item(use, CREDIT_USED, effect, amount=effect.credit, at=at, reason=f"{kind} {name}")
            transaction.put(undone, MovementItem.pk.does_not_exist(), HeadRefused("the account has moved on"))
        told = _told(message.provider, message.payment_id, f"{kind} {name}") | {"occurred_at": item.occurred_at}
        positions.move(transaction, message.partner, account, change.seen, change.effects, at, told)
        _commit(transaction)

    def correct(
        self, partner: str, account: str, kind: str, effect: Effect, seen: Position, *, at: datetime, reason: str
    ) -> None:
        """Book a movement that belongs to no payment, provided that the head is still the one it was made on."""
        transaction = Transaction()
        positions.correct(transaction, partner, account, kind, effect, seen, at, reason=reason or None)
        _commit(transaction)

    def reallocate(
        self, partner: str, account: str, history: History, effect: Effect, seen: Position, *, at: datetime, reason: str
    ) -> None:
        """Book another allocation of a payment, provided that the head is still the one it was made on."""
        name = f"{seen.version + 1:08d}"
        place = keys.movement(partner, account, history.provider, history.payment_id, REALLOCATED, name)
        amount = sum(share for share in effect.shares.values() if share > 0)
        more = {"provider": history.provider, "payment_id": history.payment_id, "movement_id": name, "reason": reason}
        item = movement_item(place, REALLOCATED, effect, amount=amount, at=at, **more)
        transaction = Transaction()
        transaction.put(item, MovementItem.pk.does_not_exist(), HeadRefused("the account has moved on"))
        told = _told(history.provider, history.payment_id, reason)
        positions.move(transaction, partner, account, seen, [effect], at, told)
        _commit(transaction)

    def keep(self, message: ApplyPayment, *, at: datetime) -> None:
        """Keep a movement beside its payment's owner, once."""
        known = message.kind in _MAY_NEVER_BE and not (message.kind == FAILED and message.of)
        body = asdict(message) | {"state": "waiting" if known else "open"}
        with unavailable_is_transient():
            parking.park(_early(message), reason="its payment has not been told of yet", body=body, at=at)

    def kept(self, partner: str, provider: str, payment_id: str) -> Sequence[ApplyPayment]:
        """Read what waits for a payment."""
        bodies = (item.body for item in owners.kept(partner, provider, payment_id))
        return [ApplyPayment(**{name: value for name, value in body.items() if name != "state"}) for body in bodies]

    def forget(self, message: ApplyPayment) -> None:
        """Delete what waited, and what was parked of a payment that is booked now, unless a person closed it."""
        with unavailable_is_transient():
            if message.kind == "succeeded":
                parking.clear(_parked(message))
            ParkedItem(_early(message).pk, _early(message).sk).delete()


def _told(provider: str, payment_id: str, reason: str | None = None) -> dict[str, Any]:
    return {"provider": provider, "payment_id": payment_id, "reason": reason}


def standing_of(head: Any) -> Standing:
    """Return what a head says is owed."""
    listed = (open_invoice(name, entry, head.currency) for name, entry in head.open.as_dict().items())
    debts = tuple(Debt(invoice=one.id, number=one.number, due=one.due, remaining=one.remaining) for one in listed)
    pays_for = tuple(sorted(head.pays_for or ()))
    return Standing(currency=head.currency, debts=debts, version=int(head.version), pays_for=pays_for)


def _parked(message: ApplyPayment) -> keys.Key:
    name = f"{message.provider}#{message.payment_id}"
    if message.movement_id:
        name = f"{name}#{message.kind}#{message.movement_id}"
    return keys.parked(message.partner, "payment", name)


def _early(message: ApplyPayment) -> keys.Key:
    name = message.movement_id or (f"total.{message.total}" if message.total is not None else message.event_id)
    return keys.early(message.partner, message.provider, message.payment_id, message.kind, name)


def history_of(payment: Any, movements: Sequence[MovementItem]) -> History:
    """Read a payment and its movements, in the order of their booking."""
    ordered = sorted(movements, key=lambda one: (one.booked_at, one.sk))
    return History(
        provider=payment.provider,
        payment_id=payment.payment_id,
        currency=payment.currency,
        amount=int(payment.amount),
        received=effect_of(payment),
        movements=tuple(
            Booked(
                kind=one.movement,
                name=str(one.movement_id),
                amount=int(one.amount),
                effect=effect_of(one),
                at=one.occurred_at,
            )
            for one in ordered
        ),
        occurred_at=payment.occurred_at,
        paid=_paid(payment.paid),
        part=payment.part,
        event_id=payment.event_id,
    )


def _paid(stored: dict[str, Any] | None) -> Paid | None:
    return Paid(Money(int(stored["amount"]), stored["currency"]), Decimal(stored["rate"])) if stored else None


def _with_payment(payment: Payment, effect: Effect, at: datetime | None, *, blind: bool = False) -> Transaction:
    """Return a transaction with the payment first: its own condition tells a copy apart from a changed account."""
    key = keys.payment(payment.partner, payment.account, payment.provider, payment.payment_id)
    item = PaymentItem(
        key.pk,
        key.sk,
        provider=payment.provider,
        payment_id=payment.payment_id,
        event_id=payment.event_id,
        currency=payment.amount.currency,
        amount=payment.amount.minor,
        to_credit=effect.credit,
        received_at=iso(payment.received_at),
        occurred_at=payment.occurred_at,
        booked_at=iso(at) if at else None,
        allocations=dict(effect.shares),
        recovered=dict(effect.recovered) or None,
        lines=positions.lines_body(effect),
        paid=_paid_body(payment.paid),
        part=payment.part,
        postings=[[posting.account, posting.amount.minor] for posting in effect.postings()],
        blind=int(blind),
    )
    transaction = Transaction()
    known = AlreadyBooked("this payment is booked already")
    transaction.put(item, PaymentItem.pk.does_not_exist(), known, shown=True)
    return transaction


def _paid_body(paid: Paid | None) -> dict[str, Any] | None:
    if paid is None:
        return None
    return {"amount": paid.amount.minor, "currency": paid.amount.currency, "rate": format(paid.rate, "f")}


def _commit(transaction: Transaction) -> None:
    try:
        transaction.commit()
    except HeadMoved as problem:
        raise HeadRefused(problem.message) from problem
    except AlreadyBooked as problem:
        told_by = (transaction.found or {}).get("event_id", {}).get("S")
        raise AlreadyBooked(problem.message, told_by=told_by) from problem


def _get(key: keys.Key, kind: type[Item]) -> Item | None:
    try:
        with unavailable_is_transient():
            found = Item.get(key.pk, key.sk, consistent_read=True)
    except Item.DoesNotExist:
        return None
    return found if isinstance(found, kind) else None
