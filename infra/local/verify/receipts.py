"""Invariant 1 for quittances: a receipt tells of a settlement that was, and of what settled it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date

from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken
from quittance.domain.journal import JournalEntry
from quittance.domain.ledger import from_item
from quittance.domain.settlement import Settlement, settlement
from quittance.runtime.clock import parse_iso


def check(table: Table) -> Iterator[Violation]:
    """Play each receipt's invoice again, entry by entry, up to the settlement that the receipt is of."""
    for receipt in table.of("receipt"):
        found = _settlement(table, receipt)
        if found is None:
            rule = "a receipt belongs to a settlement"
            yield broken(1, rule, receipt, expected=f"settled at {receipt.get('settled_at')}", found="never settled so")
            continue
        said = sum(minor for _, _, minor in receipt.body.get("shares", ()))
        if said != found.gross.minor:
            yield broken(1, "a receipt says what was settled", receipt, expected=found.gross.minor, found=said)
        if receipt.get("number") != found.number:
            rule = "a receipt names its invoice"
            yield broken(1, rule, receipt, expected=found.number, found=receipt.get("number"))


def _settlement(table: Table, receipt: Record) -> Settlement | None:
    """Return the settlement of the receipt's count and moment, as the entries up to then tell it."""
    invoice, times = str(receipt.get("invoice")), int(receipt.sk.rpartition("#")[2])
    story = sorted(entries(table, receipt.pk), key=lambda entry: (entry.booked_at, entry.invoice != invoice))
    for end in range(1, len(story) + 1):
        found = settlement(invoice, story[:end])
        if found and found.times == times and found.settled_at == parse_iso(str(receipt.get("settled_at"))):
            return found
    return None


def entries(table: Table, pk: str) -> Iterator[JournalEntry]:
    """Yield the journal of an account's partition."""
    for kind in ("invoice", "payment", "movement"):
        for record in table.within(pk, kind):
            if record.get("postings") is not None:
                yield entry_of(record)


def entry_of(record: Record) -> JournalEntry:
    """Return what an item with postings says in the journal."""
    booked_at = parse_iso(str(record.get("booked_at") or record.get("issued_at") or record.get("received_at")))
    issued = record.kind == "invoice"
    happened = parse_iso(
        str(record.get("occurred_at") or record.get("received_at") or record.get("booked_at") or booked_at.isoformat())
    )
    return JournalEntry(
        account=str(record.account),
        kind=str(record.get("movement") or record.kind),
        reference=str(record.get("number") or record.get("movement_id") or record.get("payment_id") or record.sk),
        day=date.fromisoformat(str(record.get("issued"))) if issued else happened.astimezone(UTC).date(),
        booked_at=booked_at,
        currency=str(record.get("currency")),
        postings=from_item(record.get("postings"), str(record.get("currency"))),
        shares=record.get("allocations", {}),
        recovered=record.get("recovered", {}),
        invoice=record.sk.removeprefix("INV#") if issued else None,
        gross=record.get("gross", 0) if issued else 0,
    )
