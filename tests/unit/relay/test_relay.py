"""Which messages follow from which change."""

import pytest

from quittance.domain.errors import Poison
from quittance.usecases.messages import (
    AdoptCharges,
    Assess,
    DeliverInvoice,
    DeliverNotice,
    DeliverReceipt,
    FollowPayment,
    IssueInvoice,
    PlanRun,
    RenderDocument,
    RenderReceipt,
    ToggleAccess,
    WorkTicket,
)
from quittance.usecases.relay import Change, messages_for

ACCOUNT = "P#acme#A#contoso"


def image(pk=ACCOUNT, **attributes):
    number = {name: {"N": str(value)} for name, value in attributes.items() if isinstance(value, int)}
    text = {name: {"S": value} for name, value in attributes.items() if isinstance(value, str)}
    return {"pk": {"S": pk}, **text, **number}


def issued(**figures):
    return image(kind="invoice", sk="INV#I1", state="issued", issued_at="2026-10-09T22:30:00Z", **figures)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
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
            issued(gross=11900, due="2026-11-08"),
            [RenderDocument(partner="acme", account="contoso", invoice="I1")],
        ),
        *(
            (
                image(kind="invoice", sk="INV#I1", state="ready"),
                urgent,
                [
                    RenderDocument(partner="acme", account="contoso", invoice="I1"),
                    Assess(partner="acme", account="contoso", cause="invoice I1 issued"),
                ],
            )
            for urgent in (
                issued(gross=11900, due="2026-10-09"),
                issued(gross=11900, due="2026-09-01"),
                issued(gross=-11900, due="2026-11-08"),
            )
        ),
        ({}, image(kind="payment", sk="PAY#stripe#pi_1", blind=1), []),
        (
            image(kind="head", sk="C#HEAD", paid="stripe#pi_0"),
            image(kind="head", sk="C#HEAD", paid="stripe#pi_1", watched=1),
            [Assess(partner="acme", account="contoso", cause="payment stripe#pi_1")],
        ),
        ({}, image(kind="head", sk="C#HEAD", paid="stripe#pi_1", due_if_paid="2026-11-08T23:00:00Z"), []),
        (image(kind="head", sk="C#HEAD", paid="stripe#pi_1"), image(kind="head", sk="C#HEAD", paid="stripe#pi_1"), []),
        (
            {},
            image(kind="payment", sk="PAY#stripe#pi_1", provider="stripe", payment_id="pi_1"),
            [
                Assess(partner="acme", account="contoso", cause="payment stripe#pi_1"),
                FollowPayment(partner="acme", account="contoso", provider="stripe", payment_id="pi_1"),
            ],
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
            [DeliverInvoice(partner="acme", account="contoso", invoice="2026-09")],
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
    ],
)
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


def head(**remaining):
    entries = {name: {"M": {"remaining": {"N": str(minor)}, "number": {"S": "N"}}} for name, minor in remaining.items()}
    return {**image(kind="head", sk="C#HEAD"), "open": {"M": entries}}


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


def test_a_receipt_is_sent_when_it_is_there():
    stored = image(kind="receipt", sk="RCP#I1#0001")
    assert messages_for(Change(old={}, new=stored)) == [
        DeliverReceipt(partner="acme", account="contoso", receipt="I1#0001")
    ]
    assert messages_for(Change(old=stored, new=image(kind="receipt", sk="RCP#I1#0001", sent_at="x"))) == []
