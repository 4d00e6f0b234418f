"""Which messages follow from which change."""

import json
from pathlib import Path

import pytest

from infra.local.bench.chain import matches
from infra.local.stack.template import load, resources
from quittance.domain.errors import Poison
from quittance.usecases.messages import (
    AdoptCharges,
    Assess,
    DeliverNotice,
    FollowPayment,
    IssueInvoice,
    LookAtSubscription,
    PlanRun,
    RenderDocument,
    RenderReceipt,
    ToggleAccess,
    WorkTicket,
)
from quittance.usecases.relay import RULES, Change, claim_for, messages_for, payment_for

ACCOUNT = "P#acme#A#contoso"
SOURCE = resources(load(Path(__file__).parents[3] / "template.yaml"), "AWS::Lambda::EventSourceMapping")
FILTERS = [json.loads(one["Pattern"]) for one in SOURCE["OutboxRelaySource"]["FilterCriteria"]["Filters"]]


def image(pk=ACCOUNT, **attributes):
    number = {name: {"N": str(value)} for name, value in attributes.items() if isinstance(value, int)}
    text = {name: {"S": value} for name, value in attributes.items() if isinstance(value, str)}
    return {"pk": {"S": pk}, **text, **number}


def issued(**figures):
    return image(kind="invoice", sk="INV#I1", state="issued", issued_at="2026-10-09T22:30:00Z", **figures)


CASES = [
    (
        {},
        image("P#acme", kind="billing_run", sk="RUN#2026-09", state="planned"),
        [PlanRun(partner="acme", run="2026-09")],
    ),
    (
        image("P#acme", kind="billing_run", sk="RUN#2026-09", state="planned"),
        image("P#acme", kind="billing_run", sk="RUN#2026-09", state="done"),
        [],
    ),
    (
        {},
        image(kind="invoice", sk="INV#I1", state="ready"),
        [IssueInvoice(partner="acme", account="contoso", invoice="I1")],
    ),
    ({}, image(kind="invoice", sk="INV#2026-09", state="draft"), []),
    (
        image(kind="invoice", sk="INV#I1", state="ready"),
        issued(),
        [RenderDocument(partner="acme", account="contoso", invoice="I1")],
    ),
    (
        image(kind="invoice", sk="INV#I1", state="ready"),
        issued(assess=1),
        [
            RenderDocument(partner="acme", account="contoso", invoice="I1"),
            Assess(partner="acme", account="contoso", cause="invoice I1 issued"),
        ],
    ),
    ({}, image(kind="payment", sk="PAY#stripe#pi_1", blind=1), []),
    (
        {},
        image(kind="payment", sk="PAY#stripe#pi_1", provider="stripe", payment_id="pi_1"),
        [Assess(partner="acme", account="contoso", cause="payment stripe#pi_1")],
    ),
    (
        {},
        image(kind="movement", sk="PAY#stripe#pi_1#chargeback#dp_1", movement="chargeback"),
        [Assess(partner="acme", account="contoso", cause="chargeback stripe#pi_1#chargeback#dp_1")],
    ),
    (
        {},
        image(kind="promise", sk="C#PROMISE#P1", state="open"),
        [Assess(partner="acme", account="contoso", cause="promise P1 open")],
    ),
    (
        image(kind="promise", sk="C#PROMISE#P1", state="open"),
        image(kind="promise", sk="C#PROMISE#P1", state="kept"),
        [],
    ),
    (
        image(kind="pause", sk="C#PAUSE#Z1", state="set"),
        image(kind="pause", sk="C#PAUSE#Z1", state="ended"),
        [Assess(partner="acme", account="contoso", cause="pause Z1 ended")],
    ),
    (
        image(kind="hold", sk="C#HOLD#fraud.1", state="held"),
        image(kind="hold", sk="C#HOLD#fraud.1", state="released"),
        [Assess(partner="acme", account="contoso", cause="hold fraud.1 released")],
    ),
    (
        image(kind="dispute", sk="C#DISPUTE#I1.1", state="open"),
        image(kind="dispute", sk="C#DISPUTE#I1.1", state="rejected"),
        [Assess(partner="acme", account="contoso", cause="dispute I1.1 rejected")],
    ),
    ({}, image(kind="account", sk="C#PROFILE", body="{}"), []),
    (
        image(kind="account", sk="C#PROFILE", body="{}"),
        image(kind="account", sk="C#PROFILE", body='{"policy": "strict"}'),
        [Assess(partner="acme", account="contoso", cause="the account was changed")],
    ),
    (image(kind="payment", sk="PAY#stripe#pi_1"), image(kind="payment", sk="PAY#stripe#pi_1", due_at="x"), []),
    (
        {},
        image(kind="document", sk="DOC#2026-09"),
        [],
    ),
    (image(kind="document", sk="DOC#2026-09"), image(kind="document", sk="DOC#2026-09", sent_at="x"), []),
    (
        {},
        image(kind="notice", sk="C#NOT#N1", state="queued"),
        [DeliverNotice(partner="acme", account="contoso", notice="N1")],
    ),
    (
        image(kind="notice", sk="C#NOT#N1", state="queued"),
        image(kind="notice", sk="C#NOT#N1", state="sent"),
        [Assess(partner="acme", account="contoso", cause="notice N1 sent")],
    ),
    ({}, image(kind="subscription", sk="C#SUB#sub-1", generation=0), []),
    (
        image(kind="subscription", sk="C#SUB#sub-1", generation=1),
        image(kind="subscription", sk="C#SUB#sub-1", generation=2),
        [ToggleAccess(partner="acme", account="contoso", subscription="sub-1", generation=2)],
    ),
    (
        image(kind="subscription", sk="C#SUB#sub-1", generation=0),
        image(kind="subscription", sk="C#SUB#sub-1", generation=0, look_asked="2026-12-09T12:00:00Z"),
        [LookAtSubscription(partner="acme", account="contoso", subscription="sub-1", asked_at="2026-12-09T12:00:00Z")],
    ),
    (
        image(kind="subscription", sk="C#SUB#sub-1", generation=2, look_asked="2026-12-09T12:00:00Z"),
        image(kind="subscription", sk="C#SUB#sub-1", generation=2, look_asked="2026-12-09T12:00:00Z", drift="x"),
        [],
    ),
    (
        image(kind="subscription", sk="C#SUB#sub-1", generation=2, attempts=0),
        image(kind="subscription", sk="C#SUB#sub-1", generation=2, attempts=1),
        [],
    ),
    (
        {},
        image(kind="ticket", sk="TKT#T1", version=1),
        [WorkTicket(partner="acme", account="contoso", ticket="T1")],
    ),
    (
        {},
        image("P#acme#CUSTOMER#3f2c", kind="customer", sk="ACCOUNT", account="contoso"),
        [AdoptCharges(partner="acme", account="contoso", vendor_customer="3f2c")],
    ),
    ({}, image(kind="head", sk="C#HEAD", version=3), []),
    (image(kind="payment", sk="PAY#stripe#pi_1"), {}, []),
    ({}, image(kind="of a later version", sk="X"), []),
]


