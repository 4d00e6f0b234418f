"""Each rule of `verify`: a sound book breaks none, and a corrupted item is found and named."""

from __future__ import annotations

import copy
import json

import pytest

from infra.local.verify.outside import Outside
from infra.local.verify.stack import check_all
from infra.local.verify.table import Record, Table, decode


def test_a_sound_book_breaks_no_rule(book):
    assert book.violations == []
    kinds = {record.kind for record in book.table.records}
    assert {"invoice", "payment", "notice", "decision", "subscription", "charges", "document", "parked"} <= kinds
    stages = {record.get("stage") for record in book.table.of("head")}
    assert stages == {"clear", "suspended"}


def test_what_waits_for_a_person_is_listed_and_no_violation(book):
    assert sorted(str(one) for one in book.parked) == [
        "P#acme PARKED#payment#stripe#pi_9: no account",
        'q-documents-dead: {"type": "render"}',
    ]


def change(book, kind, mutate, where):
    """Return the table with the first item of a kind changed, and that item's key."""
    records = list(book.table.records)
    at = next(i for i, record in enumerate(records) if record.kind == kind and where(record))
    record = records[at]
    values = copy.deepcopy(dict(record.values))
    moved = mutate(values) or {}
    records[at] = Record(moved.get("pk", record.pk), moved.get("sk", record.sk), record.kind, values)
    return Table(records), (records[at].pk, records[at].sk)


def without(book, kind, where):
    """Return the table without the first item of a kind."""
    gone = next(record for record in book.table.records if record.kind == kind and where(record))
    return Table(record for record in book.table.records if record is not gone)


def told(table, outside):
    return {(violation.invariant, violation.rule) for violation in check_all(table, outside)}


def on(account, sk=""):
    return lambda record: record.account == account and record.sk.startswith(sk)


def put(**values):
    return lambda item: item.update(values)


def adopted(record):
    return "#OPEN#" in record.pk and record.get("slot") is not None


def billed(item):
    item["body"]["lines"][0]["charges"] = {}


def billed_again(item):
    item["body"]["lines"].append({**item["body"]["lines"][0], "net": 0})


def twice_posted(item):
    item["postings"] = [*item["postings"], ["receivable", 1]]


def passed_on_to_nobody(item):
    item["postings"] = [["transfers" if name == "receivable" else name, minor] for name, minor in item["postings"]]


def unrelied(item):
    item["body"]["relied"] = []


def young(item):
    item["body"]["relied"][0]["given_at"] = "2026-12-08T10:00:00+00:00"


def small(item):
    item["body"]["overdue"] = "24.99"


def no_policy(item):
    item["body"]["policy"] = None


def other_open(name, value):
    def mutate(item):
        next(iter(item["open"].values()))[name] = value

    return mutate


SUSPENDING = "DEC#2026-12-09"


