"""Stripe's side of a webhook: an event in its documented shape, signed over the exact bytes."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from quittance.domain.money import Money, exponent

# Stripe's smallest unit where it is not ISO 4217's: docs.stripe.com/currencies#special-cases
_PLACES = {"ISK": 2, "UGX": 2, "MGA": 0}


def signed_event(
    *,
    payment: str,
    account: str | None,
    amount: Money,
    secret: str | Sequence[str],
    at: datetime,
    invoice: str | None = None,
    lines: str | None = None,
    type: str = "payment_intent.succeeded",  # noqa: A002  # Stripe's name for it
) -> tuple[dict[str, str], bytes]:
    """Return headers and body of the webhook about a payment of an account's invoice.

    While a secret is being rotated Stripe signs with both: give both. The same payment has the same intent, and the
    same event for the same type, so calling twice is a delivery made twice.
    """
    body = json.dumps(_event(payment, account, invoice, amount, at, type, lines), indent=2).encode()
    secrets = [secret] if isinstance(secret, str) else list(secret)
    return {"Content-Type": "application/json; charset=utf-8", "Stripe-Signature": sign(body, secrets, at)}, body


def sign(body: bytes, secrets: Sequence[str], at: datetime) -> str:
    """Return the `Stripe-Signature` header of a body sent at a moment."""
    seconds = int(at.timestamp())
    signed = f"{seconds}.".encode() + body
    digests = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join((f"t={seconds}", *(f"v1={digest}" for digest in digests)))


def _event(
    payment: str,
    account: str | None,
    invoice: str | None,
    amount: Money,
    at: datetime,
    kind: str,
    lines: str | None = None,
) -> dict[str, Any]:
    intent = f"pi_{payment}"
    names = {"quittance_account": account, "quittance_invoice": invoice, "quittance_lines": lines}
    metadata = {name: value for name, value in names.items() if value is not None}
    shapes = {"charge.succeeded": _charge, "invoice.paid": _invoice}
    thing = shapes.get(kind, _intent)(intent, units(amount), amount.currency.lower(), metadata, kind)
    return {
        "id": f"evt_{hashlib.sha256(f'{payment}|{kind}'.encode()).hexdigest()[:24]}",
        "object": "event",
        "api_version": "2025-04-30.basil",
        "created": int(at.timestamp()),
        "data": {"object": thing},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }


def _intent(intent: str, units: int, currency: str, metadata: dict[str, str], kind: str) -> dict[str, Any]:
    status = {
        "payment_intent.succeeded": "succeeded",
        "payment_intent.processing": "processing",
        "payment_intent.canceled": "canceled",
    }.get(kind, "requires_payment_method")
    return {
        "id": intent,
        "object": "payment_intent",
        "amount": units,
        "amount_received": units if status == "succeeded" else 0,
        "currency": currency,
        "latest_charge": intent.replace("pi_", "ch_", 1),
        "metadata": metadata,
        "payment_method_types": ["card"],
        "status": status,
    }


def _charge(intent: str, units: int, currency: str, metadata: dict[str, str], _: str) -> dict[str, Any]:
    return {
        "id": intent.replace("pi_", "ch_", 1),
        "object": "charge",
        "amount": units,
        "amount_captured": units,
        "captured": True,
        "currency": currency,
        "metadata": metadata,
        "paid": True,
        "payment_intent": intent,
        "status": "succeeded",
    }


def _invoice(intent: str, units: int, currency: str, metadata: dict[str, str], _: str) -> dict[str, Any]:
    payment = {"payment": {"type": "payment_intent", "payment_intent": intent}, "status": "paid", "amount_paid": units}
    return {
        "id": intent.replace("pi_", "in_", 1),
        "object": "invoice",
        "amount_paid": units,
        "currency": currency,
        "metadata": metadata,
        "payments": {"object": "list", "data": [payment]},
        "status": "paid",
    }


def units(amount: Money) -> int:
    """Return an amount in Stripe's smallest units."""
    places = exponent(amount.currency)
    ours, theirs = int(10**places), int(10 ** _PLACES.get(amount.currency, places))
    return amount.minor * theirs // ours
