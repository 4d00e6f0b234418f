"""DynamoDB's expression language: text to functions of an item, each text read once.

Strict as the service is: unknown words, names and values without a definition, or more after the end are refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from tests.dynamo.values import Item, Value, before, equal, invalid, size_of

_TOKEN = re.compile(r"\s*(?:([#:]\w+|\w+|<>|<=|>=|[=<>+\-(),.\[\]])|(\S))")

Names = Mapping[str, str]
Values = Mapping[str, Value]
Path = tuple[str | int, ...]
Operand = Callable[["Given"], Value | None]
Test = Callable[["Given"], bool]


@dataclass(frozen=True)
class Given:
    """What an expression is about: an item, and what its names and values stand for."""

    item: Item
    names: Names
    values: Values

    def path(self, path: Path) -> Path:
        """Replace a path's placeholders."""
        return tuple(self.names[p] if isinstance(p, str) and p.startswith("#") else p for p in path)

    def at(self, path: Path) -> Value | None:
        """Return what is at a path of the item; None where nothing is."""
        first, *rest = self.path(path)
        found = self.item.get(str(first))
        for part in rest:
            if found is None:
                return None
            inner = found.get("L" if isinstance(part, int) else "M")
            if isinstance(part, int):
                found = inner[part] if inner is not None and part < len(inner) else None
            else:
                found = inner.get(part) if inner is not None else None
        return found


@dataclass
class Reader:
    """Goes over an expression's words, and notes the placeholders that it meets."""

    text: str
    words: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    at: int = 0

    def __post_init__(self) -> None:
        for word, other in _TOKEN.findall(self.text):
            if other:
                raise invalid(f"Syntax error; token: {other!r} in {self.text!r}")
            if word:
                self.words.append(word)

    @property
    def next(self) -> str:
        """The next word; empty at the end."""
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, wanted: str | None = None) -> str:
        """Take the next word, which must be the one that is wanted."""
        word = self.next
        if not word or (wanted is not None and word.upper() != wanted):
            raise invalid(f"Syntax error; token: {word or '<EOF>'!r}, expected {wanted!r}, in {self.text!r}")
        self.at += 1
        return word

    def skip(self, wanted: str) -> bool:
        """Take the next word if it is this one."""
        found = self.next.upper() == wanted
        self.at += found
        return found

    def path(self) -> Path:
        """Take the path of an attribute."""
        parts: list[str | int] = [self._name()]
        while True:
            if self.skip("."):
                parts.append(self._name())
            elif self.skip("["):
                parts.append(int(self.take()))
                self.take("]")
            else:
                return tuple(parts)

    def _name(self) -> str:
        word = self.take()
        if word.startswith("#"):
            self.used.add(word)
        elif not re.fullmatch(r"[A-Za-z]\w*", word):
            raise invalid(f"Syntax error; token: {word!r} in {self.text!r}")
        elif word.upper() in RESERVED:
            raise invalid(f"Attribute name is a reserved keyword; reserved keyword: {word}")
        return word

    def value(self) -> str:
        """Take the placeholder of a value."""
        word = self.take()
        if not word.startswith(":"):
            raise invalid(f"Syntax error; token: {word!r}, expected a value, in {self.text!r}")
        self.used.add(word)
        return word

    def end(self) -> None:
        """Refuse anything more."""
        if self.next:
            raise invalid(f"Syntax error; token: {self.next!r} in {self.text!r}")


RESERVED = frozenset(
    """ALL AND ANY AS BETWEEN BY COUNT CURRENT DATA DATE DAY DELETE EXISTS FROM GROUP HASH HOUR IN INDEX ITEM ITEMS KEY
    KEYS LANGUAGE LAST LEVEL LIST LOCATION MAP MONTH NAME NAMES NOT NULL NUMBER OR ORDER OWNER PATH POSITION RANGE ROLE
    SEGMENT SET SIZE SOURCE STATE STATUS TABLE TIME TIMESTAMP TO TOTAL TTL TYPE UNIT UPDATE USER VALUE VALUES VIEW YEAR
    ZONE ACTION ATTRIBUTE CONDITION CONNECTION COUNTER CYCLE DOMAIN END EXPLAIN FILE FUNCTION LIMIT METHOD MODE NEW OLD
    OPEN OPTION PERIOD PLAN POLICY PRIMARY RAW READ REFERENCES REGION REPLACE REQUEST RESULT RULE SECTION SEQUENCE SHARE
    START STATIC STREAM SUM TEXT TOKEN TRANSACTION VERSION""".split()
)
"""The reserved words that an attribute of ours might have; the service has some more."""


