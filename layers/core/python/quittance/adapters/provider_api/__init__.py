"""Reading at a provider what has really happened, before anything is booked on its webhook's word."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

from quittance.domain.errors import Rejected

if TYPE_CHECKING:
    from quittance.adapters.secrets import CachedSecrets
    from quittance.usecases.ports import ProviderApi

NAMES = frozenset(("gocardless", "mollie", "paypal"))
"""Those whose webhooks are not enough: `adapters.providers` says of each why."""


def provider_api(name: str, partner: str, secrets: CachedSecrets) -> ProviderApi:
    """Return a partner's access to a provider's API; Rejected for a provider that is not read."""
    if name not in NAMES:
        raise Rejected(f"provider: {name!r} is not one that can be read; book it from its webhook", field="provider")
    return cast("ProviderApi", import_module(f"{__name__}.{name}").Api(partner, secrets))
