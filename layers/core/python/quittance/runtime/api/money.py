"""Routes of money: status and timeline, invoices, billing runs, vendor files, what is owed to the vendor."""

from __future__ import annotations

import os
from typing import Any

from quittance.adapters.files import S3Files
from quittance.domain.errors import NotFound
from quittance.domain.invoice_lines import shown as by_line
from quittance.domain.money import Money
from quittance.domain.reading import Fields
from quittance.runtime import compose
from quittance.runtime.http import Request, Response
from quittance.store import billing_runs, invoices, keys, partners, positions, receipts, slots, vendor_files
from quittance.store import timeline as rest
from quittance.store.accounts import AccountStore
from quittance.store.models import DocumentItem, InvoiceItem
from quittance.store.policies import PolicyStore
from quittance.store.transact import unavailable_is_transient
from quittance.usecases import billing, exchange, status
from quittance.usecases.messages import PrintReceipt

_ACCOUNTS = AccountStore(PolicyStore())
_FIGURES = ("net", "vat", "gross")
_PRINTED_AFTER = "2"  # seconds that a queue and a start of the printing function take


def show_status(request: Request) -> Response:
    """Show what holds of an account now."""
    now, account = compose.clock().now(), request.names["account"]
    return Response(body=status.status(request.partner, account, now=now, accounts=_ACCOUNTS, book=partners, rest=rest))


def show_timeline(request: Request) -> Response:
    """Tell what happened to an account, a page at a time."""
    story = status.timeline(
        request.partner,
        request.names["account"],
        after=request.query.get("after"),
        limit=request.limit(),
        accounts=_ACCOUNTS,
        rest=rest,
    )
    return Response(body=story)


def request_invoice(request: Request) -> Response:
    """Take a manual invoice; it gets its number a moment later."""
    body = request.json()
    fields = Fields(body)
    account, name = request.names["account"], fields.name("id", request.idempotency_key)
    if name is None:
        raise fields.refuse("id", "name the invoice here or in the header Idempotency-Key")
    definition = {key: value for key, value in body.items() if key != "id"}
    now = compose.clock().now()
    item = billing.request_manual_invoice(request.partner, account, name, definition, now=now, books=invoices)
    headers = {"location": f"/v1/accounts/{account}/invoices/{name}"}
    return Response(status=202, body=shown_invoice(item), headers=headers)


def list_invoices(request: Request) -> Response:
    """List the invoices of an account."""
    _ACCOUNTS.load(request.partner, request.names["account"])
    found = invoices.read_invoices(request.partner, request.names["account"])
    return Response(body={"invoices": [shown_invoice(item) for item in found]})


def get_invoice(request: Request) -> Response:
    """Show an invoice with its lines."""
    item = invoices.read_invoice(request.partner, request.names["account"], request.names["invoice"])
    body = item.body or {}
    parts = ("kind", "seller", "buyer", "lines", "vat", "absorbed")
    details = {("vat_rows" if name == "vat" else name): body[name] for name in parts if name in body}
    if item.state == "issued" and (settled := _settled_by_line(request, item)):
        details["lines"] = [{**line, "settled": one} for line, one in zip(body["lines"], settled, strict=True)]
    return Response(body={**shown_invoice(item), **details})


def _settled_by_line(request: Request, item: InvoiceItem) -> list[int]:
    """What is settled of each line, in minor units as the line's net; nothing where lines cannot be told apart."""
    account, invoice = request.names["account"], request.names["invoice"]
    position = positions.read(request.partner, account)
    befell = positions.befell(request.partner, account, invoice)
    return by_line(befell.lines, int(item.gross) - position.remaining(invoice)) if position and befell.lines else []


def shown_invoice(item: InvoiceItem) -> dict[str, Any]:
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


def get_document(request: Request) -> Response:
    """Tell where the document of an invoice can be fetched."""
    account, invoice = request.names["account"], request.names["invoice"]
    item = invoices.read_invoice(request.partner, account, invoice)
    key = keys.document(request.partner, account, invoice)
    try:
        with unavailable_is_transient():
            location = DocumentItem.get(key.pk, key.sk).location
    except DocumentItem.DoesNotExist:
        location = None
    return Response(body=exchange.document_address(location, item.number, files=_files("DOCUMENTS_BUCKET")))


def get_receipt(request: Request) -> Response:
    """Tell where the receipt of a settled invoice can be fetched; one that is not stored is printed again first."""
    account, invoice = request.names["account"], request.names["invoice"]
    item = invoices.read_invoice(request.partner, account, invoice)
    latest = receipts.latest(request.partner, account, invoice)
    name, location = latest or ("", None)
    found = exchange.receipt_address(
        PrintReceipt(partner=request.partner, account=account, receipt=name) if latest else None,
        location,
        str(item.number),
        files=_files("DOCUMENTS_BUCKET"),
        outgoing=compose.outgoing(),
    )
    if found is None:
        return Response(status=202, body={"receipt": name}, headers={"retry-after": _PRINTED_AFTER})
    return Response(body=found)


def _files(bucket: str) -> S3Files:
    return S3Files(compose.client("s3"), os.environ[bucket])


def order_upload(request: Request) -> Response:
    """Tell where a vendor file can be put."""
    ordered = exchange.order_upload(request.partner, request.json(), files=_files("IMPORTS_BUCKET"))
    return Response(status=201, body=ordered)


def get_import(request: Request) -> Response:
    """Show how the import of a vendor file went."""
    name = request.names["vendor_invoice"]
    item = vendor_files.find(request.partner, name)
    if item is None:
        raise NotFound(f"nothing is known of vendor invoice {name!r}; its file is imported a moment after its upload")
    body = {key: value for key, value in (item.body or {}).items() if key != "limits"}
    return Response(body={"vendor_invoice": name, "state": item.state, **body})


def request_run(request: Request) -> Response:
    """Ask for the billing run of a period."""
    fields = Fields(request.json())
    period = fields.text("period", most=7)
    fields.done()
    billing.request_run(request.partner, period, now=compose.clock().now(), runs=billing_runs)
    headers = {"location": f"/v1/billing-runs/{period}"}
    return Response(status=202, body=billing.progress(request.partner, period, runs=billing_runs), headers=headers)


def get_run(request: Request) -> Response:
    """Show a billing run."""
    return Response(body=billing.progress(request.partner, request.names["run"], runs=billing_runs))


def list_open_charges(request: Request) -> Response:
    """List vendor charges whose customer has no account."""
    from quittance.usecases.import_charges import open_charges  # noqa: PLC0415  # the CSV reader is not needed before

    found = open_charges(request.partner, files=vendor_files, slots=slots)
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
