"""The vendor's reconciliation file as its documents and real files have it, and what is refused with its place."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from infra.local.samples import TARGET, content, rows
from quittance.domain.charges import Charge
from quittance.domain.reconciliation import COLUMNS, BrokenFile, read

SAMPLES = Path(__file__).parents[1] / "data/reconciliation"
# One line with the values of the documented columns' samples.
DOCUMENTED = json.loads((SAMPLES / "documented_line.json").read_text(encoding="utf-8"))


def file_of(*records, header=COLUMNS, newline="\r\n"):
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=newline)
    writer.writerow(header)
    for record in records:
        writer.writerow([record.get(name, "") for name in COLUMNS])
    return out.getvalue().encode("utf-8-sig")


def charges(data, vendor_invoice="G002297372"):
    return list(read(io.BytesIO(data), vendor_invoice=vendor_invoice))


def line(**changes):
    return {**DOCUMENTED, **changes}


def test_the_documented_columns_are_all_known_and_in_their_order():
    assert list(DOCUMENTED) == list(COLUMNS)
    assert len(COLUMNS) == 46


def test_a_documented_line_is_read_as_it_is_written():
    (found,) = charges(file_of(DOCUMENTED))
    assert (found.id, found.kind, found.charge_type) == ("G002297372#2", "usage", "New")
    assert (found.unit_price, found.effective_unit_price) == (Decimal("0.045"), Decimal("0.03825"))
    assert (found.billable_quantity, found.subtotal, found.total) == (
        Decimal("0.005001"),
        Decimal("0.01"),
        Decimal("0.045"),
    )
    assert (found.start, found.end, found.ordered) == (date(2020, 9, 1), date(2020, 9, 30), date(2020, 10, 3))
    assert found.order.endswith(", 6dc5c039750a")


@pytest.mark.parametrize(
    "header",
    [
        [name.upper() for name in COLUMNS],
        [name.lower() for name in COLUMNS],
        [{"MPNID": "MpnId", "ResellerMPNID": "Tier2MpnId", "PromotionID": "PromotionId"}.get(n, n) for n in COLUMNS],
        [{"Total": "TotalForCustomer", "ReferenceID": "ReferenceId"}.get(n, n) for n in COLUMNS],
        [f" {name} " for name in COLUMNS],
    ],
)
def test_older_and_newer_spellings_of_headers_are_one(header):
    assert charges(file_of(DOCUMENTED, header=header)) == charges(file_of(DOCUMENTED))


def test_columns_may_come_in_any_order_with_new_ones_between():
    reordered = list(reversed(COLUMNS))
    out = io.StringIO()
    csv.writer(out).writerows([["Future", *reordered], ["x", *(DOCUMENTED[name] for name in reordered)]])
    assert charges(out.getvalue().encode()) == charges(file_of(DOCUMENTED))


@pytest.mark.parametrize(
    "data", [file_of(DOCUMENTED)[3:], file_of(DOCUMENTED, newline="\n"), file_of(DOCUMENTED) + b"\r\n"]
)
def test_byte_order_mark_line_ends_and_empty_lines_do_not_matter(data):
    assert charges(data) == charges(file_of(DOCUMENTED))


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00", "1/1/0001", "1/1/0001 12:00:00 AM", ""])
def test_the_vendors_no_date_is_none(text):
    (found,) = charges(file_of(line(OrderDate=text, PCToBCExchangeRateDate=text)))
    assert found.ordered is None


@pytest.mark.parametrize("text", ["9/1/2020", "09/01/2020", "9/1/2020 12:00:00 AM", "2020-09-01T00:00:00Z"])
def test_dates_are_american_or_iso(text):
    (found,) = charges(file_of(line(ChargeStartDate=text)))
    assert found.start == date(2020, 9, 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [("-94.08", "-94.08"), ("0.737586206896552", "0.737586206896552"), ("2.5E-05", "0.000025"), ("0", "0")],
)
def test_numbers_keep_all_their_places(text, value):
    (found,) = charges(file_of(line(Subtotal=text)))
    assert found.subtotal == Decimal(value)


def test_unknown_charge_types_are_kept_as_they_are():
    (found,) = charges(file_of(line(ChargeType="Convert from instance prorate")))
    assert found.charge_type == "Convert from instance prorate"


def test_a_seat_change_is_two_lines_that_share_their_reference():
    sides = [line(ReferenceID="r1", Quantity=q, Subtotal=s) for q, s in (("-10", "-94.08"), ("12", "112.89"))]
    assert [(c.reference_id, c.quantity, c.subtotal) for c in charges(file_of(*sides))] == [
        ("r1", Decimal(-10), Decimal("-94.08")),
        ("r1", Decimal(12), Decimal("112.89")),
    ]


def test_two_equal_lines_are_two_charges():
    assert [found.row for found in charges(file_of(DOCUMENTED, DOCUMENTED))] == [2, 3]


BROKEN = [
    ({"Subtotal": "12,50"}, "Subtotal", "another locale"),
    ({"Subtotal": "1.234,56"}, "Subtotal", "another locale"),
    ({"Subtotal": ""}, "Subtotal", "is empty"),
    ({"Total": "NaN"}, "Total", "not a number"),
    ({"Quantity": "one"}, "Quantity", "not a number"),
    ({"UnitPrice": "$0.08"}, "UnitPrice", "not a number"),
    ({"ChargeEndDate": "30.09.2020"}, "ChargeEndDate", "not a date as M/D/YYYY"),
    ({"ChargeEndDate": "30/9/2020"}, "ChargeEndDate", "day and month are swapped"),
    ({"ChargeEndDate": "2/30/2020"}, "ChargeEndDate", "not a date as M/D/YYYY"),
    ({"ChargeEndDate": "8/31/2020"}, "ChargeEndDate", "is before ChargeStartDate"),
    ({"SubscriptionEndDate": "31-12-2020"}, "SubscriptionEndDate", "en-US"),
    ({"CustomerId": ""}, "CustomerId", "is empty"),
    ({"CustomerId": "a#b"}, "CustomerId", "not an identifier"),
    ({"ProductId": "a/b"}, "ProductId", "not an identifier"),
    ({"Currency": "Euro"}, "Currency", "ISO 4217"),
    ({"Currency": "USD"}, "Currency", "USD after EUR"),
    ({"ChargeType": ""}, "ChargeType", "is empty"),
    ({"InvoiceNumber": "G1"}, "InvoiceNumber", "another vendor invoice"),
    ({"SkuName": "x" * 4001}, "SkuName", "at most 4000"),
    ({"SkuName": "a\x00b"}, "SkuName", "NUL"),
]


@pytest.mark.parametrize(("changes", "column", "reason"), BROKEN)
def test_what_is_not_as_documented_names_row_column_and_reason(changes, column, reason):
    with pytest.raises(BrokenFile) as problem:
        charges(file_of(DOCUMENTED, DOCUMENTED, line(**changes)))
    assert (problem.value.row, problem.value.column) == (4, column)
    assert reason in problem.value.reason


@pytest.mark.parametrize(
    ("data", "row", "reason"),
    [
        (b"", 1, "missing"),
        (b"\xff\xfeP\x00a\x00", 1, "not UTF-8"),
        (file_of(), 2, "no lines"),
        (file_of(DOCUMENTED).replace(b",", b"\t"), 1, "not separated by commas"),
        (file_of(DOCUMENTED)[:-3] + b',"\r\n', 2, "cannot be split"),
        (file_of(DOCUMENTED) + b"a,b\r\n", 3, "2 fields where the header has 46"),
        (file_of(DOCUMENTED).replace(b"SkuId", b"ProductId", 1), 1, "there twice"),
        (b"PartnerId,CustomerId,UsageDate,BillingPreTaxTotal\r\n", 1, "daily rated usage file"),
        (b"PartnerId,CustomerId,Amount,TotalOtherDiscount\r\n", 1, "legacy licence file"),
    ],
)
def test_files_that_are_no_such_file_are_refused(data, row, reason):
    with pytest.raises(BrokenFile) as problem:
        charges(data)
    assert problem.value.row == row
    assert reason in problem.value.reason


def test_the_sample_beside_the_scenarios_is_what_its_generator_makes():
    assert TARGET.read_bytes() == content()


def test_the_sample_has_what_real_files_have():
    found = charges(content(), vendor_invoice="G012345678")
    types = {charge.charge_type.lower() for charge in found}
    assert len(found) == len(list(rows())) >= 60
    assert len({charge.vendor_customer for charge in found}) == 7
    assert {"new", "addquantity", "removequantity", "cancelimmediate", "customercredit", "renew", "extendterm"} <= types
    assert any("," in charge.customer_name for charge in found)
    assert any(charge.subtotal < 0 for charge in found)


def test_a_charge_is_read_back_as_it_was_stored():
    for charge in charges(content(), vendor_invoice="G012345678"):
        stored = json.loads(json.dumps(charge.to_mapping()))
        back = Charge.from_mapping(
            stored,
            vendor_invoice=charge.vendor_invoice,
            vendor_customer=charge.vendor_customer,
            currency=charge.currency,
        )
        assert back == charge
