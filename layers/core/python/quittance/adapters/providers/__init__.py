"""Payment providers: one small module each, with the same members, loaded when its first webhook comes.

NAME                                      what its payments are booked under, and the last part of its secret's name
PROOF                                     the member of that secret that proves a webhook
verify(headers, raw_body, secrets, now)   None, or Unverified; header names in lower case, raw bytes as received
parse(raw_body, headers, settings)        the provider's events in our own words, or Rejected
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from quittance.domain.errors import NotFound

if TYPE_CHECKING:  # as in receive_webhook
    from quittance.usecases.ports import Provider

NAMES = frozenset(
    (
        "adyen",
        "adyen_header",
        "gocardless",
        "mollie",
        "mollie_classic",
        "paypal",
        "paypal_simulator",
        "standardwebhooks",
        "stripe",
    )
)


def provider(name: str) -> Provider:
    """Return a provider's module; NotFound for one that we do not know."""
    if name not in NAMES:
        raise NotFound("no such webhook", field="provider")
    return cast("Provider", import_module(f"{__name__}.{name}"))
