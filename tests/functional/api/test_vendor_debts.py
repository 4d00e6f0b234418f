"""Paying the vendor, through the API: once, never more than is owed, whatever comes in between."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from quittance.domain.errors import Conflict, Transient
from quittance.domain.money import Money
from quittance.runtime.clock import parse_iso
from quittance.store import receivables, vendor_debts
from quittance.store.models import HeadItem, Item, ParkedItem, PayableItem
from quittance.store.partners import read_partner
from quittance.usecases.alert_payables import raise_alert, send_alert
from quittance.usecases.messages import AlertPayable
from quittance.usecases.relay import Change, messages_for
from tests.functional.api.conftest import PARTNER
from tests.functional.collections.world import Calls, CrashError

PAYMENT = {"id": "V1", "amount": "400.00", "paid_on": "2026-10-01", "reference": "SEPA 17"}
PATH = "/v1/payables/G1/payments"


@pytest.fixture
def owing(book: Any) -> Any:
    """Two vendor invoices of 1,000 and 50 EUR."""
    for name, minor, due in (("G1", 100000, "2026-12-07"), ("G2", 5000, "2027-01-07")):
        dated = "2026-10-08"
        PayableItem("P#acme", f"PAYABLE#{name}", currency="EUR", amount=minor, dated=dated, due=due).save()
    return book


def figures(call: Any) -> dict[str, tuple[str, str, str]]:
    found = call("GET", "/v1/payables").body["payables"]
    return {one["vendor_invoice"]: (one["paid"], one["remaining"], one["state"]) for one in found}


def test_a_payment_counts_once(owing, items):
    assert owing("POST", PATH, PAYMENT).status == 201
    after = items()
    again = owing("POST", PATH, PAYMENT)
    assert (again.status, again.body["allocations"]) == (200, {"G1": "400.00"})
    assert owing("POST", PATH, {**PAYMENT, "amount": "401.00"}).status == 409
    assert owing("POST", "/v1/payables/G2/payments", PAYMENT).status == 409
    assert items() == after
    assert figures(owing)["G1"] == ("400.00", "600.00", "open")


def test_what_is_too_much_stays_unallocated_and_can_be_assigned(owing):
    paid = owing("POST", PATH, {**PAYMENT, "amount": "1040.00"})
    assert (paid.body["allocations"], paid.body["unallocated"]) == ({"G1": "1000.00"}, "40.00")
    assert figures(owing)["G1"] == ("1000.00", "0.00", "paid")
    assert PayableItem.get("P#acme", "PAYABLE#G1").due_lane is None
    allocations = "/v1/vendor-payments/V1/allocations"
    assert owing("POST", allocations, {"vendor_invoice": "G2", "amount": "40.01"}).status == 409
    for _ in range(2):
        done = owing("POST", allocations, {"vendor_invoice": "G2", "amount": "40.00"})
        assert (done.status, done.body["unallocated"]) == (200, "0.00")
    assert figures(owing)["G2"] == ("40.00", "10.00", "open")
    assert owing("POST", allocations, {"vendor_invoice": "G1", "amount": "0.00"}).body["unallocated"] == "1000.00"
    assert figures(owing)["G1"] == ("0.00", "1000.00", "open")
    assert PayableItem.get("P#acme", "PAYABLE#G1").due_lane.startswith("billing#")


def test_an_unallocated_payment_counts_for_nothing_until_it_is_assigned(owing):
    assert owing("POST", "/v1/vendor-payments", PAYMENT).body["unallocated"] == "400.00"
    assert figures(owing)["G1"][0] == "0.00"
    assert [one["id"] for one in owing("GET", "/v1/vendor-payments").body["payments"]] == ["V1"]
    assert owing("GET", "/v1/vendor-payments", partner="globex").body == {"payments": []}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "0.00"}, "amount"),
        ({"amount": "-1.00"}, "amount"),
        ({"amount": 400}, "amount"),
        ({"paid_on": "today"}, "paid_on"),
        ({"id": "a b"}, "id"),
        ({"to": "x"}, "to"),
        ({"currency": "USD"}, "currency"),
    ],
)
def test_a_wrong_payment_is_refused(owing, items, changes, field):
    before = items()
    refused = owing("POST", PATH, {**PAYMENT, **changes})
    assert (refused.status, refused.body["field"], items()) == (422, field, before)


def test_who_may_pay_and_what(owing):
    assert owing("POST", PATH, PAYMENT, role="helpdesk_agent").status == 403
    assert owing("POST", "/v1/payables/G9/payments", PAYMENT).status == 404
    assert owing("POST", PATH, PAYMENT, partner="globex").status == 404
    assert owing("POST", "/v1/vendor-payments/V9/allocations", {"vendor_invoice": "G1", "amount": "1"}).status == 404


def test_two_payments_at_once_never_pay_more_than_is_owed(owing):
    owing("POST", "/v1/vendor-payments", {**PAYMENT, "id": "V1", "amount": "50.00"})
    owing("POST", "/v1/vendor-payments", {**PAYMENT, "id": "V2", "amount": "50.00"})
    seen = vendor_debts.payable("acme", "G2")
    first, second = vendor_debts.payment("acme", "V1"), vendor_debts.payment("acme", "V2")
    from quittance.runtime import compose  # noqa: PLC0415  # its clock is the fixture's

    now = compose.clock().now()
    vendor_debts.allocate("acme", first, seen, Money(5000, "EUR"), now)
    with pytest.raises(Conflict):
        vendor_debts.allocate("acme", second, seen, Money(5000, "EUR"), now)
    assert figures(owing)["G2"] == ("50.00", "0.00", "paid")
    assert vendor_debts.payment("acme", "V2").shares == {}


def test_forecast_calls_and_exposure(owing):
    head = HeadItem.get("P#acme#A#contoso", "C#HEAD")
    entry = {"number": "ACME-1", "issued": "2026-08-11", "gross": 29744, "policy": "standard", "policy_version": 1}
    late = {**entry, "due": "2026-09-10", "remaining": 29744, "disputed": 0, "reopened": 0}
    head.open = {"I1": late, "I2": {**late, "number": "ACME-2", "due": "2026-10-31", "remaining": 10000}}
    head.balance = 39744
    head.save()
    found = owing("GET", "/v1/cash-forecast", query={"cash": "100.00"}).body
    (euro,) = found["currencies"]
    assert (euro["overdue"], euro["days"][0]) == (
        "297.44",
        {"day": "2026-10-31", "in": "100.00", "out": "0.00", "balance": "200.00"},
    )
    assert [(one["vendor_invoice"], one["short"]) for one in euro["vendor"]] == [("G1", "800.00"), ("G2", "50.00")]
    assert [(one["account"], one["overdue"]) for one in found["call_first"]] == [("contoso", "297.44")]
    assert owing("GET", "/v1/cash-forecast", query={"cash": "much"}).status == 422
    (row,) = owing("GET", "/v1/exposures").body["accounts"]
    assert (row["account"], row["charged"], row["overdue"], row["at_risk"]) == ("contoso", "0.00", "297.44", "0.00")
    assert row["subscriptions"][0]["until_term_end"] is None


class Mailbox:
    """Takes warnings, or is down."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.down = False

    def send_warning(self, warning: Any) -> None:
        if self.down:
            raise Transient("mail is down")
        self.sent.append(warning)


