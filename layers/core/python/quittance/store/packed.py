"""Long JSON in few bytes: an item is paid for by the kilobyte, and JSON of invoices and charges repeats itself.

A packed value is one byte that names the form, then the compressed JSON. Form 1 is zlib's with a preset dictionary of
the words that such JSON always has; the dictionary can never change, another one would be form 2. Values written as
JSON text before are read as they are.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.constants import BINARY, STRING

_FORM = b"\x01"
_LEVEL = 9
_MOST = 64 * 2**20  # bytes a value may unpack to; an item of 400 KB never holds that much honestly
# zlib finds near matches cheaper: what is most common stands last.
_WORDS = (
    b'"register":"tax_number":"reservation":"usage":"one_time":"customerCredit":"prorate":"addQuantity"'
    b'"limits":{"charges":100,"size":150000}"period_derived":"totals_differing":"filename":"customers":{"open":{"rows":'
    b'"invoices":[{"id":"owed":"facts":["policy":{"name":"version":"notices":[{"relied":["access":["next_due":null'
    b'"head_version":"cause":"stage":{"from":"clear","to":"reminder"}"overdue":"0.00","credit":"0.00","days":'
    b" days since the due date of  in Europe/Berlin EUR is overdue on 1 invoices, pinned on stage  holds"
    b'"request":{"lines":[{"issued":"due":"absorbed":[{"cost":"reason":null,"reason":"reverse charge'
    b'"kind":"invoice","seller":{"name":" GmbH","buyer":{"name":" AG","address":["country":"DE","vat_id":"DE"'
    b'"locale":"de-DE","locale":"en","lines":[{"text":"Microsoft 365 ","vat":[{"category":"S","percent":"19","net":'
    b'"net":,"vat_category":"S","vat_percent":"19","charges":{"":[]},"start":"2026-","end":"2026-","product":"CFQ7TTC0'
    b'"change":"term":"frequency":"Annual"}"term":"One-Month commitment for monthly/yearly billing"'
    b'"invoice_customer":"entitlement":"meter":"unit":"resource":"publisher":"reservation":"plan":"charge_type":"new"'
    b'[{"row":1,"customer_name":"","subscription":"","product":"CFQ7TTC0","sku":"0001","product_name":"Microsoft ",'
    b'"sku_name":"Microsoft ","kind":"license","charge_type":"cycleCharge","quantity":"1","billable_quantity":"1",'
    b'"unit_price":"0.00","effective_unit_price":"0.00","subtotal":"0.00","tax":"0","total":"0.00","start":"2026-",'
    b'"end":"2026-","order":"","ordered":"2026-","term":"One-Year commitment for monthly/yearly billing",'
    b'"frequency":"Monthly"},{"row":'
)


def pack(value: Any) -> bytes:
    """Return a JSON value in few bytes."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
    press = zlib.compressobj(_LEVEL, zdict=_WORDS)
    return _FORM + press.compress(text) + press.flush()


def unpack(stored: bytes) -> Any:
    """Return the JSON value of packed bytes; ValueError where they are none."""
    if stored[:1] != _FORM:
        raise ValueError(f"packed JSON of an unknown form {stored[:1]!r}; it was written by a later version")
    open_ = zlib.decompressobj(zdict=_WORDS)
    try:
        text = open_.decompress(stored[1:], _MOST)
    except zlib.error as problem:
        raise ValueError(f"packed JSON is damaged: {problem}") from problem
    if not open_.eof:
        raise ValueError("packed JSON is cut off")
    return json.loads(text)


class PackedJSON(Attribute[Any]):
    """A JSON attribute that is stored packed; JSON text, as earlier versions stored it, is read as well."""

    attr_type = BINARY

    def serialize(self, value: Any) -> bytes | None:
        """Return the bytes to store."""
        return None if value is None else pack(value)

    def deserialize(self, value: bytes | str) -> Any:
        """Return the JSON value."""
        return json.loads(value) if isinstance(value, str) else unpack(value)

    def get_value(self, value: Mapping[str, Any]) -> Any:
        """Return what is stored, in whichever form."""
        return value[STRING] if STRING in value else super().get_value(dict(value))
