"""Where a provider takes payments of an invoice: the partner's address with places for what is to be paid."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from quittance.domain.money import Money

PLACES = ("account", "amount", "currency", "invoice", "minor", "number")
_PLACE = re.compile(r"\{(\w*)\}")


def problem_of(template: str) -> str | None:
    """Tell what is wrong with an address; None where it can be used. The host is the partner's, never filled in."""
    parts = urlsplit(template)
    if parts.scheme != "https" or not parts.hostname or parts.username is not None or "{" in parts.netloc:
        return "write an https address whose host is written out"
    unknown = [name for name in _PLACE.findall(template) if name not in PLACES]
    if unknown or re.search(r"[{}]", _PLACE.sub("", template)) or not template.isprintable() or " " in template:
        return f"names in braces may be {', '.join(PLACES)}; nothing else, and no spaces"
    return None


def filled(template: str, *, account: str, invoice: str, number: str, remaining: Money) -> str:
    """Return the address with every value quoted, so that none of them adds to it."""
    values: Mapping[str, str] = {
        "account": account,
        "amount": str(remaining),
        "currency": remaining.currency,
        "invoice": invoice,
        "minor": str(remaining.minor),
        "number": number,
    }
    return _PLACE.sub(lambda place: quote(values[place.group(1)], safe=""), template)
