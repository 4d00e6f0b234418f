"""Corrections through the API: credit notes, write-offs, refunds and other allocations."""

from __future__ import annotations

from typing import Any

import pytest

from quittance.runtime.clock import parse_iso
from quittance.store import invoices as store
from quittance.store import keys
from quittance.store.models import HeadItem
from quittance.store.payments import PaymentBook
from quittance.usecases.apply_payment import Outcome, apply_payment
from quittance.usecases.issue_invoice import issue_invoice
from quittance.usecases.messages import IssueInvoice
from quittance.usecases.payment_message import ApplyPayment

NOW = parse_iso("2026-10-09T06:00:00Z")
INVOICE = {
    "issued": "2026-10-01",
    "due": "2026-10-31",
    "lines": [{"text": "Setup", "net": "249.95", "vat_percent": "19"}],
}
PATH = "/v1/accounts/contoso/invoices"


def issue(name: str) -> Any:
    command = IssueInvoice(partner="acme", account="contoso", invoice=name)
    return issue_invoice(command, now=NOW, books=store, pause=lambda _: None)


def head() -> HeadItem:
    key = keys.head("acme", "contoso")
    return HeadItem.get(key.pk, key.sk, consistent_read=True)


def pay(payment: str, amount: int, invoice: str | None) -> Outcome:
    message = ApplyPayment(
        partner="acme",
        provider="stripe",
        event_id=f"evt_{payment}",
        payment_id=payment,
        kind="succeeded",
        amount=amount,
        currency="EUR",
        received_at="2026-10-10T06:00:00Z",
        account="contoso",
        invoice=invoice,
    )
    return apply_payment(message, book=PaymentBook(), now=NOW, pause=lambda _: None)


@pytest.fixture
def billed(book):
    """Contoso owes 297.44 EUR on I1 and on I2."""
    for name in ("I1", "I2"):
        assert book("POST", PATH, {**INVOICE, "id": name}).status == 202
        issue(name)
    return book


def test_a_credit_note_has_its_own_series_and_lowers_what_is_owed(billed):
    asked = {"id": "C1", "amount": "119.00", "reason": "one day too many"}
    for _ in range(2):
        answer = billed("POST", f"{PATH}/I1/credit-notes", asked)
        assert (answer.status, answer.headers["location"]) == (202, f"{PATH}/C1")
    assert issue("C1").number == "ACME-CN-2026-000001"
    shown = billed("GET", f"{PATH}/C1").body
    assert (shown["kind"], shown["net"], shown["vat"], shown["gross"]) == (
        "credit_note",
        "-100.00",
        "-19.00",
        "-119.00",
    )
    assert (head().open["I1"]["remaining"], head().balance) == (17844, 17844 + 29744)
    assert billed("POST", f"{PATH}/I1/credit-notes", {**asked, "amount": "11.90"}).status == 409
    rest = {"id": "C2", "lines": [{"text": "the rest", "net": "149.95", "vat_percent": "19"}], "reason": "offer"}
    assert billed("POST", f"{PATH}/I1/credit-notes", rest).status == 202
    assert issue("C2").number == "ACME-CN-2026-000002"
    seen = billed("GET", "/v1/accounts/contoso/status").body["invoices"]
    assert (seen["I1"]["status"], seen["I2"]["status"]) == ("void", "open")


@pytest.mark.parametrize(
    "asked",
    [
        {"amount": "297.45", "reason": "more than the invoice"},
        {"amount": "0.00", "reason": "nothing"},
        {"amount": "1.00"},
        {"reason": "nothing said"},
        {"amount": "1.00", "lines": [{"text": "both", "net": "1.00"}], "reason": "both"},
        {"lines": [{"text": "too much", "net": "250.00", "vat_percent": "19"}], "reason": "too much"},
        {"amount": "0.03", "reason": "no net has that gross at 19 %", "id": "odd"},
    ],
)
def test_a_wrong_credit_note_is_refused(billed, items, asked):
    before = items()
    answer = billed("POST", f"{PATH}/I1/credit-notes", {"id": "C1", **asked})
    assert (answer.status, items()) == (422, before)


def test_what_is_credited_beyond_what_is_owed_is_the_customers_credit(billed):
    pay("pi_1", 29744, "I1")
    billed("POST", f"{PATH}/I1/credit-notes", {"id": "C1", "amount": "297.44", "reason": "withdrawn"})
    issue("C1")
    assert (head().credit, head().open["I2"]["remaining"]) == (29744, 29744)


def test_a_debt_is_given_up_and_taken_up_again(billed):
    for _ in range(2):
        given_up = billed("POST", f"{PATH}/I1/write-off", {"reason": "insolvent"})
        assert (given_up.status, given_up.body["status"], given_up.body["written_off"]) == (
            200,
            "uncollectible",
            "297.44",
        )
    assert billed("GET", "/v1/accounts/contoso/status").body["invoices"]["I1"]["status"] == "uncollectible"
    for _ in range(2):
        back = billed("POST", f"{PATH}/I1/reinstatement")
        assert (back.status, back.body["status"], back.body["remaining"]) == (200, "open", "297.44")
    told = [one["text"] for one in billed("GET", "/v1/accounts/contoso/timeline").body["entries"]]
    assert any("Written off" in text and "insolvent" in text for text in told)
    assert billed("POST", f"{PATH}/I9/write-off", {}).status == 404


def test_refunds_of_ours_and_other_allocations(billed):
    pay("pi_1", 30000, "I1")
    path = "/v1/accounts/contoso/payments/pi_1"
    assert billed("GET", path).body["allocations"] == {"I1": "297.44", "I2": "2.56"}
    moved = billed("POST", f"{path}/allocation", {"allocations": {"I2": "297.44"}, "reason": "the customer says so"})
    assert (moved.body["allocations"], moved.body["credit"]) == ({"I2": "297.44"}, "2.56")
    assert head().open["I1"]["remaining"] == 29744
    wrong = billed("POST", f"{path}/allocation", {"allocations": {"I1": "300.01"}, "reason": "too much"})
    assert (wrong.status, wrong.body["field"]) == (422, "allocations")
    first = billed("POST", f"{path}/refunds", {"refund": "re_1", "amount": "10.00", "reason": "goodwill"})
    again = billed("POST", f"{path}/refunds", {"refund": "re_1", "amount": "10.00", "reason": "goodwill"})
    assert (first.status, again.status, first.body["left"], again.body["left"]) == (201, 200, "290.00", "290.00")
    assert billed("POST", f"{path}/refunds", {"refund": "re_1", "amount": "11.00"}).status == 409
    assert billed("POST", f"{path}/refunds", {"refund": "re_2", "amount": "290.01"}).status == 422
    assert billed("GET", "/v1/accounts/contoso/payments/pi_9").status == 404
    assert billed("POST", f"{path}/refunds", {"refund": "re_3"}, role="sales_agent").status == 403


def test_an_invoice_shows_what_is_settled_of_each_line(billed):
    pay("pi_1", 30000, "I1")
    settled = [[line["settled"] for line in billed("GET", f"{PATH}/{name}").body["lines"]] for name in ("I1", "I2")]
    assert settled == [[29744], [256]]