@pytest.mark.parametrize(("old", "new", "expected"), CASES)
def test_a_change_causes_its_messages(old, new, expected):
    assert messages_for(Change(old=old, new=new)) == expected


def test_an_item_without_its_account_is_poison():
    with pytest.raises(Poison, match="not in an account's partition"):
        messages_for(Change(old={}, new=image("P#acme", kind="payment", sk="PAY#stripe#pi_1")))


def test_an_item_without_a_needed_attribute_is_poison():
    with pytest.raises(Poison, match="generation"):
        messages_for(
            Change(
                old=image(kind="subscription", sk="C#SUB#1", generation=1), new=image(kind="subscription", sk="C#SUB#1")
            )
        )


def test_a_new_payment_is_followed_whether_or_not_it_was_booked_blindly():
    named = {"provider": "stripe", "payment_id": "pi_1"}
    new = image(kind="payment", sk="PAY#stripe#pi_1", blind=1, **named)
    assert payment_for(Change(old={}, new=new)) == FollowPayment(partner="acme", account="contoso", **named)
    assert payment_for(Change(old=new, new=new)) is None
    assert payment_for(Change(old=new, new={})) is None


def head(**remaining):
    entries = {name: {"M": {"remaining": {"N": str(minor)}, "number": {"S": "N"}}} for name, minor in remaining.items()}
    return {**image(kind="head", sk="C#HEAD", change="money"), "open": {"M": entries}}


