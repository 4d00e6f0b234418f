"""A payment that came in: who paid how much, and for what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from quittance.domain.allocation import Allocation, Debt
from quittance.domain.ledger import Posting, payment_received
from quittance.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment at a provider; provider and `payment_id` make it count once, whichever event told of it."""

    partner: str
    account: str
    provider: str
    payment_id: str
    event_id: str
    amount: Money
    received_at: datetime
    invoice: str | None = None

    def postings(self, allocation: Allocation) -> tuple[Posting, ...]:
        """Return the balanced entry of this payment under an allocation."""
        return payment_received(self.provider, allocation.settled, allocation.credit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an account owes at one version of its head."""

    currency: str
    debts: tuple[Debt, ...]
    version: int
