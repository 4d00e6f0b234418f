"""Payments from their queue into the table: one request each, once, wherever the money belongs."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from infra.local.meter import Meter
from quittance.domain.ledger import balanced, from_item
from quittance.store import keys
from quittance.store.models import AttemptItem, HeadItem, ParkedItem, PaymentItem
from quittance.usecases.payment_message import ApplyPayment
from tests.functional.payments import cloud

RECEIVED = "2026-12-20T21:00:00Z"


def entry(number: str, due: str, remaining: int) -> dict[str, Any]:
    """An unsettled invoice as the head holds it."""
    return {
        "number": f"ACME-2026-{number}",
        "issued": "2026-10-09",
        "due": due,
        "gross": remaining,
        "remaining": remaining,
        "policy": "standard",
        "policy_version": 1,
        "reopened": 0,
    }


@pytest.fixture
def account(table: Any) -> Callable[[], HeadItem]:
    """Contoso owes 297.44 EUR on I1 and 100.00 EUR on the older 2026.09; returns how to read its head."""
    key = keys.head("acme", "contoso")
    debts = {"I1": entry("000002", "2026-11-08", 29744), "2026.09": entry("000001", "2026-10-31", 10000)}
    HeadItem(
        key.pk,
        key.sk,
        currency="EUR",
        balance=39744,
        open=debts,
        due_lane=keys.due_lane("account", key),
        due_at="2026-12-22T00:00:00Z",
    ).save()
    return lambda: HeadItem.get(key.pk, key.sk, consistent_read=True)


def told(payment: str = "pi_1", **changes: Any) -> ApplyPayment:
    fields: dict[str, Any] = {
        "partner": "acme",
        "provider": "stripe",
        "event_id": "evt_1",
        "payment_id": payment,
        "kind": "succeeded",
        "amount": 29744,
        "currency": "EUR",
        "received_at": RECEIVED,
        "account": "contoso",
        "invoice": "I1",
    }
    return ApplyPayment(**{**fields, **changes})


def handle(*messages: ApplyPayment | str) -> list[str]:
    """Give messages to the handler as SQS does; returns the ids of those that come again."""
    from functions.payment_application import app  # noqa: PLC0415  # reads the environment when imported

    records = [_record(str(i), message) for i, message in enumerate(messages)]
    failures = app.handler({"Records": records}, None)["batchItemFailures"]
    return [failure["itemIdentifier"] for failure in failures]


def _record(name: str, message: ApplyPayment | str) -> dict[str, Any]:
    group = "broken" if isinstance(message, str) else message.group
    body = message if isinstance(message, str) else message.to_json()
    return {"messageId": name, "body": body, "attributes": {"MessageGroupId": group}, "eventSource": "aws:sqs"}


def owed(head: HeadItem) -> dict[str, int]:
    return {name: invoice["remaining"] for name, invoice in head.open.as_dict().items()}


def booked(payment: str = "pi_1") -> PaymentItem:
    key = keys.payment("acme", "contoso", "stripe", payment)
    return PaymentItem.get(key.pk, key.sk)


def parked(payment: str = "pi_1") -> ParkedItem:
    key = keys.parked("acme", "payment", f"stripe#{payment}")
    return ParkedItem.get(key.pk, key.sk)


def test_a_payment_that_names_its_invoice_costs_one_request_and_at_most_seven_units(account):
    with Meter(cloud.models_client()) as meter:
        assert handle(told()) == []
    assert (meter.requests, meter.read_units) == (1, 0)
    assert meter.write_units <= 7
    head = account()
    assert owed(head) == {"I1": 0, "2026.09": 10000}
    assert (head.balance, head.credit, head.version) == (10000, 0, 1)
    assert (head.due_at, head.due_lane) == (RECEIVED, keys.due_lane("account", keys.head("acme", "contoso")))
    payment = booked()
    assert payment.postings == [["cash:stripe", 29744], ["receivable", -29744]]
    assert balanced(from_item(payment.postings, payment.currency))


def test_a_duplicate_costs_one_request_and_changes_nothing(account):
    handle(told())
    before = (account().serialize(), booked().serialize())
    with Meter(cloud.models_client()) as meter:
        assert handle(told(event_id="evt_2", received_at="2026-12-21T09:00:00Z")) == []
    assert (meter.requests, meter.read_units) == (1, 0)
    assert (account().serialize(), booked().serialize()) == before


def test_a_payment_that_names_no_invoice_costs_one_read_and_one_write(account):
    with Meter(cloud.models_client()) as meter:
        handle(told(invoice=None))
    assert {name: tally.requests for name, tally in meter.by_operation.items()} == {
        "GetItem": 1,
        "TransactWriteItems": 1,
    }


@pytest.mark.parametrize(
    ("invoice", "amount", "shares", "credit"),
    [
        ("I1", 10000, {"I1": 10000}, 0),
        ("I1", 30000, {"I1": 29744, "2026.09": 256}, 0),
        ("2026.09", 40000, {"I1": 29744, "2026.09": 10000}, 256),
        (None, 12000, {"2026.09": 10000, "I1": 2000}, 0),
        ("not-issued-yet", 5000, {"2026.09": 5000}, 0),
        ("strange # name", 5000, {"2026.09": 5000}, 0),
        (None, 50000, {"2026.09": 10000, "I1": 29744}, 10256),
    ],
)
def test_money_goes_to_the_named_invoice_then_the_oldest_due_then_credit(account, invoice, amount, shares, credit):
    assert handle(told(invoice=invoice, amount=amount)) == []
    head = account()
    assert owed(head) == {name: due - shares.get(name, 0) for name, due in {"I1": 29744, "2026.09": 10000}.items()}
    assert (head.balance, head.credit) == (39744 - amount, credit)
    payment = booked()
    assert (payment.allocations, payment.to_credit) == (shares, credit)
    assert balanced(from_item(payment.postings, payment.currency))


@pytest.mark.parametrize(
    ("order", "shares"),
    [
        ("newest_due", {"I1": 15000}),
        ("largest_first", {"I1": 15000}),
        ("smallest_first", {"2026.09": 10000, "I1": 5000}),
        ("proportional", {"2026.09": 3774, "I1": 11226}),
    ],
)
def test_money_that_names_nothing_goes_by_the_order_of_the_oldest_debts_policy(account, order, shares):
    head = account()
    head.update([HeadItem.open["2026.09"].set({**entry("000001", "2026-10-31", 10000), "order": order})])
    with Meter(cloud.models_client()) as meter:
        assert handle(told(invoice=None, amount=15000)) == []
    assert (booked().allocations, meter.requests) == (shares, 2)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"account": None}, "names none"),
        ({"account": "nobody"}, "there is no account nobody"),
        ({"account": "not an id"}, "is not an identifier"),
        ({"currency": "USD"}, "paid in USD, but the account is kept in EUR"),
        ({"kind": "unclear", "reason": "7 is no whole amount of ISK"}, "no whole amount"),
        ({"currency": "XXQ"}, "not an ISO 4217 code"),
    ],
)
def test_money_that_nobody_can_place_is_parked_once_with_its_reason(account, changes, says):
    assert handle(told(**changes), told(**changes, event_id="evt_2")) == []
    waiting = parked()
    assert says in waiting.reason
    assert (waiting.body["event_id"], waiting.body["amount"]) == ("evt_1", 29744)
    assert account().version == 0


@pytest.mark.parametrize("kind", ["failed", "pending", "cancelled"])
def test_a_payment_that_did_not_come_is_a_fact_of_the_timeline_and_moves_nothing(account, kind):
    before = account().serialize()
    for _ in range(2):
        with Meter(cloud.models_client()) as meter:
            assert handle(told(kind=kind, reason="no funds")) == []
        assert meter.requests == 1
    key = keys.attempt("acme", "contoso", "stripe", "pi_1", kind)
    fact = AttemptItem.get(key.pk, key.sk)
    assert (fact.status, fact.amount, fact.reason) == (kind, 29744, "no funds")
    assert account().serialize() == before


@pytest.mark.parametrize("changes", [{"kind": "told"}, {"kind": "failed", "account": None}])
def test_what_moves_nothing_and_concerns_nobody_is_only_counted(account, changes):
    with Meter(cloud.models_client()) as meter:
        assert handle(told(**changes)) == []
    assert meter.requests == 0


def test_a_late_failure_of_an_intent_does_not_take_back_what_was_paid(account):
    handle(told(), told(kind="failed", event_id="evt_0"), told(kind="cancelled", event_id="evt_3"))
    assert owed(account())["I1"] == 0


def test_a_message_that_cannot_be_read_is_parked_and_holds_up_no_other_account(account):
    assert handle("not JSON", told()) == []
    key = keys.parked_record("0")
    assert "not JSON" in ParkedItem.get(key.pk, key.sk).reason
    assert account().version == 1


def test_after_a_failure_the_later_messages_of_that_account_wait_in_order(account):
    broken = told("pi_2", amount="many")
    assert handle(told(), broken, told("pi_3", amount=1, invoice=None)) == ["1", "2"]
    assert (account().version, account().balance) == (1, 10000)


def test_every_outcome_is_counted_and_nothing_about_the_customer_is_logged(account, capsys):
    handle(told(), told(), told("pi_2", account="frau-muster"), told("pi_3", kind="failed"))
    logged = "".join(capsys.readouterr())
    metrics = next(json.loads(line) for line in logged.splitlines() if "_aws" in line)
    names = ("PaymentsBooked", "PaymentsDuplicate", "PaymentsParked", "PaymentsNoted")
    assert [metrics[name] for name in names] == [[1.0], [1.0], [1.0], [1.0]]
    assert "frau-muster" not in logged


def test_what_changes_between_reading_and_writing_is_read_again(account):
    client, changes = cloud.models_client(), [told("pi_0", invoice="2026.09", amount=9000)]

    def meanwhile(**_: Any) -> None:
        if changes:
            assert handle(changes.pop()) == []

    client.meta.events.register("after-call.dynamodb.GetItem", meanwhile)
    try:
        assert handle(told(invoice=None, amount=12000)) == []
    finally:
        client.meta.events.unregister("after-call.dynamodb.GetItem", meanwhile)
    assert owed(account()) == {"I1": 29744 - 11000, "2026.09": 0}
    assert (account().balance, account().version) == (39744 - 21000, 2)
