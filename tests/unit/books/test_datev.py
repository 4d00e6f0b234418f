"""DATEV posting batches: what the format asks for, byte by byte where it matters."""

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from quittance.adapters.datev_file import COLUMNS, Batch, posting_batch
from quittance.domain.datev import bookings, parse_settings
from quittance.domain.errors import Rejected
from quittance.domain.ledger import CUSTOMER_CREDIT, LATE_CHARGES, LEDGER_ACCOUNTS, RECEIVABLE, TRANSFERS, entry
from tests.unit.books.samples import eur, issued, paid

SETTINGS = {
    "adviser": 29098,
    "client": 55003,
    "chart": "03",
    "accounts": {"receivable": "1400", "customer_credit": "1718", "revenue": "8400", "vat": "1776", "cash": "1360"},
    "debtors": {"contoso": "10001"},
}
INVOICE = issued("I1", "2026-09-01", 11900, due="2026-10-01", vat=1900)


def written(entries, **more):
    settings = parse_settings({**SETTINGS, **more})
    batch = Batch(
        settings=settings,
        first=date(2026, 9, 1),
        last=date(2026, 9, 30),
        currency="EUR",
        final=True,
        made_at=datetime(2026, 10, 6, 9, 30, 5, 123456, tzinfo=UTC),
        title="Quittance 2026-09",
    )
    lines = [booking for entry in entries for booking in bookings(entry.day, entry, settings)]
    return posting_batch(batch, lines)


def rows(content):
    return list(csv.reader(content.decode("cp1252").splitlines(), delimiter=";"))


def test_the_header_is_the_documented_one():
    first = written([INVOICE]).decode("cp1252").split("\r\n")[0]
    assert first == (
        '"EXTF";700;21;"Buchungsstapel";13;20261006113005123;;"QT";"";"";29098;55003;20260101;4;20260901;20260930;'
        '"Quittance 2026-09";"";1;0;1;"EUR";;"";;;"03";;;"";"Quittance"'
    )
    assert len(rows(written([]))[0]) == 31


def test_the_columns_are_the_documented_ones_at_their_places():
    assert len(COLUMNS) == 125
    places = {1: "Umsatz (ohne Soll/Haben-Kz)", 7: "Konto", 8: "Gegenkonto (ohne BU-Schlüssel)", 10: "Belegdatum"}
    places |= {11: "Belegfeld 1", 14: "Buchungstext", 37: "KOST1 - Kostenstelle", 88: "Stück", 114: "Festschreibung"}
    places |= {115: "Leistungsdatum", 120: "Land", 125: "Abw. Skontokonto"}
    assert {place: COLUMNS[place - 1] for place in places} == places
    assert rows(written([]))[1] == list(COLUMNS)


def test_an_invoice_is_booked_against_revenue_and_vat():
    found = [dict(zip(COLUMNS, row, strict=True)) for row in rows(written([INVOICE]))[2:]]
    told = [{name: value for name, value in row.items() if value} for row in found]
    assert told == [
        {
            "Umsatz (ohne Soll/Haben-Kz)": amount,
            "Soll/Haben-Kennzeichen": "S",
            "WKZ Umsatz": "EUR",
            "Konto": "10001",
            "Gegenkonto (ohne BU-Schlüssel)": contra,
            "Belegdatum": "0109",
            "Belegfeld 1": "N-I1",
            "Buchungstext": "invoice contoso",
            "Festschreibung": "1",
        }
        for amount, contra in (("100,00", "8400"), ("19,00", "1776"))
    ]


@pytest.mark.parametrize(
    "entry",
    [
        INVOICE,
        issued("C1", "2026-09-01", -11900, due="2026-09-01", vat=-1900),
        paid("P1", "2026-09-01", I1=10000, credit=123, account="fabrikam"),
    ],
    ids=lambda entry: entry.kind,
)
def test_every_account_gets_what_its_postings_say(entry):
    settings = parse_settings(SETTINGS)
    wanted, found = Counter(), Counter()
    for posting in entry.postings:
        wanted[settings.number(posting.account, entry.account)] += posting.amount.minor
    for booking in bookings(entry.day, entry, settings):
        assert booking.amount > 0
        found[booking.debit] += booking.amount
        found[booking.credit] -= booking.amount
    assert found == wanted


