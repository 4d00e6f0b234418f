"""Invariant 1: postings sum to zero, and what the account's head says is what its postings come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from infra.local.verify.table import Record, Table, by_account
from infra.local.verify.violations import Violation, broken, missing
from quittance.domain.ledger import BAD_DEBT, CUSTOMER_CREDIT, DIFFERENCES, RECEIVABLE, TRANSFERS, cash
from quittance.domain.transfers import own
from quittance.store import keys

_CLAIMS = (RECEIVABLE, CUSTOMER_CREDIT, BAD_DEBT)
"""What an issued document's gross is posted to: a credit note may take back a debt that was given up."""
_OWED = (RECEIVABLE, CUSTOMER_CREDIT)


def check(table: Table) -> Iterator[Violation]:
    """Prove every entry, then every account's head from its entries."""
    booked = [record for record in table.records if record.get("postings") is not None]
    for record in booked:
        yield from _balanced(record)
    for record in table.issued():
        yield from _invoice(record)
    for record in table.of("payment"):
        yield from _payment(record)
    for record in table.of("movement"):
        yield from _movement(record)
    for head in table.of("head"):
        yield from _remainders(head)
    for (partner, account), entries in by_account(booked):
        yield from _account(table, partner, account, entries)
    yield from _partners(table, booked)
    yield from _transfers(booked)
    with_entries = {record.pk for record in booked}
    for head in table.of("head"):
        if head.pk not in with_entries:
            yield from _sums(head, [])


def _balanced(record: Record) -> Iterator[Violation]:
    """An entry's debits equal its credits; an item has one currency, so this is per currency."""
    total = sum(amount for _, amount in record.get("postings"))
    if total:
        yield broken(1, "postings sum to zero", record, expected=0, found=total)


def _invoice(record: Record) -> Iterator[Violation]:
    net, vat, gross = (record.get(name, 0) for name in ("net", "vat", "gross"))
    if net + vat != gross:
        yield broken(1, "net and VAT are the gross", record, expected=net + vat, found=gross)
    claim = sum(amount for name, amount in record.get("postings", ()) if name in _CLAIMS)
    if claim != gross:
        yield broken(1, "the claim posted is the gross", record, expected=gross, found=claim)
    lines = sum(line["net"] for line in record.body.get("lines", ()))
    if lines != net:
        yield broken(1, "the lines add up to the net", record, expected=lines, found=net)


def _payment(record: Record) -> Iterator[Violation]:
    amount = record.get("amount", 0)
    received = sum(value for name, value in record.get("postings", ()) if name == cash(record.get("provider")))
    if received != amount:
        yield broken(1, "the cash posted is the amount paid", record, expected=amount, found=received)
    placed = sum(record.get("allocations", {}).values()) + record.get("to_credit", 0)
    placed += sum(record.get("recovered", {}).values()) - _posted(record, DIFFERENCES)
    if placed != amount:
        yield broken(1, "allocations and credit are the amount paid", record, expected=amount, found=placed)


def _movement(record: Record) -> Iterator[Violation]:
    """What a movement says of invoices and credit is what it posts."""
    said = {RECEIVABLE: sum(own(record.get("allocations", {})).values()), CUSTOMER_CREDIT: record.get("to_credit", 0)}
    for name, amount in said.items():
        if -_posted(record, name) != amount:
            yield broken(1, f"the {name} posted is what it says", record, expected=amount, found=-_posted(record, name))


def _posted(record: Record, account: str) -> int:
    return sum(amount for name, amount in record.get("postings", ()) if name == account)


def _transfers(booked: list[Record]) -> Iterator[Violation]:
    """What accounts pay for others is what the others had paid: each payer's transfers are its children's."""
    sums: Counter[tuple[str, str, str]] = Counter()
    last: dict[tuple[str, str, str], Record] = {}
    for record in booked:
        payer = str(record.get("payer") or record.account)
        if posted := _posted(record, TRANSFERS):
            key = record.partner, payer, str(record.get("currency"))
            sums[key] += posted
            last[key] = record
    for key, total in sums.items():
        if total:
            yield broken(1, f"transfers by account {key[1]} sum to zero", last[key], expected=0, found=total)


