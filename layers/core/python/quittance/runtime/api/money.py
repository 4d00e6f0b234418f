"""Routes of money: status and timeline, invoices, billing runs, vendor files, what is owed to the vendor."""

from __future__ import annotations

import os
from typing import Any

from quittance.adapters.files import S3Files
from quittance.domain.errors import NotFound
from quittance.domain.money import Money
from quittance.domain.reading import Fields
from quittance.domain.roles import Permission
from quittance.runtime import compose
from quittance.runtime.http import Request, Response, Route
from quittance.store import invoices, keys, partners, vendor_files
from quittance.store import timeline as rest
from quittance.store.accounts import AccountStore
from quittance.store.models import DocumentItem, InvoiceItem
from quittance.store.policies import PolicyStore
from quittance.store.transact import unavailable_is_transient
from quittance.usecases import billing, exchange, status

_ACCOUNTS = AccountStore(PolicyStore())
_INVOICE = "/v1/accounts/{account}/invoices/{invoice}"
_FIGURES = ("net", "vat", "gross")


def _status(request: Request) -> Response:
    now, account = compose.clock().now(), request.names["account"]
    return Response(body=status.status(request.partner, account, now=now, accounts=_ACCOUNTS, book=partners, rest=rest))


def _timeline(request: Request) -> Response:
    story = status.timeline(
        request.partner,
        request.names["account"],
        after=request.query.get("after"),
        limit=request.limit(),
        accounts=_ACCOUNTS,
        rest=rest,
    )
    return Response(body=story)


def _request_invoice(request: Request) -> Response:
    body = request.json()
    fields = Fields(body)
    account, name = request.names["account"], fields.name("id", request.idempotency_key)
    if name is None:
        raise fields.refuse("id", "name the invoice here or in the header Idempotency-Key")
    definition = {key: value for key, value in body.items() if key != "id"}
    now = compose.clock().now()
    item = billing.request_manual_invoice(request.partner, account, name, definition, now=now)
    headers = {"location": f"/v1/accounts/{account}/invoices/{name}"}
    return Response(status=202, body=_shown(item), headers=headers)


def _list_invoices(request: Request) -> Response:
    _ACCOUNTS.load(request.partner, request.names["account"])
    found = invoices.read_invoices(request.partner, request.names["account"])
    return Response(body={"invoices": [_shown(item) for item in found]})


def _get_invoice(request: Request) -> Response:
    item = invoices.read_invoice(request.partner, request.names["account"], request.names["invoice"])
    body = item.body or {}
    parts = ("kind", "seller", "buyer", "lines", "vat", "absorbed")
    details = {("vat_rows" if name == "vat" else name): body[name] for name in parts if name in body}
    return Response(body={**_shown(item), **details})


def _shown(item: InvoiceItem) -> dict[str, Any]:
    """The figures as issued, amounts in minor units written as decimals; what is left to pay is in the status."""
    figures = {name: getattr(item, name) for name in _FIGURES}
    return {
        "id": item.sk.removeprefix("INV#"),
        "state": item.state,
        "number": item.number,
        "period": item.period,
        "issued": item.issued,
        "due": item.due,
        "currency": item.currency,
        **{
            n: str(Money(int(v), item.currency)) if v is not None and item.currency else None
            for n, v in figures.items()
        },
    }


def _get_document(request: Request) -> Response:
    account, invoice = request.names["account"], request.names["invoice"]
    item = invoices.read_invoice(request.partner, account, invoice)
    key = keys.document(request.partner, account, invoice)
    try:
        with unavailable_is_transient():
            location = DocumentItem.get(key.pk, key.sk).location
    except DocumentItem.DoesNotExist:
        location = None
    return Response(body=exchange.document_address(location, item.number, files=_files("DOCUMENTS_BUCKET")))


def _files(bucket: str) -> S3Files:
    return S3Files(compose.client("s3"), os.environ[bucket])


def _order_upload(request: Request) -> Response:
    ordered = exchange.order_upload(request.partner, request.json(), files=_files("IMPORTS_BUCKET"))
    return Response(status=201, body=ordered)


def _get_import(request: Request) -> Response:
    name = request.names["vendor_invoice"]
    item = vendor_files.find(request.partner, name)
    if item is None:
        raise NotFound(f"nothing is known of vendor invoice {name!r}; its file is imported a moment after its upload")
    body = {key: value for key, value in (item.body or {}).items() if key != "limits"}
    return Response(body={"vendor_invoice": name, "state": item.state, **body})


def _request_run(request: Request) -> Response:
    fields = Fields(request.json())
    period = fields.text("period", most=7)
    fields.done()
    billing.request_run(request.partner, period, now=compose.clock().now())
    headers = {"location": f"/v1/billing-runs/{period}"}
    return Response(status=202, body=billing.progress(request.partner, period), headers=headers)


def _get_run(request: Request) -> Response:
    return Response(body=billing.progress(request.partner, request.names["run"]))


def _list_payables(request: Request) -> Response:
    found = [
        {
            "vendor_invoice": item.sk.removeprefix("PAYABLE#"),
            "amount": str(Money(int(item.amount), item.currency)),
            "currency": item.currency,
            "dated": item.dated,
            "due": item.due,
        }
        for item in vendor_files.payables(request.partner)
    ]
    return Response(body={"payables": sorted(found, key=lambda payable: payable["due"])})


def _list_open_charges(request: Request) -> Response:
    from quittance.usecases.import_charges import open_charges  # noqa: PLC0415  # the CSV reader is not needed before

    found = open_charges(request.partner)
    return Response(
        body={
            "open_charges": [
                {
                    "vendor_customer": one.vendor_customer,
                    "name": one.name,
                    "vendor_invoice": one.vendor_invoice,
                    "period": one.period,
                    "currency": one.currency,
                    "rows": one.rows,
                    "subtotal": format(one.subtotal, "f"),
                    "reason": one.reason,
                }
                for one in found
            ]
        }
    )


ROUTES = (
    Route("GET", "/v1/accounts/{account}/status", Permission.READ, _status),
    Route("GET", "/v1/accounts/{account}/timeline", Permission.READ, _timeline),
    Route("POST", "/v1/accounts/{account}/invoices", Permission.MONEY, _request_invoice),
    Route("GET", "/v1/accounts/{account}/invoices", Permission.READ, _list_invoices),
    Route("GET", _INVOICE, Permission.READ, _get_invoice),
    Route("GET", f"{_INVOICE}/document", Permission.READ, _get_document),
    Route("POST", "/v1/imports", Permission.MONEY, _order_upload),
    Route("GET", "/v1/imports/{vendor_invoice}", Permission.READ, _get_import),
    Route("POST", "/v1/billing-runs", Permission.MONEY, _request_run),
    Route("GET", "/v1/billing-runs/{run}", Permission.READ, _get_run),
    Route("GET", "/v1/payables", Permission.READ, _list_payables),
    Route("GET", "/v1/open-charges", Permission.READ, _list_open_charges),
)
