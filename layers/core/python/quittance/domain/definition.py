"""Reads the values of a definition (a policy's, for one); what does not fit is Rejected with its place and remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from quittance.domain.errors import Rejected
from quittance.domain.money import Money

_WORD = re.compile(r"[a-z][a-z0-9_-]{0,31}")


def under(at: str, key: str) -> str:
    """Return the path of a key below another."""
    return f"{at}.{key}" if at else key


def mapping(value: object, path: str, known: Sequence[str], *, named: str = "") -> Mapping[str, Any]:
    """Return a mapping that has known keys only; `named` is its name where its path is empty."""
    where = path or named
    if not isinstance(value, Mapping):
        raise Rejected(f"{where}: write a mapping with {', '.join(known) or 'nothing in it'}", field=where)
    for key in value:
        if key not in known:
            field = under(path, str(key))
            raise Rejected(f"{field}: unknown key; known here: {', '.join(known) or 'none'}", field=field)
    return value


def whole(value: object, path: str, *, low: int, high: int) -> int:
    """Return a whole number within its bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        missing = "is missing" if value is None else f"{value!r} does not fit"
        raise Rejected(f"{path}: {missing}; write a whole number from {low} to {high}", field=path)
    return value


def amount(value: object, path: str, currency: str) -> Money | None:
    """Return an amount of zero or more, None where none is given."""
    return None if value is None else positive(Money.parse(value, currency, field=path), path)


def positive(amount: Money, path: str) -> Money:
    """Return an amount that is zero or more."""
    if amount.minor < 0:
        raise Rejected(f"{path}: {amount} is negative; write zero or more", field=path)
    return amount


def choice(value: object, path: str, choices: Sequence[str]) -> str:
    """Return one of the choices."""
    if value not in choices:
        raise Rejected(f"{path}: {value!r} is not supported; write one of {', '.join(choices)}", field=path)
    return cast("str", value)


def word(value: object, path: str) -> str:
    """Return a name: of a stage, of a kind of notice."""
    if not isinstance(value, str) or not _WORD.fullmatch(value):
        raise Rejected(
            f"{path}: {value!r} is not a name; use up to 32 lower-case letters, digits, dashes or underscores, "
            "a letter first",
            field=path,
        )
    return value