def _remainders(head: Record) -> Iterator[Violation]:
    for name, entry in head.get("open", {}).items():
        if not 0 <= entry["remaining"] <= entry["gross"]:
            rule, found = f"open.{name}.remaining is within the gross", entry["remaining"]
            yield broken(1, rule, head, expected=f"0 to {entry['gross']}", found=found)


def _account(table: Table, partner: str, account: str, entries: list[Record]) -> Iterator[Violation]:
    key = keys.head(partner, account)
    head = table.get(key)
    if head is None:
        yield missing(1, "an account with entries has a head", key.pk, key.sk, expected="its balance")
        return
    for record in entries:
        if record.get("currency") != head.get("currency"):
            rule, found = "an entry is in the account's currency", record.get("currency")
            yield broken(1, rule, record, expected=head.get("currency"), found=found)
    yield from _sums(head, entries)
    yield from _owed(table, head, entries)


def _partners(table: Table, booked: list[Record]) -> Iterator[Violation]:
    """All that a partner's heads say is owed is all that its entries claim, whatever account they lie in."""
    claimed: Counter[tuple[str, str]] = Counter()
    for record in booked:
        for name, amount in record.get("postings"):
            claimed[record.partner, record.get("currency", "")] += amount if name in _OWED else 0
    said: Counter[tuple[str, str]] = Counter()
    for head in table.of("head"):
        said[head.partner, head.get("currency", "")] += head.get("balance", 0)
    for partner, currency in sorted({*claimed, *said}):
        expected, found = claimed[partner, currency], said[partner, currency]
        if expected != found:
            rule = f"the heads together are the {currency} receivables of the books"
            yield missing(1, rule, keys.partner_pk(partner), "", expected=expected, found=found)


def _sums(head: Record, entries: list[Record]) -> Iterator[Violation]:
    """Balance and credit are the sums of the entries, and the open remainders less the credit are the balance."""
    sums: Counter[str] = Counter()
    for record in entries:
        for name, amount in record.get("postings"):
            sums[name] += amount
    credit, balance = -sums[CUSTOMER_CREDIT], sums[RECEIVABLE] + sums[CUSTOMER_CREDIT]
    if head.get("credit", 0) != credit:
        yield broken(1, "credit is what was posted to it", head, expected=credit, found=head.get("credit", 0))
    if head.get("balance", 0) != balance:
        yield broken(1, "balance is what was posted to it", head, expected=balance, found=head.get("balance", 0))
    remaining = sum(entry["remaining"] for entry in head.get("open", {}).values())
    if remaining - head.get("credit", 0) != head.get("balance", 0):
        rule, found = "remainders less credit are the balance", head.get("balance", 0)
        yield broken(1, rule, head, expected=remaining - head.get("credit", 0), found=found)


def _owed(table: Table, head: Record, entries: list[Record]) -> Iterator[Violation]:
    """What remains of each invoice is its gross less what payments settled of it."""
    settled: Counter[str] = Counter()
    for record in entries:
        settled.update(record.get("allocations", {}))
    opened = head.get("open", {})
    befell = {record.get("invoice"): record for record in table.within(head.pk, "aftermath")}
    for record in entries:
        if record.kind != "invoice" or record.get("gross", 0) < 0:
            continue
        name = record.sk.removeprefix("INV#")
        yield from _aftermath(record, name, entries, befell)
        left = record.get("gross") - settled[name]
        found = opened.get(name, {}).get("remaining", 0)
        if left != found:
            yield broken(1, "gross less payments is what remains", record, expected=left, found=found)


def _aftermath(record: Record, name: str, entries: list[Record], befell: dict[str, Record]) -> Iterator[Violation]:
    """What is kept as written off and credited of an invoice is what the entries come to."""
    given_up = -sum(one.get("recovered", {}).get(name, 0) for one in entries)
    notes = (one for one in entries if one.kind == "invoice" and one.body.get("request", {}).get("corrects") == name)
    credited = -sum(one.get("gross", 0) for one in notes)
    kept = befell.get(name, record)
    for what, expected in (("written_off", given_up), ("credited", credited)):
        found = kept.get(what, 0)
        if found != expected:
            yield broken(
                1, f"what is {what.replace('_', ' ')} is what was booked", kept, expected=expected, found=found
            )
