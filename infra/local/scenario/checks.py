"""The types of a scenario's fields: each check returns the value to use or says what was wrong with the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.scenario.model import midnight

Check = Callable[[Any], Any]
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class WrongValueError(Exception):
    """A value is not of its type; the message says what to write."""


def text(value: Any) -> str:
    """Check a non-empty text."""
    if not isinstance(value, str) or not value.strip():
        raise WrongValueError(f"{value!r} is not a text")
    return value


def name(value: Any) -> str:
    """Check an identifier; a number is taken as its digits."""
    value = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", value):
        raise WrongValueError(f"{value!r} is not an identifier (letters, digits, dots, dashes, underscores)")
    return value


def flag(value: Any) -> bool:
    """Check true or false."""
    if not isinstance(value, bool):
        raise WrongValueError(f"{value!r} is neither true nor false")
    return value


def amount(value: Any) -> str:
    """Check a decimal string: "12.50", in quotes."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        raise WrongValueError(f'write the amount in quotes: "{value}"')
    try:
        finite = isinstance(value, str) and Decimal(value).is_finite()
    except InvalidOperation:
        finite = False
    if not finite:
        raise WrongValueError(f'{value!r} is not a decimal amount such as "12.50"')
    return str(value)


def day(value: Any) -> date:
    """Check a date: 2026-09-01."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise WrongValueError(f"{value!r} is not a date such as 2026-09-01") from None


def one_of(*allowed: str) -> Check:
    """Check a choice of words."""

    def check(value: Any) -> str:
        if value not in allowed:
            raise WrongValueError(f"{value!r} is none of {', '.join(allowed)}")
        return str(value)

    return check


def is_bare_date(value: Any) -> bool:
    """Tell a date from a moment."""
    return isinstance(value, str) and _DATE.fullmatch(value) is not None


def moment(zone: ZoneInfo) -> Check:
    """Check a moment; a bare date is 00:00 in the partner's zone, a time without offset is UTC."""

    def check(value: Any) -> datetime:
        if is_bare_date(value):
            return midnight(day(value), zone)
        try:
            parsed = datetime.fromisoformat(str(value))
        except ValueError:
            raise WrongValueError(f"{value!r} is not a time such as 2026-10-08T07:00:00Z, nor a date") from None
        return parsed.replace(tzinfo=parsed.tzinfo or UTC).astimezone(UTC)

    return check


def day_or_moment(zone: ZoneInfo) -> Check:
    """Check a date, kept as one, or a moment."""
    at = moment(zone)
    return lambda value: day(value) if is_bare_date(value) else at(value)


def position(value: Any) -> int:
    """Check a place in a list, counted from 1."""
    number = int(value) if isinstance(value, str) and value.isdigit() else value
    if isinstance(number, bool) or not isinstance(number, int) or number < 1:
        raise WrongValueError(f"{value!r} is not a place in a list; they are counted from 1")
    return number


def zone(value: Any) -> ZoneInfo:
    """Check a time zone name of the IANA data base."""
    try:
        return ZoneInfo(text(value))
    except (KeyError, ValueError, OSError):
        raise WrongValueError(f"{value!r} is not a time zone such as Europe/Berlin") from None


def list_of(check: Check) -> Check:
    """Check every entry of a list."""

    def checked(value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise WrongValueError(f"{value!r} is not a list")
        return [check(entry) for entry in value]

    return checked


def mapping(value: Any) -> dict[str, Any]:
    """Check a mapping whose content is checked elsewhere."""
    if not isinstance(value, dict):
        raise WrongValueError(f"{value!r} is not a mapping")
    return value
