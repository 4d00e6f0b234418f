"""Puts what needs a person where a person finds it; parking the same thing again changes nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pynamodb.exceptions import DeleteError, PutError

from quittance.runtime.clock import iso
from quittance.store import keys
from quittance.store.models import ParkedItem

OPEN = "open"


def park(key: keys.Key, *, reason: str, body: Any, at: datetime) -> bool:
    """Store a parked item under its key once; False when it was there already, be it open or closed."""
    try:
        parked(key, reason=reason, body=body, at=at).save(condition=ParkedItem.pk.does_not_exist())
    except PutError as problem:
        if problem.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True


def clear(key: keys.Key) -> None:
    """Take a parked item away, for its reason is gone; one that a person closed stays."""
    try:
        ParkedItem(key.pk, key.sk).delete(ParkedItem.done_at.does_not_exist())
    except DeleteError as problem:
        if problem.cause_response_code != "ConditionalCheckFailedException":
            raise


def parked(key: keys.Key, *, reason: str, body: Any, at: datetime) -> ParkedItem:
    """Return a parked item; one that waits for a person of a partner is listed among the partner's tasks.

    The `state` in its body, where it has one, tells whether it waits for a person (open) or settles by itself.
    """
    item = ParkedItem(key.pk, key.sk, reason=reason, parked_at=iso(at), body=body)
    state = body.get("state", OPEN) if isinstance(body, dict) else OPEN
    if state == OPEN and key.pk.startswith("P#"):
        item.due_lane, item.due_at = keys.task_lane(keys.owner(key.pk)[0]), iso(at)
    return item
