"""Meters DynamoDB: requests, and read and write units modelled from the items themselves.

Emulators answer with made-up capacities, so the units are computed from bytes as AWS documents them: an item's size is
its names and values; a write costs one unit a KB, a transactional one two; a strongly consistent read one a 4 KB, an
eventual one half. What a write puts into the sparse index `due` is added: one unit to enter or to leave it, two when
its key changes, none when it stays. A write is charged for the larger of the item before and after it, so the meter
reads both, outside of what it counts.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from threading import local
from types import TracebackType
from typing import Any, Self

_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem"}
_INDEX_KEY = ("due_lane", "due_at")
_UNIT = 1024
_READ_UNIT = 4096

_NOTE, _WRITTEN = "quittance.request", "quittance.written"  # what the context of a call keeps for us

Item = dict[str, Any]


@dataclass
class Tally:
    """What one operation has cost."""

    requests: int = 0
    read_units: float = 0
    write_units: float = 0


@dataclass
class _Write:
    """One item of a write request: where it is, and the bytes that are put there."""

    table: str
    key: Item
    size: int
    checked_only: bool


class Meter:
    """Counts what the given botocore clients ask of DynamoDB while it is entered; tries again count again."""

    def __init__(self, *clients: Any, who: Callable[[], str] = str) -> None:
        self._clients = clients
        self._aside = local()
        self._who = who
        self.by_operation: dict[str, Tally] = {}
        self.by_reading: dict[tuple[str, str, str], float] = defaultdict(float)
        self.by_item: Counter[tuple[str, str, str]] = Counter()
        """Write units by who asked (what `who` says at that moment), operation, and kind of item or `index`."""

    @property
    def requests(self) -> int:
        """All requests."""
        return sum(tally.requests for tally in self.by_operation.values())

    @property
    def read_units(self) -> float:
        """All modelled read units."""
        return sum(tally.read_units for tally in self.by_operation.values())

    @property
    def write_units(self) -> float:
        """All modelled write units, those of the index included."""
        return sum(tally.write_units for tally in self.by_operation.values())

    def __enter__(self) -> Self:
        for client in self._clients:
            events = client.meta.events
            events.register("before-call.dynamodb.*", partial(self._before, client), unique_id=f"before-{id(self)}")
            events.register_first("before-send.dynamodb.*", self._sent, unique_id=f"sent-{id(self)}")
            events.register("after-call.dynamodb.*", partial(self._after, client), unique_id=f"after-{id(self)}")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        for client in self._clients:
            for event, name in (("before-call", "before"), ("before-send", "sent"), ("after-call", "after")):
                client.meta.events.unregister(f"{event}.dynamodb.*", unique_id=f"{name}-{id(self)}")

    def _tally(self, operation: str) -> Tally:
        return self.by_operation.setdefault(operation, Tally())

    def _sent(self, event_name: str, **_: Any) -> None:
        if not self._reading_aside:
            self._tally(event_name.rpartition(".")[2]).requests += 1

    def _before(self, client: Any, *, params: Item, model: Any, context: Item, **_: Any) -> None:
        if self._reading_aside:
            return
        request = json.loads(params["body"])
        context[_NOTE] = request
        if model.name in _WRITES:
            context[_WRITTEN] = [(write, self._stored(client, write)) for write in _writes(model.name, request)]

    def _after(self, client: Any, *, parsed: Item, model: Any, context: Item, **_: Any) -> None:
        if self._reading_aside or _NOTE not in context:
            return
        tally = self._tally(model.name)
        factor = 2 if model.name == "TransactWriteItems" else 1
        for write, before in context.get(_WRITTEN, ()):
            after = before if write.checked_only else self._stored(client, write)
            units = factor * _units(max(size(before), size(after), write.size))
            index = _index_units(before, after)
            tally.write_units += units + index
            kind = (after or before).get("kind", {}).get("S", "?")
            self.by_item[self._who(), model.name, kind] += units
            self.by_item[self._who(), model.name, f"{kind}, index"] += index
        reads = _read_units(model.name, context[_NOTE], parsed)
        tally.read_units += reads
        self.by_reading[self._who(), model.name, _read_kinds(parsed)] += reads

    @property
    def _reading_aside(self) -> bool:
        return getattr(self._aside, "reading", False)

    def _stored(self, client: Any, write: _Write) -> Item:
        self._aside.reading = True
        try:
            answer = client.get_item(TableName=write.table, Key=write.key, ConsistentRead=True)
        finally:
            self._aside.reading = False
        return dict(answer.get("Item", {}))


def size(item: Mapping[str, Item]) -> int:
    """Return the bytes of an item in DynamoDB's own types: names and values, as AWS documents item sizes."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Item) -> int:
    ((kind, inner),) = value.items()
    return _SIZES.get(kind, _one)(inner)


