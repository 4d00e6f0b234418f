"""Mollie's side of both its webhooks: the signed event and the bare id; the payment is to be read."""

from __future__ import annotations

import hmac
import json
from typing import Any
from urllib.parse import urlencode

from infra.local.providers.sent import Order, Sent

SECRET = {"secrets": ["mollie_embedded_stack"], "api_key": "test_embedded_stack"}


def signed_event(order: Order, *, secret: dict[str, Any] | None = None, type: str = "payment-link.paid") -> Sent:  # noqa: A002
    """Return the signed webhook about a payment link that was paid."""
    link, payment = f"pl_{order.name(20)}", f"tr_{order.name(10)}"
    event = {
        "resource": "event",
        "id": f"whe_{order.name(10)}",
        "type": type,
        "entityId": link,
        "createdAt": order.at.isoformat(),
    }
    body = json.dumps(event).encode()
    headers = {"Content-Type": "application/json", "X-Mollie-Signature": sign(body, (secret or SECRET)["secrets"][0])}
    listed = {"count": 1, "_embedded": {"payments": [{"resource": "payment", "id": payment}]}}
    return Sent(headers, body, {f"/mollie/v2/payment-links/{link}/payments": listed, **resources(order)})


def classic_event(order: Order) -> Sent:
    """Return the unsigned webhook that only says that something has changed."""
    body = urlencode({"id": f"tr_{order.name(10)}"}).encode()
    return Sent({"Content-Type": "application/x-www-form-urlencoded"}, body, resources(order))


def resources(order: Order, **changes: Any) -> dict[str, dict[str, Any]]:
    """Return the payment as it can be read: paid, unless changes say otherwise."""
    payment = f"tr_{order.name(10)}"
    found = {
        "resource": "payment",
        "id": payment,
        "mode": "test",
        "amount": {"currency": order.amount.currency, "value": str(order.amount)},
        "metadata": order.metadata,
        "status": "paid",
        "_embedded": {"refunds": [], "chargebacks": []},
        **changes,
    }
    return {f"/mollie/v2/payments/{payment}": found}


def sign(body: bytes, secret: str) -> str:
    """Return the `X-Mollie-Signature` of a body."""
    return f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}"
