"""Identifiers from outside: what may stand in a key, a path or an address."""

from __future__ import annotations

import re

from quittance.domain.errors import Rejected

_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"  # compiled when first used: a start must not pay for it


def compact(number: str) -> str:
    """Return a document number as it is looked up: capital letters and digits only."""
    return re.sub(r"[^A-Z0-9]", "", number.upper())


def checked(name: str, field: str) -> str:
    """Return an identifier that may stand in a key; Rejected otherwise, so that no input can forge a key."""
    if not isinstance(name, str) or not re.fullmatch(_NAME, name):
        raise Rejected(
            f"{field}: {name!r} is not an identifier; use 1 to 64 letters, digits, dots, dashes or underscores",
            field=field,
        )
    return name
