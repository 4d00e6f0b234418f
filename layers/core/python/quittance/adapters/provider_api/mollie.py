"""Mollie: a payment with its refunds and chargebacks (docs.mollie.com/reference/get-payment).

A payment's status stays `paid` whatever happens to it later. Refunds and chargebacks are asked for with it, so that
each has its own key; where they are missing only the sums are known, and the difference to what is booked counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from quittance.adapters.provider_api import line
from quittance.adapters.providers import reading
from quittance.adapters.secrets import CachedSecrets
from quittance.domain.payment_event import Kind, ProviderEvent
from quittance.usecases.payment_message import ApplyPayment

_BASE = "https://api.mollie.com"
_STATES: dict[str, Kind] = {
    "open": "pending",
    "pending": "pending",
    "authorized": "pending",
    "paid": "succeeded",
    "failed": "failed",
    "expired": "cancelled",
    "canceled": "cancelled",
}
_REFUNDS: dict[str, Kind] = {"refunded": "refunded", "failed": "refund_failed", "canceled": "refund_failed"}


class Api:
    """One partner's payments at Mollie."""

    def __init__(self, partner: str, secrets: CachedSecrets) -> None:
        self._partner = partner
        self._secrets = secrets

    def movements(self, told: ApplyPayment) -> list[ProviderEvent]:
        """Return what has happened to a payment, or to all payments of a payment link."""
        if told.payment_id.startswith("pl_"):
            return [event for payment in self._of_link(told.payment_id) for event in movements_of(payment)]
        return list(movements_of(self._get(f"/v2/payments/{told.payment_id}?embed=refunds,chargebacks")))

    def _of_link(self, link: str) -> Iterator[dict[str, Any]]:
        """Read a link's payments one by one: the list has no refunds with them."""
        listed = reading.member(self._get(f"/v2/payment-links/{link}/payments?limit=250"), "_embedded").get("payments")
        for payment in listed if isinstance(listed, list) else []:
            own = reading.identifier(payment.get("id") if isinstance(payment, dict) else None, "payments.id")
            yield self._get(f"/v2/payments/{own}?embed=refunds,chargebacks")

    def _get(self, path: str) -> dict[str, Any]:
        key = line.credential(self._secrets, self._partner, "mollie", "api_key")
        return line.get(line.base("mollie", _BASE) + path, {"authorization": f"Bearer {key}"}, "Mollie")


def movements_of(payment: dict[str, Any]) -> Iterator[ProviderEvent]:
    """Read a payment as it stands now, the payment first and then what was taken from it."""
    status = payment.get("status")
    own = reading.identifier(payment.get("id"), "id")
    account, invoice = reading.quittance(reading.member(payment, "metadata"))
    told = ProviderEvent(
        event_id=own,
        payment_id=own,
        type=f"payment.{status}",
        kind=_STATES.get(status if isinstance(status, str) else "", "other"),
        account=account,
        invoice=invoice,
        lines=reading.lines(reading.member(payment, "metadata")),
        reference=reading.reference(reading.member(payment, "details").get("transferReference")),
    )
    yield _with(told, payment.get("amount"), "amount", told.kind)
    if told.kind == "succeeded":
        yield from _taken(told, payment, "refunds", "amountRefunded", _refund, "refunded")
        yield from _taken(told, payment, "chargebacks", "amountChargedBack", _chargeback, "chargeback")


def _taken(
    told: ProviderEvent, payment: dict[str, Any], listed: str, summed: str, read: Any, kind: Kind
) -> Iterator[ProviderEvent]:
    given = reading.member(payment, "_embedded").get(listed)
    if isinstance(given, list):
        for one in given:
            yield from read(told, one if isinstance(one, dict) else {})
    elif summed in payment:
        event = _with(told, payment[summed], summed, kind)
        if event.amount or event.kind == "unclear":
            yield event._replace(movement_id=f"{told.payment_id}:{kind}:{event.amount}", total=event.amount)


def _refund(told: ProviderEvent, refund: dict[str, Any]) -> Iterator[ProviderEvent]:
    status = refund.get("status")
    kind = _REFUNDS.get(status if isinstance(status, str) else "", "pending")
    own = reading.identifier(refund.get("id"), "refunds.id")
    yield _with(told, refund.get("amount"), "refunds.amount", kind)._replace(movement_id=own, of=own)


def _chargeback(told: ProviderEvent, chargeback: dict[str, Any]) -> Iterator[ProviderEvent]:
    """Return the chargeback and, where it was taken back, that too; `settlementAmount` is in another currency."""
    own = reading.identifier(chargeback.get("id"), "chargebacks.id")
    why = reading.member(chargeback, "reason")
    event = _with(told, chargeback.get("amount"), "chargebacks.amount", "chargeback")
    reason = event.reason or reading.reference(why.get("description") or why.get("code"))
    yield event._replace(movement_id=own, of=own, reason=reason)
    if chargeback.get("reversedAt"):
        back = _with(told, chargeback.get("amount"), "chargebacks.amount", "chargeback_reversed")
        yield back._replace(movement_id=f"{own}:reversed", of=own)


def _with(told: ProviderEvent, given: object, field: str, kind: Kind) -> ProviderEvent:
    written = given if isinstance(given, dict) else {}
    amount = reading.decimal(written.get("value"), written.get("currency"), field)
    return told._replace(
        kind=amount.kind(kind), amount=amount.minor, currency=amount.currency, reason=amount.reason or told.reason
    )
