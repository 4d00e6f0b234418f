"""Routes of what the vendor is owed: payables, payments to the vendor, the cash to pay it with, what is at risk."""

from __future__ import annotations

from quittance.runtime import compose
from quittance.runtime.http import Request, Response
from quittance.store import partners, receivables, vendor_debts
from quittance.store.accounts import AccountStore
from quittance.store.policies import PolicyStore
from quittance.usecases import exposure
from quittance.usecases import vendor_debts as debts

_ACCOUNTS = AccountStore(PolicyStore())


def list_payables(request: Request) -> Response:
    """List what is owed to the vendor, by due date."""
    now = compose.clock().now()
    return Response(body={"payables": debts.list_payables(request.partner, now=now, debts=vendor_debts, book=partners)})


def pay_payable(request: Request) -> Response:
    """Record a payment of a vendor invoice."""
    return _pay(request, request.names["vendor_invoice"])


def pay_vendor(request: Request) -> Response:
    """Record a payment to the vendor that is not allocated yet."""
    return _pay(request, None)


def _pay(request: Request, vendor_invoice: str | None) -> Response:
    now, body = compose.clock().now(), request.json()
    paid, new = debts.pay(request.partner, vendor_invoice, body, now=now, debts=vendor_debts, book=partners)
    return Response(status=201 if new else 200, body=debts.shown_payment(paid))


def list_vendor_payments(request: Request) -> Response:
    """List the payments to the vendor."""
    found = vendor_debts.payments(request.partner)
    return Response(body={"payments": [debts.shown_payment(one) for one in found]})


def allocate_payment(request: Request) -> Response:
    """Say how much of a payment is for a vendor invoice."""
    payment, now = request.names["vendor_payment"], compose.clock().now()
    allocated = debts.allocate(request.partner, payment, request.json(), now=now, debts=vendor_debts)
    return Response(body=debts.shown_payment(allocated))


def show_forecast(request: Request) -> Response:
    """Show cash in against vendor due dates, and whom to call first."""
    found = debts.outlook(
        request.partner,
        request.query.get("cash"),
        now=compose.clock().now(),
        debts=vendor_debts,
        book=partners,
        receivables=receivables,
    )
    return Response(body=found)


def list_exposures(request: Request) -> Response:
    """Show, account by account, what the vendor charged, what was paid and what is at risk."""
    found = exposure.exposures(
        request.partner,
        after=request.query.get("after"),
        limit=request.limit(),
        now=compose.clock().now(),
        book=partners,
        accounts=_ACCOUNTS,
        receivables=receivables,
    )
    return Response(body=found)
