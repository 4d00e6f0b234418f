"""The payment code: EPC069-12's lines, and when there must be none."""

from dataclasses import replace
from decimal import Decimal

import pytest
from segno import helpers

from quittance_documents import epc
from tests.unit.documents.samples import ENGLISH, GERMAN, SAMPLES, SELLER


def payload(document, monkeypatch):
    """The text within the code: what the library was asked to encode."""
    encoded = []
    original = helpers.segno.make_qr

    def keep(content, **options):
        encoded.append((content, options))
        return original(content, **options)

    monkeypatch.setattr(helpers.segno, "make_qr", keep)
    assert epc.payment_code(document) is not None
    content, options = encoded[0]
    codecs = {b"1": "utf-8", b"2": "iso-8859-1", b"3": "iso-8859-2"}
    return content.decode(codecs[content.split(b"\n")[2]]).split("\n"), options


def test_the_code_carries_the_transfer(monkeypatch):
    lines, options = payload(GERMAN, monkeypatch)
    assert [lines[0], lines[1], lines[3]] == ["BCD", "002", "SCT"]
    assert lines[4:8] == ["COBADEFFXXX", "ACME Cloud GmbH", "DE89370400440532013000", "EUR1568.23"]
    assert lines[8:] == ["", "", "ACME-2026-000001"]
    assert options["error"].upper() == "M"


def test_a_creditor_reference_goes_where_banks_read_it_by_machine(monkeypatch):
    lines, _ = payload(ENGLISH, monkeypatch)
    assert lines[7:] == ["EUR1068.23", "", "RF18539007547034"]


def test_names_keep_their_letters(monkeypatch):
    lines, _ = payload(replace(GERMAN, seller=replace(SELLER, account_holder="Čapek & Müller s.r.o.")), monkeypatch)
    assert lines[5] == "Čapek & Müller s.r.o."


@pytest.mark.parametrize(
    ("changes", "drawn"),
    [
        ({}, True),
        ({"gross": Decimal("0.01")}, True),
        ({"gross": Decimal("999999999.99")}, True),
        ({"gross": Decimal("1000000000.00")}, False),
        ({"gross": Decimal("0.00")}, False),
        ({"gross": Decimal("-5.00")}, False),
        ({"already_paid": Decimal(99999)}, False),
        ({"currency": "CHF"}, False),
        ({"kind": "credit_note"}, False),
        ({"seller": replace(SELLER, iban="")}, False),
        ({"seller": replace(SELLER, iban="DE89370400440532013001")}, False),
        ({"seller": replace(SELLER, iban="de89 3704 0044 0532 0130 00")}, True),
        ({"seller": replace(SELLER, bic="")}, True),
        ({"seller": replace(SELLER, bic="NOT A BIC AT ALL")}, False),
        ({"seller": replace(SELLER, name="Ü" * 90, account_holder="")}, True),
        ({"payment_reference": "R" * 141}, False),
        ({"payment_reference": "漢" * 140}, False),
    ],
)
def test_a_code_is_drawn_only_where_a_bank_can_pay_it(changes, drawn):
    assert (epc.payment_code(replace(GERMAN, **changes)) is not None) is drawn


@pytest.mark.parametrize("name", SAMPLES)
def test_the_picture_is_there_exactly_when_the_code_is(name):
    svg = epc.payment_code_svg(SAMPLES[name])
    assert (svg is None) == (epc.payment_code(SAMPLES[name]) is None)


@pytest.mark.parametrize(
    ("iban", "valid"),
    [
        ("DE89370400440532013000", True),
        ("GB29 NWBK 6016 1331 9268 19", True),
        ("NO9386011117947", True),
        ("DE88370400440532013000", False),
        ("DE8937040044053201300Ö", False),
        ("", False),
        ("DE89", False),
    ],
)
def test_check_digits_of_an_iban(iban, valid):
    assert epc.valid_iban(iban) is valid
