"""What becomes of a statement's money: booked once where it is sure, kept for a person where it is not."""

from __future__ import annotations

import pytest

from quittance.store import keys
from tests.functional.bank.conftest import DATA, OURS

CAMT = (DATA / "camt053_v02_german_bank.xml").read_bytes()
RETURNS = (DATA / "camt053_v08_returns.xml").read_bytes()


def money(world):
    return {account: world.owed(account)["balance"] for account in ("contoso", "fabrikam", "wingtip")}


def test_sure_money_is_booked_and_the_rest_waits(world):
    record = world.drop(CAMT)
    assert record["state"] == "read"
    (told,) = record["statements"]
    assert told["lines"] == {"outgoing": 1, "placed": 4, "waiting": 1}
    assert (told["account"], told["adds_up"], told["from"]) == (OURS, True, "2026-11-12")
    messages = world.relay()
    assert {message["provider"] for message in messages} == {f"bank:{OURS}"}
    assert money(world) == {"contoso": 0, "fabrikam": 0, "wingtip": 0}


def test_two_equal_transfers_on_one_day_are_two_payments(world):
    world.drop(CAMT)
    wingtip = [message for message in world.relay() if message["account"] == "wingtip"]
    assert [message["amount"] for message in wingtip] == [5900, 5900]
    assert world.owed("wingtip") == {"W1": 0, "W2": 0, "balance": 0}


@pytest.mark.parametrize("name", ["statement.xml", "other.xml", "2026/11/12.xml"])
def test_the_same_file_twice_changes_nothing(world, name):
    world.drop(CAMT)
    world.relay()
    before = {key: item for key, item in world.items().items() if "STATEMENT#" not in key[1]}
    again = world.drop(CAMT, name)
    assert again["statements"][0]["lines"] == {"outgoing": 1, "placed": 4, "waiting": 1}
    assert world.relay() == []
    assert {key: item for key, item in world.items().items() if "STATEMENT#" not in key[1]} == before


def test_a_file_that_overlaps_books_only_what_is_new(world):
    cut = CAMT.index(b"<Ntry>", CAMT.index(b"FAB-77"))
    first = CAMT[:cut] + CAMT[CAMT.index(b"</Stmt>") :]
    world.drop(first, "first.xml")
    assert len(world.relay()) == 2
    world.drop(CAMT, "second.xml")
    assert len(world.relay()) == 2
    assert money(world) == {"contoso": 0, "fabrikam": 0, "wingtip": 0}


def test_another_amount_under_a_known_reference_waits_for_a_person(world):
    world.drop(CAMT)
    world.drop(CAMT.replace(b"297.44", b"297.45"), "corrected.xml")
    doubtful = [line for line in world.waiting() if line["doubt"]]
    # Behind it every balance is another, so the two transfers without a reference may be others as well.
    assert sorted(line["amount"] for line in doubtful) == ["297.45", "59.00", "59.00"]
    assert {line["account"] for line in doubtful} == {None}


def test_a_return_takes_back_the_payment_of_its_transfer(world):
    world.drop(CAMT)
    world.drop(RETURNS, "returns.xml")
    messages = world.relay()
    (back,) = [message for message in messages if message["kind"] == "chargeback"]
    (paid,) = [message for message in messages if message["account"] == "fabrikam" and message["kind"] == "succeeded"]
    assert (back["payment_id"], back["movement_id"]) == (paid["payment_id"], "R-1.0")
    assert (back["account"], back["amount"]) == ("fabrikam", 15000)


def test_a_reversal_that_names_no_transfer_waits_with_proposals(world):
    world.drop(RETURNS)
    assert world.relay() == []
    reversal = next(line for line in world.waiting() if line["returned"] == "reversal")
    assert reversal["kind"] == "chargeback"
    assert reversal["proposals"][0]["account"] == "contoso"


def test_a_file_that_cannot_be_read_is_refused_and_the_reason_is_kept(world):
    record = world.drop(b"<!DOCTYPE a []><a/>")
    assert record["state"] == "refused"
    assert "document type" in record["reason"]
    assert [key for key in world.items() if "#BANK#" in key[0]] == []


def test_a_file_in_two_formats_of_one_bank_counts_once_where_the_bank_gives_its_reference(world):
    sta = CAMT_AS_MT940.encode()
    world.drop(CAMT)
    world.relay()
    world.drop(sta, "same.sta")
    assert world.relay() == []


CAMT_AS_MT940 = f""":20:A
:25:{OURS}
:28C:1
:60F:C261111EUR1000,00
:61:2611121112CR297,44N166NONREF//2026111210000001
:86:166?00GUTSCHRIFT?20SVWZ+RECHNUNG ACME-2026-000001?32CONTOSO AG
:62F:C261112EUR1297,44
"""


def test_a_partner_sees_and_decides_only_its_own_lines(world):
    world.drop(CAMT)
    (line,) = world.waiting()
    other = {"partner": "other"}
    assert world.call("GET", "/v1/bank-lines", **other).body["lines"] == []
    assert world.call("GET", f"/v1/bank-lines/{line['id']}", **other).status == 404
    decided = world.call("POST", f"/v1/bank-lines/{line['id']}/decision", {"account": "contoso"}, **other)
    assert decided.status == 404
    assert world.call("GET", "/v1/bank-statements", **other).body["statements"] == []


def test_the_number_of_an_issued_invoice_is_known_once_the_relay_has_seen_it(world):
    key = keys.invoice("acme", "contoso", "I9")
    image = {
        "pk": {"S": key.pk},
        "sk": {"S": key.sk},
        "kind": {"S": "invoice"},
        "state": {"S": "issued"},
        "number": {"S": "ACME-2026-000077"},
        "gross": {"N": "100"},
        "currency": {"S": "EUR"},
    }
    world.table.put_item(TableName="Quittance", Item=image)
    world.relay()
    found = world.items()["P#acme#NUMBER#ACME2026000077", "INVOICE"]
    assert (found["account"]["S"], found["invoice"]["S"]) == ("contoso", "I9")