@pytest.mark.parametrize(
    ("kind", "where", "mutate", "invariant", "rule"),
    [
        ("payment", on("contoso"), twice_posted, 1, "postings sum to zero"),
        ("payment", on("contoso"), put(to_credit=1), 1, "allocations and credit are the amount paid"),
        ("payment", on("contoso"), passed_on_to_nobody, 1, "transfers by account contoso sum to zero"),
        ("payment", on("contoso"), put(amount=1), 1, "the cash posted is the amount paid"),
        ("payment", on("contoso"), put(currency="USD"), 1, "an entry is in the account's currency"),
        ("invoice", on("contoso", "INV#"), put(net=1), 1, "net and VAT are the gross"),
        ("invoice", on("contoso", "INV#"), put(gross=1), 1, "the claim posted is the gross"),
        ("head", on("contoso"), put(balance=1), 1, "balance is what was posted to it"),
        ("head", on("contoso"), put(credit=1), 1, "credit is what was posted to it"),
        ("head", on("contoso"), put(credit=1), 1, "remainders less credit are the balance"),
        ("head", on("contoso"), other_open("remaining", -1), 1, "open.2026-09.remaining is within the gross"),
        ("head", on("tailspin"), put(balance=5), 1, "balance is what was posted to it"),
        ("invoice", on("contoso", "INV#"), put(number="ACME-2026-000009"), 2, "the counter is the last number"),
        ("invoice", on("contoso", "INV#"), put(number="ACME-2025-000001"), 2, "a number tells its series and year"),
        ("invoice", on("contoso", "INV#"), put(number="ACME-2026-000002"), 2, "a number is given once"),
        ("series", lambda _: True, put(last=3), 2, "the counter is the last number"),
        ("document", on("contoso"), put(sha256="0" * 64), 2, "stored bytes match their hash"),
        ("document", on("contoso"), put(invoice="2026-08"), 2, "a document is of an issued invoice"),
        ("payment", on("contoso"), put(payment_id="pi_P1"), 3, "a provider's payment is booked once"),
        ("invoice", on("fabrikam", "INV#I1"), put(period="2026-09"), 3, "an account has one invoice a period"),
        ("decision", on("contoso", SUSPENDING), unrelied, 4, "the notice final was given"),
        ("decision", on("contoso", SUSPENDING), young, 4, "the notice final was 7 full days old"),
        ("decision", on("contoso", SUSPENDING), young, 4, "the notice was sent when the decision says"),
        ("decision", on("contoso", SUSPENDING), small, 4, "a suspending stage of the policy held"),
        (
            "decision",
            on("contoso", SUSPENDING),
            lambda item: item["body"].update(standing={"pause": None, "promises": ["P1"]}),
            4,
            "no pause and no promise stood against it",
        ),
        ("decision", on("contoso", SUSPENDING), no_policy, 4, "the decision names a published policy"),
        (
            "decision",
            on("contoso", SUSPENDING),
            put(decided_at="2026-12-09T22:00:00Z"),
            4,
            "it was decided within business hours",
        ),
        ("subscription", on("fabrikam"), put(reasons=["nonpayment"]), 4, "a suspension has its decision"),
        (
            "subscription",
            on("fabrikam"),
            put(reasons=["nonpayment"]),
            5,
            "nothing stays suspended for non-payment once it is settled",
        ),
        ("subscription", on("fabrikam"), put(actual="suspended"), 5, "access becomes what is wanted"),
        ("subscription", on("contoso"), put(reasons=[]), 5, "access is suspended for reasons, and only then"),
        (
            "invoice",
            on("contoso", "INV#"),
            put(policy_version=2),
            6,
            "the pinned policy is the newest in force at issue",
        ),
        ("head", on("contoso"), other_open("policy_version", 2), 6, "open.2026-09.policy_version is the invoice's"),
        ("charges", adopted, put(slot="contoso/2026-10"), 7, "charges are on the one invoice of their slot"),
        ("charges", adopted, put(slot=None), 7, "open charges are on no invoice"),
        (
            "vendor_file",
            lambda _: True,
            lambda item: item["body"].update(rows=1),
            7,
            "every row of a file is kept once",
        ),
        ("vendor_file", lambda _: True, lambda item: item["body"].update(subtotal="1"), 7, "the charges kept add up"),
        ("notice", on("contoso"), put(state="queued"), 8, "a queued notice is on its way"),
        ("invoice", on("tailspin"), put(state="ready"), 8, "a manual invoice is on its way"),
        ("document", on("contoso"), put(location="other/contoso/x.pdf"), 9, "a document lies under its partner"),
        ("payment", on("contoso"), put(payment_id="pi_X"), 9, "the key follows from the content"),
        ("payment", on("contoso"), lambda _: {"pk": "P#acme"}, 9, "the item is in an account's partition"),
        ("policy", lambda _: True, lambda _: {"pk": "P#acme#A#contoso"}, 9, "the item is in its partner's partition"),
        ("head", on("contoso"), lambda _: {"pk": "nobody"}, 9, "a key names a partner"),
        (
            "head",
            on("contoso"),
            put(due_lane="account#99", due_at="2027-01-01T00:00:00Z"),
            9,
            "the due lane follows from the key",
        ),
        ("head", on("contoso"), put(due_lane="account#99", due_at=None), 9, "due lane and due moment come together"),
        ("parked", lambda one: one.pk == "P#acme", put(due_lane="task#other"), 9, "the due lane follows from the key"),
        ("payment", on("contoso"), put(postings="torn"), 1, "items can be read"),
        ("customer", lambda _: True, put(account="nobody"), 9, "a customer is an account of the same partner"),
    ],
)
def test_a_corrupted_item_is_found_and_named(book, kind, where, mutate, invariant, rule):
    table, key = change(book, kind, mutate, where)
    found = list(check_all(table, book.outside))
    assert (invariant, rule) in {(violation.invariant, violation.rule) for violation in found}
    named = {(violation.pk, violation.sk) for violation in found if violation.rule == rule}
    # These name the other one of two, the series, or nothing where nothing could be read.
    shared = {
        "a number is given once",
        "the counter is the last number",
        "a provider's payment is booked once",
        "items can be read",
    }
    assert key in named or rule in shared, f"{rule} names {named}, not {key}"


