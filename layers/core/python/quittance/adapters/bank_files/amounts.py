"""Figures and days as statements write them."""

from __future__ import annotations

import re
from datetime import date

from quittance.domain.bank import BrokenStatement
from quittance.domain.errors import Rejected
from quittance.domain.money import Money

_DECIMAL = re.compile(r"[0-9]{1,13}(\.[0-9]{0,8})?")


def money(text: str | None, currency: str | None, place: str) -> Money:
    """Read an amount without sign, in major units with a point; BrokenStatement names the place."""
    if text is None or not _DECIMAL.fullmatch(text):
        raise BrokenStatement(f"{place}: {(text or '')[:30]!r} is not an amount")
    try:
        return Money.parse(text.rstrip("."), (currency or "")[:10], field=place)
    except Rejected as problem:
        raise BrokenStatement(f"{place}: {problem.message}") from None


def day(text: str | None, place: str) -> date:
    """Read a date, or the date of a moment, as the bank wrote it; BrokenStatement names the place."""
    try:
        return date.fromisoformat((text or "")[:10])
    except ValueError:
        raise BrokenStatement(f"{place}: {(text or '')[:30]!r} is not a date") from None
