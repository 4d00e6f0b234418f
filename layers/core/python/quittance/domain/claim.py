"""Which invoice a document number is."""

from __future__ import annotations

from dataclasses import dataclass

from quittance.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Which invoice a number is: of which account, over how much."""

    account: str
    invoice: str
    number: str
    gross: Money
