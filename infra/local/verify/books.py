"""Invariant 1: postings sum to zero, and what the account's head says is what its postings come to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from infra.local.verify.table import Record, Table, by_account
from infra.local.verify.violations import Violation, broken, missing
from quittance.domain.ledger import CUSTOMER_CREDIT, RECEIVABLE, cash
from quittance.store import keys


def check(table: Table) -> Iterator[Violation]:
    """Prove every entry, then every account's head from its entries."""
    booked = [record for record in table.records if record.get("postings") is not None]
    for record in booked:
        yield from _balanced(record)
    for record in table.issued():
        yield from _invoice(record)
    for record in table.of("payment"):
        yield from _payment(record)
    for head in table.of("head"):
        yield from _remainders(head)
    for (partner, account), entries in by_account(booked):
        yield from _account(table, partner, account, entries)
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
    claim = sum(amount for name, amount in record.get("postings", ()) if name in (RECEIVABLE, CUSTOMER_CREDIT))
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
    if placed != amount:
        yield broken(1, "allocations and credit are the amount paid", record, expected=amount, found=placed)


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
    yield from _owed(head, entries)


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


def _owed(head: Record, entries: list[Record]) -> Iterator[Violation]:
    """What remains of each invoice is its gross less what payments settled of it."""
    settled: Counter[str] = Counter()
    for record in entries:
        settled.update(record.get("allocations", {}))
    opened = head.get("open", {})
    for record in entries:
        if record.kind != "invoice" or record.get("gross", 0) < 0:
            continue
        name = record.sk.removeprefix("INV#")
        left = record.get("gross") - settled[name]
        found = opened.get(name, {}).get("remaining", 0)
        if left != found:
            yield broken(1, "gross less payments is what remains", record, expected=left, found=found)
