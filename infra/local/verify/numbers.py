"""Invariant 2: numbers of issued documents are gapless and unique per legal entity, series and year."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken, missing
from quittance.domain.numbering import legal_entity
from quittance.store import keys

_NUMBER = re.compile(r"(?P<prefix>.+?)-(?:(?P<series>CN)-)?(?P<year>\d{4})-(?P<number>\d{6})")


def check(table: Table) -> Iterator[Violation]:
    """Prove every series from the documents in it."""
    found: dict[keys.Key, dict[int, Record]] = defaultdict(dict)
    for record in sorted(table.issued(), key=lambda one: str(one.get("number"))):
        read = _NUMBER.fullmatch(str(record.get("number", "")))
        if read is None or read["year"] != str(record.get("issued", ""))[:4]:
            expected = f"…-{str(record.get('issued', ''))[:4]}-NNNNNN"
            yield broken(2, "a number tells its series and year", record, expected=expected, found=record.get("number"))
            continue
        taken = found[_series(table, record, read)]
        number = int(read["number"])
        if other := taken.get(number):
            rule = "a number is given once"
            told = f"{record.get('number')} on {other.pk} {other.sk}, too"
            yield broken(2, rule, record, expected="a number of its own", found=told)
        taken[number] = record
    yield from _whole(table, found)


def _series(table: Table, record: Record, read: re.Match[str]) -> keys.Key:
    profile = table.get(keys.partner(record.partner))
    entity = legal_entity(record.partner, profile.body if profile else {})
    return keys.series(record.partner, entity, read["series"] or "INV", int(read["year"]))


def _whole(table: Table, found: dict[keys.Key, dict[int, Record]]) -> Iterator[Violation]:
    for key, taken in found.items():
        last = max(taken)
        for gap in sorted(set(range(1, last + 1)) - taken.keys()):
            yield missing(2, "numbers have no gap", key.pk, key.sk, expected=f"a document numbered {gap}")
        counter = table.get(key)
        if counter is None or counter.get("last") != last:
            rule, said = "the counter is the last number", counter.get("last") if counter else "no counter"
            yield missing(2, rule, key.pk, key.sk, expected=last, found=said)
    for counter in table.of("series"):
        if keys.Key(counter.pk, counter.sk) not in found:
            yield broken(2, "the counter is the last number", counter, expected="documents", found=counter.get("last"))
