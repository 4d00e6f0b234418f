"""A payment that came in: who paid how much, and for what."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from quittance.domain.allocation import Debt
from quittance.domain.effect import Effect
from quittance.domain.ledger import cash
from quittance.domain.money import Money

_MOST_REFERENCES = 10
_NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Paid:
    """What was paid where that is another currency than the account's, and the agreed rate."""

    amount: Money
    rate: Decimal

    def counted(self, minor: int, currency: str) -> int:
        """Return what an amount of what was paid (minor units) counts in the account's currency."""
        return Money.rounded(Money(minor, self.amount.currency).decimal * self.rate, currency).minor


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment at a provider; provider and `payment_id` make it count once, whichever event told of it.

    `lines` are the numbers of the lines of its invoice that it pays. `reference` is what the payer wrote where a
    structured reference belongs: numbers of invoices. `amount` is in the account's currency once the payment is booked;
    `paid` is what was paid where that was another. `part` is the provider's id of a part where a payment may come in
    several.
    """

    partner: str
    account: str
    provider: str
    payment_id: str
    event_id: str
    amount: Money
    received_at: datetime
    occurred_at: str | None = None
    invoice: str | None = None
    lines: tuple[int, ...] = ()
    reference: str | None = None
    paid: Paid | None = None
    part: str | None = None

    def at_rate(self, currency: str, rate: Decimal) -> Payment:
        """Return the payment as it counts in another currency at an agreed rate, rounded half away from zero."""
        amount = Money.rounded(self.amount.decimal * rate, currency)
        return replace(self, amount=amount, paid=Paid(self.amount, rate))

    @property
    def names(self) -> tuple[str, ...]:
        """What it names, in order: an invoice's id, else the numbers in its reference."""
        given = [self.invoice] if self.invoice else _NAMES.findall(self.reference or "")
        return tuple(dict.fromkeys(given))[:_MOST_REFERENCES]

    def settles(self, invoice: str) -> Effect:
        """Return the effect of putting all of it on one invoice."""
        return Effect(
            currency=self.amount.currency,
            shares={invoice: self.amount.minor},
            ledger=((cash(self.provider), self.amount.minor),),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an account owes at one version of its head, and the accounts that it pays for."""

    currency: str
    debts: tuple[Debt, ...]
    version: int
    pays_for: tuple[str, ...] = ()
