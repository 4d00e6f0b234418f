"""JSON in few bytes: what goes in comes out, and what earlier versions stored is read as well."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.samples import CUSTOMERS, rows
from quittance.store.models import InvoiceItem
from quittance.store.packed import PackedJSON, pack, unpack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=20,
)


@given(JSON)
def test_what_goes_in_comes_out(value):
    assert unpack(pack(value)) == value


def test_charges_take_a_third_of_their_text():
    charges = [row for row in rows() if row["CustomerId"] == CUSTOMERS["contoso"].id][:5]
    assert len(pack(charges)) * 3 < len(json.dumps(charges))


@pytest.mark.parametrize(
    ("stored", "told"),
    [
        (b"", "unknown form"),
        (b"\x02abc", "unknown form"),
        (b"\x01abc", "damaged"),
        (pack({"a": 1})[:-3], "cut off"),
        (pack({"a": 1})[:1], "cut off"),
    ],
)
def test_what_is_no_packed_json_is_refused_with_the_reason(stored, told):
    with pytest.raises(ValueError, match=told):
        unpack(stored)


def test_items_that_were_written_as_text_are_read():
    key = {"pk": {"S": "P#acme#A#contoso"}, "sk": {"S": "INV#I1"}, "kind": {"S": "invoice"}, "state": {"S": "issued"}}
    body = {"lines": [{"text": "Setup", "net": 24995}]}
    before = InvoiceItem.from_raw_data({**key, "body": {"S": json.dumps(body)}})
    now = InvoiceItem.from_raw_data({**key, "body": {"B": pack(body)}})
    assert before.body == now.body == body
    assert set(before.serialize()["body"]) == {"B"}  # whoever writes it again packs it


def test_nothing_stays_nothing():
    assert PackedJSON(null=True).serialize(None) is None
