"""Allocation: which debts a payment settles, decided without knowing where they are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from quittance.domain.money import Money, split, total
from quittance.domain.policy import Order
from quittance.domain.transfers import is_others


@dataclass(frozen=True, slots=True, kw_only=True)
class Debt:
    """What is still owed on an issued invoice; `order` is that of the policy pinned on it."""

    invoice: str
    number: str
    due: date
    remaining: Money
    order: Order = "oldest_due"


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
    """Settle the named invoices first, in their order, then the others by the policy's order; the rest becomes credit.

    The order is that of the policy on the oldest debt that is not named, the payer's own before those it pays for.
    Where it finds two alike, the own come first, then the oldest, then the number tells. `proportional` gives each a
    share by what remains of it, to the cent by the largest remainder. Nothing is paid beyond its remainder and nothing
    of the amount is lost. ValueError for an amount that is not positive or not in the debts' currency.
    """
    if amount.minor <= 0:
        raise ValueError("only a positive amount can be allocated")
    first = [named] if isinstance(named, str) else list(named or ())
    place = {name: i for i, name in reversed(list(enumerate(first)))}
    owed = sorted((debt for debt in debts if debt.remaining.minor > 0), key=_oldest_first)
    chosen = sorted((debt for debt in owed if debt.invoice in place), key=lambda debt: place[debt.invoice])
    shares, amount = _one_after_another(amount, chosen)
    others = [debt for debt in owed if debt.invoice not in place]
    order = min(others, key=lambda debt: is_others(debt.invoice)).order if others else "oldest_due"
    others.sort(key=_KEYS[order])
    more, amount = (_proportional if order == "proportional" else _one_after_another)(amount, others)
    return Allocation(shares | more, amount)


def _one_after_another(amount: Money, debts: Iterable[Debt]) -> tuple[dict[str, Money], Money]:
    shares: dict[str, Money] = {}
    for debt in debts:
        share = min(amount, debt.remaining)
        if share.minor > 0:
            shares[debt.invoice] = share
            amount = amount - share
    return shares, amount


def _proportional(amount: Money, debts: Sequence[Debt]) -> tuple[dict[str, Money], Money]:
    """Share by what remains; no share exceeds it, for all of them together do not."""
    weights = [debt.remaining.minor for debt in debts]
    if sum(weights) <= amount.minor:
        return _one_after_another(amount, debts)
    parts = zip(debts, split(amount, weights), strict=True)
    return {debt.invoice: part for debt, part in parts if part.minor}, Money.zero(amount.currency)


def _oldest_first(debt: Debt) -> tuple[Any, ...]:
    return debt.due, is_others(debt.invoice), debt.number, debt.invoice


_KEYS: Mapping[Order, Callable[[Debt], tuple[Any, ...]]] = {
    "oldest_due": _oldest_first,
    "newest_due": lambda debt: (-debt.due.toordinal(), *_oldest_first(debt)[1:]),
    "largest_first": lambda debt: (-debt.remaining.minor, *_oldest_first(debt)),
    "smallest_first": lambda debt: (debt.remaining.minor, *_oldest_first(debt)),
    "proportional": _oldest_first,
}
