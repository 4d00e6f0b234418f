"""Update expressions: what becomes of an item, which itself is left as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from tests.dynamo.expressions import Given, Operand, Path, Reader, operand
from tests.dynamo.values import Item, Value, invalid, normal, number

_LOST = "The document path provided in the update expression is invalid for update"
_MISSING = "The provided expression refers to an attribute that does not exist in the item"
_CLAUSES = ("SET", "REMOVE", "ADD", "DELETE")

Change = Callable[[Given], tuple[Path, Value | None]]
"""What a part of an update puts at a path; None takes it away."""


@dataclass(frozen=True)
class Update:
    """An update as functions of the item before it, and the placeholders in it."""

    changes: tuple[Change, ...]
    used: frozenset[str]

    def apply(self, given: Given, keys: tuple[str, ...]) -> Item:
        """Return the item after it; every part sees the item as it was before."""
        found = [change(given) for change in self.changes]
        paths = [path for path, _ in found]
        if any(one[: len(other)] == other or other[: len(one)] == one for one, other in combinations(paths, 2)):
            raise invalid("Invalid UpdateExpression: Two document paths overlap with each other")
        if any(path[0] in keys for path in paths):
            raise invalid("Cannot update attribute. This attribute is part of the key")
        item = dict(given.item)
        for path, value in sorted(found, key=lambda one: one[1] is None):
            _put(item, path, value)
        return item


@lru_cache(maxsize=4096)
def update(text: str) -> Update:
    """Read an update."""
    reader, changes, seen = Reader(text), [], set()
    while reader.next:
        clause = reader.take().upper()
        if clause not in _CLAUSES or clause in seen:
            raise invalid(f"Syntax error; token: {clause!r} in {text!r}")
        seen.add(clause)
        changes.append(_READ[clause](reader))
        while reader.skip(","):
            changes.append(_READ[clause](reader))
    if not changes:
        raise invalid("Invalid UpdateExpression: The expression can not be empty")
    return Update(tuple(changes), frozenset(reader.used))


def _set(reader: Reader) -> Change:
    path = reader.path()
    reader.take("=")
    first = _term(reader)
    sign = reader.take() if reader.next in ("+", "-") else ""
    second = _term(reader) if sign else None

    def change(given: Given) -> tuple[Path, Value]:
        value = _there(first(given))
        if second is not None:
            other = _number(_there(second(given)))
            value = {"N": format(_number(value) + (other if sign == "+" else -other), "f")}
        return given.path(path), normal(value)

    return change


def _term(reader: Reader) -> Operand:
    """Take what may be assigned: a path, a value, if_not_exists or list_append."""
    name = reader.next.lower()
    if name not in ("if_not_exists", "list_append") or reader.words[reader.at + 1 : reader.at + 2] != ["("]:
        return operand(reader)
    reader.take()
    reader.take("(")
    one = _term(reader)
    reader.take(",")
    other = _term(reader)
    reader.take(")")
    if name == "if_not_exists":
        return lambda given: found if (found := one(given)) is not None else other(given)
    return lambda given: {"L": [*_list(one(given)), *_list(other(given))]}


def _remove(reader: Reader) -> Change:
    path = reader.path()
    return lambda given: (given.path(path), None)


def _add(reader: Reader) -> Change:
    path, value = reader.path(), reader.value()
    if len(path) > 1:
        raise invalid("this table adds to top-level attributes only, as the manual says")

    def change(given: Given) -> tuple[Path, Value]:
        now, more = given.at(path), given.values[value]
        ((kind, held),) = more.items()
        if kind not in ("N", "SS", "NS") or (now is not None and kind not in now):
            raise invalid("An operand in the update expression has an incorrect data type")
        if kind == "N":
            return given.path(path), normal({"N": str((_number(now) if now else Decimal(0)) + number(held))})
        return given.path(path), {kind: sorted({*(now[kind] if now else ()), *held})}

    return change


def _delete(reader: Reader) -> Change:
    path, value = reader.path(), reader.value()

    def change(given: Given) -> tuple[Path, Value | None]:
        now, less = given.at(path), given.values[value]
        ((kind, held),) = less.items()
        if kind not in ("SS", "NS") or (now is not None and kind not in now):
            raise invalid("An operand in the update expression has an incorrect data type")
        left = sorted(set(now[kind]) - set(held)) if now else []
        return given.path(path), {kind: left} if left else None

    return change


_READ: dict[str, Callable[[Reader], Change]] = {"SET": _set, "REMOVE": _remove, "ADD": _add, "DELETE": _delete}


def _there(value: Value | None) -> Value:
    if value is None:
        raise invalid(_MISSING)
    return value


def _number(value: Value) -> Decimal:
    if "N" not in value:
        raise invalid("An operand in the update expression has an incorrect data type")
    return number(value["N"])


def _list(value: Value | None) -> list[Value]:
    if "L" not in _there(value):
        raise invalid("An operand in the update expression has an incorrect data type")
    return _there(value)["L"]


def _put(item: Item, path: Path, value: Value | None) -> None:
    """Put a value at a path, copying what is on the way: whoever holds the item before keeps what he has."""
    first, *rest = path
    if not rest:
        _place(item, first, value)
        return
    at: Item | list[Value] = item
    for part, following in zip(path, rest, strict=False):
        held = _get(at, part)
        kind = "L" if isinstance(following, int) else "M"
        if held is None or kind not in held:
            if value is None and held is None and at is not item:
                return
            raise invalid(_LOST)
        inner = list(held[kind]) if kind == "L" else dict(held[kind])
        at[part] = {kind: inner}  # type: ignore[index,call-overload]
        at = inner
    _place(at, rest[-1], value)


def _get(held: Item | list[Value], part: str | int) -> Value | None:
    if isinstance(held, list):
        return held[part] if isinstance(part, int) and part < len(held) else None
    return held.get(str(part))


def _place(held: Item | list[Value], part: str | int, value: Value | None) -> None:
    if isinstance(held, list) and isinstance(part, int):
        if value is None:
            del held[part : part + 1]
        elif part < len(held):
            held[part] = value
        else:
            held.append(value)
    elif isinstance(held, dict):
        if value is None:
            held.pop(str(part), None)
        else:
            held[str(part)] = value
