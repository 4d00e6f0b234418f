"""The JSON form of a document, and complaints that name the field."""

import json
from base64 import b64encode
from dataclasses import asdict, replace
from datetime import date
from decimal import Decimal

import pytest

from quittance.domain.errors import Rejected
from quittance_documents import InvoiceDocument
from tests.unit.documents.samples import GERMAN, SAMPLES, SELLER


def as_json(document):
    def plain(value):
        if isinstance(value, bytes):
            return b64encode(value).decode()
        return value.isoformat() if isinstance(value, date) else str(value)

    return json.loads(json.dumps(asdict(document), default=plain))


@pytest.mark.parametrize("document", [*SAMPLES.values(), replace(GERMAN, seller=replace(SELLER, logo=b"\x89PNG"))])
def test_the_json_form_is_the_same_document(document):
    assert InvoiceDocument.from_mapping(as_json(document)) == document


def test_optional_fields_may_be_left_out():
    data = as_json(GERMAN)
    del data["kind"], data["due"], data["seller"]["logo"], data["lines"][0]["detail"]
    document = InvoiceDocument.from_mapping(data)
    assert document.kind == "invoice"
    assert document.due is None
    assert document.amount_due == Decimal("1568.23")


def changed(path, value):
    data = as_json(GERMAN)
    *way, last = path
    place = data
    for step in way:
        place = place[step]
    place[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        (("net",), "12,50", "net"),
        (("net",), 12.5, "net"),
        (("net",), "NaN", "net"),
        (("lines", 3, "quantity"), "many", "lines[3].quantity"),
        (("lines", 0, "text"), None, "lines[0].text"),
        (("lines",), "none", "lines"),
        (("issued",), "09.10.2026", "issued"),
        (("issued",), None, "issued"),
        (("due",), "2026-02-30", "due"),
        (("kind",), "receipt", "kind"),
        (("seller", "logo"), "no base64!", "seller.logo"),
        (("seller", "colour"), "red", "seller.colour"),
        (("buyer",), [], "buyer"),
        (("buyer",), {"name": "x"}, "buyer.address"),
    ],
)
def test_a_complaint_names_the_field(path, value, field):
    with pytest.raises(Rejected) as refused:
        InvoiceDocument.from_mapping(changed(path, value))
    assert refused.value.field == field
    assert field in str(refused.value)


def test_an_unknown_currency_is_refused():
    with pytest.raises(Rejected, match="ISO 4217"):
        InvoiceDocument.from_mapping(changed(("currency",), "EURO"))
