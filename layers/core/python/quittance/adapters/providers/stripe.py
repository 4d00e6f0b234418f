"""Stripe: signed webhooks (docs.stripe.com/webhooks#verify-manually) and what their events mean for money."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from quittance.adapters.providers import reading
from quittance.domain.errors import Rejected, Unverified
from quittance.domain.money import exponent
from quittance.domain.payment_event import Kind, ProviderEvent

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

# Where Stripe's smallest unit is not ISO 4217's (docs.stripe.com/currencies#special-cases): ISK and UGX are sent with
# two places for the sake of old integrations, MGA without any.
_PLACES = {"ISK": 2, "UGX": 2, "MGA": 0}


def verify(headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], now: datetime) -> None:
    """Check `Stripe-Signature` over the raw bytes; Unverified unless a secret matches and the time is within 300 s.

    Any v1 signature may match any secret, so both may be rotated. Other schemes are ignored. A second `t` is refused:
    it would let a replay choose which one is looked at. Too new is as wrong as too old.
    """
    sent_at, signatures = _elements(headers.get("stripe-signature", ""))
    signed = sent_at.encode("ascii") + b"." + raw_body
    wanted = [hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode() for secret in secrets if secret]
    given = [signature.encode("utf-8", "replace") for signature in signatures]
    if not any(hmac.compare_digest(one, other) for one in wanted for other in given):
        raise Unverified("Stripe-Signature: no v1 signature matches the body", code="signature")
    if abs(now.timestamp() - int(sent_at)) > TOLERANCE.total_seconds():
        raise Unverified("Stripe-Signature: t is more than 300 seconds from now; send it again", code="timestamp")


def _elements(header: str) -> tuple[str, list[str]]:
    pairs = [part.strip().partition("=") for part in header.split(",")]
    times = [value for name, _, value in pairs if name == "t"]
    if len(times) != 1 or not _SECONDS.fullmatch(times[0]):
        raise Unverified("Stripe-Signature: one t=<Unix seconds> and a v1=<signature> are needed", code="header")
    return times[0], [value for name, _, value in pairs if name == "v1"]


def parse(raw_body: bytes) -> list[ProviderEvent]:
    """Read the one event of a body; types we do not know become `other`. Rejected names the field that is wrong."""
    event = reading.json_object(raw_body)
    kind = event.get("type") if isinstance(event.get("type"), str) else ""
    thing = reading.member(reading.member(event, "data"), "object")
    if kind in _INTENT:
        return [_payment(event, thing, _INTENT[kind], "amount_received")]
    if kind == "charge.succeeded":
        return [_charge(event, thing)]
    return [_unbooked(event, "told" if kind in _TOLD_AGAIN else "other", _intent_of(thing))]


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
    metadata = reading.member(thing, "metadata")
    sent = reading.whole(thing.get(amount_in, 0 if kind != "succeeded" else None), f"data.object.{amount_in}")
    currency = reading.identifier(thing.get("currency"), "data.object.currency").upper()
    amount, reason = _minor(sent, currency)
    return ProviderEvent(
        event_id=reading.identifier(event.get("id"), "id"),
        payment_id=reading.identifier(thing.get("id"), "data.object.id"),
        type=str(event["type"]),
        kind="unclear" if reason and kind == "succeeded" else kind,
        occurred_at=reading.moment(event.get("created"), "created"),
        amount=amount,
        currency=currency,
        account=reading.reference(metadata.get("quittance_account")),
        invoice=reading.reference(metadata.get("quittance_invoice")),
        reason=reason,
    )


def _minor(sent: int, currency: str) -> tuple[int, str | None]:
    """Turn Stripe's smallest unit into ISO 4217's; the amount as sent and a reason where that cannot be done."""
    try:
        places = exponent(currency)
    except Rejected as problem:
        return sent, problem.message
    ours, lost = divmod(sent * 10**places, 10 ** _PLACES.get(currency, places))
    return (sent, f"{sent} is no whole amount of {currency}") if lost else (ours, None)
