"""Any sender of Standard Webhooks (standardwebhooks.com): signed like many, with our own payload contract.

The specification fixes the signature, not what is said. We read `type`: payment.succeeded, payment.failed,
payment.pending, payment.cancelled, refund.succeeded, refund.failed, chargeback.opened, chargeback.reversed; and `data`:
id, amount (decimal string), currency, payment (of a refund or chargeback), account, invoice, lines (which
of the invoice are paid, as `1,3`), reference.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from quittance.adapters.providers import keyed, reading
from quittance.domain.errors import Unverified
from quittance.domain.payment_event import Kind, ProviderEvent

NAME = "standardwebhooks"
PROOF = "secrets"
TOLERANCE = timedelta(minutes=5)
_ID = r"[A-Za-z0-9_-]{1,100}"  # no dot: it separates what is signed
_KINDS: dict[str, Kind] = {
    "payment.succeeded": "succeeded",
    "payment.failed": "failed",
    "payment.pending": "pending",
    "payment.cancelled": "cancelled",
    "refund.succeeded": "refunded",
    "refund.failed": "refund_failed",
    "chargeback.opened": "chargeback",
    "chargeback.reversed": "chargeback_reversed",
}


def verify(headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], now: datetime) -> None:
    """Check that a v1 signature over `id.timestamp.body` matches a secret, within five minutes of now either way."""
    name, seconds = _header(headers, "id"), _header(headers, "timestamp")
    if not re.fullmatch(_ID, name) or not re.fullmatch(r"[0-9]{1,12}", seconds):
        raise Unverified("webhook-id and webhook-timestamp: an id without dots and whole Unix seconds", code="header")
    signed = f"{name}.{seconds}.".encode("ascii") + raw_body
    wanted = (base64.b64encode(one).decode() for one in keyed.digests(_keys(secrets), signed))
    versions = (entry.partition(",") for entry in _header(headers, "signature").split(" "))
    keyed.require(
        wanted, [text for version, _, text in versions if version == "v1"], "webhook-signature: no v1 signature"
    )
    if abs(now.timestamp() - int(seconds)) > TOLERANCE.total_seconds():
        raise Unverified("webhook-timestamp: is more than five minutes from now; send it again", code="timestamp")


def parse(
    raw_body: bytes, headers: Mapping[str, str] | None = None, _settings: Mapping[str, Any] | None = None
) -> list[ProviderEvent]:
    """Read the one event; its id is the header's, as the specification wants. Unknown types become `other`."""
    event = reading.json_object(raw_body)
    kind = reading.reference(event.get("type")) or "unknown"
    name = _header(headers or {}, "id") or "none"
    told = ProviderEvent(event_id=name, payment_id=name, type=kind, kind=_KINDS.get(kind, "other"))
    return [told if told.kind == "other" else _moving(told, reading.member(event, "data"))]


def _moving(told: ProviderEvent, data: dict[str, Any]) -> ProviderEvent:
    own = reading.identifier(data.get("id"), "data.id")
    payment = not told.type.startswith("payment.")
    amount = reading.decimal(data.get("amount"), data.get("currency"), "data.amount")
    return told._replace(
        payment_id=reading.identifier(data.get("payment"), "data.payment") if payment else own,
        movement_id=_movement(told.kind, own) if payment else None,
        of=own if payment else None,
        kind=amount.kind(told.kind),
        amount=amount.minor,
        currency=amount.currency,
        account=reading.reference(data.get("account")),
        invoice=reading.reference(data.get("invoice")),
        lines=reading.reference(data.get("lines")),
        reference=reading.reference(data.get("reference")),
        reason=amount.reason or reading.reference(data.get("reason")),
    )


def _movement(kind: Kind, own: str) -> str:
    return f"{own}:reversed" if kind == "chargeback_reversed" else own


def _header(headers: Mapping[str, str], name: str) -> str:
    """Return a header by its name in the specification or the one that Svix, where it comes from, still sends."""
    return headers.get(f"webhook-{name}") or headers.get(f"svix-{name}") or ""


def _keys(secrets: Sequence[str]) -> list[bytes]:
    keys = []
    for secret in secrets:
        try:
            keys.append(base64.b64decode(secret.removeprefix("whsec_"), validate=True))
        except (binascii.Error, ValueError):
            continue  # a secret that is no key opens nothing
    return keys
