"""Fees and interest in the table: each on one draft, once, wherever it stops; billed unless its notice bounced."""

from __future__ import annotations

from dataclasses import replace

import pytest

from infra.local.verify import charges
from infra.local.verify.table import read_table
from quittance.domain.late_charges import LateCharge
from quittance.domain.ledger import balanced, from_item
from quittance.domain.money import Money
from quittance.runtime.clock import iso
from quittance.store import invoices, keys, late_charges
from quittance.store.models import InvoiceItem, LateChargeItem, NoticeItem
from quittance.usecases.issue_invoice import issue_invoice
from quittance.usecases.messages import IssueInvoice
from tests.functional.billing.conftest import NOW, register

FEE = LateCharge(
    id="fee.I1.0.final",
    kind="fee",
    amount=Money(500, "EUR"),
    number="ACME-1",
    notice="I1.0.final",
    notice_kind="final",
    since=NOW.date(),
)
BORNE = LateCharge(
    id="interest.I1.0",
    kind="interest",
    amount=Money(123, "EUR"),
    number="ACME-1",
    percent="9",
    since=NOW.date(),
    until=NOW.date(),
)


@pytest.fixture
def account(table):
    register("contoso")
    key = keys.notice("acme", "contoso", "I1.0.final")
    NoticeItem(
        key.pk,
        key.sk,
        notice="I1.0.final",
        notice_kind="final",
        cause="I1.0",
        state="sent",
        decided_at=iso(NOW),
        sent_at=iso(NOW),
        body={"invoices": ["I1"]},
    ).save()
    return "contoso"


def charge(account, owed, period="2026-10"):
    return late_charges.charge("acme", account, owed, period=period)


def notice(account):
    key = keys.notice("acme", account, "I1.0.final")
    return NoticeItem.get(key.pk, key.sk)


def issue(account, period="2026-10"):
    message = IssueInvoice(partner="acme", account=account, invoice=period)
    return issue_invoice(message, now=NOW, books=invoices, pause=lambda _: None)


def test_a_charge_is_taken_once_and_its_notice_marked(account):
    assert [charge(account, FEE), charge(account, FEE), charge(account, FEE, "2026-11")] == [True, False, False]
    assert notice(account).charged == "2026-10"
    issued = issue(account)
    assert [(line.late, line.vat.category) for line in issued.lines] == [("fee.I1.0.final", "O")]
    assert charge(account, FEE) is False


def test_a_draft_that_is_issued_takes_no_more_the_next_one_does(account):
    charge(account, FEE)
    issue(account)
    assert charge(account, BORNE) is True
    key = keys.late_charge("acme", account, BORNE.id)
    assert LateChargeItem.get(key.pk, key.sk).slot == "2026-11"


def test_the_fee_of_a_notice_that_bounced_is_neither_taken_nor_billed(account):
    charge(account, FEE)
    charge(account, BORNE)
    notice(account).update([NoticeItem.state.set("bounced")])
    issued = issue(account)
    assert [line.late for line in issued.lines] == ["interest.I1.0"]
    assert charge(account, replace(FEE, id="fee.other")) is False


def test_it_is_posted_apart_and_the_books_prove_it(account, table):
    charge(account, FEE)
    charge(account, BORNE)
    issue(account)
    key = keys.invoice("acme", account, "2026-10")
    item = InvoiceItem.get(key.pk, key.sk)
    postings = from_item(item.postings, "EUR")
    assert balanced(postings)
    assert sum(one.amount.minor for one in postings if one.account == "late_charges") == -623
    assert list(charges.check(read_table(table, InvoiceItem.Meta.table_name))) == []
