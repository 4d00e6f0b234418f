"""Billing periods: calendar months, written YYYY-MM."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

from quittance.domain.errors import Rejected

_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_PUBLISHED_BY = 15


def checked_period(text: object, field: str = "period") -> str:
    """Return a period such as 2026-09; Rejected otherwise."""
    if not isinstance(text, str) or not _PERIOD.fullmatch(text):
        raise Rejected(f"{field}: {text!r} is not a month such as 2026-09", field=field)
    return text


def shifted(period: str, months: int) -> str:
    """Return the period so many months later (or earlier)."""
    year, month = (int(part) for part in period.split("-"))
    year, month = divmod(year * 12 + month - 1 + months, 12)
    return f"{year:04d}-{month + 1:02d}"


def first_and_last(period: str) -> tuple[date, date]:
    """Return the first and the last day of a period."""
    year, month = (int(part) for part in period.split("-"))
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def billing_period(dated: date) -> tuple[str, str]:
    """Return the calendar month that a vendor's invoice is for, and how that was derived.

    New-commerce invoices are for a calendar month and published by the 8th of the next one (Partner Center, "Read
    your bill"): a date in the first half of a month means the month before.
    """
    month = f"{dated.year:04d}-{dated.month:02d}"
    if dated.day <= _PUBLISHED_BY:
        return shifted(month, -1), f"dated {dated}, in the first half of a month: for the month before"
    return month, f"dated {dated}, in the second half of a month: for that month"
