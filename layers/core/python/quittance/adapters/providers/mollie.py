"""Mollie's next-generation webhooks: signed events that name an entity (docs.mollie.com/reference/webhooks-new).

What an event says about money is read again at Mollie: a payment link's payments are what is booked, under the same
keys as those told by classic webhooks, so that a payment counts once whichever way it is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quittance.adapters.providers import keyed, reading
from quittance.domain.payment_event import ProviderEvent

NAME = "mollie"
PROOF = "secrets"
_PREFIX = "sha256="


def verify(headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    """Check `X-Mollie-Signature`: hexadecimal HMAC-SHA256 over the raw body, with or without `sha256=`.

    A missing header is refused here: that a webhook is unsigned is for its address to say, not for its sender.
    """
    given = headers.get("x-mollie-signature", "").removeprefix(_PREFIX)
    keyed.require(keyed.hex_digests(secrets, raw_body), [given], "X-Mollie-Signature: no signature")


def parse(
    raw_body: bytes, _headers: Mapping[str, str] | None = None, _settings: Mapping[str, Any] | None = None
) -> list[ProviderEvent]:
    """Read the one event of a body; what is not about a payment or a payment link is acknowledged and counted."""
    event = reading.json_object(raw_body)
    kind = reading.reference(event.get("type")) or reading.reference(event.get("event_type")) or "unknown"
    told = ProviderEvent(
        event_id=reading.identifier(event.get("id"), "id"),
        payment_id=reading.identifier(event.get("entityId") or event.get("id"), "entityId"),
        type=kind,
        kind="other",
    )
    family = kind.partition(".")[0]
    if event.get("entityId") is None or family not in ("payment", "payment-link"):
        return [told]
    # What became of it is not believed but read: until then nothing has come.
    return [told._replace(kind="pending", read_again=True)]
