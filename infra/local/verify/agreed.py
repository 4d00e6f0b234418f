"""Holds and disputes: what was agreed is what access and collecting go by, once the account has been assessed."""

from __future__ import annotations

from collections.abc import Iterator

from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken
from quittance.domain.forbearance import HOLD_REASONS, Dispute
from quittance.domain.measures import withheld


def check(table: Table) -> Iterator[Violation]:
    """Prove that holds withhold access, all of it and no longer, and that disputes keep their amounts from ageing."""
    for head in table.of("head"):
        if not _waits(table, head):
            yield from _held(table, head)
        yield from _disputed(table, head)


def _waits(table: Table, head: Record) -> bool:
    """Tell whether a hold changed since the last assessment: then access is not yet what the holds say."""
    moments = (one.body.get(name) for one in table.within(head.pk, "hold") for name in ("since", "released_at"))
    return str(head.get("assessed_at", "")) <= max((str(moment) for moment in moments if moment), default="")


def _held(table: Table, head: Record) -> Iterator[Violation]:
    wanted = {one.body.get("reason") for one in table.within(head.pk, "hold") if one.get("state") == "held"}
    for subscription in table.within(head.pk, "subscription"):
        found = set(subscription.get("reasons", ())) & set(HOLD_REASONS)
        if found != wanted:
            expected = ", ".join(sorted(map(str, wanted))) or "none"
            rule = "a hold withholds all access until it is released"
            yield broken(5, rule, subscription, expected=expected, found=", ".join(sorted(found)) or "none")


def _disputed(table: Table, head: Record) -> Iterator[Violation]:
    """What an open invoice has as disputed is at most what its disputes withhold, and all of it while one is open."""
    for record in table.within(head.pk, "dispute"):
        dispute = Dispute.from_mapping(record.body)
        entry = head.get("open", {}).get(dispute.invoice)
        if entry is None or dispute.state != "open":
            continue
        amount = withheld(dispute)
        if amount is None or entry.get("disputed") != amount.minor:
            rule, found = "an open dispute's amount does not age", entry.get("disputed", 0)
            yield broken(4, rule, record, expected=amount.minor if amount else 0, found=found)
