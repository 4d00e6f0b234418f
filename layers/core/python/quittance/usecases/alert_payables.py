"""Telling somebody in time that a vendor invoice is unpaid: when it is due to be told, and the mail with whom to call.

The daily billing schedule finds what is due and counts the alert in the same write that says when the next one is; the
mail follows from that change. An alert whose mail was sent is not sent again; one whose invoice was paid meanwhile is
not sent at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from quittance.domain.account import AccountFile
from quittance.domain.cash_forecast import Call, call_list, forecast
from quittance.domain.errors import Conflict
from quittance.domain.money import Money
from quittance.domain.partner import Partner
from quittance.domain.payable import Payable
from quittance.usecases.messages import AlertPayable

MOST_CALLS = 10


class Debts(Protocol):
    """What is owed to the vendor (store.vendor_debts)."""

    def payable(self, partner: str, vendor_invoice: str) -> Payable | None:
        """Return a vendor invoice."""
        ...

    def payables(self, partner: str) -> list[Payable]:
        """Return all vendor invoices."""
        ...

    def alert(self, partner: str, payable: Payable, now: datetime) -> None:
        """Count one more alert and say when the next is due; Conflict when somebody else did, or paid."""
        ...

    def rest(self, partner: str, vendor_invoice: str) -> None:
        """Take a vendor invoice out of the due index."""
        ...

    def told(self, partner: str, vendor_invoice: str) -> int:
        """Return which alert was sent last."""
        ...

    def tell(self, partner: str, vendor_invoice: str, number: int) -> None:
        """Record that an alert was sent."""
        ...

    def ask_person(self, partner: str, vendor_invoice: str, reason: str, now: datetime) -> bool:
        """Leave a task for a person, once a vendor invoice."""
        ...


class Receivables(Protocol):
    """What customers owe (store.receivables)."""

    def files(self, partner: str) -> list[AccountFile]:
        """Return every account's profile, credit and open invoices."""
        ...


class Partners(Protocol):
    """Finds who a partner is."""

    def __call__(self, partner: str) -> Partner:
        """Return it; NotFound before it was put."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorWarning:
    """An alert with all its mail says; `short` is what will be missing on the day, `calls` whom to call first."""

    id: str
    partner: Partner
    email: str
    payable: Payable
    pay_by: date
    short: Money
    calls: tuple[Call, ...]
    today: date
    at: datetime


class Mailer(Protocol):
    """Sends warnings."""

    def send_warning(self, warning: VendorWarning) -> None:
        """Return when the mail was taken; Transient while mail is down, Rejected when it takes this one never."""
        ...


def raise_alert(partner: str, vendor_invoice: str, *, now: datetime, debts: Debts) -> bool:
    """Count an alert that is due; return whether there was one. Twice for one firing counts once."""
    payable = debts.payable(partner, vendor_invoice)
    if payable is None:
        return False
    if payable.remaining.minor <= 0:
        debts.rest(partner, vendor_invoice)
        return False
    try:
        debts.alert(partner, payable, now)
    except Conflict:
        return False
    return True


def send_alert(
    message: AlertPayable,
    *,
    debts: Debts,
    receivables: Receivables,
    partners: Partners,
    mailer: Mailer,
    now: datetime,
) -> bool:
    """Mail an alert to the partner once; return whether it was sent. Without an address it is a person's task."""
    payable = debts.payable(message.partner, message.vendor_invoice)
    if payable is None or payable.remaining.minor <= 0:
        return False
    if debts.told(message.partner, message.vendor_invoice) >= message.number:
        return False
    owner = partners(message.partner)
    email = str(owner.definition.get("email") or "")
    if not email:
        reason = f"{payable.vendor_invoice} is due on {payable.due} and unpaid; the partner has no e-mail address"
        debts.ask_person(message.partner, message.vendor_invoice, reason, now)
        return False
    mailer.send_warning(_warning(message, owner, email, payable, debts, receivables, now))
    debts.tell(message.partner, message.vendor_invoice, message.number)
    return True


def _warning(
    message: AlertPayable,
    owner: Partner,
    email: str,
    payable: Payable,
    debts: Debts,
    receivables: Receivables,
    now: datetime,
) -> VendorWarning:
    files, today = receivables.files(message.partner), now.astimezone(owner.zone).date()
    zero = Money.zero(payable.amount.currency)
    found = forecast(files, debts.payables(message.partner), now, today=today, country=owner.country, opening=zero)
    outflow = next(one for one in found.outflows if one.payable.vendor_invoice == payable.vendor_invoice)
    return VendorWarning(
        id=f"{payable.vendor_invoice}-{message.number}.vendor.{message.partner}",
        partner=owner,
        email=email,
        payable=payable,
        pay_by=outflow.pay_by,
        short=outflow.short,
        calls=tuple(call_list(files, now)[:MOST_CALLS]),
        today=today,
        at=now,
    )
