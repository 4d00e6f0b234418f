"""Reading signed bodies: a provider's JSON is checked where it is used, and refused by the name of its field."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, NoReturn

from quittance.domain.errors import Rejected
from quittance.domain.money import Money, exponent
from quittance.domain.payment_event import Kind, ProviderEvent, unreadable

GARBLED = "garbled"  # no JSON at all, so that nothing can be said of it; anything else is only unreadable
_LONGEST = 128
_IDENTIFIER = re.compile(r"[A-Za-z0-9._:=-]{1,128}")
_LATEST = 4_102_444_800  # the year 2100
_NAMED = r"([A-Za-z0-9][A-Za-z0-9._-]{0,63})(?:/([A-Za-z0-9][A-Za-z0-9._-]{0,63}))?"  # as domain.names allows


class Amount(NamedTuple):
    """What was read: ISO 4217 minor units of a currency, or the reason why that cannot be said."""

    minor: int
    currency: str
    reason: str | None = None

    def kind(self, kind: Kind) -> Kind:
        """Return what an event with this amount is: unclear where money moved but the amount cannot be said."""
        return "unclear" if self.reason and kind in MOVES else kind


MOVES: frozenset[Kind] = frozenset(
    ("succeeded", "refunded", "chargeback", "chargeback_reversed", "fee", "fee_returned")
)


def json_object(raw_body: bytes) -> dict[str, Any]:
    """Decode a body that must be one JSON object in UTF-8; Rejected otherwise, however deep or strange it is."""
    try:
        body = json.loads(raw_body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):  # undecodable bytes and numbers of endless digits are ValueErrors too
        raise Rejected("body is not JSON in UTF-8", code=GARBLED, field="body") from None
    if not isinstance(body, dict):
        raise Rejected("body is not a JSON object", code=GARBLED, field="body")
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


def timestamp(value: object, field: str) -> datetime:
    """Return a moment given in ISO 8601 with its offset."""
    try:
        read = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise refused(field, "is not a moment in ISO 8601 with its offset")
    return read


def units(sent: int, currency: str, places: Mapping[str, int]) -> Amount:
    """Turn a provider's smallest unit into ISO 4217's; `places` lists the currencies where the provider differs."""
    try:
        ours = exponent(currency)
    except Rejected as problem:
        return Amount(sent, currency, problem.message)
    minor, lost = divmod(sent * 10**ours, 10 ** places.get(currency, ours))
    return Amount(sent, currency, f"{sent} is no whole amount of {currency}") if lost else Amount(minor, currency)


def decimal(value: object, currency: object, field: str) -> Amount:
    """Read an amount written as a decimal string in major units; never a float, never negative."""
    code = identifier(currency, f"{field}.currency").upper()
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,15}(?:\.[0-9]{1,8})?", value):
        raise refused(field, 'is not a decimal string such as "12.50"')
    try:
        return Amount(Money.parse(value, code, field=field).minor, code)
    except Rejected as problem:
        return Amount(0, code, problem.message)


def named(value: object) -> tuple[str | None, str | None]:
    """Return account and invoice from the one reference that a payment can carry: `account` or `account/invoice`."""
    found = re.fullmatch(_NAMED, value.strip()) if isinstance(value, str) else None
    return (found[1], found[2]) if found else (None, None)


def quittance(metadata: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Return account and invoice from metadata that we set ourselves."""
    return reference(metadata.get("quittance_account")), reference(metadata.get("quittance_invoice"))


def lines(metadata: Mapping[str, Any]) -> str | None:
    """Return from the same metadata which lines of the invoice are paid, as `1,3`."""
    return reference(metadata.get("quittance_lines"))


def each(items: object, field: str, read: Callable[[dict[str, Any]], list[ProviderEvent]]) -> list[ProviderEvent]:
    """Read the items of a body one by one: what cannot be read is parked for a person and takes no other with it."""
    if not isinstance(items, list):
        raise refused(field, "is not a list")
    events: list[ProviderEvent] = []
    for item in items:
        try:
            events += read(item if isinstance(item, dict) else {})
        except Rejected as problem:
            events.append(unreadable(json.dumps(item, sort_keys=True).encode(), problem.message))
    return events


def reference(value: object) -> str | None:
    """Return free text that names an account or invoice, shortened; None where there is none.

    JSON can write half a character, which no table and no log can hold: it becomes a question mark.
    """
    if not isinstance(value, str):
        return None
    return value.strip()[:_LONGEST].encode("utf-8", "replace").decode("utf-8") or None


def refused(field: str, problem: str) -> Rejected:
    """Return the error for a field that cannot be read."""
    return Rejected(f"{field} {problem}", code="unreadable", field=field)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
