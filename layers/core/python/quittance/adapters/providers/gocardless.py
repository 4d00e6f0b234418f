"""GoCardless: up to 250 events in a signed body (developer.gocardless.com/api-reference/#appendix-webhooks).

An event names what it is about but no amount, so whatever moved money is read again at GoCardless before it is booked.
It is the event's own id that makes it the only one: `meta.webhook_id` changes with every delivery.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quittance.adapters.providers import keyed, reading
from quittance.domain.payment_event import TOLD_ON, Kind, ProviderEvent

NAME = "gocardless"
PROOF = "secrets"

_PAYMENTS: dict[str, Kind] = {
    "created": "pending",
    "customer_approval_granted": "pending",
    "submitted": "pending",
    "resubmission_requested": "pending",
    "confirmed": "succeeded",
    "failed": "failed",
    "customer_approval_denied": "failed",
    "cancelled": "cancelled",
    "charged_back": "chargeback",
    "chargeback_cancelled": "chargeback_reversed",
    # These tell what happens to our pay-outs; the invoice has had its effect from the event before.
    "paid_out": "told",
    "late_failure_settled": "told",
    "chargeback_settled": "told",
    "surcharge_fee_debited": "told",
}
_REFUNDS: dict[str, Kind] = {
    "created": "pending",
    "submitted": "pending",
    "paid": "refunded",
    "failed": "refund_failed",
    "bounced": "refund_failed",
    "funds_returned": "refund_failed",
    "refund_settled": "told",
}
# What a mandate is after an event; one that was replaced is told of by the other's own.
_MANDATES = {
    "created": "pending",
    "submitted": "pending",
    "active": "active",
    "reinstated": "active",
    "cancelled": "cancelled",
    "failed": "failed",
    "expired": "expired",
}
# A movement after the payment; a failure is one when it comes late, after the confirmation.
_AFTER = frozenset(("failed", "charged_back", "chargeback_cancelled"))


def verify(headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    """Check `Webhook-Signature`: lower-case hexadecimal HMAC-SHA256 over the raw body. No time is signed."""
    keyed.require(
        keyed.hex_digests(secrets, raw_body), [headers.get("webhook-signature", "")], "Webhook-Signature: no signature"
    )


def parse(
    raw_body: bytes, _headers: Mapping[str, str] | None = None, _settings: Mapping[str, Any] | None = None
) -> list[ProviderEvent]:
    """Read each event of a body alone, so that none is lost with another."""
    return reading.each(reading.json_object(raw_body).get("events"), "events", lambda event: [_event(event)])


def _event(event: dict[str, Any]) -> ProviderEvent:
    resource, action = event.get("resource_type"), event.get("action")
    table = {"payments": _PAYMENTS, "refunds": _REFUNDS}.get(resource if isinstance(resource, str) else "", {})
    event_id = reading.identifier(event.get("id"), "events.id")
    told = ProviderEvent(
        event_id=event_id,
        payment_id=event_id,
        type=f"{reading.reference(resource)}.{reading.reference(action)}",
        kind=table.get(action if isinstance(action, str) else "", "other"),
    )
    if resource == "mandates":
        return _of_mandate(told, event, _MANDATES.get(action if isinstance(action, str) else ""))
    if told.kind not in TOLD_ON:
        return told
    return _of_refund(told, event) if table is _REFUNDS else _of_payment(told, event, str(action))


def _of_payment(told: ProviderEvent, event: dict[str, Any], action: str) -> ProviderEvent:
    return _named(told, event)._replace(
        payment_id=reading.identifier(reading.member(event, "links").get("payment"), "events.links.payment"),
        movement_id=told.event_id if action in _AFTER else None,
        read_again=told.kind in ("succeeded", "failed", "chargeback", "chargeback_reversed"),
    )


def _of_mandate(told: ProviderEvent, event: dict[str, Any], state: str | None) -> ProviderEvent:
    if state is None:
        return told
    mandate = reading.identifier(reading.member(event, "links").get("mandate"), "events.links.mandate")
    return _named(told, event)._replace(kind="mandate", payment_id=mandate, account=None, invoice=None, reason=state)


def _of_refund(told: ProviderEvent, event: dict[str, Any]) -> ProviderEvent:
    """The payment a refund belongs to is not in the event; until it has been read the refund stands for it."""
    refund = reading.identifier(reading.member(event, "links").get("refund"), "events.links.refund")
    return _named(told, event)._replace(
        payment_id=refund, movement_id=refund, of=refund, read_again=told.kind != "pending"
    )


def _named(told: ProviderEvent, event: dict[str, Any]) -> ProviderEvent:
    details = reading.member(event, "details")
    account, invoice = reading.quittance(reading.member(event, "resource_metadata"))
    return told._replace(
        occurred_at=reading.timestamp(event.get("created_at"), "events.created_at"),
        account=account,
        invoice=invoice,
        reason=" ".join(filter(None, (reading.reference(details.get(part)) for part in ("reason_code", "cause"))))
        or None,
    )
