"""Adyen's platform and management webhooks: one signature in a header over the raw body. They book nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quittance.adapters.providers import keyed, reading
from quittance.domain.payment_event import ProviderEvent

NAME = "adyen_header"
PROOF = "secrets"


def verify(headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    """Check `HmacSignature`: base64 HMAC-SHA256 over the raw body under the hexadecimal key; Unverified otherwise."""
    wanted = (base64.b64encode(one).decode() for one in keyed.digests(keyed.hexadecimal(secrets), raw_body))
    keyed.require(wanted, [headers.get("hmacsignature", "")], "HmacSignature: no signature")


def parse(
    raw_body: bytes, _headers: Mapping[str, str] | None = None, _settings: Mapping[str, Any] | None = None
) -> list[ProviderEvent]:
    """Acknowledge and count what it is; balances and merchants at Adyen are none of an invoice's business."""
    kind = reading.reference(reading.json_object(raw_body).get("type")) or "unknown"
    name = f"{kind}|{hashlib.sha256(raw_body).hexdigest()[:32]}"
    return [ProviderEvent(event_id=name, payment_id=name, type=kind, kind="other")]
