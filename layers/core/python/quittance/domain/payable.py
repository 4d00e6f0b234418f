"""What the partner owes the vendor, how it is paid, and when somebody has to be told.

Terms are net 60 from the vendor's invoice date; past them the partner's own account can be suspended. A payment takes
five business days to show, and one without an invoice counts only when it is assigned to one (facts: the vendor's
billing pages). So the last good day to pay is five business days before the due date.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from quittance.domain.calendar import PublicHolidays
from quittance.domain.errors import Conflict, Rejected
from quittance.domain.money import Money

SHOWS_AFTER = 5
"""Business days until a payment shows at the vendor."""
ALERTS = (21, 14, 9, 3, 0, -1)
"""Days to the due date at which somebody is told that a vendor invoice is unpaid; the last one says it is overdue."""
_SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """A vendor invoice as it is owed; `alerts` counts how often somebody was told of it."""

    vendor_invoice: str
    amount: Money
    paid: Money
    dated: date
    due: date
    alerts: int = 0

    @property
    def remaining(self) -> Money:
        """What is still to be paid; below zero for the vendor's credit."""
        return self.amount - self.paid

    def pay_by(self, country: str) -> date:
        """Return the last day on which a payment still shows in time, by the business days of a country."""
        return business_days_before(self.due, SHOWS_AFTER, country)

    def state(self, today: date, country: str) -> str:
        """Return paid, credit, open, late (it may not show in time any more) or overdue."""
        if self.amount.minor < 0:
            return "credit"
        if self.remaining.minor <= 0:
            return "paid"
        if today > self.due:
            return "overdue"
        return "late" if today > self.pay_by(country) else "open"


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorPayment:
    """Money paid to the vendor; `shares` are minor units by vendor invoice, the rest is unallocated."""

    id: str
    amount: Money
    paid_on: date
    reference: str = ""
    shares: Mapping[str, int] = field(default_factory=dict)
    version: int = 1

    @property
    def unallocated(self) -> Money:
        """What is not assigned to an invoice: the vendor counts it for none."""
        return Money(self.amount.minor - sum(self.shares.values()), self.amount.currency)

    def share(self, vendor_invoice: str) -> Money:
        """Return what the payment gives an invoice."""
        return Money(self.shares.get(vendor_invoice, 0), self.amount.currency)


def check_currency(payment: VendorPayment, payable: Payable) -> None:
    """Let a payment pass that is in its invoice's currency; Rejected otherwise."""
    owed = payable.amount.currency
    if owed != payment.amount.currency:
        raise Rejected(f"currency: {payable.vendor_invoice} is owed in {owed}; pay it in that", field="currency")


def check_share(payment: VendorPayment, payable: Payable, share: Money) -> None:
    """Let a share pass that both sides can bear; Rejected for another currency, Conflict for more than there is."""
    check_currency(payment, payable)
    more = share - payment.share(payable.vendor_invoice)
    if more > payment.unallocated:
        raise Conflict(f"amount: only {payment.unallocated} of payment {payment.id} is unallocated", field="amount")
    if more > payable.remaining:
        raise Conflict(f"amount: only {payable.remaining} of {payable.vendor_invoice} is unpaid", field="amount")


def business_days_before(day: date, count: int, country: str) -> date:
    """Return the day that many business days earlier: no weekends, no public holidays of the country."""
    holidays = PublicHolidays(country)
    while count:
        day -= timedelta(days=1)
        count -= day.weekday() < _SATURDAY and day not in holidays
    return day


def next_alert(due: date, after: datetime | None = None) -> datetime | None:
    """Return the moment (UTC midnight) of the next alert after a moment, the first where none is given."""
    moments = (datetime.combine(due - timedelta(days=days), time.min, UTC) for days in ALERTS)
    return next((moment for moment in moments if after is None or moment > after), None)


def unpaid(payables: Iterable[Payable]) -> list[Payable]:
    """Return what is still to be paid, the earliest due first."""
    return sorted((one for one in payables if one.remaining.minor > 0), key=lambda one: (one.due, one.vendor_invoice))
