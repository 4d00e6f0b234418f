"""Payment providers: one small module each, with the same two functions, loaded when its first webhook comes.

verify(headers, raw_body, secrets, now)   None, or Unverified; header names in lower case, raw bytes as received
parse(raw_body)                           the provider's events in our own words, or Rejected
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from quittance.domain.errors import NotFound

if TYPE_CHECKING:  # as in receive_webhook
    from quittance.usecases.ports import Provider

NAMES = frozenset(("stripe",))


def provider(name: str) -> Provider:
    """Return a provider's module; NotFound for one that we do not know."""
    if name not in NAMES:
        raise NotFound("no such webhook", field="provider")
    return cast("Provider", import_module(f"{__name__}.{name}"))