@pytest.mark.parametrize(
    ("old", "new", "settled"),
    [
        (head(I1=100), head(I1=0), ["I1"]),
        (head(I1=100, I2=50), head(I1=0, I2=0), ["I1", "I2"]),
        (head(I1=100, I2=50), head(I1=0, I2=10), ["I1"]),
        (head(I1=100), head(I1=1), []),
        (head(I1=0), head(I1=0), []),
        (head(I1=0), head(), []),
        (head(I1=0), head(I1=100), []),
        (head(), head(I1=100), []),
        ({}, head(), []),
        (image(kind="head", sk="C#HEAD"), image(kind="head", sk="C#HEAD"), []),
    ],
    ids=[
        "settled",
        "two at once",
        "one of two",
        "a cent is left",
        "settled before",
        "pruned",
        "owed again",
        "issued",
        "the head is new",
        "nothing was ever owed",
    ],
)
def test_a_remainder_that_comes_to_nothing_asks_for_a_receipt(old, new, settled):
    found = messages_for(Change(old=old, new=new))
    assert found == [RenderReceipt(partner="acme", account="contoso", invoice=name) for name in settled]


CALM = {"due_if_paid": {"S": "2026-11-08T23:00:00Z"}}
NOW_PAID = {"paid": {"S": "stripe#pi_1"}}
ASSESSED = [Assess(partner="acme", account="contoso", cause="payment stripe#pi_1")]


@pytest.mark.parametrize(
    ("old", "new", "asked"),
    [
        (head(I1=100), {**head(I1=0), **NOW_PAID, **CALM}, []),
        (head(I1=100, I2=50), {**head(I1=0, I2=50), **NOW_PAID, **CALM}, []),
        (head(I1=100), {**head(I1=0), **NOW_PAID}, ASSESSED),
        (head(I1=100), {**head(I1=5), **NOW_PAID, **CALM}, ASSESSED),
        ({**head(I1=100), **NOW_PAID}, {**head(I1=100), **NOW_PAID}, []),
        ({**head(I1=100), **NOW_PAID}, {**head(I1=0), **NOW_PAID}, []),
    ],
    ids=["settles, calm", "settles one, calm", "not calm", "leaves a remainder", "no payment", "another movement"],
)
def test_a_payment_booked_blindly_is_weighed_unless_it_settles_and_all_is_calm(old, new, asked):
    assert [one for one in messages_for(Change(old=old, new=new)) if isinstance(one, Assess)] == asked


def starts_the_relay(old, new):
    record = {"eventName": ("MODIFY" if old else "INSERT") if new else "REMOVE", "dynamodb": {"NewImage": new}}
    return any(matches(one, record) for one in FILTERS)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        *((old, new) for old, new, expected in CASES if expected),
        ({}, image(kind="payment", sk="PAY#stripe#pi_1", blind=1, provider="stripe", payment_id="pi_1")),
        (head(I1=100), head(I1=0)),
        (head(I1=100), {**head(I1=5), **NOW_PAID}),
        ({}, image("P#acme", kind="payable", sk="PAYABLE#G1", alerts=1)),
        ({}, image("P#acme#BANK#B1", kind="bank_line", sk="LINE#1", state="placed")),
    ],
)
def test_what_causes_a_message_or_an_entry_of_a_register_starts_the_relay(old, new):
    assert starts_the_relay(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({}, image(kind="invoice", sk="INV#2026-09", state="draft")),
        ({}, image("P#acme#A#contoso#CHARGES", kind="charges", sk="G1#0001")),
        ({}, image(kind="decision", sk="DEC#2026-11-09")),
        ({}, image("P#acme#NUMBER#ACME1", kind="number", sk="INVOICE")),
        ({}, image("P#acme#PAYMENT#stripe#pi_1", kind="payment_owner", sk="ACCOUNT")),
        (head(I1=100), {**head(I1=100), "change": {"S": "claim"}}),
        (head(I1=0), {**head(), "change": {"S": "decision"}}),
        ({}, image(kind="document", sk="DOC#I1", sent_at="2026-10-09T06:00:00Z")),
        ({}, image(kind="receipt", sk="RCP#I1#0001", sent_at="2026-10-09T06:00:00Z")),
        (head(I1=0), {}),
    ],
)
def test_what_can_cause_none_does_not(old, new):
    assert not starts_the_relay(old, new)
    change = Change(old=old, new=new)
    assert (messages_for(change), claim_for(change), payment_for(change)) == ([], None, None)


def test_the_filter_names_the_kinds_that_have_rules_and_keeps_to_what_a_source_takes():
    assert {kind for one in FILTERS for kind in one["dynamodb"]["NewImage"]["kind"]["S"]} == set(RULES)
    assert len(FILTERS) <= 5
