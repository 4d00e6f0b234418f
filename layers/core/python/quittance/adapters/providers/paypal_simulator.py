"""PayPal's webhook simulator, at an address of its own: it shows that webhooks arrive, and books nothing.

It signs with a webhook id that is the same for everybody, which the address of real webhooks refuses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quittance.adapters.providers import paypal
from quittance.domain.errors import NotFound, Rejected
from quittance.domain.payment_event import ProviderEvent, unreadable

NAME = "paypal_simulator"
PROOF = "secrets"


def verify(headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    """Check the signature for the simulator's webhook id; NotFound where any other is set here."""
    if set(secrets) != {paypal.SIMULATED}:
        raise NotFound("no such webhook", code="no_secret")
    paypal.check(headers, raw_body, [paypal.SIMULATED])


def parse(
    raw_body: bytes, headers: Mapping[str, str] | None = None, settings: Mapping[str, Any] | None = None
) -> list[ProviderEvent]:
    """Read what would be read, and make nothing of it: anybody can have it sign, so that it concerns nobody."""
    try:
        events = paypal.parse(raw_body, headers, settings)
    except Rejected as problem:
        events = [unreadable(raw_body, problem.message)]
    return [event._replace(kind="told", read_again=False) for event in events]
