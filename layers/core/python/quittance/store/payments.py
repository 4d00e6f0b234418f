"""Payments in the table: one transaction books one, and its key makes it the only one."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from pynamodb.exceptions import DoesNotExist
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.operand import Path

from quittance.domain.allocation import Allocation, Debt, to_invoice
from quittance.domain.ledger import to_item
from quittance.domain.money import Money
from quittance.domain.payment import Payment, Standing
from quittance.runtime.clock import iso
from quittance.store import keys, parking
from quittance.store.models import HeadItem, Item, PaymentItem
from quittance.store.transact import Transaction, unavailable_is_transient
from quittance.usecases.apply_payment import AlreadyBooked, HeadRefused
from quittance.usecases.payment_message import ApplyPayment


class PaymentBook:
    """Books payments; every change of an account raises its version and makes it due for assessment at once."""

    def settle(self, payment: Payment, invoice: str) -> None:
        """Book the whole payment on one invoice: no read, the conditions tell whether it may be."""
        owed = Path(["open", invoice, "remaining"])
        enough = (owed >= payment.amount.minor) & (HeadItem.currency == payment.amount.currency)
        self._commit(payment, to_invoice(payment.amount, invoice), enough)

    def standing(self, partner: str, account: str) -> Standing | None:
        """Read the head with what is owed."""
        key = keys.head(partner, account)
        try:
            with unavailable_is_transient():
                head: Any = Item.get(key.pk, key.sk, consistent_read=True)  # by the base, whose client serves all
        except DoesNotExist:
            return None
        return standing_of(head)

    def spread(self, payment: Payment, allocation: Allocation, *, seen: int) -> None:
        """Book an allocation, provided that the head is still the one it was made on."""
        self._commit(payment, allocation, HeadItem.version == seen)

    def park(self, message: ApplyPayment, *, reason: str, at: datetime) -> bool:
        """Keep the message as it came, once for a payment."""
        key = keys.parked(message.partner, "payment", f"{message.provider}#{message.payment_id}")
        with unavailable_is_transient():
            return parking.park(key, reason=reason, body=asdict(message), at=at)

    def _commit(self, payment: Payment, allocation: Allocation, condition: Condition) -> None:
        key = keys.head(payment.partner, payment.account)
        transaction = Transaction()
        # The payment comes first: its own condition tells a copy apart from an account that has changed.
        transaction.put(
            _item(payment, allocation),
            PaymentItem.pk.does_not_exist(),
            AlreadyBooked("this payment is booked already"),
        )
        transaction.update(
            HeadItem(key.pk, key.sk),
            _actions(payment, allocation, key),
            condition,
            HeadRefused("the account is not as the booking assumed"),
        )
        transaction.commit()


def standing_of(head: Any) -> Standing:
    """Return what a head says is owed."""
    debts = tuple(_debt(name, entry, head.currency) for name, entry in head.open.as_dict().items())
    return Standing(currency=head.currency, debts=debts, version=int(head.version))


def _item(payment: Payment, allocation: Allocation) -> PaymentItem:
    key = keys.payment(payment.partner, payment.account, payment.provider, payment.payment_id)
    return PaymentItem(
        key.pk,
        key.sk,
        provider=payment.provider,
        payment_id=payment.payment_id,
        event_id=payment.event_id,
        currency=payment.amount.currency,
        amount=payment.amount.minor,
        to_credit=allocation.credit.minor,
        received_at=iso(payment.received_at),
        allocations={invoice: share.minor for invoice, share in allocation.invoices.items()},
        postings=to_item(payment.postings(allocation)),
    )


def _actions(payment: Payment, allocation: Allocation, key: keys.Key) -> list[Any]:
    owed = {invoice: Path(["open", invoice, "remaining"]) for invoice in allocation.invoices}
    return [
        *(owed[invoice].set(owed[invoice] - share.minor) for invoice, share in allocation.invoices.items()),
        *([HeadItem.credit.add(allocation.credit.minor)] if allocation.credit else []),
        HeadItem.balance.add(-payment.amount.minor),
        HeadItem.version.add(1),
        HeadItem.due_lane.set(keys.due_lane("account", key)),
        HeadItem.due_at.set(iso(payment.received_at)),
    ]


def _debt(invoice: str, entry: dict[str, Any], currency: str) -> Debt:
    return Debt(
        invoice=invoice,
        number=entry["number"],
        due=date.fromisoformat(entry["due"]),
        remaining=Money(int(entry["remaining"]), currency),
    )
