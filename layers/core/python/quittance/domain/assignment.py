"""Which policy an account is assigned to: one now, and perhaps another from a day on.

The day begins where the account is. Only invoices that are issued from then on are under the new policy: the others
keep the version that was pinned on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from quittance.domain.calendar import start_of_day


def assigned(policy: str, following: Mapping[str, Any] | None, now: datetime, zone: ZoneInfo) -> str:
    """Return the policy that is assigned at a moment; `following` has the next `policy` and its first day, `from`."""
    if following and now >= start_of_day(date.fromisoformat(following["from"]), zone):
        return str(following["policy"])
    return policy


def reassigned(definition: Mapping[str, Any], policy: str, first: date | None, now: datetime) -> dict[str, Any]:
    """Return an account's definition with another policy, at once or from a day on; what was planned before is off."""
    kept = {name: value for name, value in definition.items() if name != "next_policy"}
    if first is None:
        return {**kept, "policy": policy}
    zone = ZoneInfo(definition["timezone"])
    current = assigned(definition["policy"], definition.get("next_policy"), now, zone)
    return {**kept, "policy": current, "next_policy": {"policy": policy, "from": first.isoformat()}}
