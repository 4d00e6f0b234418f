"""A sender of Standard Webhooks: its id, time and signature in headers, our payload contract in the body."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import datetime
from typing import Any

from infra.local.providers.sent import Order, Sent

SECRET = {"secrets": ["whsec_" + base64.b64encode(b"embedded stack, 24 bytes").decode()]}


def signed_event(order: Order, *, secret: dict[str, Any] | None = None, type: str = "payment.succeeded") -> Sent:  # noqa: A002
    """Return the webhook about a payment."""
    data = {
        "id": f"pay_{order.name()}",
        "amount": str(order.amount),
        "currency": order.amount.currency,
        "account": order.account,
        "invoice": order.invoice,
        "lines": order.numbers,
    }
    body = json.dumps({"type": type, "timestamp": order.at.isoformat(), "data": data}).encode()
    name = f"msg_{order.name()}"
    return Sent(sign(body, (secret or SECRET)["secrets"][0], name, order.at), body)


def sign(body: bytes, secret: str, name: str, at: datetime) -> dict[str, str]:
    """Return the headers of a body sent at a moment."""
    seconds = int(at.timestamp())
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signature = base64.b64encode(hmac.digest(key, f"{name}.{seconds}.".encode() + body, "sha256")).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": str(seconds),
        "webhook-signature": f"v1,{signature}",
    }
