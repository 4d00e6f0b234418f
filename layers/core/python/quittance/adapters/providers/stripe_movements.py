"""Stripe: what happens to a payment after it came, and what comes in parts: refunds, disputes, bank transfers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from quittance.adapters.providers import reading
from quittance.domain.payment_event import Kind, ProviderEvent

# Where Stripe's smallest unit is not ISO 4217's (docs.stripe.com/currencies#special-cases): ISK and UGX are sent with
# two places for the sake of old integrations, MGA without any.
PLACES = {"ISK": 2, "UGX": 2, "MGA": 0}

_REFUNDS: dict[str, Kind] = {
    "succeeded": "refunded",
    "pending": "pending",
    "requires_action": "pending",
    "failed": "refund_failed",
    "canceled": "refund_failed",
}
# A bank debit that comes back late is told as a dispute that is lost from the start, for a bank's reason.
_RETURNED = frozenset(
    ("bank_cannot_process", "check_returned", "debit_not_authorized", "incorrect_account_details", "insufficient_funds")
)
_CASH = "lies in the customer's cash balance at Stripe and settles nothing; assign it to an invoice there, or refund it"


def events_of(told: ProviderEvent, event: dict[str, Any], thing: dict[str, Any]) -> list[ProviderEvent]:
    """Return the movements that an event tells, or the event itself where it moves nothing."""
    if told.type == "payment_intent.partially_funded":
        return [_part(told, thing)]
    if told.type == "charge.refunded":
        return list(_refunds_of_charge(told, thing))
    if told.type.startswith("refund.") or told.type == "charge.refund.updated":
        before = reading.member(event, "data").get("previous_attributes")
        return [_refund(told, thing, changed=not isinstance(before, dict) or "status" in before)]
    if told.type.startswith("charge.dispute."):
        return _dispute(told, thing)
    if told.type == "cash_balance.funds_available":
        return list(_unassigned(told, thing))
    # The transfer itself is no event of its own: intents tell what it settled, the cash balance what it did not.
    return [told._replace(kind="told")] if told.type == "customer_cash_balance_transaction.created" else [told]


def _part(told: ProviderEvent, intent: dict[str, Any]) -> ProviderEvent:
    """Read how much of an intent has come by bank transfer so far; the intent's own success will tell it in full."""
    asked = reading.whole(intent.get("amount"), "data.object.amount")
    instructions = reading.member(reading.member(intent, "next_action"), "display_bank_transfer_instructions")
    left = reading.whole(instructions.get("amount_remaining"), "amount_remaining")
    if left > asked:
        raise reading.refused("amount_remaining", "is more than the amount")
    own = reading.identifier(intent.get("id"), "data.object.id")
    part = _moving(told, intent, "succeeded", asked - left)
    return part._replace(payment_id=own, movement_id=f"{own}:{asked - left}", total=part.amount)


def _refunds_of_charge(told: ProviderEvent, charge: dict[str, Any]) -> Iterator[ProviderEvent]:
    """Read each refund of a charge; `amount_refunded` counts all of them and is never booked."""
    listed = reading.member(charge, "refunds").get("data")
    if not isinstance(listed, list) or not listed:
        yield told._replace(kind="told")  # newer versions of the API tell refunds by their own events
        return
    for refund in listed:
        if isinstance(refund, dict):
            own = {"payment_intent": charge.get("payment_intent") or refund.get("payment_intent")}
            yield _refund(told, {**refund, **own, "charge": charge.get("id")}, changed=True)


def _refund(told: ProviderEvent, refund: dict[str, Any], *, changed: bool) -> ProviderEvent:
    status = refund.get("status")
    kind = _REFUNDS.get(status if isinstance(status, str) else "", "other")
    if not changed or kind == "other":
        return told._replace(kind="told")
    moved = _moving(told, refund, kind, reading.whole(refund.get("amount"), "refund.amount"))
    own = reading.identifier(refund.get("id"), "refund.id")
    reason = moved.reason or reading.reference(refund.get("failure_reason"))
    return moved._replace(event_id=f"{told.event_id}:{own}", movement_id=own, of=own, reason=reason)


