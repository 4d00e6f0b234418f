"""One DynamoDB in memory: the operations that the store uses, as strict as the service, in microseconds.

It takes requests and gives answers as they are on the wire. What it does not know it refuses loudly, so that a test
cannot pass on a guess; `test_as_moto.py` holds it against moto. Items are never changed in place: whoever holds one may
keep it, so a snapshot costs a copy of the dictionary.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from tests.dynamo import reading
from tests.dynamo.expressions import Given, condition
from tests.dynamo.updates import update
from tests.dynamo.values import Item, Refused, invalid, normal, weigh

KEYS = ("pk", "sk")
_MOST_IN_TRANSACTION = 100
_MOST_IN_BATCH = 25
Key = tuple[str, str]
Request = Mapping[str, Any]

_WRITE = {"TableName", "ConditionExpression", "ExpressionAttributeNames", "ExpressionAttributeValues"}
_ANSWERED = {"ReturnValues", "ReturnConsumedCapacity", "ReturnItemCollectionMetrics"}
_FAILED = "ReturnValuesOnConditionCheckFailure"
KNOWN = {
    "PutItem": _WRITE | _ANSWERED | {"Item", _FAILED},
    "UpdateItem": _WRITE | _ANSWERED | {"Key", "UpdateExpression", _FAILED},
    "DeleteItem": _WRITE | _ANSWERED | {"Key", _FAILED},
    "TransactWriteItems": {"TransactItems", "ClientRequestToken", "ReturnConsumedCapacity"},
    "BatchWriteItem": {"RequestItems", "ReturnConsumedCapacity"},
    "Put": _WRITE | {"Item", _FAILED},
    "Update": _WRITE | {"Key", "UpdateExpression", _FAILED},
    "Delete": _WRITE | {"Key", _FAILED},
    "ConditionCheck": _WRITE | {"Key", _FAILED},
    **reading.KNOWN,
}


@dataclass
class Dynamo:
    """Tables by name; every request is answered alone, one after the other, as if by one server."""

    tables: dict[str, Table] = field(default_factory=dict)
    served: list[str] = field(default_factory=list)
    """The operations answered so far."""

    def __post_init__(self) -> None:
        self._alone = RLock()
        self._tokens: dict[str, Any] = {}

    def answer(self, operation: str, request: Request) -> dict[str, Any]:
        """Answer a request, or raise Refused."""
        with self._alone:
            self.served.append(operation)
            if operation == "CreateTable":
                return self._create(request)
            if operation == "DeleteTable":
                self.table(request)
                del self.tables[request["TableName"]]
                return {"TableDescription": {"TableName": request["TableName"], "TableStatus": "DELETING"}}
            known(operation, request)
            if operation == "TransactWriteItems":
                return self._transact(request)
            if operation == "BatchWriteItem":
                return self._batch_write(request)
            if operation == "BatchGetItem":
                return reading.batch_get(self.table, request)
            table = self.table(request)
            if operation in _READS:
                return _READS[operation](table, request)
            old, new = table.planned(_ACTION[operation], request)
            return self._returned(table, request, old, new)

    def table(self, request: Request) -> Table:
        """Return the table that a request names."""
        found = self.tables.get(request["TableName"])
        if found is None:
            raise Refused("ResourceNotFoundException", "Requested resource not found")
        return found

    def _create(self, request: Request) -> dict[str, Any]:
        indexes = {one["IndexName"]: _key_names(one) for one in request.get("GlobalSecondaryIndexes", ())}
        self.tables[request["TableName"]] = Table(request["TableName"], indexes)
        if _key_names(request) != KEYS:
            raise NotImplementedError("a table with other keys than ours")
        return {"TableDescription": {"TableName": request["TableName"], "TableStatus": "ACTIVE"}}

    def _returned(self, table: Table, request: Request, old: Item | None, new: Item | None) -> dict[str, Any]:
        table.put(_where(request), new)
        wanted = request.get("ReturnValues", "NONE")
        shown = {"NONE": None, "ALL_OLD": old, "ALL_NEW": new}[wanted]
        return {"Attributes": shown} if shown else {}

    def _batch_write(self, request: Request) -> dict[str, Any]:
        wanted = [(name, one) for name, some in request["RequestItems"].items() for one in some]
        if not 0 < len(wanted) <= _MOST_IN_BATCH:
            raise invalid(f"a batch has 1 to {_MOST_IN_BATCH} writes")
        writes = []
        for name, one in wanted:
            ((kind, inner),) = one.items()
            table = self.table({"TableName": name})
            _, new = table.planned(kind.removesuffix("Request"), inner)
            writes.append((table, _where(inner), new))
        if len({(id(table), key) for table, key, _ in writes}) < len(writes):
            raise invalid("Provided list of item keys contains duplicates")
        for table, key, new in writes:
            table.put(key, new)
        return {"UnprocessedItems": {}}

    def _transact(self, request: Request) -> dict[str, Any]:
        """Write all or nothing; the same token again is the same transaction."""
        items, token = request["TransactItems"], request.get("ClientRequestToken")
        if token in self._tokens:
            if self._tokens[token] != items:
                raise Refused("IdempotentParameterMismatchException", "the token was used for another request")
            return {}
        if not 0 < len(items) <= _MOST_IN_TRANSACTION:
            raise invalid(f"a transaction has 1 to {_MOST_IN_TRANSACTION} items")
        actions = [next(iter(one.items())) for one in items]
        for kind, inner in actions:
            known(kind, inner)
        places = [(inner["TableName"], _where(inner)) for _, inner in actions]
        if len(set(places)) < len(places):
            raise invalid("Transaction request cannot include multiple operations on one item")
        writes = self._planned(actions)
        for (kind, _), (name, key), new in zip(actions, places, writes, strict=True):
            if kind != "ConditionCheck":
                self.tables[name].put(key, new)
        if token:
            self._tokens[token] = items
        return {}

    def _planned(self, actions: list[tuple[str, Request]]) -> list[Item | None]:
        writes, reasons = [], []
        for kind, inner in actions:
            reason: dict[str, Any] = {"Code": "None"}
            try:
                writes.append(self.table(inner).planned(kind, inner)[1])
            except Refused as problem:
                writes.append(None)
                reason = {"Code": _REASON[problem.code], "Message": problem.message}
                old = self.table(inner).items.get(_where(inner))
                if problem.code == _UNMET and inner.get(_FAILED) == "ALL_OLD" and old:
                    reason["Item"] = old
            reasons.append(reason)
        codes = [reason["Code"] for reason in reasons]
        if any(code != "None" for code in codes):
            told = ", ".join(codes)
            words = f"Transaction cancelled, please refer cancellation reasons for specific reasons [{told}]"
            raise Refused("TransactionCanceledException", words, reasons)
        return writes


_UNMET = "ConditionalCheckFailedException"
_REASON = {_UNMET: "ConditionalCheckFailed", "ValidationException": "ValidationError"}
_ACTION = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}


@dataclass
class Table:
    """The items of a table by key, and the sort keys of each partition in order."""

    name: str
    indexes: dict[str, tuple[str, str]]
    items: dict[Key, Item] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)
    watched: Callable[[Item, Item], None] | None = None
    """Told of every change with the item before and after it, as the table's stream does."""

    def put(self, key: Key, item: Item | None) -> None:
        """Keep an item, or none, under its key."""
        old = self.items.get(key)
        if item is None:
            if self.items.pop(key, None) is not None:
                self.order[key[0]].remove(key[1])
        else:
            if key not in self.items:
                insort(self.order.setdefault(key[0], []), key[1])
            self.items[key] = item
        if self.watched and old != item:
            self.watched(old or {}, item or {})

    def snapshot(self) -> dict[Key, Item]:
        """Return all items as they are now."""
        return dict(self.items)

    def restore(self, snapshot: Mapping[Key, Item]) -> None:
        """Make the table what it was."""
        self.items = dict(snapshot)
        self.order = {}
        for pk, sk in sorted(snapshot):
            self.order.setdefault(pk, []).append(sk)

    def planned(self, kind: str, request: Request) -> tuple[Item | None, Item | None]:
        """Return an item before and after a write, whose condition must hold."""
        key = _where(request)
        old = self.items.get(key)
        names, values = request.get("ExpressionAttributeNames", {}), _values(request)
        given = Given(old or {}, names, values)
        unmet = Refused(_UNMET, "The conditional request failed")
        used: set[str] = set()
        met = True
        if text := request.get("ConditionExpression"):
            compiled = condition(text)
            used |= compiled.used
            _defined(compiled.used, names, values)
            met = compiled.test(given)
        change = update(request["UpdateExpression"]) if "UpdateExpression" in request else None
        if change:
            used |= change.used
            _defined(change.used, names, values)
        _no_more(used, names, values)
        new = self._item(request) if kind == "Put" else None
        if not met:
            raise unmet
        if kind == "Update":
            before = old or {name: {"S": part} for name, part in zip(KEYS, key, strict=True)}
            new = change.apply(Given(before, names, values), KEYS) if change else before
            self._weighed(new)
        return old, new

    def _item(self, request: Request) -> Item:
        return self._weighed({name: normal(value) for name, value in request["Item"].items()})

    def _weighed(self, item: Item) -> Item:
        weigh(item)
        for name in {name for index in self.indexes.values() for name in index}:
            if name in item and not item[name].get("S"):
                raise invalid(f"One or more parameter values were invalid: Type mismatch for Index Key {name}")
        return item


