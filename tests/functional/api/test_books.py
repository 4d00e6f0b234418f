"""The books through the API: what was issued and paid by the real handlers, told again by every report."""

import csv
import io
import json
import time
from itertools import count

import pytest

from quittance.runtime import compose
from quittance.runtime.clock import iso
from quittance.store import invoices
from quittance.store.packed import unpack
from quittance.store.payments import PaymentBook
from quittance.usecases.apply_payment import Outcome, apply_payment
from quittance.usecases.issue_invoice import issue_invoice
from quittance.usecases.messages import ApplyPayment, IssueInvoice
from tests.functional.api.conftest import ACCOUNT

SETTINGS = {
    "adviser": 29098,
    "client": 55003,
    "chart": "03",
    "accounts": {"receivable": "1400", "customer_credit": "1718", "revenue": "8400", "vat": "1776", "cash": "1360"},
    "debtors": {"contoso": "10001"},
}
_EVENTS = count(1)


def invoice(call, account, name, issued, due, net):
    lines = [{"text": "Setup", "net": net, "vat_percent": "19"}]
    body = {"id": name, "issued": issued, "due": due, "lines": lines}
    assert call("POST", f"/v1/accounts/{account}/invoices", body).status == 202
    message = IssueInvoice(partner="acme", account=account, invoice=name, cause="test")
    issue_invoice(message, now=compose.clock().now(), books=invoices, pause=time.sleep)


def pay(account, minor, *, name=None, received=None):
    event = f"evt_{next(_EVENTS)}"
    message = ApplyPayment(
        partner="acme",
        provider="stripe",
        event_id=event,
        payment_id=event.replace("evt", "pi"),
        kind="succeeded",
        amount=minor,
        currency="EUR",
        received_at=received or iso(compose.clock().now()),
        account=account,
        invoice=name,
        reason=None,
    )
    now = compose.clock().now()
    assert apply_payment(message, book=PaymentBook(), now=now, pause=time.sleep) is Outcome.BOOKED


@pytest.fixture
def story(request, call, at):
    """Two accounts: one pays a little too much, one is late. The policy is in force before the first invoice."""
    at("2026-08-01T08:00:00Z")
    book = request.getfixturevalue("book")
    assert book("PUT", "/v1/accounts/fabrikam", {**ACCOUNT, "id": "fabrikam", "vendor_customer": None}).status == 201
    at("2026-09-01T08:00:00Z")
    invoice(book, "contoso", "I1", "2026-09-01", "2026-10-01", "100.00")
    invoice(book, "fabrikam", "I1", "2026-09-01", "2026-09-15", "200.00")
    at("2026-09-20T08:00:00Z")
    pay("contoso", 12000, name="I1")
    at("2026-10-06T08:00:00Z")
    return book


def read(text):
    head, *rows = csv.reader(io.StringIO(text))
    return [dict(zip(head, row, strict=True)) for row in rows]


def test_the_trial_balance_of_a_month(story):
    found = story("GET", "/v1/books/trial-balance", query={"period": "2026-09"}).body
    assert (found["accounts"], found["final"], found["next"]) == (2, False, None)
    assert [(row["ledger"], row["opening"], row["debit"], row["credit"], row["closing"]) for row in found["rows"]] == [
        ("cash:stripe", "0.00", "120.00", "0.00", "120.00"),
        ("customer_credit", "0.00", "0.00", "1.00", "-1.00"),
        ("receivable", "0.00", "357.00", "119.00", "238.00"),
        ("revenue", "0.00", "0.00", "300.00", "-300.00"),
        ("vat", "0.00", "0.00", "57.00", "-57.00"),
    ]


def test_pages_of_a_report_add_up(story):
    whole = story("GET", "/v1/books/trial-balance", query={"period": "2026-09"}).body["rows"]
    first = story("GET", "/v1/books/trial-balance", query={"period": "2026-09", "limit": "1"}).body
    second = story(
        "GET", "/v1/books/trial-balance", query={"period": "2026-09", "limit": "1", "after": first["next"]}
    ).body
    sums = {}
    for row in (*first["rows"], *second["rows"]):
        sums[row["ledger"]] = sums.get(row["ledger"], 0) + round(float(row["closing"]) * 100)
    assert first["next"] == "contoso"
    assert sums == {row["ledger"]: round(float(row["closing"]) * 100) for row in whole}