@dataclass(frozen=True)
class Compiled:
    """A condition as a function, and the placeholders in it."""

    test: Test
    used: frozenset[str]


@lru_cache(maxsize=4096)
def condition(text: str) -> Compiled:
    """Read a condition, a filter or a key condition."""
    reader = Reader(text)
    test = _either(reader)
    reader.end()
    return Compiled(test, frozenset(reader.used))


def _either(reader: Reader) -> Test:
    tests = [_both(reader)]
    while reader.skip("OR"):
        tests.append(_both(reader))
    return tests[0] if len(tests) == 1 else lambda given: any(test(given) for test in tests)


def _both(reader: Reader) -> Test:
    tests = [_not(reader)]
    while reader.skip("AND"):
        tests.append(_not(reader))
    return tests[0] if len(tests) == 1 else lambda given: all(test(given) for test in tests)


def _not(reader: Reader) -> Test:
    if reader.skip("NOT"):
        inner = _not(reader)
        return lambda given: not inner(given)
    if reader.skip("("):
        inner = _either(reader)
        reader.take(")")
        return inner
    if reader.next.lower() in _FUNCTIONS:
        return _function(reader)
    return _comparison(reader)


def _function(reader: Reader) -> Test:
    name = reader.take().lower()
    reader.take("(")
    path = reader.path()
    if name in ("attribute_exists", "attribute_not_exists"):
        reader.take(")")
        wanted = name == "attribute_exists"
        return lambda given: (given.at(path) is not None) == wanted
    reader.take(",")
    second = operand(reader)
    reader.take(")")
    check = _FUNCTIONS[name]
    return lambda given: check(given.at(path), second(given))


def _begins(one: Value | None, start: Value | None) -> bool:
    return bool(one and start and "S" in one and "S" in start and one["S"].startswith(start["S"]))


def _contains(one: Value | None, part: Value | None) -> bool:
    if not one or not part:
        return False
    ((kind, held),) = one.items()
    if kind == "L":
        return any(equal(each, part) for each in held)
    ((of, wanted),) = part.items()
    return (kind == "S" == of or kind == of + "S") and wanted in held


def _is_of(one: Value | None, kind: Value | None) -> bool:
    return bool(one and kind and kind["S"] in one)


_FUNCTIONS: dict[str, Callable[[Value | None, Value | None], bool]] = {
    "attribute_exists": lambda one, _: one is not None,
    "attribute_not_exists": lambda one, _: one is None,
    "begins_with": _begins,
    "contains": _contains,
    "attribute_type": _is_of,
}


def operand(reader: Reader) -> Operand:
    """Take a path, a value or a size."""
    if reader.next.startswith(":"):
        value = reader.value()
        return lambda given: given.values[value]
    if reader.next.lower() == "size" and reader.words[reader.at + 1 : reader.at + 2] == ["("]:
        reader.take()
        reader.take("(")
        path = reader.path()
        reader.take(")")
        return lambda given: _measured(given.at(path))
    path = reader.path()
    return lambda given: given.at(path)


def _measured(value: Value | None) -> Value | None:
    if value is None:
        return None
    ((kind, held),) = value.items()
    return {"N": str(len(held) if kind in ("M", "L", "SS", "NS") else size_of(value))}


def _comparison(reader: Reader) -> Test:
    left = operand(reader)
    word = reader.take().upper()
    if word == "BETWEEN":
        low = operand(reader)
        reader.take("AND")
        high = operand(reader)
        return lambda given: _within(left(given), low(given), high(given))
    if word == "IN":
        reader.take("(")
        some = [operand(reader)]
        while reader.skip(","):
            some.append(operand(reader))
        reader.take(")")
        return lambda given: any(equal(left(given), one(given)) for one in some)
    if word not in _COMPARED:
        raise invalid(f"Syntax error; token: {word!r} in {reader.text!r}")
    right, compare = operand(reader), _COMPARED[word]
    return lambda given: compare(left(given), right(given))


def _within(one: Value | None, low: Value | None, high: Value | None) -> bool:
    return before(one, low) is False and before(high, one) is False


_COMPARED: dict[str, Callable[[Value | None, Value | None], bool]] = {
    "=": equal,
    "<>": lambda one, other: not equal(one, other),
    "<": lambda one, other: before(one, other) is True,
    ">": lambda one, other: before(other, one) is True,
    "<=": lambda one, other: before(other, one) is False,
    ">=": lambda one, other: before(one, other) is False,
}
