"""One transfer for several accounts, and money that leaves the bank account again."""

from __future__ import annotations

import pytest

from infra.local.verify import once
from infra.local.verify.table import read_table
from quittance.store.models import Item
from tests.functional.bank.test_decisions import PAYER, decide, transfer

HALVES = [{"account": "contoso", "invoice": "I1", "amount": "60.00"}, {"account": "fabrikam", "amount": "40.00"}]
OF_ONE = [{"account": "contoso", "invoice": "I1", "amount": "60.00"}, {"account": "contoso", "amount": "40.00"}]


def wire(reference="W1", amount="30.00", text="Refund TRANSFER1", end_to_end="NOTPROVIDED"):
    made = transfer(reference, amount, text).replace(b"CRDT", b"DBIT")
    return made.replace(b"<TxDtls>", f"<TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>".encode())


def sound(world):
    found = read_table(world.table, Item.Meta.table_name)
    assert [str(one) for one in once.check(found)] == []


@pytest.fixture
def line(world):
    world.drop(transfer("TRANSFER1"))
    (found,) = world.waiting()
    return found


def owed(world):
    return {account: world.owed(account)["balance"] for account in ("contoso", "fabrikam")}


def test_a_line_is_split_over_accounts_and_each_part_is_booked_once(world, line):
    before = owed(world)
    answer = decide(world, line, {"parts": HALVES})
    assert (answer.status, answer.body["state"], [one["payment"][-3:] for one in answer.body["parts"]]) == (
        200,
        "placed",
        [".p1", ".p2"],
    )
    assert decide(world, line, {"parts": HALVES}).body == answer.body
    assert decide(world, line, {"parts": OF_ONE}).status == 409
    assert sorted(message["amount"] for message in world.relay()) == [4000, 6000]
    assert owed(world) == {"contoso": before["contoso"] - 6000, "fabrikam": before["fabrikam"] - 4000}
    sound(world)


@pytest.mark.parametrize(("parts", "waits"), [(HALVES, 1), (OF_ONE, 0)])
def test_a_split_teaches_an_iban_only_where_one_account_has_all_of_it(world, line, parts, waits):
    decide(world, line, {"parts": parts})
    world.drop(transfer("TRANSFER2", "55.00", iban=PAYER), "next.xml")
    assert len(world.waiting()) == waits


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"parts": HALVES[:1]}, "40.00 is missing"),
        ({"parts": [*HALVES, HALVES[0]]}, "-60.00 is missing"),
        ({"parts": [{**HALVES[0], "amount": "0.00"}]}, "more than nothing"),
        ({"parts": [{**HALVES[0], "amount": "60.001"}]}, "amount"),
        ({"parts": [HALVES[0], {**HALVES[1], "account": "nobody"}]}, "no account"),
        ({"parts": HALVES, "account": "contoso"}, "account"),
        ({"parts": HALVES, "invoice": "I1"}, "parts"),
        ({"parts": []}, "account"),
    ],
)
def test_parts_that_are_not_the_line_are_refused(world, line, body, says):
    before = world.items()
    answer = decide(world, line, body)
    assert (answer.status, says in answer.body["detail"]) == (422, True)
    assert world.items() == before


def test_a_wire_that_names_a_payment_is_its_refund_once(world, line):
    decide(world, line, {"account": "contoso", "invoice": "I1"})
    world.relay()
    before = owed(world)["contoso"]
    for name in ("out.xml", "again.xml"):
        world.drop(wire(end_to_end="RE-77"), name)
        world.relay()
    assert (world.waiting(), owed(world)["contoso"]) == ([], before + 3000)
    paid = world.call("GET", "/v1/accounts/contoso/payments/TRANSFER1.0").body
    assert [(one["kind"], one["id"]) for one in paid["movements"]] == [("refunded", "RE-77")]
    sound(world)


def test_a_wire_that_names_one_part_refunds_that_part(world, line):
    decide(world, line, {"parts": HALVES})
    world.relay()
    before = owed(world)
    world.drop(wire(text="refund TRANSFER1.0.p2"), "out.xml")
    world.relay()
    assert owed(world) == {**before, "fabrikam": before["fabrikam"] + 3000}
    sound(world)


@pytest.mark.parametrize(
    ("text", "amount", "state"),
    [
        ("Refund TRANSFER1", "300.00", "waiting"),
        ("ACME-2026-000001 overpaid", "30.00", "waiting"),
        ("Salary November", "30.00", "outgoing"),
        ("Refund TRANSFER9", "30.00", "outgoing"),
    ],
    ids=["more than came", "an invoice only", "nobody of ours", "a payment nobody knows"],
)
def test_a_wire_is_nobodys_or_waits_for_a_person(world, line, text, amount, state):
    decide(world, line, {"set_aside": "x"} if "TRANSFER1" not in text else {"account": "contoso"})
    world.relay()
    record = world.drop(wire(text=text, amount=amount), "out.xml")
    assert record["statements"][0]["lines"] == {state: 1}
    assert world.relay() == []


def test_a_person_says_of_which_payment_a_wire_is_the_refund(world, line):
    decide(world, line, {"account": "contoso", "invoice": "I1"})
    world.relay()
    world.drop(wire(text="ACME-2026-000001"), "out.xml")
    (found,) = world.waiting()
    assert decide(world, found, {"account": "contoso"}).body["field"] == "payment"
    assert decide(world, found, {"account": "contoso", "payment": "TRANSFER1.0"}).status == 200
    (message,) = world.relay()
    assert (message["kind"], message["payment_id"], message["amount"]) == ("refunded", "TRANSFER1.0", 3000)
    sound(world)
