"""A person decides what waits, once; the decision teaches the next match."""

from __future__ import annotations

import json

import boto3
import pytest

from tests.functional.api.conftest import REGION
from tests.functional.bank.conftest import OURS

PAYER = "DE02120300000000202051"
ENTRY = """
<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>2026-11-12</Dt></BookgDt>
<AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls>
<RltdPties><Dbtr><Nm>Contoso AG</Nm></Dbtr><DbtrAcct><Id><IBAN>{iban}</IBAN></Id></DbtrAcct></RltdPties>
<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""


def transfer(reference="T1", amount="100.00", text="danke", iban=PAYER):
    entry = ENTRY.format(reference=reference, amount=amount, text=text, iban=iban)
    account = f"<Acct><Id><IBAN>{OURS}</IBAN></Id></Acct>"
    return f"<Document><BkToCstmrStmt><Stmt><Id>S</Id>{account}{entry}</Stmt></BkToCstmrStmt></Document>".encode()


def decide(world, line, body, **options):
    return world.call("POST", f"/v1/bank-lines/{line['id']}/decision", body, **options)


@pytest.fixture
def line(world):
    world.drop(transfer())
    (found,) = world.waiting()
    return found


def test_what_waits_is_shown_with_proposals(world, line):
    assert (line["state"], line["amount"], line["payer"]) == (
        "waiting",
        "100.00",
        {"name": "Contoso AG", "iban": PAYER},
    )
    (proposal,) = line["proposals"]
    assert (proposal["account"], proposal["confidence"]) == ("contoso", 40)
    assert world.call("GET", f"/v1/bank-lines/{line['id']}").body == line


def test_a_decision_books_the_money_and_takes_the_line_off_the_list(world, line):
    answer = decide(world, line, {"account": "contoso", "invoice": "I1"}, role="billing_admin")
    assert (answer.status, answer.body["state"], answer.body["decision"]["by"]) == (200, "placed", "billing_admin")
    assert world.waiting() == []
    assert [message["invoice"] for message in world.relay()] == ["I1"]
    assert world.owed("contoso") == {"I1": 19744, "balance": 19744}


def test_a_decision_teaches_the_next_match(world, line):
    decide(world, line, {"account": "contoso"})
    world.drop(transfer("T2", "55.00"), "next.xml")
    assert world.waiting() == []
    assert sorted(message["amount"] for message in world.relay()) == [5500, 10000]


def test_an_iban_that_pays_for_two_accounts_is_asked_about_again(world, line):
    decide(world, line, {"account": "contoso"})
    world.drop(transfer("T2", "10.00", "ACME-2026-2"), "second.xml")
    (second,) = world.waiting()
    decide(world, second, {"account": "fabrikam"})
    world.drop(transfer("T3", "10.00"), "third.xml")
    (third,) = world.waiting()
    assert {one["account"] for one in third["proposals"]} == {"contoso", "fabrikam"}


def test_the_same_decision_again_changes_nothing_and_another_is_refused(world, line):
    first = decide(world, line, {"account": "contoso"})
    before = world.items()
    assert decide(world, line, {"account": "contoso"}).body == first.body
    assert decide(world, line, {"account": "fabrikam"}).status == 409
    assert decide(world, line, {"set_aside": "not ours"}).status == 409
    assert world.items() == before


def test_a_line_can_be_set_aside_with_a_reason_and_books_nothing(world, line):
    answer = decide(world, line, {"set_aside": "our own savings account"})
    assert (answer.status, answer.body["state"]) == (200, "set_aside")
    assert world.waiting() == []
    assert world.relay() == []


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "account"),
        ({"account": "contoso", "set_aside": "x"}, "account"),
        ({"account": "nobody"}, "account"),
        ({"account": "contoso", "amount": "1"}, "amount"),
        ({"account": "a b"}, "account"),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(world, line, body, field):
    before = world.items()
    answer = decide(world, line, body)
    assert (answer.status, answer.body["field"]) == (422, field)
    assert world.items() == before


def test_who_may_only_look_cannot_decide(world, line):
    assert decide(world, line, {"account": "contoso"}, role="sales_agent").status == 403
    assert world.call("POST", "/v1/bank-statements", {"filename": "a.xml"}, role="helpdesk_agent").status == 403


def test_money_in_another_currency_cannot_be_placed(world):
    world.drop(transfer(text="ACME-2026-000001").replace(b'"EUR"', b'"USD"'))
    (found,) = world.waiting()
    assert decide(world, found, {"account": "contoso"}).status == 422


def test_an_unknown_line_is_not_found(world):
    for name in (f"{OURS}.{'0' * 24}", "nothing"):
        assert decide(world, {"id": name}, {"account": "contoso"}).status == 404


def test_a_return_needs_the_payment_that_it_takes_back(world):
    back = (
        transfer(text="ACME-2026-000001").replace(b"CRDT", b"DBIT").replace(b"<Sts>", b"<RvslInd>true</RvslInd><Sts>")
    )
    world.drop(back)
    (found,) = world.waiting()
    assert decide(world, found, {"account": "contoso"}).body["field"] == "payment"
    assert decide(world, found, {"account": "contoso", "payment": "T9.0"}).status == 200
    (message,) = world.relay()
    assert (message["kind"], message["payment_id"], message["movement_id"]) == ("chargeback", "T9.0", "T1.0")


def test_the_list_is_read_in_pages(world):
    for i in range(5):
        world.drop(transfer(f"T{i}"), f"{i}.xml")
    seen, after = [], {}
    while True:
        page = world.call("GET", "/v1/bank-lines", query={"limit": "2", **after}).body
        seen += [one["id"] for one in page["lines"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert len(set(seen)) == len(seen) == 5


# --- statements by the API ----------------------------------------------------------------------------------------


def test_a_statement_in_the_body_is_put_where_it_is_read(world):
    answer = world.call(
        "POST", "/v1/bank-statements", raw=transfer().decode(), headers={"content-type": "application/xml"}
    )
    assert answer.status == 202
    name = answer.body["statement"]
    assert world.call("GET", f"/v1/bank-statements/{name}").status == 404
    world.read(f"acme/bank-statements/{name}")
    assert world.call("GET", f"/v1/bank-statements/{name}").body["state"] == "read"
    assert [one["statement"] for one in world.call("GET", "/v1/bank-statements").body["statements"]] == [name]


def test_a_large_statement_is_put_to_an_address(world):
    answer = world.call("POST", "/v1/bank-statements", {"filename": "november.sta"})
    assert (answer.status, answer.body["method"], answer.body["statement"]) == (201, "PUT", "november.sta")
    assert "acme/bank-statements/november.sta" in answer.body["url"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        ({"raw": "x", "headers": {"content-type": "image/png"}}, 400),
        ({"raw": "", "headers": {"content-type": "text/plain"}}, 400),
        ({"raw": "x" * (256 * 1024 + 1), "headers": {"content-type": "text/plain"}}, 413),
        ({"body": {"filename": "../x"}}, 422),
        ({"body": {"name": "x"}}, 422),
    ],
)
def test_what_is_no_statement_is_refused_at_the_door(world, options, status):
    assert world.call("POST", "/v1/bank-statements", **options).status == status


def test_no_vendor_invoice_can_be_called_like_the_folder_of_statements(world):
    order = {"vendor_invoice": "bank-statements", "filename": "a.csv", "dated": "2026-10-08"}
    assert world.call("POST", "/v1/imports", order).status == 422


def test_objects_of_a_partner_that_is_no_name_are_parked(world):
    world.put(b"x", "a b/bank-statements/x.xml")
    before = set(world.items())
    assert world.read("a b/bank-statements/x.xml") == {"batchItemFailures": []}
    (parked,) = set(world.items()) - before
    assert "PARKED" in parked[1]
    assert json.dumps(boto3.client("s3", region_name=REGION).list_objects_v2(Bucket="imports")["KeyCount"])
