"""What every stand-in sender makes of a payment: the webhook, and what can be read about it afterwards."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from quittance.domain.money import Money

VIA = ("stripe", "adyen", "gocardless", "mollie", "mollie_classic", "paypal", "standardwebhooks")
"""The addresses that the stand-in senders post to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A payment that a customer makes at a provider."""

    payment: str
    account: str | None
    amount: Money
    at: datetime
    invoice: str | None = None
    lines: tuple[int, ...] = ()
    attempt: int = 1
    """The how manyth time it is collected, where it failed before."""

    @property
    def reference(self) -> str:
        """What providers with room for one text only carry: `account` or `account/invoice`."""
        return "/".join(filter(None, (self.account, self.invoice)))

    @property
    def metadata(self) -> dict[str, str]:
        """What providers with room for more carry."""
        named = {"quittance_account": self.account, "quittance_invoice": self.invoice, "quittance_lines": self.numbers}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def numbers(self) -> str | None:
        """The numbers of the lines it pays, as metadata and messages hold them."""
        return ",".join(map(str, self.lines)) or None

    def name(self, length: int = 16) -> str:
        """Return an id at the provider, in its usual letters, that is the same for the same payment."""
        return hashlib.sha256(self.payment.encode()).hexdigest()[:length].upper()


@dataclass(frozen=True, slots=True)
class Sent:
    """One webhook, byte for byte, and the resources that tell the same when they are read."""

    headers: dict[str, str]
    body: bytes
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
