"""Adyen's side of a webhook: one item, signed inside itself."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

from infra.local.providers.sent import Order, Sent

SECRET = {"secrets": ["5EA1" * 16]}
_PLACES = {"CLP": 100, "ISK": 100}  # times our minor units
_SIGNED = ("pspReference", "originalReference", "merchantAccountCode", "merchantReference")


def signed_event(order: Order, *, secret: dict[str, Any] | None = None, type: str = "CAPTURE") -> Sent:  # noqa: A002
    """Return the webhook about a payment: a capture, unless another event code is asked for."""
    item: dict[str, Any] = {
        "additionalData": {},
        "amount": {
            "currency": order.amount.currency,
            "value": order.amount.minor * _PLACES.get(order.amount.currency, 1),
        },
        "eventCode": type,
        "eventDate": order.at.isoformat(),
        "merchantAccountCode": "QuittanceECOM",
        "merchantReference": order.reference,
        "originalReference": order.name(),
        "paymentMethod": "sepadirectdebit",
        "pspReference": order.name(12) + type[:4],
        "reason": "",
        "success": "true",
    }
    item["additionalData"]["hmacSignature"] = sign(item, (secret or SECRET)["secrets"][0])
    envelope = {"live": "false", "notificationItems": [{"NotificationRequestItem": item}]}
    return Sent({"Content-Type": "application/json; charset=utf-8"}, json.dumps(envelope).encode())


def sign(item: dict[str, Any], key: str) -> str:
    """Return the signature of an item's eight signed fields."""
    amount = item["amount"]
    fields = [*(item.get(name) or "" for name in _SIGNED), str(amount["value"]), amount["currency"]]
    text = ":".join([*fields, item["eventCode"], item["success"]])
    return base64.b64encode(hmac.digest(bytes.fromhex(key), text.encode(), "sha256")).decode()
