"""Invariant 1 for closed periods: closed after they were over, and nothing posted into them since.

Under which day an entry stands follows from when it was booked, so the way into a closed period is an entry that says
that it was booked earlier than it was. What was counted in order tells: numbers, and the versions of an account.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from infra.local.verify.receipts import entry_of
from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken
from quittance.domain.journal import Closing, posted
from quittance.domain.periods import first_and_last
from quittance.runtime.clock import parse_iso
from quittance.store import keys
from quittance.usecases.books import SETTLING


def check(table: Table) -> Iterator[Violation]:
    """Prove the closings of each partner, what is posted after them, and that nothing was dated back."""
    closed: dict[str, list[Closing]] = defaultdict(list)
    for record in table.of("period"):
        last = first_and_last(str(record.get("period")))[1]
        closing = Closing(last, parse_iso(str(record.get("closed_at"))))
        closed[record.partner].append(closing)
        if closing.closed_at.astimezone(_zone(table, record.partner)).date() <= last:
            rule = "a period is closed when it is over"
            yield broken(1, rule, record, expected=f"after {last}", found=record.get("closed_at"))
    booked = [one for one in table.records if one.get("postings") is not None]
    for record in booked:
        if closed.get(record.partner):
            yield from _posted(record, closed[record.partner], _zone(table, record.partner))
    yield from _in_order(table)


def _zone(table: Table, partner: str) -> ZoneInfo:
    profile = table.get(keys.partner(partner))
    return ZoneInfo(str((profile.body if profile else {}).get("timezone") or "UTC"))


def _posted(record: Record, closings: Iterable[Closing], zone: ZoneInfo) -> Iterator[Violation]:
    entry = entry_of(record)
    before = [one.through for one in closings if one.closed_at <= entry.booked_at]
    day = posted(entry, closings, zone)
    if before and day <= max(before):
        rule = "nothing is posted into a closed period"
        yield broken(1, rule, record, expected=f"after {max(before)}", found=day)


def _in_order(table: Table) -> Iterator[Violation]:
    """What has a higher number, or a later version of its account, was not booked earlier than what comes before it."""
    series: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in table.issued():
        series[(record.partner, *str(record.get("number")).rsplit("-", 1)[:1])].append(record)
    for record in table.of("movement"):
        version = record.sk.rpartition("#")[2]
        if not record.get("payment_id") and version.isdigit():
            series[record.pk, ""].append(record)
    for records in series.values():
        ordered = sorted(records, key=lambda one: str(one.get("number") or one.sk.rpartition("#")[2]))
        for one, following in pairwise(ordered):
            earlier, later = _moment(one), _moment(following)
            if later < earlier - SETTLING - timedelta(minutes=1):
                rule = "no entry is dated back"
                yield broken(1, rule, following, expected=f"not before {earlier}", found=later)


def _moment(record: Record) -> datetime:
    return parse_iso(str(record.get("booked_at") or record.get("issued_at"))).astimezone(UTC)
