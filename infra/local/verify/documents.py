"""Invariant 2: every issued invoice has its document; bytes, stored or printed again, are those that were recorded."""

from __future__ import annotations

from collections.abc import Iterator

from infra.local.verify.outside import Outside, place_of
from infra.local.verify.table import Table
from infra.local.verify.violations import Violation, broken
from quittance.store import keys


def check(table: Table, outside: Outside) -> Iterator[Violation]:
    """Prove documents and receipts; a document that is still to be made may wait in its queue."""
    for record in (*table.of("document"), *table.of("receipt")):
        place, recorded = place_of(record), record.get("sha256")
        if place not in outside.hashes:
            continue
        stored = outside.hashes[place]
        if stored != recorded:
            rule, found = "stored bytes match their hash", stored or "no object"
            yield broken(2, rule, record, expected=recorded, found=found)
        invoice = table.get(keys.Key(record.pk, f"INV#{record.get('invoice')}"))
        if invoice is None or invoice.get("state") != "issued":
            found = invoice.get("state") if invoice else "no invoice"
            yield broken(2, "a document is of an issued invoice", record, expected="issued", found=found)
    without = [
        one for one in table.issued() if table.get(keys.Key(one.pk, f"DOC#{one.sk.removeprefix('INV#')}")) is None
    ]
    if len(without) > outside.queued.get("documents", 0):
        for record in without:
            found = f"none, and {outside.queued.get('documents', 0)} wait to be made"
            yield broken(2, "an issued invoice has its document", record, expected="a document", found=found)
