"""Prices, VAT and totals by example."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from quittance.domain.charges import Charge
from quittance.domain.errors import Rejected
from quittance.domain.invoice import InvoiceLine, build_invoice, lines_from
from quittance.domain.money import Money
from quittance.domain.numbering import document_number, prefix_of
from quittance.domain.periods import billing_period, first_and_last, shifted
from quittance.domain.policy import PolicyRef
from quittance.domain.pricing import Unpriced, parse_rules, price
from quittance.domain.vat import TaxParty, Treatment, line_treatment, treatment, vat_table
from quittance.usecases.billing import next_billing

RULES = parse_rules(
    [
        {"product": "CFQ7TTC0LH18", "unit_price": "11.70"},
        {"product": "CFQ7TTC0HD32:0002", "absorb": True},
        {"kind": "usage", "markup_percent": "12"},
        {"markup_percent": "20"},
    ]
)
S19 = Treatment("S", Decimal(19))


def charge(**changes):
    given = {
        "vendor_invoice": "G1",
        "row": 2,
        "vendor_customer": "c1",
        "product": "CFQ7TTC0LH18",
        "sku": "0001",
        "product_name": "Microsoft 365 E3",
        "sku_name": "Microsoft 365 E3",
        "kind": "license",
        "charge_type": "cycleCharge",
        "quantity": Decimal(25),
        "billable_quantity": Decimal(25),
        "unit_price": Decimal("10.08"),
        "effective_unit_price": Decimal("10.08"),
        "subtotal": Decimal("252.00"),
        "tax": Decimal(0),
        "total": Decimal("252.00"),
        "currency": "EUR",
    }
    return Charge(**given | changes)


SEATS = {"quantity": Decimal(-25), "billable_quantity": Decimal(-25), "effective_unit_price": Decimal("7.392")}


@pytest.mark.parametrize(
    ("changes", "net", "rule"),
    [
        ({}, "292.50", 0),
        ({**SEATS, "subtotal": Decimal("-184.80")}, "-214.50", 0),
        ({"product": "X", "kind": "usage", "subtotal": Decimal("0.01")}, "0.01", 2),
        ({"product": "X", "subtotal": Decimal("10.03")}, "12.04", 3),
        ({"product": "X", "subtotal": Decimal("-10.03")}, "-12.04", 3),
        ({"product": "CFQ7TTC0HD32", "sku": "0002"}, "0.00", 1),
        ({"product": "CFQ7TTC0HD32", "sku": "0001", "subtotal": Decimal("1.00")}, "1.20", 3),
        ({"unit_price": Decimal(0), "subtotal": Decimal(0)}, "0.00", 0),
    ],
)
def test_the_first_rule_that_matches_prices(changes, net, rule):
    priced = price(charge(**changes), RULES)
    assert (str(priced.net), priced.rule) == (net, rule)


@pytest.mark.parametrize(
    ("changes", "rules"),
    [
        ({"kind": "usage"}, RULES[:1] and parse_rules([{"kind": "license", "markup_percent": "1"}])),
        ({"unit_price": Decimal(0)}, RULES),
        ({"billable_quantity": Decimal(0)}, RULES),
    ],
)
def test_nothing_is_billed_by_guess(changes, rules):
    with pytest.raises(Unpriced):
        price(charge(**changes), rules)


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ("x", "price_rules"),
        (["x"], "price_rules[0]"),
        ([{}], "price_rules[0]"),
        ([{"markup_percent": "1", "absorb": True}], "price_rules[0]"),
        ([{"markup_percent": "1"}, {"markup": "1"}], "price_rules[1].markup"),
        ([{"unit_price": 11.7}], "price_rules[0].unit_price"),
        ([{"unit_price": "-1"}], "price_rules[0].unit_price"),
        ([{"unit_price": "NaN"}], "price_rules[0].unit_price"),
        ([{"markup_percent": "a"}], "price_rules[0].markup_percent"),
        ([{"kind": "seat", "absorb": True}], "price_rules[0].kind"),
        ([{"product": 3, "absorb": True}], "price_rules[0].product"),
        ([{"absorb": "yes"}], "price_rules[0].absorb"),
    ],
)
def test_a_wrong_rule_is_named_by_place_and_field(rules, field):
    with pytest.raises(Rejected) as problem:
        parse_rules(rules)
    assert problem.value.field == field


DE, AT, CH, GR = (
    TaxParty("DE", "DE123456788"),
    TaxParty("AT", "ATU62895905"),
    TaxParty("CH"),
    TaxParty("GR", "EL123456789"),
)


@pytest.mark.parametrize(
    ("seller", "buyer", "category", "percent"),
    [
        (DE, TaxParty("DE"), "S", "19"),
        (DE, AT, "AE", "0"),
        (DE, GR, "AE", "0"),
        (DE, TaxParty("AT"), "S", "20"),
        (DE, TaxParty("AT", "DE811569869"), "S", "20"),
        (DE, CH, "O", "0"),
        (CH, DE, "O", "0"),
        (AT, TaxParty("FI"), "S", "25.5"),
    ],
)
def test_vat_follows_the_place_of_supply(seller, buyer, category, percent):
    assert treatment(seller, buyer) == Treatment(category, Decimal(percent))


@pytest.mark.parametrize(("seller", "buyer"), [(TaxParty("DE"), AT), (CH, CH)])
def test_vat_that_cannot_be_decided_is_refused(seller, buyer):
    with pytest.raises(Rejected):
        treatment(seller, buyer)


@pytest.mark.parametrize(
    ("default", "percent", "category"),
    [(S19, None, "S"), (S19, "7", "S"), (S19, "0", "Z"), (Treatment("AE", Decimal(0)), "0", "AE"), (None, "19", "S")],
)
def test_a_line_may_name_its_rate(default, percent, category):
    found = line_treatment(default, None if percent is None else Decimal(percent))
    assert found.category == category


def test_ten_lines_of_ten_and_three_cents_are_taxed_on_their_sum():
    (row,) = vat_table([(S19, Money(1003, "EUR"))] * 10, "EUR")
    assert (str(row.net), str(row.vat)) == ("100.30", "19.06")


def test_lines_outside_the_scope_of_vat_stand_alone():
    with pytest.raises(Rejected, match="BR-O-11"):
        vat_table([(S19, Money(1, "EUR")), (Treatment("O", Decimal(0)), Money(1, "EUR"))], "EUR")


def test_the_sides_of_a_seat_change_stand_together_as_lines_of_their_own():
    pair = {"reference_id": "r1", "charge_type": "addQuantity", "start": date(2026, 9, 20)}
    charges = [
        charge(row=2, **pair, **SEATS, subtotal=Decimal("-184.80")),
        charge(row=3),
        charge(row=4, **pair, quantity=Decimal(28), billable_quantity=Decimal(28)),
    ]
    lines, _ = lines_from([price(item, RULES) for item in charges], S19)
    assert [(str(line.quantity), line.charges["G1"]) for line in lines] == [("25", (3,)), ("-25", (2,)), ("28", (4,))]


def test_two_lines_of_one_product_are_both_billed():
    lines, _ = lines_from([price(charge(row=row), RULES) for row in (2, 3)], S19)
    assert [line.charges["G1"] for line in lines] == [(2,), (3,)]


def test_metered_lines_of_one_service_are_summed():
    meter = {"product": "X", "kind": "usage", "product_name": "Tables", "sku_name": "LRS", "unit": "1 GB"}
    parts = [charge(row=row, **meter, billable_quantity=Decimal("0.5"), subtotal=Decimal("1.00")) for row in (2, 3)]
    (line,), _ = lines_from([price(part, RULES) for part in parts], S19)
    assert (line.text, str(line.quantity), str(line.unit_price), str(line.net)) == (
        "Tables, LRS",
        "1.0",
        "2.24",
        "2.24",
    )


def test_what_is_absorbed_is_listed():
    item = price(charge(product="CFQ7TTC0HD32", sku="0002"), RULES)
    lines, absorbed = lines_from([item], S19)
    assert lines == ()
    assert [(found.cost, found.charges) for found in absorbed] == [("252.00", {"G1": (2,)})]


def test_a_line_is_read_back_as_it_was_written():
    (line,), _ = lines_from([price(charge(start=date(2026, 9, 1), end=date(2026, 9, 30)), RULES)], S19)
    assert InvoiceLine.from_mapping(line.to_mapping(), "EUR") == line


@pytest.mark.parametrize(("due", "currency"), [(date(2026, 10, 8), "EUR"), (date(2026, 10, 9), "USD")])
def test_an_invoice_that_contradicts_itself_is_refused(due, currency):
    (line,), _ = lines_from([price(charge(), RULES)], S19)
    with pytest.raises(Rejected):
        build_invoice(
            id="I",
            issued=date(2026, 10, 9),
            due=due,
            period=None,
            currency=currency,
            policy=PolicyRef("p", 1),
            lines=[line],
        )


def test_numbers_are_written_with_prefix_series_and_year():
    assert document_number(prefix="ACME", series="INV", year=2026, number=1) == "ACME-2026-000001"
    assert document_number(prefix="ACME", series="CN", year=2026, number=12) == "ACME-CN-2026-000012"
    assert (prefix_of("acme", {}), prefix_of("acme", {"invoice_prefix": "AC"})) == ("ACME", "AC")


@pytest.mark.parametrize(
    ("dated", "period"), [("2026-10-08", "2026-09"), ("2026-01-05", "2025-12"), ("2026-09-30", "2026-09")]
)
def test_the_period_follows_from_the_vendor_invoices_date(dated, period):
    assert billing_period(date.fromisoformat(dated))[0] == period


def test_periods_move_over_the_turn_of_the_year():
    assert (shifted("2026-12", 1), shifted("2026-01", -1)) == ("2027-01", "2025-12")
    assert first_and_last("2028-02") == (date(2028, 2, 1), date(2028, 2, 29))


def test_the_next_billing_day_is_the_partners_own_midnight():
    body = {"automatic_billing": {"day": 9}, "timezone": "Europe/Berlin"}
    before, after = datetime(2026, 10, 8, 21, 59, tzinfo=UTC), datetime(2026, 10, 8, 22, 0, tzinfo=UTC)
    assert next_billing(body, before) == datetime(2026, 10, 8, 22, 0, tzinfo=UTC)
    assert next_billing(body, after) == datetime(2026, 11, 8, 23, 0, tzinfo=UTC)
    assert next_billing({}, before) is None
