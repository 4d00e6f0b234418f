"""The vendor's invoices and their line items, paged as documented: offset for legacy, a token for new commerce."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from infra.local.vendor.faults import VendorFault
from infra.local.vendor.model import Invoice, State
from infra.local.vendor.render import collection, link, stamp

PAGE = 2000
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$"}
# One-time lines carry these; a seeded line replaces what it names. Figures come as text in every other line.
_LINE_DEFAULTS: dict[str, Any] = {
    "partnerId": "", "customerId": "", "customerName": "", "customerDomainName": "", "customerCountry": "",
    "invoiceNumber": "", "mpnId": "0", "resellerMpnId": "0", "orderId": "", "orderDate": "", "productId": "",
    "skuId": "", "availabilityId": "", "productName": "", "skuName": "", "productQualifiers": [], "chargeType": "new",
    "unitPrice": "0", "effectiveUnitPrice": "0", "unitType": "", "quantity": "1", "subtotal": "0", "taxTotal": "0",
    "totalForCustomer": "0", "currency": "EUR", "publisherName": "Microsoft Corporation", "publisherId": "",
    "subscriptionDescription": "", "subscriptionId": "", "subscriptionStartDate": "", "subscriptionEndDate": "",
    "chargeStartDate": "", "chargeEndDate": "", "termAndBillingCycle": "", "alternateId": "", "referenceId": "",
    "priceAdjustmentDescription": "", "discountDetails": "", "pricingCurrency": "EUR", "pcToBCExchangeRate": "1",
    "pcToBCExchangeRateDate": "0001-01-01T00:00:00", "billableQuantity": "1", "meterDescription": "",
    "billingFrequency": "", "reservationOrderId": "", "promotionId": "",
}  # fmt: skip
_FIGURES = ("unitPrice", "effectiveUnitPrice", "quantity", "subtotal", "taxTotal", "totalForCustomer")
_LINE_TYPES = ("billinglineitems", "usagelineitems")


def invoices_page(state: State, tenant: str, query: dict[str, str]) -> dict[str, Any]:
    """Return the partner's invoices, newest first; size and offset count."""
    mine = sorted((i for i in state.invoices.values() if i.tenant == tenant), key=lambda i: i.date, reverse=True)
    mine = [invoice for invoice in mine if invoice.amends is None]
    size, offset = _number(query, "size", 200), _number(query, "offset", 0)
    links = {"self": link(f"/invoices?size={size}&offset={offset}")}
    if offset + size < len(mine):
        links["next"] = link(f"/invoices?size={size}&offset={offset + size}")
    return collection([invoice_body(state, invoice) for invoice in mine[offset : offset + size]], links=links)


def find_invoice(state: State, tenant: str, name: str) -> Invoice:
    """Find an invoice by id, with or without its type in front."""
    invoice = state.invoices.get(name.removeprefix("OneTime-").removeprefix("Recurring-"))
    if invoice is None or invoice.tenant != tenant:
        raise VendorFault("1000", f"invoice {name}")
    return invoice


def invoice_body(state: State, invoice: Invoice) -> dict[str, Any]:
    """Return one invoice with the documents that amend it."""
    provider = "one_time" if invoice.type == "OneTime" else "office"
    detail = {
        "invoiceLineItemType": "billing_line_items",
        "billingProvider": provider,
        "links": {"self": link(f"{_path(invoice)}/lineitems/{_provider(provider)}/BillingLineItems")},
        "attributes": {"objectType": "InvoiceDetail"},
    }
    body: dict[str, Any] = {
        "id": invoice.id,
        "invoiceDate": stamp(invoice.date),
        "totalCharges": Decimal(invoice.total),
        "paidAmount": Decimal(invoice.paid),
        "currencyCode": invoice.currency,
        "currencySymbol": _SYMBOLS.get(invoice.currency, invoice.currency),
        "pdfDownloadLink": f"/invoices/{invoice.id}/documents/statement",
        "invoiceDetails": [detail],
        "documentType": invoice.document_type,
        "invoiceType": invoice.type,
        "links": {"self": link(_path(invoice))},
        "attributes": {"objectType": "Invoice"},
    }
    if invoice.amends:
        body["amendsOf"] = invoice.amends
    if amendments := [invoice_body(state, i) for i in state.invoices.values() if i.amends == invoice.id]:
        body["amendments"] = amendments
    return body


def lines_page(invoice: Invoice, query: dict[str, str], token: str | None) -> dict[str, Any]:
    """Return a page of line items, at most 2,000; offset is honoured for legacy invoices only."""
    if query.get("invoicelineitemtype", "").lower() not in _LINE_TYPES:
        raise VendorFault("800002", "invoicelineitemtype must be BillingLineItems or UsageLineItems")
    size = min(_number(query, "size", PAGE) or PAGE, PAGE)
    legacy = invoice.type == "Recurring"
    start = _number(query, "offset", 0) if legacy else _start(invoice, query, token)
    items = [line_body(invoice, number) for number in range(start, min(start + size, len(invoice.lines)))]
    here = f"/invoices/{invoice.id}/lineitems?provider={query.get('provider', '')}&invoicelineitemtype=BillingLineItems"
    page = collection(items, links={"self": link(f"{here}&size={size}")})
    if start + size < len(invoice.lines):
        _add_next(page, invoice, here, size, start + size)
    return page


def line_body(invoice: Invoice, number: int) -> dict[str, Any]:
    """Return one line; new commerce sends figures as text in some lines and as numbers in others."""
    line = invoice.lines[number]
    if invoice.type == "Recurring":
        return line | {"attributes": {"objectType": "LicenseBasedLineItem"}}
    body = _LINE_DEFAULTS | {"invoiceNumber": invoice.id, "currency": invoice.currency} | line
    if number % 2:
        body |= {name: Decimal(str(body[name])) for name in _FIGURES}
    more = {"invoiceLineItemType": "billing_line_items", "billingProvider": "one_time"}
    return body | more | {"attributes": {"objectType": "OneTimeInvoiceLineItem"}}


def _add_next(page: dict[str, Any], invoice: Invoice, here: str, size: int, start: int) -> None:
    if invoice.type == "Recurring":
        page["links"]["next"] = link(f"{here}&size={size}&offset={start}")
        return
    token = _token(invoice, start)
    following = link(f"{here}&size={size}&seekOperation=Next")
    following["headers"] = [{"key": "MS-ContinuationToken", "value": token}]
    page["links"]["next"] = following
    page["continuationToken"] = token


def _token(invoice: Invoice, start: int) -> str:
    seal = hashlib.sha256(json.dumps([invoice.id, start]).encode()).hexdigest()[:24]
    return f"{seal},{start}"


def _start(invoice: Invoice, query: dict[str, str], token: str | None) -> int:
    if query.get("seekoperation", "").lower() != "next":
        return 0
    start = (token or "").rpartition(",")[2]
    if not start.isdigit() or token != _token(invoice, int(start)):
        raise VendorFault("800002", "MS-ContinuationToken is missing or not of this invoice")
    return int(start)


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isdigit():
        raise VendorFault("800002", f"{name} must be a whole number")
    return int(text)


def _path(invoice: Invoice) -> str:
    return f"/invoices/{invoice.type}-{invoice.id}"


def _provider(name: str) -> str:
    return "OneTime" if name == "one_time" else "Office"
