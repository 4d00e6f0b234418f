"""What a schedule's event says."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quittance.domain.errors import Poison
from quittance.runtime.clock import Clock, parse_iso

_UNFILLED = "<aws.scheduler."


def scheduled_time(event: dict[str, Any], clock: Clock) -> datetime:
    """Return the moment a firing was scheduled for; now where the event was put together by hand without one.

    Poison when it is neither: working through the index up to a wrong moment would act too early.
    """
    text = event.get("time")
    if text is None or str(text).startswith(_UNFILLED):
        return clock.now()
    try:
        return parse_iso(str(text))
    except ValueError as problem:
        raise Poison(f"schedule: time: {problem}", field="time") from problem
