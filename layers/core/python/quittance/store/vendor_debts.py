"""What is owed and was paid to the vendor; a payment and its share of an invoice are written in one transaction."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from quittance.domain.errors import Conflict
from quittance.domain.money import Money
from quittance.domain.payable import Payable, VendorPayment, next_alert
from quittance.runtime.clock import iso
from quittance.store import keys, parking
from quittance.store.models import PayableItem, VendorPaymentItem
from quittance.store.transact import Transaction, unavailable_is_transient

_CHANGED = Conflict("the vendor invoice or its payment changed meanwhile; read it again and repeat")


def payable(partner: str, vendor_invoice: str) -> Payable | None:
    """Return a vendor invoice, None when there is none of that name."""
    key = keys.payable(partner, vendor_invoice)
    try:
        with unavailable_is_transient():
            return payable_of(PayableItem.get(key.pk, key.sk, consistent_read=True))
    except PayableItem.DoesNotExist:
        return None


def payables(partner: str) -> list[Payable]:
    """Return all vendor invoices."""
    with unavailable_is_transient():
        found = PayableItem.query(keys.partner_pk(partner), PayableItem.sk.startswith("PAYABLE#"))
        return [payable_of(item) for item in found]


def payable_of(item: PayableItem) -> Payable:
    """Read a vendor invoice from its item."""
    return Payable(
        vendor_invoice=item.sk.removeprefix("PAYABLE#"),
        amount=Money(int(item.amount), item.currency),
        paid=Money(int(item.paid or 0), item.currency),
        dated=date.fromisoformat(item.dated),
        due=date.fromisoformat(item.due),
        alerts=int(item.alerts or 0),
    )


def payment(partner: str, payment: str) -> VendorPayment | None:
    """Return a payment, None before it is recorded."""
    key = keys.vendor_payment(partner, payment)
    try:
        with unavailable_is_transient():
            return _payment_of(VendorPaymentItem.get(key.pk, key.sk, consistent_read=True))
    except VendorPaymentItem.DoesNotExist:
        return None


def payments(partner: str) -> list[VendorPayment]:
    """Return all payments in the order of their ids."""
    with unavailable_is_transient():
        found = VendorPaymentItem.query(keys.partner_pk(partner), VendorPaymentItem.sk.startswith(keys.VENDOR_PAYMENT))
        return [_payment_of(item) for item in found]


def _payment_of(item: VendorPaymentItem) -> VendorPayment:
    return VendorPayment(
        id=item.sk.removeprefix(keys.VENDOR_PAYMENT),
        amount=Money(int(item.amount), item.currency),
        paid_on=date.fromisoformat(item.paid_on),
        reference=item.reference or "",
        shares={name: int(minor) for name, minor in item.shares.items()},
        version=int(item.version),
    )


def record(partner: str, payment: VendorPayment, payable: Payable | None, now: datetime) -> None:
    """Store a new payment with its share of a payable; Conflict when one changed meanwhile."""
    transaction = Transaction()
    transaction.put(_item(partner, payment, now), VendorPaymentItem.pk.does_not_exist(), _CHANGED)
    if payable and payment.shares:
        _settle(transaction, partner, payable, payment.share(payable.vendor_invoice), now)
    transaction.commit()


def _item(partner: str, payment: VendorPayment, now: datetime) -> VendorPaymentItem:
    key = keys.vendor_payment(partner, payment.id)
    return VendorPaymentItem(
        key.pk,
        key.sk,
        currency=payment.amount.currency,
        amount=payment.amount.minor,
        paid_on=payment.paid_on.isoformat(),
        reference=payment.reference or None,
        recorded_at=iso(now),
        shares=dict(payment.shares),
    )


def allocate(partner: str, payment: VendorPayment, payable: Payable, share: Money, now: datetime) -> None:
    """Set what a payment gives a payable; Conflict when one changed meanwhile."""
    key, shares = keys.vendor_payment(partner, payment.id), {**payment.shares, payable.vendor_invoice: share.minor}
    kept = {name: minor for name, minor in shares.items() if minor}
    transaction = Transaction()
    transaction.update(
        VendorPaymentItem(key.pk, key.sk),
        [VendorPaymentItem.shares.set(kept), VendorPaymentItem.version.add(1)],
        VendorPaymentItem.version == payment.version,
        _CHANGED,
    )
    _settle(transaction, partner, payable, share - payment.share(payable.vendor_invoice), now)
    transaction.commit()


def _settle(transaction: Transaction, partner: str, payable: Payable, more: Money, now: datetime) -> None:
    key = keys.payable(partner, payable.vendor_invoice)
    left = payable.remaining - more
    alert = next_alert(payable.due, now) if left.minor > 0 else None
    unchanged = PayableItem.paid == payable.paid.minor
    if not payable.paid:
        unchanged |= PayableItem.paid.does_not_exist()
    transaction.update(
        PayableItem(key.pk, key.sk),
        [PayableItem.paid.set(payable.paid.minor + more.minor), *_due(partner, payable.vendor_invoice, alert)],
        PayableItem.pk.exists() & unchanged,
        _CHANGED,
    )


def _due(partner: str, vendor_invoice: str, moment: datetime | None) -> list[Any]:
    if moment is None:
        return [PayableItem.due_lane.remove(), PayableItem.due_at.remove()]
    lane = keys.due_lane("billing", keys.payable(partner, vendor_invoice))
    return [PayableItem.due_lane.set(lane), PayableItem.due_at.set(iso(moment))]


def alert(partner: str, payable: Payable, now: datetime) -> None:
    """Count one more alert and say when the next is due; Conflict when another firing did it or it was paid."""
    key = keys.payable(partner, payable.vendor_invoice)
    unchanged = PayableItem.alerts == payable.alerts
    if not payable.alerts:
        unchanged |= PayableItem.alerts.does_not_exist()
    unchanged &= PayableItem.paid.does_not_exist() | (PayableItem.paid == payable.paid.minor)
    actions = [PayableItem.alerts.set(payable.alerts + 1)]
    actions += _due(partner, payable.vendor_invoice, next_alert(payable.due, now))
    transaction = Transaction()
    transaction.update(PayableItem(key.pk, key.sk), actions, unchanged, _CHANGED)
    transaction.commit()


def rest(partner: str, vendor_invoice: str) -> None:
    """Take a vendor invoice that is paid out of the due index."""
    key = keys.payable(partner, vendor_invoice)
    transaction = Transaction()
    transaction.update(PayableItem(key.pk, key.sk), _due(partner, vendor_invoice, None), PayableItem.pk.exists())
    transaction.commit()


def told(partner: str, vendor_invoice: str) -> int:
    """Return which alert was sent last, 0 before the first."""
    key = keys.payable(partner, vendor_invoice)
    with unavailable_is_transient():
        return int(PayableItem.get(key.pk, key.sk, consistent_read=True).told or 0)


def tell(partner: str, vendor_invoice: str, number: int) -> None:
    """Record that an alert was sent."""
    key = keys.payable(partner, vendor_invoice)
    with unavailable_is_transient():
        PayableItem(key.pk, key.sk).update([PayableItem.told.set(number)], condition=PayableItem.pk.exists())


def ask_person(partner: str, vendor_invoice: str, reason: str, now: datetime) -> bool:
    """Leave a task for a person, once a vendor invoice; True when it is new."""
    key = keys.parked(partner, "payable", vendor_invoice)
    with unavailable_is_transient():
        return parking.park(key, reason=reason, body={"vendor_invoice": vendor_invoice}, at=now)