def known(operation: str, request: Request) -> None:
    """Refuse to guess what an unknown operation or parameter would do."""
    if operation not in KNOWN:
        raise NotImplementedError(f"this table does not know {operation}")
    if more := set(request) - KNOWN[operation]:
        raise NotImplementedError(f"this table does not know {', '.join(sorted(more))} of {operation}")


def _where(request: Request) -> Key:
    """Return the key that a write names."""
    key = request.get("Key") or {name: request["Item"].get(name) for name in KEYS}
    if set(key) != set(KEYS):
        raise invalid("The provided key element does not match the schema")
    pk, sk = ((key[name] or {}).get("S") for name in KEYS)
    if not pk or not sk:
        raise invalid("One or more parameter values were invalid: a key attribute is missing or empty")
    return pk, sk


def _values(request: Request) -> dict[str, Any]:
    return {name: normal(value) for name, value in request.get("ExpressionAttributeValues", {}).items()}


def _defined(used: frozenset[str], names: Mapping[str, str], values: Mapping[str, Any]) -> None:
    for word in used:
        if word not in (names if word.startswith("#") else values):
            raise invalid(f"An expression attribute used in the expression is not defined; attribute: {word}")


def _no_more(used: set[str], names: Mapping[str, str], values: Mapping[str, Any]) -> None:
    if more := {*names, *values} - used:
        raise invalid(f"Value provided in expression attributes unused in expressions: {', '.join(sorted(more))}")


def _key_names(definition: Mapping[str, Any]) -> tuple[str, str]:
    first, second = definition["KeySchema"]
    return first["AttributeName"], second["AttributeName"]


_READS = {"GetItem": reading.get, "Query": reading.query, "Scan": reading.scan}
