"""The table as a whole: every item decoded to plain values, found by kind and by partition."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from quittance.store import keys
from quittance.store.packed import unpack

_JSON = frozenset({"body", "postings", "allocations", "recovered", "lines", "paid", "snapshot", "why", "printed"})
"""The attributes that hold JSON, as text or packed."""


@dataclass(frozen=True, slots=True)
class Record:
    """One item: its key, its kind and its attributes as plain values."""

    pk: str
    sk: str
    kind: str
    values: Mapping[str, Any] = field(hash=False)

    def get(self, name: str, default: Any = None) -> Any:
        """Return an attribute, or the default where the item has none."""
        value = self.values.get(name)
        return default if value is None else value

    @property
    def body(self) -> dict[str, Any]:
        """The item's JSON body, empty where it has none or it is not an object."""
        body = self.get("body")
        return body if isinstance(body, dict) else {}

    @property
    def partner(self) -> str:
        """The partner its partition names; empty where it names none."""
        return owner(self.pk)[0]

    @property
    def account(self) -> str | None:
        """The account its partition names."""
        return owner(self.pk)[1]


def owner(pk: str) -> tuple[str, str | None]:
    """Return the partner and account of a partition key, without complaint where it is none of ours."""
    try:
        return keys.owner(pk) if pk.startswith("P#") else ("", None)
    except (ValueError, IndexError):
        return "", None


class Table:
    """All items of one reading."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = tuple(records)
        self._by_key = {(record.pk, record.sk): record for record in self.records}
        self._by_kind: dict[str, list[Record]] = defaultdict(list)
        self._by_partition: dict[str, list[Record]] = defaultdict(list)
        for record in self.records:
            self._by_kind[record.kind].append(record)
            self._by_partition[record.pk].append(record)

    def get(self, key: keys.Key) -> Record | None:
        """Return an item by its key."""
        return self._by_key.get((key.pk, key.sk))

    def of(self, kind: str) -> list[Record]:
        """Return all items of a kind."""
        return self._by_kind.get(kind, [])

    def within(self, pk: str, kind: str) -> list[Record]:
        """Return the items of a kind in one partition, by sort key."""
        found = (record for record in self._by_partition.get(pk, ()) if record.kind == kind)
        return sorted(found, key=lambda record: record.sk)

    def issued(self) -> list[Record]:
        """Return all issued invoices and credit notes."""
        return [record for record in self.of("invoice") if record.get("state") == "issued"]


def read_table(client: Any, table: str) -> Table:
    """Read every item, consistently page by page."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    return Table(decode(item) for page in pages for item in page["Items"])


def decode(item: Mapping[str, Mapping[str, Any]]) -> Record:
    """Return an item as a record; JSON that cannot be read stays text."""
    values = {name: _json(name, _plain(value)) for name, value in item.items()}
    return Record(values.pop("pk"), values.pop("sk"), str(values.pop("kind", "")), values)


def _plain(value: Mapping[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    match kind:
        case "N":
            return int(inner) if inner.lstrip("-").isdigit() else float(inner)
        case "L":
            return [_plain(one) for one in inner]
        case "M":
            return {name: _plain(one) for name, one in inner.items()}
        case "NULL":
            return None
        case "SS" | "NS":
            return sorted(inner)
        case _:
            return inner


def _json(name: str, value: Any) -> Any:
    if name not in _JSON or not isinstance(value, str | bytes):
        return value
    try:
        return json.loads(value) if isinstance(value, str) else unpack(value)
    except ValueError:
        return value


def by_account(records: Iterable[Record]) -> Iterator[tuple[tuple[str, str], list[Record]]]:
    """Yield the items of each account, in the order of partner and account."""
    groups: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        if record.account is not None:
            groups[record.partner, record.account].append(record)
    yield from sorted(groups.items())
