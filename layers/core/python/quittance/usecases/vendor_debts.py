"""Paying the vendor on time: payments recorded and allocated, what is still owed and until when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Protocol

from quittance.domain.account import AccountFile
from quittance.domain.cash_forecast import Call, Forecast, call_list, forecast
from quittance.domain.errors import Conflict, NotFound
from quittance.domain.money import Money
from quittance.domain.names import checked
from quittance.domain.partner import Partner
from quittance.domain.payable import Payable, VendorPayment, check_currency, check_share, unpaid
from quittance.domain.reading import Fields


class Debts(Protocol):
    """What is owed and was paid to the vendor (store.vendor_debts)."""

    def payable(self, partner: str, vendor_invoice: str) -> Payable | None:
        """Return a vendor invoice, None when there is none of that name."""
        ...

    def payables(self, partner: str) -> list[Payable]:
        """Return all vendor invoices."""
        ...

    def payment(self, partner: str, payment: str) -> VendorPayment | None:
        """Return a payment, None before it is recorded."""
        ...

    def payments(self, partner: str) -> list[VendorPayment]:
        """Return all payments."""
        ...

    def record(self, partner: str, payment: VendorPayment, payable: Payable | None, now: datetime) -> None:
        """Store a new payment with its share of a payable; Conflict when one changed meanwhile."""
        ...

    def allocate(self, partner: str, payment: VendorPayment, payable: Payable, share: Money, now: datetime) -> None:
        """Set what a payment gives a payable; Conflict when one changed meanwhile."""
        ...


class Book(Protocol):
    """Who the partner is (store.partners)."""

    def read_partner(self, partner: str) -> Partner:
        """Return the partner."""
        ...


class Receivables(Protocol):
    """What customers owe (store.receivables)."""

    def files(self, partner: str) -> list[AccountFile]:
        """Return every account's profile, credit and open invoices."""
        ...


def pay(
    partner: str, vendor_invoice: str | None, body: object, *, now: datetime, debts: Debts, book: Book
) -> tuple[VendorPayment, bool]:
    """Record a payment to the vendor, for an invoice or unallocated; return it and whether it is new.

    What it holds beyond the invoice's remainder stays unallocated. The same payment again changes nothing; another one
    under its id is a Conflict.
    """
    payable = _payable(debts, partner, vendor_invoice) if vendor_invoice else None
    currency = payable.amount.currency if payable else book.read_partner(partner).currency
    wanted = _payment(body, currency)
    stored = debts.payment(partner, wanted.id)
    if stored is not None:
        return _same(stored, wanted, vendor_invoice), False
    if payable:
        check_currency(wanted, payable)
        share = min(wanted.amount, max(payable.remaining, Money.zero(currency)))
        wanted = replace(wanted, shares={payable.vendor_invoice: share.minor} if share else {})
    debts.record(partner, wanted, payable, now)
    return wanted, True


def _payment(body: object, currency: str) -> VendorPayment:
    fields = Fields(body)
    currency = fields.text("currency", currency, most=3)
    amount = Money.parse(fields.raw("amount"), currency)
    if amount.minor <= 0:
        raise fields.refuse("amount", "write what was paid, more than zero")
    payment = VendorPayment(
        id=fields.name("id"),
        amount=amount,
        paid_on=fields.day("paid_on"),
        reference=fields.text("reference", "", most=140),
    )
    fields.done()
    return payment


def _same(stored: VendorPayment, wanted: VendorPayment, vendor_invoice: str | None) -> VendorPayment:
    facts = (stored.amount, stored.paid_on, stored.reference) == (wanted.amount, wanted.paid_on, wanted.reference)
    if not facts or (vendor_invoice and vendor_invoice not in stored.shares):
        raise Conflict(f"id: payment {wanted.id!r} is recorded with other content; choose another id", field="id")
    return stored


def allocate(partner: str, payment: str, body: object, *, now: datetime, debts: Debts) -> VendorPayment:
    """Say how much of a payment is for a vendor invoice: the whole share, so repeating it changes nothing."""
    stored = debts.payment(partner, checked(payment, "vendor_payment"))
    if stored is None:
        raise NotFound(f"there is no payment {payment!r} to the vendor")
    fields = Fields(body)
    payable = _payable(debts, partner, fields.name("vendor_invoice"))
    share = Money.parse(fields.raw("amount"), stored.amount.currency)
    fields.done()
    if share.minor < 0:
        raise fields.refuse("amount", "write what the invoice gets of it; zero takes it back")
    if share == stored.share(payable.vendor_invoice):
        return stored
    check_share(stored, payable, share)
    debts.allocate(partner, stored, payable, share, now)
    shares = {**stored.shares, payable.vendor_invoice: share.minor}
    return replace(stored, shares={name: minor for name, minor in shares.items() if minor})


