"""Invariant 6: the policy version pinned on an invoice is the newest in force when it was issued."""

from __future__ import annotations

from collections.abc import Iterator

from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken


def check(table: Table) -> Iterator[Violation]:
    """Prove the pin of every issued invoice, and that its account's head holds the same."""
    for record in table.issued():
        yield from _newest(table, record)
    for head in table.of("head"):
        for name, entry in head.get("open", {}).items():
            yield from _same(table, head, name, entry)


def _newest(table: Table, record: Record) -> Iterator[Violation]:
    pinned, at = (record.get("policy"), record.get("policy_version")), str(record.get("issued_at", ""))
    versions = [one for one in table.of("policy") if one.partner == record.partner and one.get("name") == pinned[0]]
    rule, told = "the pinned policy is the newest in force at issue", f"{pinned[0]} version {pinned[1]}"
    if not any(one.get("version") == pinned[1] and _starts(one) <= at for one in versions):
        yield broken(6, rule, record, expected=f"a version in force by {at}", found=told)
        return
    # One published in the second of the issue may have come before it or after it.
    newer = [one.get("version") for one in versions if _starts(one) < at and one.get("version") > pinned[1]]
    if newer:
        yield broken(6, rule, record, expected=f"{pinned[0]} version {max(newer)}", found=told)


def _same(table: Table, head: Record, name: str, entry: dict[str, object]) -> Iterator[Violation]:
    invoice = next((one for one in table.within(head.pk, "invoice") if one.sk == f"INV#{name}"), None)
    if invoice is None or invoice.get("state") != "issued":
        found = invoice.get("state") if invoice else "no invoice"
        yield broken(6, f"open.{name} is an issued invoice", head, expected="issued", found=found)
        return
    for field in ("policy", "policy_version", "number", "issued", "due", "gross"):
        if entry.get(field) != invoice.get(field):
            rule, found = f"open.{name}.{field} is the invoice's", entry.get(field)
            yield broken(6, rule, head, expected=invoice.get(field), found=found)


def _starts(version: Record) -> str:
    """Return from when a version is in force: from its publication where it names no start."""
    return str(version.get("starts_at") or version.get("published_at"))