def send(number: int, mailbox: Mailbox, moment: str) -> bool:
    message = AlertPayable(partner="acme", vendor_invoice="G1", number=number)
    return send_alert(
        message,
        debts=vendor_debts,
        receivables=receivables,
        partners=read_partner,
        mailer=mailbox,
        now=parse_iso(moment),
    )


def test_an_alert_is_counted_once_mailed_once_and_stops_with_the_payment(owing):
    owing("PUT", "/v1/partner", {**PARTNER, "email": "finance@acme.example"})
    mailbox, first = Mailbox(), parse_iso("2026-11-16T05:00:00Z")
    assert raise_alert("acme", "G1", now=first, debts=vendor_debts) is True
    item = PayableItem.get("P#acme", "PAYABLE#G1")
    assert (item.alerts, item.due_at) == (1, "2026-11-23T00:00:00Z")
    seen = vendor_debts.payable("acme", "G1")
    vendor_debts.alert("acme", seen, first)
    with pytest.raises(Conflict):  # a second firing that read the same
        vendor_debts.alert("acme", seen, first)
    mailbox.down = True
    with pytest.raises(Transient):
        send(1, mailbox, "2026-11-16T05:00:01Z")
    mailbox.down = False
    assert [send(1, mailbox, "2026-11-16T05:00:02Z") for _ in range(3)] == [True, False, False]
    (mail,) = mailbox.sent
    assert (mail.email, str(mail.short), str(mail.pay_by)) == ("finance@acme.example", "1000.00", "2026-11-30")
    owing("POST", PATH, {**PAYMENT, "amount": "1000.00"})
    assert send(2, mailbox, "2026-11-23T05:00:00Z") is False
    assert raise_alert("acme", "G1", now=parse_iso("2026-11-23T05:00:00Z"), debts=vendor_debts) is False


def test_without_an_address_it_is_a_persons_task(owing):
    assert send(1, Mailbox(), "2026-11-16T05:00:00Z") is False
    assert "no e-mail" in ParkedItem.get("P#acme", "PARKED#payable#G1").reason


def test_the_alert_follows_from_the_change_and_only_from_it():
    def image(**values: str) -> Any:
        item = {"pk": "P#acme", "sk": "PAYABLE#G1", "kind": "payable"}
        return {**{name: {"S": value} for name, value in item.items()}, **{n: {"N": v} for n, v in values.items()}}

    assert messages_for(Change(old=image(), new=image(alerts="1"))) == [
        AlertPayable(partner="acme", vendor_invoice="G1", number=1)
    ]
    assert messages_for(Change(old=image(alerts="1"), new=image(alerts="1", told="1"))) == []
    assert messages_for(Change(old={}, new=image())) == []


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(1, 5))
def test_a_crash_at_any_call_pays_the_vendor_once(owing, number, after):
    """Whoever asks again after the process died finds it done or does it, and the figures are the same."""
    allocations = {"vendor_invoice": "G2", "amount": "40.00"}
    calls = Calls()
    calls.attach([Item._get_connection().connection.client])
    for path, body in ((PATH, {**PAYMENT, "amount": "1040.00"}), ("/v1/vendor-payments/V1/allocations", allocations)):
        calls.made, calls.fail_at, calls.after = [], number, after
        with suppress(CrashError):
            owing("POST", path, body)
        calls.fail_at = None
        assert owing("POST", path, body).status in (200, 201)
    assert figures(owing) == {"G1": ("1000.00", "0.00", "paid"), "G2": ("40.00", "10.00", "open")}
    assert owing("GET", "/v1/vendor-payments").body["payments"][0]["unallocated"] == "0.00"
