"""The receipt as people see it: what it says, in each language, and that the same debt gives the same bytes."""

import io

import pytest
from pypdf import PdfReader

from quittance.domain.errors import Rejected
from quittance_documents import ReceiptDocument, print_receipt

MAPPING = {
    "locale": "de-DE",
    "number": "ACME-2026-000001",
    "issued": "2026-10-09",
    "settled": "2026-12-20",
    "currency": "EUR",
    "gross": "297.44",
    "seller": {"name": "ACME Cloud GmbH", "address": ["Leopoldstr. 1", "80802 München"], "vat_id": "DE123456788"},
    "buyer": {"name": "Contoso AG", "address": ["Hauptstr. 5", "10115 Berlin"], "customer_number": "contoso"},
    "rows": [
        {"day": "2026-11-20", "kind": "payment", "provider": "stripe", "reference": "pi_1", "amount": "297.44"},
        {"day": "2026-11-25", "kind": "chargeback", "provider": "stripe", "reference": "dp_1", "amount": "-297.44"},
        {"day": "2026-12-20", "kind": "payment", "provider": "bank", "reference": "T-77", "amount": "297.44"},
    ],
}


def printed(**changes):
    return print_receipt(ReceiptDocument.from_mapping({**MAPPING, **changes}))


def text(content):
    pages = PdfReader(io.BytesIO(content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).replace("\u00a0", " ").split())


def test_it_says_which_debt_is_settled_since_when_and_by_what():
    found = text(printed())
    assert "Quittung zur Rechnung ACME-2026-000001" in found
    assert "wurde am 20. Dezember 2026 vollständig beglichen" in found
    assert "nichts mehr offen" in found
    assert "20.11.2026 Zahlung (Stripe) pi_1 297,44" in found
    assert "Rückbelastung (Stripe) dp_1 \u2212297,44" in found
    assert "Beglichen 297,44" in found


@pytest.mark.parametrize(("locale", "title"), [("en-GB", "Receipt for invoice"), ("de-AT", "Quittung zur Rechnung")])
def test_it_speaks_the_customers_language(locale, title):
    assert title in text(printed(locale=locale))


def test_the_same_debt_gives_the_same_bytes():
    assert printed() == printed()


def test_what_others_wrote_stays_text_and_a_broken_logo_gives_way():
    seller = {**MAPPING["seller"], "logo": "bm90IGEgcGljdHVyZQ=="}
    rows = [{**MAPPING["rows"][0], "reference": "#eval(1) $x$ *b* \u202e\u0416"}]
    assert "#eval(1) $x$ *b*" in text(printed(seller=seller, rows=rows))


def test_a_field_that_does_not_fit_is_named():
    with pytest.raises(Rejected, match=r"rows\[0\]\.amount"):
        printed(rows=[{**MAPPING["rows"][0], "amount": "much"}])
