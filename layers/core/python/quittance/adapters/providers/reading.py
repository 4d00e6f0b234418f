"""Reading signed bodies: a provider's JSON is checked where it is used, and refused by the name of its field."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any, NoReturn

from quittance.domain.errors import Rejected

_LONGEST = 128
_IDENTIFIER = re.compile(r"[A-Za-z0-9._:=-]{1,128}")
_LATEST = 4_102_444_800  # the year 2100


def json_object(raw_body: bytes) -> dict[str, Any]:
    """Decode a body that must be one JSON object in UTF-8; Rejected otherwise, however deep or strange it is."""
    try:
        body = json.loads(raw_body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):  # undecodable bytes and numbers of endless digits are ValueErrors too
        raise refused("body", "is not JSON in UTF-8") from None
    if not isinstance(body, dict):
        raise refused("body", "is not a JSON object")
    return body


def member(of: dict[str, Any], name: str) -> dict[str, Any]:
    """Return an object inside an object, an empty one where there is none."""
    value = of.get(name)
    return value if isinstance(value, dict) else {}


def identifier(value: object, field: str) -> str:
    """Return a provider's id: what providers put in ids, short enough for a key and without what separates keys."""
    if isinstance(value, str) and _IDENTIFIER.fullmatch(value):
        return value
    raise refused(field, f"is not an identifier of 1 to {_LONGEST} characters")


def whole(value: object, field: str) -> int:
    """Return an amount in the provider's smallest unit: a whole number, never a float or a boolean."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 10**15:
        raise refused(field, "is not a whole, non-negative amount in the smallest unit")
    return value


def moment(value: object, field: str) -> datetime:
    """Return a moment given as Unix seconds."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LATEST:
        raise refused(field, "is not a moment in Unix seconds")
    return datetime.fromtimestamp(value, UTC)


def reference(value: object) -> str | None:
    """Return free text that names an account or invoice, shortened; None where there is none."""
    return value.strip()[:_LONGEST] or None if isinstance(value, str) else None


def refused(field: str, problem: str) -> Rejected:
    """Return the error for a field that cannot be read."""
    return Rejected(f"{field} {problem}", code="unreadable", field=field)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
