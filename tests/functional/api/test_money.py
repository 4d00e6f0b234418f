"""Invoices, billing runs, vendor files and what is owed, through the API."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from quittance.store.models import DocumentItem, InvoiceItem, PayableItem

INVOICE = {
    "id": "I1",
    "issued": "2026-10-01",
    "due": "2026-10-31",
    "lines": [{"text": "Setup", "net": "249.95", "vat_percent": "19"}],
}
PATH = "/v1/accounts/contoso/invoices"


def issued(name: str = "I1") -> None:
    """Stand in for invoice_generation, which has its own tests."""
    item = InvoiceItem.get("P#acme#A#contoso", f"INV#{name}")
    item.state, item.number, item.issued_at = "issued", "ACME-2026-000001", "2026-10-01T08:00:00Z"
    item.net, item.vat, item.gross, item.currency = 24995, 4749, 29744, "EUR"
    item.save()


def test_an_invoice_is_taken_once_and_waits_for_its_number(book, items):
    first = book("POST", PATH, INVOICE)
    assert (first.status, first.body["state"], first.headers["location"]) == (202, "ready", f"{PATH}/I1")
    after = items()
    assert book("POST", PATH, INVOICE).status == 202
    assert book("POST", PATH, {**INVOICE, "due": "2026-11-30"}).status == 409
    unnamed = {name: value for name, value in INVOICE.items() if name != "id"}
    assert book("POST", PATH, unnamed, headers={"idempotency-key": "I1"}).status == 202
    assert book("POST", PATH, unnamed).body["field"] == "id"
    assert items() == after
    assert book("GET", f"{PATH}/I1").body["number"] is None
    assert [one["id"] for one in book("GET", PATH).body["invoices"]] == ["I1"]


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": []},
        {"lines": [{"text": "Setup", "net": 249.95}]},
        {"lines": "Setup"},
        {"due": "31.10.2026"},
        {"id": "a b"},
        {"discount": "1"},
    ],
)
def test_a_wrong_invoice_is_refused(book, items, changes):
    before = items()
    refused = book("POST", PATH, {**INVOICE, **changes})
    assert (refused.status, bool(refused.body["field"]), items()) == (422, True, before)


def test_status_invoice_and_document_of_an_issued_invoice(book):
    book("POST", PATH, INVOICE)
    issued()
    assert book("GET", f"{PATH}/I1").body["gross"] == "297.44"
    assert book("GET", "/v1/accounts/contoso/status").body["invoices"] == {
        "I1": {
            "number": "ACME-2026-000001",
            "status": "paid",  # nothing is recorded as owed on it
            "net": "249.95",
            "vat": "47.49",
            "gross": "297.44",
            "remaining": "0.00",
            "due": "2026-10-31",
        }
    }
    assert book("GET", f"{PATH}/I1/document").status == 404
    DocumentItem(
        "P#acme#A#contoso",
        "DOC#I1",
        invoice="I1",
        sha256="ab" * 32,
        location="acme/contoso/I1/abab.pdf",
        rendered_at="2026-10-01T08:00:01Z",
    ).save()
    url = urlsplit(book("GET", f"{PATH}/I1/document").body["url"])
    assert url.path.endswith("/acme/contoso/I1/abab.pdf")
    asked = parse_qs(url.query)
    assert asked["response-content-disposition"] == ['attachment; filename="ACME-2026-000001.pdf"']
    kinds = [entry["kind"] for entry in book("GET", "/v1/accounts/contoso/timeline").body["entries"]]
    assert kinds == ["invoice", "document"]


def test_the_timeline_comes_in_pages(book):
    book("POST", PATH, INVOICE)
    issued()
    pages, after = [], None
    while True:
        query = {"limit": "1", **({"after": after} if after else {})}
        page = book("GET", "/v1/accounts/contoso/timeline", query=query).body
        pages.append(page)
        if (after := page["next"]) is None:
            break
    texts = [entry["text"] for page in pages for entry in page["entries"]]
    assert texts == ["Invoice ACME-2026-000001 over 297.44 EUR issued, due on 2026-10-31."]
    assert len(pages) == 5


def test_a_vendor_file_is_put_under_its_partner_with_its_date(book):
    order = {"vendor_invoice": "G012345678", "filename": "nce_2026-09.csv", "dated": "2026-10-08"}
    answer = book("POST", "/v1/imports", order)
    assert (answer.status, answer.body["headers"]) == (201, {"x-amz-meta-dated": "2026-10-08"})
    assert urlsplit(answer.body["url"]).path.endswith("/acme/G012345678/nce_2026-09.csv")
    assert book("GET", "/v1/imports/G012345678").status == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"filename": "../other/x.csv"}, "filename"),
        ({"vendor_invoice": ""}, "vendor_invoice"),
        ({"dated": "8.10.2026"}, "dated"),
        ({"partner": "globex"}, "partner"),
    ],
)
def test_an_upload_cannot_leave_its_place(book, changes, field):
    order = {"vendor_invoice": "G012345678", "filename": "nce_2026-09.csv", "dated": "2026-10-08"}
    refused = book("POST", "/v1/imports", {**order, **changes})
    assert (refused.status, refused.body["field"]) == (422, field)


def test_a_billing_run_is_taken_and_can_be_followed(book):
    taken = book("POST", "/v1/billing-runs", {"period": "2026-09"})
    assert (taken.status, taken.body["state"], taken.headers["location"]) == (
        202,
        "planned",
        "/v1/billing-runs/2026-09",
    )
    assert book("GET", "/v1/billing-runs/2026-09").body["period"] == "2026-09"
    assert book("GET", "/v1/billing-runs/2026-08").status == 404


@pytest.mark.parametrize("period", ["2026-13", "2026-12", "September", 202609, "2026-09-01"])
def test_a_run_needs_a_period_that_has_begun(book, items, period):
    before = items()
    assert (book("POST", "/v1/billing-runs", {"period": period}).status, items()) == (422, before)


def test_payables_and_open_charges_are_the_partners_own(book: Any) -> None:
    PayableItem("P#acme", "PAYABLE#G2", currency="EUR", amount=120000, dated="2026-10-08", due="2026-12-07").save()
    PayableItem("P#acme", "PAYABLE#G1", currency="EUR", amount=50, dated="2026-11-08", due="2027-01-07").save()
    owed = book("GET", "/v1/payables").body["payables"]
    assert [(one["vendor_invoice"], one["amount"], one["due"]) for one in owed] == [
        ("G2", "1200.00", "2026-12-07"),
        ("G1", "0.50", "2027-01-07"),
    ]
    assert book("GET", "/v1/payables", partner="globex").body == {"payables": []}
    assert book("GET", "/v1/open-charges").body == {"open_charges": []}
