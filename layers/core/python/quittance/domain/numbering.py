"""Numbers of issued documents: gapless and unique per legal entity, series and year."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from quittance.domain.errors import Rejected

Series = Literal["INV", "CN"]
_LAST = 999_999


def legal_entity(partner: str, profile: Mapping[str, Any]) -> str:
    """Return whose numbers they are: the profile's legal entity, or the partner itself."""
    return str(profile.get("legal_entity") or partner)


def document_number(*, prefix: str, series: Series, year: int, number: int) -> str:
    """Write a number as printed: ACME-2026-000001 for invoices, ACME-CN-2026-000001 for credit notes."""
    if not 1 <= number <= _LAST:
        raise Rejected(f"number: {number} does not fit six digits; start a new legal entity or prefix", field="number")
    middle = "" if series == "INV" else f"{series}-"
    return f"{prefix}-{middle}{year:04d}-{number:06d}"


def prefix_of(partner: str, profile: Mapping[str, Any]) -> str:
    """Return what numbers begin with: the profile's `invoice_prefix`, or the partner's id in capitals."""
    return str(profile.get("invoice_prefix") or profile.get("number_prefix") or partner.upper())


def series_year(issued: date) -> int:
    """Return the year a number belongs to: that of the issue date, in the partner's time zone as the date is."""
    return issued.year
