"""One account pays for others: what it names, else the oldest of all; once, in one transaction, and back again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any

import pytest

from infra.local.meter import Meter
from quittance.domain.aged import aged
from quittance.domain.claim import Claim
from quittance.domain.errors import Rejected
from quittance.domain.money import Money
from quittance.domain.settlement import settlement
from quittance.domain.statement import statement
from quittance.domain.timeline import told as of
from quittance.domain.trial_balance import trial_balance
from quittance.store import journal, keys, numbers, timeline
from quittance.store.accounts import AccountStore
from quittance.store.models import AccountItem, HeadItem, MovementItem, ParkedItem
from quittance.store.payments import PaymentBook
from quittance.store.policies import PolicyStore
from quittance.usecases import correct
from quittance.usecases.assess import assess_account
from quittance.usecases.messages import Assess, FollowPayment
from quittance.usecases.payment_message import ApplyPayment
from tests.functional.payments import cloud
from tests.functional.payments.conftest import NOW
from tests.functional.payments.test_application import RECEIVED, told
from tests.functional.payments.test_crash import contents, crash_at
from tests.functional.payments.test_movements import handle, issue, moved, owed, restore, sound

DEBTS = {
    "group": {"I1": ("ACME-1", "2026-11-20", 5000)},
    "north": {"I1": ("ACME-2", "2026-11-20", 4000), "N1": ("ACME-3", "2026-11-08", 10000)},
    "south": {"S1": ("ACME-4", "2026-11-15", 3000), "X1": ("ACME-5", "2026-12-31", 2000)},
    "other": {"X1": ("ACME-6", "2026-10-01", 2000)},
}
FOLLOW = FollowPayment(partner="acme", account="group", provider="stripe", payment_id="pi_1")


def put(account: str, **head: Any) -> None:
    """Put an account with its debts into the table."""
    parent = "group" if account in ("north", "south") else None
    body = {"name": account, "country": "DE", "timezone": "UTC", "currency": "EUR", "email": f"{account}@b.example"}
    profile, key = keys.account("acme", account), keys.head("acme", account)
    AccountItem(profile.pk, profile.sk, body={**body, "policy": "standard", "parent": parent}).save()
    opened = {}
    for name, (number, due, gross) in DEBTS[account].items():
        opened[name] = {**issue(name, number, due, gross, account), "policy_version": 1}
        numbers.register("acme", Claim(account=account, invoice=name, number=number, gross=Money(gross, "EUR")))
    balance = sum(one["remaining"] for one in opened.values())
    HeadItem(key.pk, key.sk, currency="EUR", balance=balance, open=opened, paid_by=parent, **head).save()


@pytest.fixture
def heads(table: Any) -> Callable[[str], HeadItem]:
    """Group owes 50.00 EUR and pays for north and south; another account is none of its business."""
    put("group", pays_for={"north", "south"})
    for account in ("north", "south", "other"):
        put(account)
    return head


def head(account: str) -> HeadItem:
    key = keys.head("acme", account)
    return HeadItem.get(key.pk, key.sk, consistent_read=True)


def paid(amount: int, **changes: Any) -> ApplyPayment:
    return told(**{"account": "group", "invoice": None, "amount": amount, **changes})


def left() -> dict[str, dict[str, int]]:
    return {account: owed(head(account)) for account in DEBTS}


def transfers(account: str) -> list[MovementItem]:
    pk = keys.account_pk("acme", account)
    return list(MovementItem.query(pk, MovementItem.sk.startswith("MOV#transfer#")))


ALL = {name: {invoice: gross for invoice, (_, _, gross) in debts.items()} for name, debts in DEBTS.items()}


# -- what is named -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "naming",
    [{"invoice": "N1"}, {"invoice": "ACME-3"}, {"invoice": "north/N1"}, {"reference": "for ACME-3"}],
    ids=["id", "number", "account and id", "reference"],
)
def test_a_parent_settles_the_invoice_of_a_child_that_it_names(heads, table, naming):
    with Meter(cloud.models_client()) as meter:
        assert handle(paid(10000, **naming)) == []
    assert left() == {**ALL, "north": {"I1": 4000}}
    assert meter.by_operation["TransactWriteItems"].requests <= 2  # the first finds that it is no invoice of its own
    group, north = heads("group"), heads("north")
    assert (int(group.balance), int(group.credit)) == (5000, 0)
    assert (int(north.balance), north.due_at) == (4000, RECEIVED)
    (transfer,) = transfers("north")
    assert (transfer.payer, transfer.payment_id, transfer.allocations) == ("group", "pi_1", {"N1": 10000})
    assert transfer.postings == [["transfers", 10000], ["receivable", -10000]]
    sound(table)


def test_where_both_have_an_invoice_of_that_id_the_payers_own_is_meant(heads, table):
    assert handle(paid(4000, invoice="I1"), paid(4000, payment_id="pi_2", invoice="I1")) == []
    assert left()["group"] == {}
    assert left()["north"] == {"I1": 4000, "N1": 7000}  # what its own does not need goes to the oldest of all
    sound(table)


def test_an_id_that_two_children_have_is_parked_with_the_remedy(heads, table):
    put_again = {**head("north").open.as_dict(), "X1": issue("X1", "ACME-7", "2026-12-01", 2000, "north")}
    head("north").update([HeadItem.open.set(put_again), HeadItem.balance.add(2000)])
    assert handle(paid(2000, invoice="X1")) == []
    key = keys.parked("acme", "payment", "stripe#pi_1")
    assert "name it by its number" in ParkedItem.get(key.pk, key.sk).reason
    assert int(head("group").balance) == 5000
    sound(table)


def test_what_is_nobodys_that_it_pays_for_is_parked(heads, table):
    assert handle(paid(2000, invoice="ACME-6")) == []
    key = keys.parked("acme", "payment", "stripe#pi_1")
    assert "does not pay for it" in ParkedItem.get(key.pk, key.sk).reason
    assert left() == ALL


# -- what names nothing ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "paid_off", "credit"),
    [
        (10000, {"north": ["N1"]}, 0),
        (13000, {"north": ["N1"], "south": ["S1"]}, 0),
        (18000, {"north": ["N1"], "south": ["S1"], "group": ["I1"]}, 0),
        (25000, {"north": ["N1", "I1"], "south": ["S1", "X1"], "group": ["I1"]}, 1000),
    ],
    ids=["oldest", "the next, too", "its own first on a tie", "the rest is its credit"],
)
def test_money_that_names_nothing_goes_to_the_oldest_of_all(heads, table, amount, paid_off, credit):
    assert handle(paid(amount), paid(amount), FOLLOW) == []
    wanted = {
        name: {one: due for one, due in debts.items() if one not in paid_off.get(name, ())}
        for name, debts in ALL.items()
    }
    assert left() == wanted
    assert int(heads("group").credit) == credit
    sound(table)


def test_a_childs_own_payment_is_as_cheap_as_anybodys_and_touches_nobody_else(heads, table):
    with Meter(cloud.models_client()) as meter:
        assert handle(told(account="north", invoice="N1", amount=10000)) == []
    assert (meter.requests, meter.read_units) == (1, 0)
    assert meter.write_units <= 7
    assert left() == {**ALL, "north": {"I1": 4000}}
    with Meter(cloud.models_client()) as meter:
        assert handle(paid(5000, payment_id="pi_2", invoice="I1")) == []
    assert (meter.requests, meter.read_units) == (1, 0)
    assert meter.write_units <= 7


# -- what happens later ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["chargeback", "refunded", "failed"])
def test_what_the_parent_gets_back_the_child_owes_again(heads, table, kind):
    handle(paid(14000), FOLLOW)
    prune("north")
    assert handle(moved(kind, 14000)) == []
    assert left() == ALL
    assert head("north").open.as_dict()["N1"]["reopened"] == 1
    assert int(head("group").balance) == 5000
    sound(table)


def test_a_chargeback_that_is_reversed_settles_the_childs_invoice_again(heads, table):
    handle(paid(10000, invoice="N1"), FOLLOW)
    handle(moved("chargeback", 10000), moved("chargeback_reversed", 10000))
    assert left()["north"] == {"I1": 4000}
    assert [sum(one.allocations.values()) for one in transfers("north")] == [10000, -10000, 10000]
    sound(table)


def prune(account: str) -> None:
    item = head(account)
    item.update([HeadItem.open.set({k: one for k, one in item.open.as_dict().items() if one["remaining"] > 0})])


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("place", [0, 1], ids=["payment", "chargeback"])
def test_redelivery_after_a_crash_at_any_request_ends_as_if_there_had_been_none(heads, table, place, answered):
    story = [paid(17000), moved("chargeback", 17000)]
    if place:
        handle(story[0], FOLLOW)
    pristine = contents(table)
    assert handle(story[place]) == []
    wanted = contents(table)
    for call in range(1, 20):
        restore(table, pristine)
        with crash_at(cloud.models_client(), call, answered=answered) as made:
            failed = handle(story[place])
        if len(made) < call:
            break
        assert failed == ["0"]
        assert handle(story[place]) == []
        assert contents(table) == wanted
    assert call > 1
    assert left() == ALL if place else left() != ALL
    sound(table)


def test_a_transfer_stands_in_the_books_on_the_day_of_its_payment(heads, table):
    handle(paid(10000, invoice="N1", occurred_at="2026-11-30T12:00:00Z"))
    days = {
        account: [
            (str(entry.day), posting.amount.minor)
            for entry in journal.entries("acme", account, UTC)
            for posting in entry.postings
            if posting.account == "transfers"
        ]
        for account in ("group", "north")
    }
    assert days == {"group": [("2026-11-30", -10000)], "north": [("2026-11-30", 10000)]}


def test_all_books_hold_after_a_transfer(heads, table):
    handle(paid(19000), FOLLOW)
    handle(moved("refunded", 2500))
    entries = {account: list(journal.entries("acme", account, UTC)) for account in DEBTS}
    posted = [(entry.day, entry) for found in entries.values() for entry in found]
    rows = {row.ledger: row.closing for row in trial_balance(posted, date(2026, 1, 1), date(2027, 12, 31))}
    assert rows["transfers"] == 0
    assert rows["cash:stripe"] == 16500
    for account, found in entries.items():
        owed_now = int(head(account).balance)
        assert aged(account, "EUR", found, NOW + timedelta(days=1), UTC).balance == owed_now
        mine = [(entry.day, entry) for entry in found]
        closing = statement(mine, currency="EUR", first=date(2026, 1, 1), last=date(2027, 12, 31)).closing
        assert closing == owed_now


def test_the_childs_receipt_says_that_another_account_paid(heads, table):
    handle(paid(10000, invoice="N1"))
    found = settlement("N1", journal.entries("acme", "north", UTC))
    assert [(one.kind, one.reference, one.provider, str(one.amount)) for one in found.shares] == [
        ("transfer", "pi_1", "stripe", "100.00")
    ]
    assert settlement("I1", journal.entries("acme", "north", UTC)) is None


def test_both_timelines_tell_it(heads, table):
    handle(paid(12000))
    told_of = {
        account: [
            entry["text"] for fact in timeline.facts("acme", account, after=None, limit=50)[0] for entry in of(fact)
        ]
        for account in ("group", "north")
    }
    assert (
        "Payment pi_1 of 120.00 EUR by stripe: 100.00 on N1 of account north, 20.00 on S1 of account south."
        in (told_of["group"])
    )
    assert "Transfer by account group of payment pi_1: 100.00 EUR; 100.00 settled on N1." in told_of["north"]


# -- credit, and a person's word ---------------------------------------------------------------------------------------


def assess(account: str) -> None:
    message = Assess(partner="acme", account=account, cause="a test")
    assess_account(message, accounts=AccountStore(PolicyStore()), now=NOW - timedelta(days=60))


@pytest.mark.parametrize("assessed", ["north", "group"], ids=["the child's assessment", "its own assessment"])
def test_the_parents_credit_is_used_on_what_a_child_owes_next(heads, table, assessed):
    handle(paid(25000), FOLLOW)
    new = issue("N2", "ACME-8", "2026-12-31", 700, "north")
    head("north").update([HeadItem.open.set({"N2": new}), HeadItem.balance.add(700), HeadItem.version.add(1)])
    assess(assessed)
    assert (left()["north"], int(head("group").credit)) == ({}, 300)
    sound(table)
    handle(moved("refunded", 1000))
    assert (left()["north"], int(head("group").credit)) == ({"N2": 700}, 0)
    sound(table)


def test_a_person_puts_a_parents_payment_on_a_childs_invoice_and_on_no_strangers(heads, table):
    handle(paid(5000, invoice="I1"))
    given = {"book": PaymentBook(), "now": NOW, "pause": lambda _: None}
    wish = {"allocations": {"north/I1": "40.00"}, "reason": "meant for them"}
    shown = correct.allocate("acme", "group", "pi_1", wish, **given)
    assert (shown["allocations"], shown["credit"]) == ({"north/I1": "40.00"}, "10.00")
    assert (left()["group"], left()["north"]) == ({"I1": 5000}, {"N1": 10000})
    sound(table)
    with pytest.raises(Rejected, match="does not pay for other"):
        correct.allocate("acme", "group", "pi_1", {"allocations": {"other/X1": "1.00"}, "reason": "?"}, **given)
