"""A vendor's file reaches the accounts' drafts: whole or not at all, and exactly once."""

import io
from datetime import date
from decimal import Decimal

import pytest

from infra.local.samples import CUSTOMERS, VENDOR_INVOICE, content
from quittance.store import slots, vendor_files
from quittance.store.invoices import read_invoice
from quittance.store.models import InvoiceItem, ParkedItem
from quittance.usecases import import_charges
from quittance.usecases.import_charges import adopt_charges, open_charges
from quittance.usecases.messages import AdoptCharges
from tests.functional.billing.conftest import NOW, PORTS, Crash, empty, everything, register, run_import, sample

SLOT = "2026-09"


@pytest.fixture
def book(table):
    for name in ("contoso", "fabrikam", "northwind", "adatum", "litware", "tailspin"):
        register(name)
    return table


def charges(account, slot=SLOT):
    chunks = list(read_invoice("acme", account, slot).chunks)
    return slots.read_charges("acme", account, chunks)


def test_every_line_is_in_one_draft_or_open(book):
    assert run_import(content()) == "imported"
    placed = [charge.id for name in CUSTOMERS if name != "wideworld" for charge in charges(name)]
    (left,) = open_charges("acme", files=vendor_files, slots=slots)
    assert len(placed) == len(set(placed)) == 58
    assert (left.name, left.rows, left.subtotal) == ("Wide World Importers, Ltd.", 3, Decimal("68.14"))
    assert left.reason == "no account has this vendor customer"
    assert slots.billable("acme", SLOT) == sorted(set(CUSTOMERS) - {"wideworld"})


def test_the_vendor_invoice_becomes_a_payable_net_sixty(book):
    run_import(content())
    (payable,) = vendor_files.payables("acme")
    assert (payable.amount, payable.currency) == (478803, "EUR")
    assert (payable.dated, payable.due) == ("2026-10-08", "2026-12-07")


def test_importing_again_changes_nothing(book):
    run_import(content())
    before = everything(book)
    assert run_import(content()) == "imported"
    assert everything(book) == before


def test_other_bytes_of_a_known_invoice_are_parked(book):
    run_import(content())
    before = charges("contoso")
    other = sample(change=lambda records: records[0].update(Subtotal="1.00"))
    assert run_import(other) == "refused"
    assert charges("contoso") == before
    (parked,) = ParkedItem.query("P#acme", ParkedItem.sk.startswith("PARKED#import#"))
    assert "credit and rebill arrives as a new vendor invoice" in parked.reason


def test_a_refused_file_may_be_sent_again_put_right(book):
    assert run_import(b"nonsense") == "refused"
    assert run_import(content()) == "imported"
    assert vendor_files.find("acme", VENDOR_INVOICE).state == "imported"


BROKEN = {
    "missing column": (lambda data: data.replace(b"Subtotal", b"Subtot", 1), 1, "Subtotal", "is missing"),
    "semicolons": (lambda data: data.replace(b",", b";"), 1, "", "not separated by commas"),
    "german date": (lambda data: data.replace(b",9/30/2026,", b",30.09.2026,", 1), 9, "ChargeEndDate", "30.09.2026"),
    "british date": (lambda data: data.replace(b",9/30/2026,", b",30/9/2026,", 1), 9, "ChargeEndDate", "swapped"),
    "german number": (lambda data: data.replace(b",252.00,", b',"252,00",', 1), 2, "Subtotal", "another locale"),
    "cut short": (lambda data: data[:-60], 62, "", "fields where the header has 46"),
    "open quote": (lambda data: data[: data.rindex(b"Wide World") + 3], 62, "", "cannot be split"),
    "not UTF-8": (lambda data: data.replace("ä".encode(), b"\xe4"), 0, "", "not UTF-8"),
    "two currencies": (lambda data: data.replace(b",EUR,", b",USD,", 1), 3, "Currency", "EUR after USD"),
    "empty": (lambda data: data[: data.index(b"\r\n") + 2], 2, "", "has no lines"),
    "other invoice": (lambda data: data.replace(b"G012345678", b"G999999999"), 2, "InvoiceNumber", "another vendor"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_whole_with_its_place(book, name):
    break_it, row, column, reason = BROKEN[name]
    before = everything(book)
    assert run_import(break_it(content())) == "refused"
    refusal = vendor_files.find("acme", VENDOR_INVOICE).body["refusal"]
    assert reason in refusal["reason"]
    assert refusal["row"] == row or row == 0
    assert not column or refusal["column"] == column
    assert len(everything(book)) == len(before) + 1


def test_a_file_without_the_invoice_date_is_refused(book):
    assert run_import(content(), dated=None) == "refused"
    assert "dated" in vendor_files.find("acme", VENDOR_INVOICE).body["refusal"]["reason"]


def test_a_file_that_is_too_large_is_refused(book, monkeypatch):
    monkeypatch.setattr(import_charges, "MAX_BYTES", 2**20)
    file = import_charges.VendorFile(partner="acme", vendor_invoice="G1", filename="f", dated=date(2026, 10, 8))
    assert import_charges.import_file(file, io.BytesIO(b"x" * 2**21), now=NOW, **PORTS) == "refused"
    assert "larger than 1 MiB" in vendor_files.find("acme", "G1").body["refusal"]["reason"]


def test_charges_that_come_after_the_issue_go_to_the_next_slot(book):
    run_import(sample(only=["contoso"]))
    draft = read_invoice("acme", "contoso", SLOT)
    draft.update([InvoiceItem.state.set("issued")])
    run_import(sample(only=["contoso"], vendor_invoice="G2"), vendor_invoice="G2")
    assert len(read_invoice("acme", "contoso", SLOT).chunks) == 1
    assert {charge.vendor_invoice for charge in charges("contoso", "2026-10")} == {"G2"}
    assert slots.billable("acme", "2026-10") == ["contoso"]


def test_open_charges_move_to_their_account_once(book):
    run_import(content())
    register("wideworld")
    message = AdoptCharges(partner="acme", account="wideworld", vendor_customer=CUSTOMERS["wideworld"].id.upper())
    assert adopt_charges(message, files=vendor_files, slots=slots) == [SLOT]
    assert len(charges("wideworld")) == 3
    before = everything(book)
    assert adopt_charges(message, files=vendor_files, slots=slots) == []
    assert everything(book) == before
    assert open_charges("acme", files=vendor_files, slots=slots) == []


def test_charges_in_another_currency_than_the_accounts_stay_open(table):
    register("contoso", currency="USD")
    run_import(sample(only=["contoso"]))
    (left,) = open_charges("acme", files=vendor_files, slots=slots)
    assert left.reason == "charged in EUR, account contoso is billed in USD"


def test_an_account_registered_during_an_import_gets_its_charges(book, monkeypatch):
    place = slots.keep_open

    def register_meanwhile(*args, **kwargs):
        place(*args, **kwargs)
        register("wideworld")

    monkeypatch.setattr(slots, "keep_open", register_meanwhile)
    run_import(content())
    assert len(charges("wideworld")) == 3


def test_an_import_that_dies_at_any_request_is_completed_by_the_next(table, crash_at):
    data, ends = sample(only=["contoso", "tailspin", "wideworld"]), []
    for number in range(40):
        empty(table)
        register("contoso")
        register("tailspin")
        crash_at(number)
        try:
            run_import(data)
        except Crash:
            run_import(data)
        else:
            if number:
                break
        ends.append(everything(table))
    assert len(ends) > 6
    assert all(end == ends[0] for end in ends)
