"""When an account needs attention: every fact makes it due now; what the head then knew about payments is void."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quittance.runtime.clock import iso
from quittance.store import keys
from quittance.store.models import HeadItem

MONEY, CLAIM, DECISION = "money", "claim", "decision"
"""What changed a head last: only after money can a debt have come to nothing, so only then the relay is started."""


def due_now(key: keys.Key, at: datetime) -> list[Any]:
    """Make an account due, so that an assessment whose message gets lost is made up for by the next sweep."""
    return [
        HeadItem.due_lane.set(keys.due_lane("account", key)),
        HeadItem.due_at.set(iso(at)),
        HeadItem.due_if_paid.remove(),
        HeadItem.calm.remove(),
    ]
