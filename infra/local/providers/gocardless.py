"""GoCardless's side of a webhook: a signed list of events, and the payment with its amount to be read."""

from __future__ import annotations

import hmac
import json
from typing import Any

from infra.local.providers.sent import Order, Sent

SECRET = {"secrets": ["gocardless_embedded_stack"], "access_token": "embedded_stack"}


def signed_event(order: Order, *, secret: dict[str, Any] | None = None, type: str = "confirmed") -> Sent:  # noqa: A002
    """Return the webhook about a payment: confirmed, unless another action is asked for."""
    payment = f"PM{order.name(12)}"
    event = {
        "id": f"EV{order.name(10)}{type[:4].upper()}{order.attempt if order.attempt > 1 else ''}",
        "created_at": order.at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "resource_type": "payments",
        "action": type,
        "links": {"payment": payment},
        "details": {"origin": "gocardless", "cause": f"payment_{type}", "description": "A stand-in's event."},
        "metadata": {},
    }
    body = json.dumps({"events": [event], "meta": {"webhook_id": f"WB{order.name(10)}"}}).encode()
    resource = {
        "id": payment,
        "amount": order.amount.minor,
        "amount_refunded": 0,
        "currency": order.amount.currency,
        "metadata": order.metadata,
        "status": type,
    }
    headers = {"Content-Type": "application/json", "Webhook-Signature": sign(body, (secret or SECRET)["secrets"][0])}
    return Sent(headers, body, {f"/gocardless/payments/{payment}": {"payments": resource}})


def sign(body: bytes, secret: str) -> str:
    """Return the `Webhook-Signature` of a body."""
    return hmac.digest(secret.encode(), body, "sha256").hex()
