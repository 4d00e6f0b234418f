"""Typed values of DynamoDB's wire format: what is well formed, what is equal, what comes first."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

Value = dict[str, Any]
Item = dict[str, Value]

_DIGITS = 38
_LARGEST = 400 * 1024
_ORDERED = ("S", "N", "B")
_NESTED = 32


class Refused(Exception):
    """An answer other than 200: its code, its words, and for a cancelled transaction its reasons."""

    def __init__(self, code: str, message: str, reasons: list[dict[str, Any]] | None = None) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.reasons = code, message, reasons


def invalid(message: str) -> Refused:
    """A request that the service does not understand."""
    return Refused("ValidationException", message)


def number(text: Any) -> Decimal:
    """Read a number, of at most 38 digits."""
    if not isinstance(text, str):
        raise invalid("a number is sent as a string")
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise invalid("The parameter cannot be converted to a numeric value") from None
    if not found.is_finite() or len(found.normalize().as_tuple().digits) > _DIGITS:
        raise invalid("a number that is not finite or has more than 38 digits")
    return found


def normal(value: Value, depth: int = 0) -> Value:
    """Return a value as it is kept; ValidationException where it is not well formed."""
    if not isinstance(value, dict) or len(value) != 1:
        raise invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one")
    if depth > _NESTED:
        raise invalid("Nesting Levels have exceeded supported limits")
    ((kind, held),) = value.items()
    if kind == "N":
        return {"N": _plain(number(held))}
    if kind == "M":
        return {"M": {name: normal(one, depth + 1) for name, one in held.items()}}
    if kind == "L":
        return {"L": [normal(one, depth + 1) for one in held]}
    if kind in ("SS", "NS"):
        return {kind: _members(kind, held)}
    if (kind in ("S", "B") and isinstance(held, str)) or (kind == "BOOL" and isinstance(held, bool)):
        return value
    if kind == "NULL" and held is True:
        return value
    raise invalid(f"a value of type {kind} that is not one, or that this table does not keep")


def _members(kind: str, held: list[str]) -> list[str]:
    members = [_plain(number(one)) for one in held] if kind == "NS" else list(held)
    if not members or len(set(members)) != len(members):
        raise invalid("a set is empty or contains duplicates")
    return members


def _plain(found: Decimal) -> str:
    return format(found.normalize(), "f") if found else "0"


def equal(one: Value | None, other: Value | None) -> bool:
    """Tell whether two values are the same; what is missing equals nothing."""
    if one is None or other is None:
        return False
    ((kind, held),) = one.items()
    if kind not in other:
        return False
    return set(held) == set(other[kind]) if kind in ("SS", "NS") else bool(held == other[kind])


def before(one: Value | None, other: Value | None) -> bool | None:
    """Tell whether a value comes before another; None where they cannot be compared."""
    if one is None or other is None:
        return None
    ((kind, held),) = one.items()
    if kind not in _ORDERED or kind not in other:
        return None
    if kind == "N":
        return number(held) < number(other["N"])
    return bool(held < other[kind])


def size_of(value: Value) -> int:
    """Bytes of a value, as documented; close enough for limits."""
    ((kind, held),) = value.items()
    if kind in ("S", "B"):
        return len(held.encode())
    if kind == "N":
        return len(held) // 2 + 2
    if kind == "M":
        return 3 + sum(1 + len(name.encode()) + size_of(one) for name, one in held.items())
    if kind == "L":
        return 3 + sum(1 + size_of(one) for one in held)
    return sum(len(one.encode()) for one in held) if kind in ("SS", "NS") else 1


def weigh(item: Item) -> int:
    """Bytes of an item; ValidationException beyond 400 KB."""
    size = sum(len(name.encode()) + size_of(value) for name, value in item.items())
    if size > _LARGEST:
        raise invalid("Item size has exceeded the maximum allowed size")
    return size