def test_a_late_posting_tells_its_own_day():
    (first, *_) = bookings(date(2026, 10, 6), INVOICE, parse_settings(SETTINGS))
    assert (first.posted, first.text) == (date(2026, 10, 6), "invoice of 2026-09-01 contoso")


def test_file_is_in_the_windows_code_page_with_its_line_ends():
    content = written([paid('Zahlung "Ä€☃";\r\n=1+1', "2026-09-30", I1=1)])
    assert content.endswith(b"\r\n")
    assert "Geschäftspartnerbank".encode("cp1252") in content
    assert rows(content)[2][10] == "Zahlung----------1+1"
    assert len(rows(content)[2]) == 125


def test_the_fiscal_year_may_start_in_any_month():
    settings = parse_settings({**SETTINGS, "year_starts": "10-01"})
    assert settings.year_of(date(2026, 9, 30)) == date(2025, 10, 1)
    assert settings.year_of(date(2026, 10, 1)) == date(2026, 10, 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"adviser": 1000}, "adviser"),
        ({"client": 100_000}, "client"),
        ({"year_starts": "13-01"}, "year_starts"),
        ({"account_length": 9}, "account_length"),
        ({"accounts": {"revenues": "8400"}}, "accounts.revenues"),
        ({"accounts": {"revenue": 8400}}, "accounts.revenue"),
        ({"accounts": {"revenue": "84000"}}, "accounts.revenue"),
        ({"debtors": {"contoso": "100001"}}, "debtors.contoso"),
        ({"debtors": ["10001"]}, "debtors"),
        ({"skr": "03"}, "skr"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(change, field):
    with pytest.raises(Rejected) as refusal:
        parse_settings({**SETTINGS, **change})
    assert refusal.value.field == field


def test_a_ledger_account_without_number_is_named():
    with pytest.raises(Rejected, match=r"accounts\.vat"):
        written([INVOICE], accounts={"revenue": "8400", "receivable": "1400"})


def late_charge():
    """An invoice of a fee for paying late: revenue of its own, without VAT."""
    postings = entry((RECEIVABLE, eur(4000)), (LATE_CHARGES, eur(-4000)))
    return replace(issued("L1", "2026-09-03", 4000, due="2026-10-03"), postings=postings)


def passed_on(account, minor, contra):
    """One side of what an account pays for another, or gets paid by it."""
    postings = entry((TRANSFERS, eur(minor)), (contra, eur(-minor)))
    return replace(issued("T1", "2026-09-04", 100, due="2026-10-03", account=account), postings=postings)


def test_late_charges_are_revenue_of_their_own():
    accounts = {**SETTINGS["accounts"], "late_charges": "2650"}
    (row,) = rows(written([late_charge()], accounts=accounts))[2:]
    assert (row[0], row[6], row[7]) == ("40,00", "10001", "2650")


def test_what_one_account_pays_for_another_goes_through_the_transfer_account_and_leaves_nothing_there():
    accounts, debtors = {**SETTINGS["accounts"], "transfers": "1590"}, {"contoso": "10001", "child": "10002"}
    sides = [passed_on("child", 5000, RECEIVABLE), passed_on("contoso", -5000, CUSTOMER_CREDIT)]
    found = [(row[0], row[6], row[7]) for row in rows(written(sides, accounts=accounts, debtors=debtors))[2:]]
    assert found == [("50,00", "1590", "10002"), ("50,00", "10001", "1590")]


@pytest.mark.parametrize(
    ("one", "missing"), [(late_charge(), "late_charges"), (passed_on("contoso", 5000, RECEIVABLE), "transfers")]
)
def test_a_ledger_account_that_came_later_is_asked_for_by_name(one, missing):
    with pytest.raises(Rejected, match=f"accounts.{missing}: has no number; put it in the DATEV settings"):
        written([one])


@pytest.mark.parametrize("name", sorted(LEDGER_ACCOUNTS))
def test_every_ledger_account_can_have_a_number(name):
    assert parse_settings({**SETTINGS, "accounts": {name: "1590"}}).number(name, "fabrikam") == "1590"
