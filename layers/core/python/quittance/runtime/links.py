"""The composition of payment links: whoever makes or reads one in a process shares its cache of secrets."""

from __future__ import annotations

import os
from functools import cache
from time import monotonic

from quittance.adapters.aws_json import SecretsManager
from quittance.adapters.pay_links import PayLinks
from quittance.adapters.secrets import CachedSecrets


@cache
def pay_links() -> PayLinks:
    """Return the process's maker and reader of payment links."""
    secrets = CachedSecrets(SecretsManager(), prefix=os.environ.get("SECRET_PREFIX", "quittance"), ticks=monotonic)
    return PayLinks(secrets, base=os.environ.get("PUBLIC_BASE_URL", ""))