def _dispute(told: ProviderEvent, dispute: dict[str, Any]) -> list[ProviderEvent]:
    """Read what a dispute moved; opening, closing and warnings of one move nothing by themselves."""
    if told.type == "charge.dispute.funds_withdrawn":
        return [*_turns(told, dispute, "chargeback"), *_fees(told, dispute)]
    if told.type == "charge.dispute.funds_reinstated":
        return [*_turns(told, dispute, "chargeback_reversed"), *_fees(told, dispute, back=True)]
    if dispute.get("status") == "lost" and dispute.get("reason") in _RETURNED:
        return _turns(told, dispute, "chargeback")
    return [told._replace(kind="told")]


def _turns(told: ProviderEvent, dispute: dict[str, Any], kind: Kind) -> list[ProviderEvent]:
    """Return each time the money went or came back, named by its number: the list may be missing, but not the turn."""
    wanted = -1 if kind == "chargeback" else 1
    own = reading.identifier(dispute.get("id"), "dispute.id")
    turns = sum(_amount(entry) * wanted > 0 for entry in _entries(dispute)) or 1
    moved = _moving(told, dispute, kind, reading.whole(dispute.get("amount"), "dispute.amount"))
    reason = moved.reason or reading.reference(dispute.get("reason"))
    return [
        moved._replace(event_id=f"{told.event_id}:{turn}", movement_id=f"{own}:{kind}:{turn}", of=own, reason=reason)
        for turn in range(1, turns + 1)
    ]


def _fees(told: ProviderEvent, dispute: dict[str, Any], *, back: bool = False) -> Iterator[ProviderEvent]:
    """Return what Stripe keeps for the dispute or, once it is won, gives back; in the currency in which it pays out."""
    for entry in _entries(dispute):
        fee = entry.get("fee")
        if isinstance(fee, int) and not isinstance(fee, bool) and (fee < 0 if back else fee > 0):
            own = reading.identifier(entry.get("id"), "balance_transactions.id")
            paid = {**dispute, "currency": entry.get("currency")}
            kind: Kind = "fee_returned" if back else "fee"
            moved = _moving(told, paid, kind, reading.whole(abs(fee), "balance_transactions.fee"))
            yield moved._replace(event_id=f"{told.event_id}:{own}", movement_id=f"{own}:fee")


def _entries(dispute: dict[str, Any]) -> list[dict[str, Any]]:
    listed = dispute.get("balance_transactions")
    return [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []


def _amount(entry: dict[str, Any]) -> int:
    amount = entry.get("amount")
    return amount if isinstance(amount, int) and not isinstance(amount, bool) else 0


def _unassigned(told: ProviderEvent, balance: dict[str, Any]) -> Iterator[ProviderEvent]:
    for currency, sent in reading.member(balance, "available").items():
        if sent:
            moved = _moving(told, {"currency": currency}, "unclear", reading.whole(sent, "available"))
            name = f"{told.event_id}:{moved.currency}"
            yield moved._replace(event_id=name, payment_id=name, reason=f"{sent} {moved.currency} {_CASH}")


def _moving(told: ProviderEvent, thing: dict[str, Any], kind: Kind, sent: int) -> ProviderEvent:
    currency = reading.identifier(thing.get("currency"), "currency").upper()
    amount = reading.units(sent, currency, PLACES)
    account, invoice = reading.quittance(reading.member(thing, "metadata"))
    charge = thing.get("payment_intent") or thing.get("charge") or told.payment_id
    return told._replace(
        kind=amount.kind(kind),
        payment_id=reading.identifier(charge, "payment_intent"),
        amount=amount.minor,
        currency=currency,
        account=account,
        invoice=invoice,
        reason=amount.reason,
    )
