"""What an account can cost the partner: what the vendor charged and nobody paid, and what it goes on charging.

Suspending a new-commerce licence does not stop its bill: the vendor charges it until its term ends (facts: the
vendor's pages on suspending). Legacy subscriptions and usage stop being charged.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from quittance.domain.account import Subscription
from quittance.domain.charges import Charge
from quittance.domain.money import Money

BILLED_TO_TERM_END = frozenset({"nce_license", "add_on"})
_DAYS_OF_A_MONTH = Decimal("30.4375")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """What keeping a subscription until its term ends will cost, VAT apart.

    `monthly` is what the vendor charged for its last month, None where nothing is known of it.
    """

    subscription: Subscription
    monthly: Money | None
    until_term_end: Money | None

    @property
    def is_suspended(self) -> bool:
        """Tell whether the customer has no use of what is paid for."""
        return self.subscription.access in ("suspended", "suspending")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """An account's exposure in its currency: `charged` by the vendor (net), `paid` by the customer (gross).

    `uncovered` is what of the vendor's charges the customer's money, less its VAT, has not covered; `suspended_cost`
    what suspended subscriptions still cost until their terms end. Both together are what is at risk.
    """

    charged: Money
    invoiced: Money
    paid: Money
    uncovered: Money
    commitments: tuple[Commitment, ...]

    @property
    def suspended_cost(self) -> Money:
        """The cost of suspended subscriptions until their terms end, as far as it is known."""
        known = (one.until_term_end for one in self.commitments if one.is_suspended and one.until_term_end)
        return Money(sum(amount.minor for amount in known), self.charged.currency)

    @property
    def at_risk(self) -> Money:
        """What is lost if this customer never pays again and is kept suspended."""
        return self.uncovered + self.suspended_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What an account's invoices and payments add up to, in minor units: net and gross invoiced, cash received."""

    net: int
    gross: int
    cash: int


def exposure(
    subscriptions: Iterable[Subscription], charges: Sequence[Charge], figures: Figures, today: date, currency: str
) -> Exposure:
    """Return an account's exposure; charges in another currency than the account's are left out."""
    own = [one for one in charges if one.currency == currency]
    charged = Money.rounded(sum((one.subtotal for one in own), Decimal(0)), currency)
    net_paid = figures.cash * figures.net // figures.gross if figures.gross else figures.cash
    return Exposure(
        charged=charged,
        invoiced=Money(figures.gross, currency),
        paid=Money(figures.cash, currency),
        uncovered=Money(max(charged.minor - net_paid, 0), currency),
        commitments=tuple(commitment(one, own, today, currency) for one in subscriptions),
    )


def commitment(subscription: Subscription, charges: Sequence[Charge], today: date, currency: str) -> Commitment:
    """Return what a subscription costs until its term ends; a year that was paid in advance costs nothing more."""
    names = {subscription.vendor_subscription, subscription.id} - {None}
    own = [one for one in charges if one.subscription in names and one.kind == "license" and one.end]
    last = max((one.end for one in own if one.end), default=None)
    if last is None:
        return Commitment(subscription=subscription, monthly=None, until_term_end=None)
    latest = [one for one in own if one.end == last]
    charged = sum((one.subtotal for one in latest), Decimal(0))
    months = max((_months(one) for one in latest), default=1)
    monthly = Money.rounded(charged / months, currency)
    return Commitment(
        subscription=subscription,
        monthly=monthly,
        until_term_end=_until_term_end(subscription, monthly, max(last, today)),
    )


def _months(charge: Charge) -> int:
    """Return how many months a charge is for: an annual one is a twelfth a month."""
    if not charge.start or not charge.end:
        return 1
    return max(round((charge.end - charge.start + timedelta(days=1)).days / _DAYS_OF_A_MONTH), 1)


def _until_term_end(subscription: Subscription, monthly: Money, paid_until: date) -> Money | None:
    if subscription.kind not in BILLED_TO_TERM_END:
        return Money.zero(monthly.currency)
    if subscription.term_ends is None:
        return None
    return until_term_end(monthly, subscription.term_ends, paid_until)


def until_term_end(monthly: Money, ends: date, paid_until: date) -> Money:
    """Return what a monthly amount comes to until a term ends."""
    days = max((ends - paid_until).days, 0)
    return Money.rounded(monthly.decimal * Decimal(days) / _DAYS_OF_A_MONTH, monthly.currency)
