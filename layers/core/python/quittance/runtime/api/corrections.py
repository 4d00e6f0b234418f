"""Routes of corrections: credit notes, write-offs, refunds of ours, another allocation of a payment."""

from __future__ import annotations

from time import sleep
from typing import Any

from quittance.domain.reading import Fields
from quittance.runtime import compose
from quittance.runtime.api.money import shown_invoice
from quittance.runtime.http import Request, Response
from quittance.store import invoices
from quittance.store.payments import PaymentBook
from quittance.usecases import billing, correct


def request_credit_note(request: Request) -> Response:
    """Take a credit note on an invoice; it gets its number a moment later."""
    body = request.json()
    fields = Fields(body)
    account, invoice = request.names["account"], request.names["invoice"]
    name = fields.name("id", request.idempotency_key)
    if name is None:
        raise fields.refuse("id", "name the credit note here or in the header Idempotency-Key")
    definition = {key: value for key, value in body.items() if key != "id"}
    now = compose.clock().now()
    item = billing.request_credit_note(request.partner, account, invoice, name, definition, now=now, books=invoices)
    headers = {"location": f"/v1/accounts/{account}/invoices/{name}"}
    return Response(status=202, body=shown_invoice(item), headers=headers)


def write_off(request: Request) -> Response:
    """Give up what remains of an invoice."""
    return Response(body=correct.write_off(*_named(request, "invoice"), **_given()))


def reinstate(request: Request) -> Response:
    """Take a written-off invoice up again."""
    return Response(body=correct.reinstate(*_named(request, "invoice"), **_given()))


def show_payment(request: Request) -> Response:
    """Show what has become of a payment."""
    partner, account, payment = request.partner, request.names["account"], request.names["payment"]
    return Response(body=correct.show(partner, account, payment, book=PaymentBook()))


def refund(request: Request) -> Response:
    """Book a refund that was made at the provider."""
    booked = correct.refund(*_named(request, "payment"), **_given())
    return Response(status=201 if booked.pop("new") else 200, body=booked)


def allocate(request: Request) -> Response:
    """Put a payment on other invoices."""
    return Response(body=correct.allocate(*_named(request, "payment"), **_given()))


def _named(request: Request, what: str) -> tuple[str, str, str, Any]:
    body = request.json() if request.content else None
    return request.partner, request.names["account"], request.names[what], body


def _given() -> dict[str, Any]:
    return {"book": PaymentBook(), "now": compose.clock().now(), "pause": sleep}
