"""Invariant 8: what waits for a message has one on its way, or is due and will be asked for again."""

from __future__ import annotations

from collections.abc import Iterator

from infra.local.verify.outside import Outside, Parked
from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken
from quittance.store import keys


def check(table: Table, outside: Outside) -> Iterator[Violation]:
    """Look for work that nobody will ever take up; a queue that holds anything may hold it."""
    if not outside.queued.get("notices"):
        for record in table.of("notice"):
            if record.get("state") == "queued" and not record.get("due_lane"):
                yield _lost(record, "a queued notice is on its way")
    if not outside.queued.get("invoices"):
        for record in table.of("invoice"):
            if record.get("state") == "ready" and not _refused(table, record):
                yield _lost(record, "a manual invoice is on its way")
        for record in table.of("billing_run"):
            if record.get("state") != "done" and not record.get("due_lane"):
                yield _lost(record, "a billing run goes on")


def parked(table: Table) -> list[Parked]:
    """List what was parked in the table and is still open."""
    kept = (record for record in table.of("parked") if not record.get("done_at"))
    found = (record for record in kept if record.body.get("state", "open") == "open")
    return [Parked(f"{record.pk} {record.sk}", str(record.get("reason"))) for record in found]


def _refused(table: Table, record: Record) -> bool:
    name = record.sk.removeprefix("INV#")
    key = keys.parked(record.partner, "billing", f"{record.account}#{name}")
    parked = table.get(key)
    return parked is not None and parked.body.get("state") == "open"


def _lost(record: Record, rule: str) -> Violation:
    found = f"{record.get('state')}, nothing in the queue, not due"
    return broken(8, rule, record, expected="a message or a due moment", found=found)