def test_a_statement_opens_moves_and_closes(story):
    found = story("GET", "/v1/accounts/contoso/statement", query={"from": "2026-09-10", "to": "2026-09-30"}).body
    (line,) = found["lines"]
    assert (found["opening"], line["credit"], line["balance"], found["closing"]) == (
        "119.00",
        "120.00",
        "-1.00",
        "-1.00",
    )
    by_default = story("GET", "/v1/accounts/contoso/statement").body
    assert (by_default["from"], by_default["to"], by_default["opening"]) == ("2026-01-01", "2026-10-06", "0.00")


def test_a_statement_as_csv(story):
    answer = story("GET", "/v1/accounts/contoso/statement", headers={"accept": "text/csv"})
    rows = read(answer.body)
    assert answer.headers["content-disposition"] == 'attachment; filename="statement_contoso_2026-01-01_2026-10-06.csv"'
    assert [row["kind"] for row in rows] == ["opening balance", "invoice", "payment", "closing balance"]
    assert rows[-1]["balance"] == "-1.00"


def test_a_statement_of_nobody_and_a_backward_one_are_refused(story):
    assert story("GET", "/v1/accounts/nobody/statement").status == 404
    assert (
        story("GET", "/v1/accounts/contoso/statement", query={"from": "2026-10-01", "to": "2026-09-01"}).status == 422
    )
    assert story("GET", "/v1/accounts/contoso/statement", query={"from": "yesterday"}).status == 422


def test_receivables_are_told_for_any_past_moment(story):
    before = story("GET", "/v1/books/receivables", query={"at": "2026-09-19T00:00:00Z"}).body["accounts"]
    assert {one["account"]: (one["buckets"]["not_due"], one["buckets"]["1_30"]) for one in before} == {
        "contoso": ("119.00", "0.00"),
        "fabrikam": ("0.00", "238.00"),
    }
    now = story("GET", "/v1/books/receivables").body["accounts"]
    assert {one["account"]: (one["balance"], one["credit"]) for one in now} == {
        "contoso": ("-1.00", "1.00"),
        "fabrikam": ("238.00", "0.00"),
    }
    assert story("GET", "/v1/books/receivables", query={"at": "2026-08-31T00:00:00Z"}).body["accounts"] == []


def test_receivables_now_are_what_the_accounts_owe(story):
    for one in story("GET", "/v1/books/receivables").body["accounts"]:
        status = story("GET", f"/v1/accounts/{one['account']}/status").body
        assert (one["balance"], one["credit"]) == (status["balance"], status["credit"])


def test_receivables_as_csv(story):
    rows = read(story("GET", "/v1/books/receivables", headers={"accept": "text/csv"}).body)
    assert {row["account"]: row["balance"] for row in rows} == {"contoso": "-1.00", "fabrikam": "238.00"}


def test_a_closed_period_keeps_its_figures_and_late_money_goes_to_the_open_one(story, at):
    before = story("GET", "/v1/books/trial-balance", query={"period": "2026-09"}).body["rows"]
    closed = story("POST", "/v1/books/periods", {"period": "2026-09"})
    assert closed.body == {"period": "2026-09", "through": "2026-09-30", "closed_at": "2026-10-06T08:00:00Z"}
    at("2026-10-08T08:00:00Z")
    invoice(story, "contoso", "I2", "2026-09-30", "2026-10-30", "50.00")
    after = story("GET", "/v1/books/trial-balance", query={"period": "2026-09"}).body
    assert (after["rows"], after["final"]) == (before, True)
    (line,) = story("GET", "/v1/accounts/contoso/statement", query={"from": "2026-10-01"}).body["lines"]
    assert (line["posted"], line["day"], line["debit"]) == ("2026-10-08", "2026-09-30", "59.50")