def _payable(debts: Debts, partner: str, vendor_invoice: str) -> Payable:
    found = debts.payable(partner, checked(vendor_invoice, "vendor_invoice"))
    if found is None:
        raise NotFound(f"there is no vendor invoice {vendor_invoice!r}; it comes with the import of its file")
    return found


def shown_payable(payable: Payable, owner: Partner, today: date) -> dict[str, Any]:
    """Return a vendor invoice as the API shows it, amounts as decimal strings."""
    return {
        "vendor_invoice": payable.vendor_invoice,
        "amount": str(payable.amount),
        "paid": str(payable.paid),
        "remaining": str(payable.remaining),
        "currency": payable.amount.currency,
        "dated": payable.dated.isoformat(),
        "due": payable.due.isoformat(),
        "pay_by": payable.pay_by(owner.country).isoformat(),
        "days_left": (payable.due - today).days,
        "state": payable.state(today, owner.country),
        "alerts": payable.alerts,
    }


def shown_payment(payment: VendorPayment) -> dict[str, Any]:
    """Return a payment to the vendor as the API shows it."""
    currency = payment.amount.currency
    return {
        "id": payment.id,
        "amount": str(payment.amount),
        "currency": currency,
        "paid_on": payment.paid_on.isoformat(),
        "reference": payment.reference,
        "allocations": {name: str(Money(minor, currency)) for name, minor in sorted(payment.shares.items())},
        "unallocated": str(payment.unallocated),
    }


def list_payables(partner: str, *, now: datetime, debts: Debts, book: Book) -> list[dict[str, Any]]:
    """Return what is owed to the vendor, the earliest due first."""
    found = sorted(debts.payables(partner), key=lambda one: (one.due, one.vendor_invoice))
    if not found:
        return []
    owner = book.read_partner(partner)
    today = now.astimezone(owner.zone).date()
    return [shown_payable(one, owner, today) for one in found]


def outlook(
    partner: str, opening: object, *, now: datetime, debts: Debts, book: Book, receivables: Receivables
) -> dict[str, Any]:
    """Return cash in against vendor due dates, what will be short, and whom to call first.

    `opening` is what the bank account holds, a decimal string in the partner's currency; None for nothing known.
    """
    owner = book.read_partner(partner)
    files, owed = receivables.files(partner), debts.payables(partner)
    today = now.astimezone(owner.zone).date()
    start = Money.parse(opening or "0", owner.currency, field="cash")
    found = [
        forecast(
            files,
            owed,
            now,
            today=today,
            country=owner.country,
            opening=start if currency == owner.currency else Money.zero(currency),
        )
        for currency in _currencies(owner, files, owed)
    ]
    return {
        "today": today.isoformat(),
        "currencies": [_shown_forecast(one) for one in found],
        "call_first": [shown_call(one) for one in call_list(files, now)],
    }


def _currencies(owner: Partner, files: Sequence[AccountFile], owed: Sequence[Payable]) -> list[str]:
    used = {file.profile.currency for file in files if file.open} | {one.amount.currency for one in unpaid(owed)}
    return sorted(used | {owner.currency})


def _shown_forecast(found: Forecast) -> dict[str, Any]:
    return {
        "currency": found.currency,
        "opening": str(found.opening),
        "overdue": str(found.overdue),
        "days": [
            {
                "day": one.day.isoformat(),
                "in": str(one.cash_in),
                "out": str(one.cash_out),
                "balance": str(one.balance),
            }
            for one in found.days
        ],
        "vendor": [
            {
                "vendor_invoice": one.payable.vendor_invoice,
                "due": one.payable.due.isoformat(),
                "pay_by": one.pay_by.isoformat(),
                "remaining": str(one.payable.remaining),
                "available": str(one.available),
                "short": str(one.short),
            }
            for one in found.outflows
        ],
    }


def shown_call(call: Call) -> dict[str, Any]:
    """Return an account to call."""
    return {
        "account": call.profile.id,
        "name": call.profile.name,
        "email": call.profile.email,
        "overdue": str(call.overdue),
        "currency": call.overdue.currency,
        "oldest_due": call.oldest_due.isoformat(),
        "invoices": call.invoices,
    }
