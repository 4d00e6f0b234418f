"""Routes of payment methods: what providers keep for an account, referenced; never card data."""

from __future__ import annotations

from quittance.runtime import compose
from quittance.runtime.http import Request, Response
from quittance.store import payment_methods as shelf
from quittance.usecases.payment_methods import put_method, remove_method


def list_methods(request: Request) -> Response:
    """List the payment methods of an account."""
    methods, _ = shelf.load(request.partner, request.names["account"])
    return Response(body={"payment_methods": methods.listed()})


def get_method(request: Request) -> Response:
    """Show a payment method."""
    methods, _ = shelf.load(request.partner, request.names["account"])
    return Response(body=methods.get(request.names["method"]))


def put_payment_method(request: Request) -> Response:
    """Add or change a payment method."""
    where = request.partner, request.names["account"], request.names["method"]
    shown, new = put_method(*where, request.json(), shelf=shelf, now=compose.clock().now())
    return Response(status=201 if new else 200, body=shown)


def remove_payment_method(request: Request) -> Response:
    """Remove a payment method."""
    where = request.partner, request.names["account"], request.names["method"]
    return Response(body=remove_method(*where, shelf=shelf, now=compose.clock().now()))
