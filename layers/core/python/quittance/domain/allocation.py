"""Allocation: which debts a payment settles, decided without knowing where they are kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from quittance.domain.money import Money, total
from quittance.domain.transfers import is_others


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What is still owed on an issued invoice."""

    invoice: str
    number: str
    due: date
    remaining: Money


@dataclass(frozen=True, slots=True)
class Allocation:
    """How much of a payment goes to which invoice; the rest is the customer's credit."""

    invoices: Mapping[str, Money]
    credit: Money

    @property
    def settled(self) -> Money:
        """What goes to invoices altogether."""
        return total(self.invoices.values(), self.credit.currency)


def to_invoice(amount: Money, invoice: str) -> Allocation:
    """Put the whole amount on one invoice."""
    return Allocation({invoice: amount}, Money.zero(amount.currency))


def allocate(amount: Money, debts: Iterable[Debt], *, named: str | Sequence[str] | None = None) -> Allocation:
    """Settle the named invoices first, in their order, then the oldest due; the rest becomes credit.

    Of one day, the account's own come before those of accounts it pays for, then the number tells. Nothing is paid
    beyond its remainder and nothing of the amount is lost. ValueError for an amount that is not positive or not in the
    debts' currency.
    """
    if amount.minor <= 0:
        raise ValueError("only a positive amount can be allocated")
    shares: dict[str, Money] = {}
    first = [named] if isinstance(named, str) else list(named or ())
    place = {name: i for i, name in reversed(list(enumerate(first)))}
    unnamed = len(first)
    for debt in sorted(debts, key=lambda debt: (place.get(debt.invoice, unnamed), *_oldest_first(debt))):
        share = min(amount, debt.remaining)
        if share.minor > 0:
            shares[debt.invoice] = share
            amount = amount - share
    return Allocation(shares, amount)


def _oldest_first(debt: Debt) -> tuple[date, bool, str, str]:
    return debt.due, is_others(debt.invoice), debt.number, debt.invoice