@pytest.mark.parametrize(
    ("kind", "where", "invariant", "rule"),
    [
        ("payment", on("contoso"), 1, "balance is what was posted to it"),
        ("payment", on("contoso"), 1, "gross less payments is what remains"),
        ("head", on("contoso"), 1, "an account with entries has a head"),
        ("series", lambda _: True, 2, "the counter is the last number"),
        ("document", on("contoso"), 2, "an issued invoice has its document"),
        ("decision", on("contoso", SUSPENDING), 4, "a suspension has its decision"),
        ("notice", on("contoso", "C#NOT#2026-09.0.final"), 4, "the notice relied on was sent"),
        ("policy", lambda _: True, 4, "the decision names a published policy"),
        ("policy", lambda _: True, 6, "the pinned policy is the newest in force at issue"),
        ("charges", on("contoso"), 7, "an invoice's charges exist"),
        ("invoice", on("tailspin"), 7, "an account's charges are in one slot"),
        ("payable", lambda _: True, 7, "an imported file is a payable"),
        ("account", on("contoso"), 9, "a listed account has profile and head"),
    ],
)
def test_a_lost_item_is_missed(book, kind, where, invariant, rule):
    assert (invariant, rule) in told(without(book, kind, where), book.outside)


def test_a_charge_billed_by_no_line_or_by_two_is_found(book):
    table, _ = change(book, "invoice", billed, on("contoso", "INV#"))
    assert any(rule.endswith("is billed once or absorbed") for _, rule in told(table, book.outside))
    table, _ = change(book, "invoice", billed_again, on("contoso", "INV#"))
    assert any(rule.endswith("is billed once in all") for _, rule in told(table, book.outside))


def test_a_gap_in_the_numbers_is_named_by_its_series(book):
    table = without(book, "invoice", lambda record: record.get("number") == "ACME-2026-000002")
    gaps = [violation for violation in check_all(table, book.outside) if violation.rule == "numbers have no gap"]
    assert [(gap.sk, gap.expected) for gap in gaps] == [("SERIES#acme#INV#2026", "a document numbered 2")]


def test_stored_bytes_that_differ_or_are_gone_are_found(book):
    (place, *_) = book.outside.hashes
    for stored in ("0" * 64, None):
        outside = Outside({**book.outside.hashes, place: stored}, book.outside.queued)
        assert (2, "stored bytes match their hash") in told(book.table, outside)


def test_a_document_still_to_be_made_is_in_its_queue(book):
    table = without(book, "document", on("contoso"))
    waiting = Outside(book.outside.hashes, {**book.outside.queued, "documents": 1})
    assert told(table, waiting) == set()


def test_what_a_queue_may_hold_is_not_lost(book):
    table, _ = change(book, "notice", put(state="queued"), on("contoso", "C#NOT#2026-09.0.r"))
    assert (8, "a queued notice is on its way") not in told(table, Outside(book.outside.hashes, {"notices": 1}))


def test_a_paid_account_waits_for_its_assessment_without_complaint(book):
    """Right after a payment access is still suspended; that is in flight, not broken."""

    def paid(item):
        for entry in item["open"].values():
            entry["remaining"] = 0

    table, _ = change(book, "head", paid, on("contoso"))
    rule = "nothing stays suspended for non-payment once it is settled"
    assert (5, rule) in told(table, book.outside)
    table, _ = change(
        type(book)(table, book.outside, [], []),
        "head",
        put(due_lane="account#00", due_at="2026-12-09T10:00:00Z"),
        on("contoso"),
    )
    assert (5, rule) not in told(table, book.outside)


def test_items_are_decoded_to_plain_values():
    record = decode(
        {
            "pk": {"S": "P#acme#A#contoso"},
            "sk": {"S": "C#HEAD"},
            "kind": {"S": "head"},
            "balance": {"N": "-12"},
            "open": {"M": {"I1": {"M": {"remaining": {"N": "3"}}}}},
            "body": {"S": json.dumps({"a": 1})},
            "gone": {"NULL": True},
        }
    )
    assert (record.partner, record.account, record.get("balance")) == ("acme", "contoso", -12)
    assert record.get("open") == {"I1": {"remaining": 3}}
    assert record.body == {"a": 1}
    assert record.get("gone", "nothing") == "nothing"
