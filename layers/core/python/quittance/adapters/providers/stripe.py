"""Stripe: signed webhooks (docs.stripe.com/webhooks#verify-manually) and what their events mean for money."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from quittance.adapters.providers import keyed, reading, stripe_movements
from quittance.domain.errors import Unverified
from quittance.domain.payment_event import Kind, ProviderEvent

NAME = "stripe"
PROOF = "secrets"
TOLERANCE = timedelta(seconds=300)
_SECONDS = re.compile(r"[0-9]{1,12}")

# Only the intent's own event books: it comes once for a payment, whatever else is told about it.
_INTENT: dict[str, Kind] = {
    "payment_intent.succeeded": "succeeded",
    "payment_intent.payment_failed": "failed",
    "payment_intent.processing": "pending",
    "payment_intent.canceled": "cancelled",
}
_TOLD_AGAIN = frozenset(("invoice.paid", "invoice.payment_succeeded"))


def verify(headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], now: datetime) -> None:
    """Check `Stripe-Signature` over the raw bytes; Unverified unless a secret matches and the time is within 300 s.

    Any v1 signature may match any secret, so both may be rotated. Other schemes are ignored. A second `t` is refused:
    it would let a replay choose which one is looked at. Too new is as wrong as too old.
    """
    sent_at, signatures = _elements(headers.get("stripe-signature", ""))
    signed = sent_at.encode("ascii") + b"." + raw_body
    keyed.require(keyed.hex_digests(secrets, signed), signatures, "Stripe-Signature: no v1 signature")
    if abs(now.timestamp() - int(sent_at)) > TOLERANCE.total_seconds():
        raise Unverified("Stripe-Signature: t is more than 300 seconds from now; send it again", code="timestamp")


def _elements(header: str) -> tuple[str, list[str]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]):
        raise Unverified("Stripe-Signature: one t=<Unix seconds> and a v1=<signature> are needed", code="header")
    return times[0], [value for name, _, value in pairs if name == "v1"]


def parse(
    raw_body: bytes, _headers: Mapping[str, str] | None = None, _settings: Mapping[str, Any] | None = None
) -> list[ProviderEvent]:
    """Read the one event of a body; types we do not know become `other`. Rejected names the field that is wrong."""
    event = reading.json_object(raw_body)
    kind = event.get("type") if isinstance(event.get("type"), str) else ""
    thing = reading.member(reading.member(event, "data"), "object")
    if kind in _INTENT:
        return [_payment(event, thing, _INTENT[kind], "amount_received")]
    if kind == "charge.succeeded":
        return [_charge(event, thing)]
    told = _unbooked(event, "told" if kind in _TOLD_AGAIN else "other", _intent_of(thing))
    return stripe_movements.events_of(told, event, thing)


def _charge(event: dict[str, Any], charge: dict[str, Any]) -> ProviderEvent:
    if intent := _intent_of(charge):
        return _unbooked(event, "told", intent)
    # A charge without an intent (the older API) is the payment itself, once it is captured.
    return _payment(event, charge, "succeeded" if charge.get("captured") is True else "pending", "amount")


def _intent_of(thing: dict[str, Any]) -> str | None:
    """Return the intent a charge or invoice is about; invoices name it in `payments` since API version 2025-03-31."""
    listed = reading.member(thing, "payments").get("data")
    inner = reading.member(listed[0], "payment") if isinstance(listed, list) and listed and _is(listed[0]) else {}
    intent = thing.get("payment_intent") or inner.get("payment_intent")
    return intent if isinstance(intent, str) else None


def _is(value: object) -> bool:
    return isinstance(value, dict)


def _unbooked(event: dict[str, Any], kind: Kind, payment_id: str | None) -> ProviderEvent:
    event_id = reading.identifier(event.get("id"), "id")
    return ProviderEvent(
        event_id=event_id,
        payment_id=payment_id or event_id,
        type=reading.reference(event.get("type")) or "",
        kind=kind,
        occurred_at=reading.moment(event.get("created", 0), "created"),
    )


def _payment(event: dict[str, Any], thing: dict[str, Any], kind: Kind, amount_in: str) -> ProviderEvent:
    account, invoice = reading.quittance(reading.member(thing, "metadata"))
    sent = reading.whole(thing.get(amount_in, 0 if kind != "succeeded" else None), f"data.object.{amount_in}")
    currency = reading.identifier(thing.get("currency"), "data.object.currency").upper()
    amount = reading.units(sent, currency, stripe_movements.PLACES)
    # A transfer may have been told in parts before: then it is the sum that counts.
    in_parts = kind == "succeeded" and thing.get("payment_method_types") == ["customer_balance"]
    return ProviderEvent(
        event_id=reading.identifier(event.get("id"), "id"),
        payment_id=reading.identifier(thing.get("id"), "data.object.id"),
        type=str(event["type"]),
        kind=amount.kind(kind),
        occurred_at=reading.moment(event.get("created"), "created"),
        amount=amount.minor,
        currency=currency,
        account=account,
        invoice=invoice,
        lines=reading.lines(reading.member(thing, "metadata")),
        reason=amount.reason,
        total=amount.minor if in_parts else None,
    )
