"""Reading: one item, many by key, a partition or an index in order and in pages."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tests.dynamo.expressions import Given, Reader, condition
from tests.dynamo.values import Item, invalid, normal, weigh

if TYPE_CHECKING:
    from tests.dynamo.engine import Table

Request = Mapping[str, Any]
_PAGE = 1024 * 1024
_MOST = 100
_SHOWN = {"TableName", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames", "ReturnConsumedCapacity"}
_MANY = _SHOWN | {"FilterExpression", "ExpressionAttributeValues", "Limit", "ExclusiveStartKey", "IndexName"}
KNOWN = {
    "GetItem": _SHOWN | {"Key"},
    "BatchGetItem": {"RequestItems", "ReturnConsumedCapacity"},
    "Query": _MANY | {"KeyConditionExpression", "ScanIndexForward"},
    "Scan": _MANY,
}
_OF_BATCH = {"Keys", "ConsistentRead", "ProjectionExpression", "ExpressionAttributeNames"}


def get(table: Table, request: Request) -> dict[str, Any]:
    """Answer GetItem."""
    item = table.items.get(_key(request["Key"]))
    return {"Item": _projection(request)(item)} if item else {}


def batch_get(table_of: Callable[[Request], Table], request: Request) -> dict[str, Any]:
    """Answer BatchGetItem; what is found comes in no order of ours."""
    found = {}
    for name, wanted in request["RequestItems"].items():
        if set(wanted) - _OF_BATCH:
            raise NotImplementedError(f"this table does not know {set(wanted) - _OF_BATCH} of BatchGetItem")
        table, places = table_of({"TableName": name}), [_key(key) for key in wanted["Keys"]]
        if not 0 < len(places) <= _MOST:
            raise invalid(f"a batch has 1 to {_MOST} keys")
        if len(set(places)) < len(places):
            raise invalid("Provided list of item keys contains duplicates")
        shown = _projection(wanted)
        found[name] = [shown(table.items[place]) for place in sorted(places, reverse=True) if place in table.items]
    return {"Responses": found, "UnprocessedKeys": {}}


def query(table: Table, request: Request) -> dict[str, Any]:
    """Answer Query: one partition of the table or of an index, in order of the sort key."""
    index = request.get("IndexName")
    if index and request.get("ConsistentRead"):
        raise invalid("Consistent reads are not supported on global secondary indexes")
    names = table.indexes[index] if index else ("pk", "sk")
    reader = condition(request["KeyConditionExpression"])
    values = {name: normal(value) for name, value in request.get("ExpressionAttributeValues", {}).items()}
    aliases = request.get("ExpressionAttributeNames", {})
    partition = _partition(request["KeyConditionExpression"], names[0], aliases, values)
    items = _of_index(table, names, partition) if index else _of_partition(table, partition)
    chosen = (item for item in items if reader.test(Given(item, aliases, values)))
    forward = request.get("ScanIndexForward", True)
    ordered = list(chosen) if forward else list(chosen)[::-1]
    return _page(request, ordered, names, forward=forward, used=set(reader.used))


def scan(table: Table, request: Request) -> dict[str, Any]:
    """Answer Scan of the table, partition after partition."""
    if "IndexName" in request:
        raise NotImplementedError("a scan of an index")
    ordered = [item for pk in sorted(table.order) for item in _of_partition(table, pk)]
    return _page(request, ordered, ("pk", "sk"), forward=True, used=set())


def _of_partition(table: Table, pk: str) -> Iterator[Item]:
    return (table.items[pk, sk] for sk in table.order.get(pk, ()))


def _of_index(table: Table, names: tuple[str, str], partition: str) -> list[Item]:
    """Return what an index holds of a partition: keys only, and only items that have them."""
    first, second = names
    found = [item for item in table.items.values() if second in item and item.get(first, {}).get("S") == partition]
    kept = {"pk", "sk", first, second}
    return sorted(({name: item[name] for name in kept} for item in found), key=lambda one: _order(one, names))


def _order(item: Item, names: tuple[str, str]) -> tuple[str, str, str]:
    return item[names[1]]["S"], item["pk"]["S"], item["sk"]["S"]


def _partition(text: str, name: str, aliases: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """Return the partition that a key condition asks for: it starts with `name = :value`."""
    reader = Reader(text)
    while reader.next == "(":
        reader.take()
    path = Given({}, aliases, {}).path(reader.path())
    if path != (name,) or reader.take() != "=":
        raise invalid("Query condition missed key schema element")
    return str(values[reader.value()]["S"])


def _page(request: Request, ordered: list[Item], names: tuple[str, str], *, forward: bool, used: set[str]) -> Any:
    """Cut a page: after where the last one ended, up to the limit or 1 MB, filtered last of all."""
    aliases = request.get("ExpressionAttributeNames", {})
    values = {name: normal(value) for name, value in request.get("ExpressionAttributeValues", {}).items()}
    if start := request.get("ExclusiveStartKey"):
        places = [_order(item, names) for item in ordered]
        ordered = ordered[_after(places, _order(start, names), forward=forward) :]
    read, more = _limited(ordered, request.get("Limit"))
    shown = _projection(request)
    used |= shown.used
    kept: Iterable[Item] = read
    if text := request.get("FilterExpression"):
        compiled = condition(text)
        used |= compiled.used
        kept = (item for item in read if compiled.test(Given(item, aliases, values)))
    if unused := {*aliases, *values} - used:
        raise invalid(f"Value provided in expression attributes unused in expressions: {', '.join(sorted(unused))}")
    items = [shown(item) for item in kept]
    answer = {"Items": items, "Count": len(items), "ScannedCount": len(read)}
    return {**answer, "LastEvaluatedKey": {name: read[-1][name] for name in {"pk", "sk", *names}}} if more else answer


def _after(places: list[tuple[str, str, str]], start: tuple[str, str, str], *, forward: bool) -> int:
    if forward:
        return bisect_right(places, start)
    return len(places) - bisect_left(places[::-1], start)


def _limited(ordered: list[Item], limit: int | None) -> tuple[list[Item], bool]:
    """Return what one page reads, and whether there may be more: a full page always says so, as the service does."""
    read, size = [], 0
    for item in ordered:
        read.append(item)
        size += weigh(item)
        if len(read) == limit or size > _PAGE:
            return read, True
    return read, False


class _projection:  # noqa: N801  # a function with a memory of the names that it used
    def __init__(self, request: Request) -> None:
        self.used: set[str] = set()
        self._wanted: list[str] = []
        if text := request.get("ProjectionExpression"):
            reader = Reader(text)
            paths = [reader.path()]
            while reader.skip(","):
                paths.append(reader.path())
            reader.end()
            self.used = set(reader.used)
            aliases = request.get("ExpressionAttributeNames", {})
            for name, *inner in (Given({}, aliases, {}).path(path) for path in paths):
                if inner:
                    raise NotImplementedError("a projection of something inside an attribute")
                self._wanted.append(str(name))

    def __call__(self, item: Item) -> Item:
        return {name: item[name] for name in self._wanted if name in item} if self._wanted else item


def _key(key: Item) -> tuple[str, str]:
    if set(key) != {"pk", "sk"}:
        raise invalid("The provided key element does not match the schema")
    return key["pk"]["S"], key["sk"]["S"]
