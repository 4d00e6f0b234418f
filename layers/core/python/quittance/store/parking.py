"""Puts what needs a person where a person finds it; parking the same thing again changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pynamodb.exceptions import PutError

from quittance.runtime.clock import iso
from quittance.store import keys
from quittance.store.models import ParkedItem


def park(key: keys.Key, *, reason: str, body: Any, at: datetime) -> bool:
    """Store a parked item under its key once; False when it was there already."""
    item = ParkedItem(key.pk, key.sk, reason=reason, parked_at=iso(at), body=body)
    try:
        item.save(condition=ParkedItem.pk.does_not_exist())
    except PutError as problem:
        if problem.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True