def test_closing_again_changes_nothing_and_only_what_is_over_can_be_closed(story, at):
    first = story("POST", "/v1/books/periods", {"period": "2026-09"}).body
    at("2026-10-09T08:00:00Z")
    assert story("POST", "/v1/books/periods", {"period": "2026-09"}).body == first
    covered = story("POST", "/v1/books/periods", {"period": "2026-08"}).body
    assert covered["through"] == "2026-09-30"
    assert story("GET", "/v1/books/periods").body == {"periods": [first]}
    assert story("POST", "/v1/books/periods", {"period": "2026-10"}).status == 422


def test_postings_as_csv_balance(story):
    rows = read(story("GET", "/v1/books/postings", query={"period": "2026-09"}).body)
    assert len(rows) == 9
    assert sum(float(row["debit"]) for row in rows) == pytest.approx(sum(float(row["credit"]) for row in rows))


def test_a_long_export_comes_in_pages(story):
    first = story("GET", "/v1/books/postings", query={"period": "2026-09", "limit": "1"})
    assert first.headers["x-next"] == "contoso"
    assert {row["account"] for row in read(first.body)} == {"contoso"}


def test_a_datev_batch(story):
    assert story("GET", "/v1/books/datev", query={"period": "2026-09"}).status == 404
    assert story("PUT", "/v1/books/datev-settings", SETTINGS).body == SETTINGS
    answer = story("GET", "/v1/books/datev", query={"period": "2026-09"})
    header, columns, *lines = answer.body.split("\r\n")[:-1]
    assert header.startswith('"EXTF";700;21;"Buchungsstapel";13;20261006100000000;')
    assert len(columns.split(";")) == 125
    assert [line.split(";")[:8:6] for line in lines[:2]] == [["100,00", "10001"], ["19,00", "10001"]]
    assert len(lines) == 6
    assert answer.headers["content-type"] == "text/csv; charset=windows-1252"
    other = story("GET", "/v1/books/datev", query={"period": "2026-09", "currency": "USD"})
    assert len(other.body.split("\r\n")[:-1]) == 2


def test_datev_settings_are_checked(story):
    refused = story("PUT", "/v1/books/datev-settings", {**SETTINGS, "adviser": 7})
    assert (refused.status, refused.body["errors"][0]["field"] if "errors" in refused.body else "adviser") == (
        422,
        "adviser",
    )
    assert story("GET", "/v1/books/datev-settings").body == {}


@pytest.mark.parametrize("role", ["helpdesk_agent", "sales_agent"])
def test_the_books_are_for_those_who_keep_them(story, role):
    assert story("GET", "/v1/books/trial-balance", query={"period": "2026-09"}, role=role).status == 403
    assert story("GET", "/v1/accounts/contoso/statement", role=role).status == 200


def test_another_partner_sees_nothing(story):
    story(
        "PUT",
        "/v1/partner",
        {"name": "Other", "country": "DE", "timezone": "Europe/Berlin", "currency": "EUR"},
        partner="other",
    )
    found = story("GET", "/v1/books/trial-balance", query={"period": "2026-09"}, partner="other").body
    assert (found["accounts"], found["rows"]) == (0, [])
    assert story("GET", "/v1/accounts/contoso/statement", partner="other").status == 404


@pytest.mark.parametrize(
    "query", [{}, {"period": "2026-13"}, {"period": "september"}, {"period": "2026-09", "limit": "0"}]
)
def test_a_period_must_be_one(story, query):
    assert story("GET", "/v1/books/trial-balance", query=query).status in (400, 422)


def test_what_is_deferred_is_what_is_charged_for_later_days(story, table):
    key = {"pk": {"S": "P#acme#A#contoso"}, "sk": {"S": "INV#I1"}}
    body = unpack(bytes(table.get_item(TableName="Quittance", Key=key)["Item"]["body"]["B"]))
    body["lines"][0] |= {"start": "2026-09-01", "end": "2026-09-30"}
    table.update_item(
        TableName="Quittance",
        Key=key,
        UpdateExpression="SET body = :body",
        ExpressionAttributeValues={":body": {"S": json.dumps(body)}},
    )
    (item,) = story("GET", "/v1/books/deferred", query={"at": "2026-09-15"}).body["items"]
    assert (item["net"], item["deferred"]) == ("100.00", "50.00")
    assert story("GET", "/v1/books/deferred").body["items"] == []