def _number(digits: str) -> int:
    return len(digits.lstrip("-").replace(".", "")) // 2 + 2


def _list(values: list[Item]) -> int:
    return 3 + sum(1 + _value_size(value) for value in values)


def _map(values: Mapping[str, Item]) -> int:
    return 3 + len(values) + size(values)


def _bytes(value: str | bytes) -> int:
    return len(value) if isinstance(value, bytes) else len(value) * 3 // 4  # base64 in a request


def _one(_: object) -> int:
    return 1  # BOOL and NULL


_SIZES: dict[str, Callable[[Any], int]] = {
    "S": lambda text: len(text.encode()),
    "N": _number,
    "B": _bytes,
    "L": _list,
    "M": _map,
    "SS": lambda texts: sum(len(text.encode()) for text in texts),
    "NS": lambda numbers: sum(_number(number) for number in numbers),
    "BS": lambda values: sum(_bytes(value) for value in values),
}


def _units(of: int) -> int:
    return max(1, math.ceil(of / _UNIT))


def _index_units(before: Item, after: Item) -> int:
    old, new = (tuple(item[name]["S"] for name in _INDEX_KEY if name in item) for item in (before, after))
    listed = [key for key in (old, new) if len(key) == len(_INDEX_KEY)]
    return 0 if old == new else len(listed)


def _writes(operation: str, request: Item) -> Iterator[_Write]:
    match operation:
        case "TransactWriteItems":
            for one in request["TransactItems"]:
                ((kind, inner),) = one.items()
                yield _write(inner["TableName"], inner, checked_only=kind == "ConditionCheck")
        case "BatchWriteItem":
            for table, ones in request["RequestItems"].items():
                yield from (_write(table, inner) for one in ones for inner in one.values())
        case _:
            yield _write(request["TableName"], request)


def _write(table: str, inner: Item, *, checked_only: bool = False) -> _Write:
    item = inner.get("Item", {})
    key = inner.get("Key") or {name: item[name] for name in ("pk", "sk")}
    return _Write(table=table, key=key, size=size(item), checked_only=checked_only)


def _read_units(operation: str, request: Item, answer: Item) -> float:
    match operation:
        case "GetItem":
            return _read_cost([answer.get("Item", {})], consistent=request.get("ConsistentRead", False))
        case "BatchGetItem":
            tables = request["RequestItems"]
            found = answer.get("Responses", {})
            return sum(_apart(found.get(t, []), consistent=tables[t].get("ConsistentRead", False)) for t in tables)
        case "TransactGetItems":
            return 2 * _apart([one.get("Item", {}) for one in answer.get("Responses", [])], consistent=True)
        case "Query" | "Scan":
            return _read_cost(answer.get("Items", []), consistent=request.get("ConsistentRead", False))
        case _:
            return 0


def _read_kinds(answer: Item) -> str:
    tables = answer.get("Responses", {})
    items = [answer.get("Item", {}), *answer.get("Items", ()), *(i for t in tables.values() for i in t)]
    return " ".join(sorted({item["kind"]["S"] for item in items if "kind" in item}))


def _apart(items: Iterable[Item], *, consistent: bool) -> float:
    return sum(_read_cost([item], consistent=consistent) for item in items)


def _read_cost(items: Iterable[Item], *, consistent: bool) -> float:
    units = max(1, math.ceil(sum(size(item) for item in items) / _READ_UNIT))
    return units if consistent else units / 2
