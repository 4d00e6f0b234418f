"""What happens to a payment later, through the real handler on a table in memory: once, in any order, in the books."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.local.meter import Meter
from infra.local.verify import books, once
from infra.local.verify.table import read_table
from quittance.domain.claim import Claim
from quittance.domain.money import Money
from quittance.store import keys, numbers
from quittance.store.accounts import AccountStore
from quittance.store.models import AccountItem, HeadItem, InvoiceItem, Item, MovementItem, ParkedItem
from quittance.store.policies import PolicyStore
from quittance.usecases.assess import assess_account
from quittance.usecases.messages import Assess, FollowPayment
from quittance.usecases.payment_message import ApplyPayment
from tests.functional.payments import cloud
from tests.functional.payments.conftest import NOW
from tests.functional.payments.test_application import RECEIVED, _record, told
from tests.functional.payments.test_crash import contents, crash_at

FOLLOW = FollowPayment(partner="acme", account="contoso", provider="stripe", payment_id="pi_1")


def issue(name: str, number: str, due: str, gross: int, account: str = "contoso") -> dict[str, Any]:
    """Put an issued invoice into the table; return its entry in the head."""
    key = keys.invoice("acme", account, name)
    InvoiceItem(
        key.pk,
        key.sk,
        state="issued",
        number=number,
        currency="EUR",
        issued="2026-10-09",
        issued_at="2026-10-09T06:00:00Z",
        due=due,
        net=gross,
        vat=0,
        gross=gross,
        policy="standard",
        policy_version=1,
        postings=[["receivable", gross], ["revenue", -gross]],
        body={"kind": "invoice", "lines": [{"text": "Setup", "net": gross, "product": "P1", "charges": {"G1": [1]}}]},
    ).save()
    owed = {"gross": gross, "remaining": gross, "disputed": 0, "policy": "standard", "policy_version": 1, "reopened": 0}
    return {"number": number, "issued": "2026-10-09", "due": due, "products": ["P1"], **owed}


@pytest.fixture
def account(table: Any) -> Callable[[], HeadItem]:
    """Contoso owes 297.44 EUR on I1 and 100.00 EUR on the older I0; returns how to read its head."""
    key = keys.head("acme", "contoso")
    debts = {
        "I0": issue("I0", "ACME-2026-000001", "2026-10-31", 10000),
        "I1": issue("I1", "ACME-2026-000002", "2026-11-08", 29744),
    }
    HeadItem(key.pk, key.sk, currency="EUR", balance=39744, open=debts).save()
    profile = keys.account("acme", "contoso")
    body = {"name": "Contoso", "country": "DE", "timezone": "UTC", "currency": "EUR", "email": "a@b.example"}
    AccountItem(profile.pk, profile.sk, body={**body, "policy": "standard"}).save()
    return lambda: HeadItem.get(key.pk, key.sk, consistent_read=True)


def handle(*messages: ApplyPayment | FollowPayment) -> list[str]:
    from functions.payment_application import app  # noqa: PLC0415  # reads the environment when imported

    records = [_record(str(i), message) for i, message in enumerate(messages)]
    return [one["itemIdentifier"] for one in app.handler({"Records": records}, None)["batchItemFailures"]]


def moved(kind: str, amount: int = 29744, name: str = "m1", **changes: Any) -> ApplyPayment:
    """A movement as most providers tell it: it names the payment and nothing else of ours."""
    event = {"event_id": f"evt_{kind}_{name}", "account": None, "invoice": None}
    return told(kind=kind, amount=amount, movement_id=name, **{**event, **changes})


def pruned(account: Callable[[], HeadItem]) -> HeadItem:
    """Let settled invoices leave the head, as the assessment does."""
    head = account()
    left = {name: one for name, one in head.open.as_dict().items() if one["remaining"] > 0}
    head.update([HeadItem.open.set(left)])
    return account()


def owed(head: HeadItem) -> dict[str, int]:
    return {name: int(entry["remaining"]) for name, entry in head.open.as_dict().items() if entry["remaining"]}


def sound(table: Any) -> None:
    found = read_table(table, Item.Meta.table_name)
    assert [str(one) for check in (books.check, once.check) for one in check(found)] == []


def waiting() -> list[ParkedItem]:
    pk = keys.payment_owner("acme", "stripe", "pi_1").pk
    return list(ParkedItem.query(pk, ParkedItem.sk.startswith("PARKED#")))


# -- the failures seen in public trackers ------------------------------------------------------------------------------


def test_a_chargeback_reopens_the_invoice(account, table):
    handle(told(), FOLLOW)
    assert owed(pruned(account)) == {"I0": 10000}
    with Meter(cloud.models_client()) as meter:
        assert handle(moved("chargeback")) == []
    head = account()
    assert owed(head) == {"I0": 10000, "I1": 29744}
    entry = head.open.as_dict()["I1"]
    assert (entry["reopened"], entry["due"], entry["products"], entry["policy_version"]) == (1, "2026-11-08", ["P1"], 1)
    assert (int(head.balance), head.due_at) == (39744, RECEIVED)
    assert meter.by_operation["TransactWriteItems"].requests == 1
    sound(table)


def test_a_chargeback_of_an_unknown_payment_waits_and_is_no_crash(account, table):
    assert handle(moved("chargeback"), moved("chargeback")) == []
    assert [one.reason for one in waiting()] == ["its payment has not been told of yet"]
    assert int(account().balance) == 39744
    assert handle(told(), FOLLOW) == []
    assert waiting() == []
    assert owed(account()) == {"I0": 10000, "I1": 29744}
    sound(table)


def test_an_invoice_paid_by_another_route_stays_paid_when_the_old_intent_cancels_itself(account, table):
    handle(told("pi_other"), told(kind="cancelled"), told(kind="failed"))
    assert owed(account()) == {"I0": 10000}
    sound(table)


def test_a_cancelled_attempt_is_released_and_can_be_retried(account, table):
    handle(told(kind="failed"), told(kind="cancelled"), told())
    assert owed(account()) == {"I0": 10000}
    sound(table)


def test_a_refund_of_a_duplicate_payment_does_not_un_pay_the_invoice(account, table):
    handle(told(), told("pi_2", amount=39744), FOLLOW)
    assert (owed(account()), int(account().credit)) == ({}, 29744)
    handle(moved("refunded", account="contoso", payment_id="pi_2"))
    assert (owed(account()), int(account().credit), int(account().balance)) == ({}, 0, 0)
    sound(table)


def test_our_own_refund_and_its_webhook_arriving_first_make_one_refund(account, table):
    from quittance.store.payments import PaymentBook  # noqa: PLC0415  # finds the table when first used
    from quittance.usecases import correct  # noqa: PLC0415  # as above

    handle(told(), FOLLOW, moved("refunded", 5000, "re_1"))
    given = {"book": PaymentBook(), "now": NOW, "pause": lambda _: None}
    wish = {"refund": "re_1", "amount": "50.00", "reason": "goodwill"}
    first = correct.refund("acme", "contoso", "pi_1", wish, **given)
    assert (first["new"], first["left"]) == (False, "247.44")
    second = correct.refund("acme", "contoso", "pi_1", {"refund": "re_2", "amount": "40.00"}, **given)
    handle(moved("refunded", 4000, "re_2"))
    assert (second["new"], second["left"]) == (True, "207.44")
    assert owed(account()) == {"I0": 10000, "I1": 9000}
    sound(table)


def test_a_state_that_is_read_again_and_has_nothing_new_books_nothing(account, table):
    """What is told in sums so far (Mollie) counts by what it differs from the books."""
    handle(told(), FOLLOW)
    for _ in range(2):
        handle(moved("refunded", 3000, "s1", total=3000))
        handle(moved("refunded", 5000, "s2", total=5000))
    handle(moved("refunded", 5000, "s3", total=5000))
    assert owed(account())["I1"] == 5000
    handle(moved("refunded", 2000, "s4", total=2000))
    assert owed(account())["I1"] == 2000
    sound(table)


def test_a_late_failure_takes_back_what_was_paid_and_an_earlier_one_does_not(account, table):
    handle(told(occurred_at="2026-12-18T10:00:00Z"), FOLLOW)
    handle(moved("failed", 0, "EV1", occurred_at="2026-12-17T10:00:00Z"))
    assert owed(account()) == {"I0": 10000}
    handle(moved("failed", 0, "EV2", occurred_at="2026-12-20T10:00:00Z"), moved("failed", 0, "EV3"))
    assert owed(account()) == {"I0": 10000, "I1": 29744}
    sound(table)


def test_a_payment_in_parts_counts_what_has_come_so_far(account, table):
    handle(told(amount=10000, total=10000, movement_id="pi_1:10000"), FOLLOW)
    for _ in range(2):
        handle(told(amount=29744, total=29744))
    assert owed(account()) == {"I0": 10000}
    sound(table)


def test_two_captures_of_one_payment_are_both_booked_and_a_refund_is_of_their_sum(account, table):
    first = told(amount=20000, movement_id="cap_1", event_id="acme|cap_1|CAPTURE|true")
    second = told(amount=9744, movement_id="cap_2", event_id="acme|cap_2|CAPTURE|true")
    handle(first, FOLLOW, second, first, second, moved("refunded", 29744, "re_1", of="re_1"))
    assert owed(account()) == {"I0": 10000, "I1": 29744}
    handle(moved("failed", 9744, "cap_2:CAPTURE_FAILED", of="cap_2"))
    key = keys.movement("acme", "contoso", "stripe", "pi_1", "failed", "cap_2:CAPTURE_FAILED")
    assert ["dispute_clearing", 9744] in MovementItem.get(key.pk, key.sk).postings
    sound(table)


def test_a_debit_that_failed_late_and_is_tried_again_counts_again(account, table):
    handle(told(occurred_at="2026-12-10T10:00:00Z"), FOLLOW)
    again = told(event_id="EV3", occurred_at="2026-12-14T10:00:00Z")
    handle(again)
    assert [one.body["state"] for one in waiting()] == ["waiting"]
    handle(moved("failed", 0, "EV2", occurred_at="2026-12-12T10:00:00Z"))
    for _ in range(2):
        handle(again)
    assert (owed(account()), waiting()) == ({"I0": 10000}, [])
    sound(table)


def test_parked_money_that_is_booked_later_is_parked_no_more(account, table):
    handle(told(account="nobody"))
    place = keys.parked("acme", "payment", "stripe#pi_1")
    assert "no account nobody" in ParkedItem.get(place.pk, place.sk).reason
    handle(told(event_id="evt_2"), FOLLOW)
    assert (owed(account()), waiting()) == ({"I0": 10000}, [])
    with pytest.raises(ParkedItem.DoesNotExist):
        ParkedItem.get(place.pk, place.sk)
    handle(told(account="nobody"))
    assert waiting() == []
    sound(table)


def test_a_copy_of_the_event_that_booked_costs_one_request(account):
    at = "2026-12-10T10:00:00Z"
    handle(told(occurred_at=at), FOLLOW)
    with Meter(cloud.models_client()) as meter:
        handle(told(occurred_at=at))
    assert (meter.requests, meter.read_units) == (1, 0)


# -- the books of each movement ----------------------------------------------------------------------------------------


def test_each_movement_posts_what_it_does(account, table):
    handle(told(amount=30000), FOLLOW)
    steps = [
        ("refunded", 300, [["cash:stripe", -300], ["receivable", 300]]),
        ("refund_failed", 300, [["cash:stripe", 300], ["receivable", -300]]),
        ("fee", 45, [["fees", 45], ["cash:stripe", -45]]),
        ("fee_returned", 45, [["fees", -45], ["cash:stripe", 45]]),
        ("chargeback", 30000, [["cash:stripe", -30000], ["receivable", 30000]]),
        ("chargeback_reversed", 30000, [["cash:stripe", 30000], ["receivable", -30000]]),
        ("chargeback", 30000, [["cash:stripe", -30000], ["receivable", 30000]]),
    ]
    for i, (kind, amount, postings) in enumerate(steps):
        name = "m1" if kind.startswith("refund") else f"n{i // 6}"
        for _ in range(2):
            assert handle(moved(kind, amount, name)) == []
        key = keys.movement("acme", "contoso", "stripe", "pi_1", kind, name)
        assert MovementItem.get(key.pk, key.sk).postings == postings
        sound(table)
    assert owed(account()) == {"I0": 10000, "I1": 29744}


def test_what_a_bank_takes_beyond_what_is_left_is_a_claim_on_the_provider(account, table):
    handle(told(), FOLLOW, moved("refunded", 20000), moved("chargeback", 29744, "dp_1"))
    key = keys.movement("acme", "contoso", "stripe", "pi_1", "chargeback", "dp_1")
    assert ["dispute_clearing", 20000] in MovementItem.get(key.pk, key.sk).postings
    assert owed(account())["I1"] == 29744
    handle(moved("chargeback_reversed", 29744, "dp_1"))
    assert owed(account())["I1"] == 20000
    sound(table)


def test_credit_that_was_used_meanwhile_comes_back_from_what_it_was_used_on(account, table):
    handle(told(amount=49744), FOLLOW)
    assert int(account().credit) == 10000
    entry = issue("I2", "ACME-2026-000003", "2027-01-31", 6000)
    account().update([HeadItem.open["I2"].set(entry), HeadItem.balance.add(6000), HeadItem.version.add(1)])
    assess_account(
        Assess(partner="acme", account="contoso", cause="test"), accounts=AccountStore(PolicyStore()), now=NOW
    )
    assert (owed(account()), int(account().credit)) == ({}, 4000)
    sound(table)
    handle(moved("refunded", 10000))
    assert (owed(account()), int(account().credit)) == ({"I2": 6000}, 0)
    sound(table)


def test_a_movement_in_another_currency_is_parked(account):
    handle(told(), FOLLOW, moved("refunded", 100, currency="USD"))
    key = keys.parked("acme", "payment", "stripe#pi_1#refunded#m1")
    assert "moved in USD" in ParkedItem.get(key.pk, key.sk).reason


def test_another_currency_counts_at_the_rate_agreed_with_the_account(account, table):
    key = keys.account("acme", "contoso")
    item = AccountItem.get(key.pk, key.sk)
    item.body = {**item.body, "rates": {"USD": "0.9"}}
    item.save()
    handle(told(amount=33049, currency="USD"), FOLLOW)
    assert owed(account()) == {"I0": 10000}
    handle(moved("refunded", 10000, currency="USD"))
    assert owed(account()) == {"I0": 10000, "I1": 9000}
    sound(table)


@pytest.mark.parametrize(
    ("fields", "left"),
    [
        ({"invoice": None, "reference": "ACME-2026-000002"}, {"I0": 10000}),
        ({"invoice": None, "reference": "ACME-2026-000002, ACME-2026-000001", "amount": 30000}, {"I0": 9744}),
        ({"invoice": "ACME-2026-000002"}, {"I0": 10000}),
        ({"invoice": None, "reference": "no such number"}, {"I1": 10000}),
    ],
)
def test_a_structured_reference_names_invoices_by_their_numbers(account, table, fields, left):
    assert handle(told(**fields)) == []
    assert owed(account()) == left
    sound(table)


def test_a_payment_for_another_accounts_invoice_is_parked(account):
    claim = Claim(account="fabrikam", invoice="I9", number="ACME-2026-000009", gross=Money(100, "EUR"))
    numbers.register("acme", claim)
    assert handle(told(invoice="ACME-2026-000009")) == []
    place = keys.parked("acme", "payment", "stripe#pi_1")
    assert "is account fabrikam's" in ParkedItem.get(place.pk, place.sk).reason
    assert int(account().balance) == 39744


def test_a_write_off_is_recovered_by_a_later_payment(account, table):
    from quittance.store.payments import PaymentBook  # noqa: PLC0415  # finds the table when first used
    from quittance.usecases import correct  # noqa: PLC0415  # as above

    given = {"book": PaymentBook(), "now": NOW, "pause": lambda _: None}
    for _ in range(2):
        shown = correct.write_off("acme", "contoso", "I1", {"reason": "insolvent"}, **given)
        assert (shown["status"], shown["written_off"]) == ("uncollectible", "297.44")
    pruned(account)
    handle(told(amount=9744), FOLLOW)
    assert (owed(account()), int(account().credit)) == ({"I0": 256}, 0) or owed(account()) == {"I0": 10000}
    sound(table)
    shown = correct.reinstate("acme", "contoso", "I1", None, **given)
    assert shown["status"] == "open"
    sound(table)


# -- any order, any crash ----------------------------------------------------------------------------------------------

STORY: tuple[ApplyPayment | FollowPayment, ...] = (
    told(amount=40000),
    FOLLOW,
    moved("refunded", 5000, "re_1"),
    moved("chargeback", 35000, "dp_1"),
    moved("chargeback_reversed", 35000, "dp_1"),
    moved("chargeback", 35000, "dp_2"),
)


@pytest.mark.parametrize(
    ("first", "place", "answered"),
    [
        *(("payment", place, False) for place in range(len(STORY))),
        *(("payment", place, True) for place in (1, 3)),
        *(("movements", place, True) for place in (1, 5)),
        ("movements", 5, False),
    ],
)
def test_a_crash_at_any_request_and_its_redelivery_end_as_if_there_had_been_none(
    account, table, place, answered, first
):
    story = STORY if first == "payment" else (*STORY[2:], *STORY[:2])
    for one in story[:place]:
        assert handle(one) == []
    pristine = contents(table)
    handle(story[place])
    wanted = contents(table)
    for call in itertools.count(1):
        restore(table, pristine)
        with crash_at(cloud.models_client(), call, answered=answered) as made:
            failed = handle(story[place])
        if len(made) < call:
            break
        assert failed == ["0"]
        assert handle(story[place]) == []
        assert contents(table) == wanted
    assert call > 1


def restore(table: Any, items: list[Any]) -> None:
    name, kept = Item.Meta.table_name, {json.dumps(item, sort_keys=True, default=repr) for item in items}
    for item in contents(table):
        if json.dumps(item, sort_keys=True, default=repr) not in kept:
            table.delete_item(TableName=name, Key={key: item[key] for key in ("pk", "sk")})
    there = {json.dumps(item, sort_keys=True, default=repr) for item in contents(table)}
    for item in items:
        if json.dumps(item, sort_keys=True, default=repr) not in there:
            table.put_item(TableName=name, Item=item)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([*STORY[2:], STORY[0]] * 2), crash=st.integers(0, 30))
def test_the_books_of_the_table_end_the_same_in_any_order(account, table, order, crash):
    restore(table, [item for item in contents(table) if item["kind"]["S"] in ("invoice", "account")])
    key = keys.head("acme", "contoso")
    debts = {"I0": issue("I0", "ACME-2026-000001", "2026-10-31", 10000)}
    debts["I1"] = issue("I1", "ACME-2026-000002", "2026-11-08", 29744)
    HeadItem(key.pk, key.sk, currency="EUR", balance=39744, open=debts).save()
    with crash_at(cloud.models_client(), crash, answered=bool(crash % 2)):
        for one in order:
            if handle(one):
                assert handle(one) == []
    assert handle(FOLLOW) == []
    sound(table)
    assert waiting() == []
    assert owed(account()) == {"I0": 10000, "I1": 29744}
    assert int(account().balance) == 39744
