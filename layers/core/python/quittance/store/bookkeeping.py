"""What the partner keeps about its books as a whole: closed periods and the numbers of its accountant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quittance.domain.errors import Conflict
from quittance.domain.journal import Closing
from quittance.domain.periods import first_and_last
from quittance.runtime.clock import iso, parse_iso
from quittance.store import keys
from quittance.store.models import DatevItem, PeriodItem
from quittance.store.transact import Transaction, unavailable_is_transient


def closings(partner: str) -> list[tuple[str, Closing]]:
    """Return the closed periods in their order."""
    with unavailable_is_transient():
        found = list(
            PeriodItem.query(keys.partner_pk(partner), PeriodItem.sk.startswith("PERIOD#"), consistent_read=True)
        )
    return [(one.period, Closing(first_and_last(one.period)[1], parse_iso(one.closed_at))) for one in found]


def close(partner: str, period: str, *, at: datetime, by: str) -> bool:
    """Close a period for good; False where it was closed before."""
    key = keys.period(partner, period)
    transaction = Transaction()
    item = PeriodItem(key.pk, key.sk, period=period, closed_at=iso(at), body={"by": by})
    transaction.put(item, PeriodItem.pk.does_not_exist())
    try:
        transaction.commit()
    except Conflict:
        return False
    return True


def datev_settings(partner: str) -> Any:
    """Return what was put for DATEV exports, None before it was."""
    key = keys.datev(partner)
    try:
        with unavailable_is_transient():
            return DatevItem.get(key.pk, key.sk).body
    except DatevItem.DoesNotExist:
        return None


def write_datev_settings(partner: str, settings: Any) -> None:
    """Store what exports are made with, replacing earlier settings."""
    key = keys.datev(partner)
    with unavailable_is_transient():
        DatevItem(key.pk, key.sk, body=settings).save()
