"""Money that left the bank account: whether it is our refund of a payment that came by the same account.

A payer's reference names a payment by what its bank line is called: the bank's own reference, the line's name in our
API (reference and place in its entry), or one part of a line that was split. Nothing else makes a wire a refund.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from quittance.domain.bank import BankLine, meaningful

_TOKEN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{4,39}")
_PART = re.compile(r"(.+)\.p[0-9]{1,2}")
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,34}")
_MOST = 20


def candidates(line: BankLine) -> list[str]:
    """Return the names of payments that a wire's reference may hold, as it writes them; at most 20."""
    found = (token.strip(".-_") for text in (*line.structured, *line.texts) for token in _TOKEN.findall(text))
    return list(dict.fromkeys(found))[:_MOST]


def payment_names(candidate: str) -> Iterable[str]:
    """Return the payments that a word may mean: a line's own, the first of its entry, or the line of a part."""
    yield candidate
    yield f"{candidate}.0"
    if part := _PART.fullmatch(candidate):
        yield part[1]


def refund_name(line: BankLine, own: str) -> str:
    """Return the refund's id: the wire's end-to-end id where it has one.

    Whoever orders a refund by the API and gives its id to the bank as the end-to-end id has it booked once.
    """
    given = meaningful(line.end_to_end) or ""
    return given if _SAFE.fullmatch(given) else own
