"""The composition of mail: whoever sends in a process shares its client and its links."""

from __future__ import annotations

import os
from functools import cache

from quittance.adapters.mailer import SesMailer
from quittance.runtime import compose
from quittance.runtime.links import pay_links


@cache
def mailer() -> SesMailer:
    """Return the process's sender of mails."""
    return SesMailer(
        compose.client("sesv2"),
        sender=os.environ["MAIL_FROM"],
        public_base=os.environ.get("PUBLIC_BASE_URL", ""),
        configuration=os.environ.get("MAIL_CONFIGURATION", ""),
        links=pay_links(),
    )
