"""Bank lines, closed periods, receipts and the partner's receivables: each rule names the item that breaks it."""

from __future__ import annotations

import copy
from zoneinfo import ZoneInfo

import pytest

from infra.local.verify import bank, books, periods, receipts
from infra.local.verify.outside import Outside
from infra.local.verify.table import Record, Table
from quittance.domain.settlement import settlement
from quittance.store import bookkeeping, journal, keys
from quittance.store import receipts as receipt_store
from quittance.store.tasks import digest, id_of
from quittance.usecases import correct
from quittance.usecases.messages import RenderReceipt
from quittance.usecases.render_receipt import KeptReceipt
from tests.functional.payments.cloud import ENVIRONMENT
from tests.property.real_book import NOW, line, real_book

NOTHING = Outside()


@pytest.fixture(scope="module")
def book():
    """Two transfers settle I1 of Contoso and one comes back; I2 is given up and taken up again; November is closed."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        with real_book() as opened:
            for name, minor in (("I1", 30000), ("I2", 10000), ("I3", 5900)):
                opened.bill("contoso", name, minor, 1)
                opened.settle()
            sure = {"end_to_end": "E1", "payer_name": "contoso AG"}
            opened.read("F1", (line(1, 30000, "ACME-2026-000001", **sure), line(2, 5900, "ACME-2026-000003")))
            opened.settle()
            opened.read("F2", (line(3, 5900, "zurueck", incoming=False, returned="MD06", end_to_end="E2"),))
            for what in (correct.write_off, correct.reinstate):
                opened.correct(what, "contoso", "I2", None)
            opened.settle()
            found = settlement("I1", journal.entries("acme", "contoso", ZoneInfo("UTC")))
            command = RenderReceipt(partner="acme", account="contoso", invoice="I1")
            now = "2026-12-20T21:00:00Z"
            made = KeptReceipt(form={}, sha256="0" * 64, location=None)
            receipt_store.record(command, found, made, at=now, fate={"sent_at": now})
            bookkeeping.close("acme", "2026-11", at=NOW, by="desk")
            yield opened.seen()


def told(table, outside=NOTHING):
    checks = (books.check, periods.check, receipts.check, lambda one: bank.check(one, outside))
    return [violation for check in checks for violation in check(table)]


def test_a_sound_book_breaks_no_rule(book):
    assert [str(one) for one in told(book)] == []
    kinds = {record.kind for record in book.records}
    assert {"bank_line", "payment", "movement", "receipt", "period"} <= kinds
    assert {one.get("state") for one in book.of("bank_line")} >= {"placed"}


def changed(book, kind, sk, **values):
    """The table with one item changed, and the item's key."""
    records = list(book.records)
    at = next(i for i, one in enumerate(records) if one.kind == kind and sk in one.sk)
    one = records[at]
    records[at] = Record(one.pk, one.sk, one.kind, {**copy.deepcopy(dict(one.values)), **values})
    return Table(records), (one.pk, one.sk)


@pytest.mark.parametrize(
    ("kind", "sk", "values", "rule"),
    [
        ("payment", "REF1.0", {"payment_id": "REF9.0"}, "a payment from a bank has its line"),
        ("bank_line", "", {"amount": 1}, "a bank line's payment is its amount"),
        ("bank_line", "", {"payment_id": "REF7.0"}, "a placed bank line has its payment"),
        ("bank_line", "", {"account": "fabrikam"}, "a placed bank line has its payment"),
        ("period", "2026-11", {"closed_at": "2026-11-30T12:00:00Z"}, "a period is closed when it is over"),
        ("invoice", "INV#I3", {"issued_at": "2026-11-30T12:00:00Z"}, "no entry is dated back"),
        ("receipt", "I1", {"settled_at": "2026-12-19T21:00:00Z"}, "a receipt belongs to a settlement"),
        ("receipt", "I1", {"body": {"shares": [["payment", "x", 29999]]}}, "a receipt says what was settled"),
        ("receipt", "I1", {"number": "ACME-2026-000002"}, "a receipt names its invoice"),
    ],
)
def test_a_corrupted_item_is_found_and_named(book, kind, sk, values, rule):
    table, key = changed(book, kind, sk, **values)
    assert key in [(one.pk, one.sk) for one in told(table) if one.rule == rule]


def test_a_bank_payment_that_a_person_gave_to_another_account_belongs_to_its_line(book):
    table, _ = changed(book, "bank_line", "", account="gone")
    line = next(one for one in table.of("bank_line"))
    provider = f"bank:{line.pk.rpartition('#')[2]}"
    name = digest(id_of(keys.parked("acme", "payment", f"{provider}#{line.get('payment_id')}")))
    paid = next(one for one in table.of("payment") if one.get("payment_id") == line.get("payment_id"))
    closed = Record(paid.pk, f"TSK#2026-12-01T10:00:00Z#{name}", "task", {"task": "payment"})
    rule = "a placed bank line has its payment"
    assert [one.sk for one in told(table) if one.rule == rule] == [line.sk]
    assert [one for one in told(Table([*table.records, closed])) if one.rule == rule] == []


def test_a_line_that_was_split_stands_for_its_parts(book):
    line = next(one for one in book.of("bank_line") if one.get("state") == "placed")
    part = {name: line.get(name) for name in ("account", "payment_id", "amount")}
    table, _ = changed(book, "bank_line", line.sk, account=None, payment_id="whole", amount=1, parts=[part])
    assert [one for one in told(table) if "bank" in one.rule] == []
    table, _ = changed(book, "bank_line", line.sk, parts=[{**part, "amount": 1}])
    assert "a bank line's payment is its amount" in [one.rule for one in told(table)]


def test_a_correction_that_is_dated_back_is_found(book):
    corrections = [one for one in book.of("movement") if not one.get("payment_id")]
    first, last = sorted(corrections, key=lambda one: one.sk.rpartition("#")[2])
    assert (first.get("movement"), last.get("movement")) == ("written_off", "reinstated")
    table, key = changed(book, "movement", last.sk, booked_at="2026-11-30T12:00:00Z")
    assert key in [(one.pk, one.sk) for one in told(table) if one.rule == "no entry is dated back"]


def test_a_lost_payment_of_a_bank_line_is_missed_unless_its_message_waits(book):
    table = Table(one for one in book.records if not (one.kind == "payment" and "REF1.0" in one.sk))
    rule = "a placed bank line has its payment"
    assert [one.rule for one in bank.check(table, NOTHING)] == [rule]
    assert list(bank.check(table, Outside(queued={"payments": 1}))) == []


def test_a_lost_line_of_a_bank_payment_is_missed(book):
    table = Table(one for one in book.records if one.kind != "bank_line")
    assert {one.rule for one in bank.check(table, NOTHING)} == {"a payment from a bank has its line"}


def test_an_entry_that_no_head_knows_of_is_missed_in_the_partners_sum(book):
    stray = {"postings": [["receivable", 5], ["revenue", -5]], "currency": "EUR", "amount": 0}
    table = Table([*book.records, Record("P#acme#A#ghost", "MOV#x#0001", "movement", stray)])
    rules = [(one.pk, one.rule) for one in told_of_sums(table)]
    assert rules == [("P#acme", "the heads together are the EUR receivables of the books")]


def told_of_sums(table):
    return [one for one in books.check(table) if one.rule.startswith("the heads together")]
