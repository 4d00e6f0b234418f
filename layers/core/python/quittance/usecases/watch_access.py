"""Look at a suspension that has come about: what was changed at the vendor since, and whether its term ends.

The schedule of later tries brings the looks, one a day for each suspended subscription. What differs from what we made
it is told to a person and changed back by nobody: who resumed it at the vendor may have had a reason. What is active is
looked at when somebody asks.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

from quittance.domain.access import Switch, VendorState
from quittance.domain.errors import Conflict, NotFound, Poison, Rejected, Transient
from quittance.domain.money import Money
from quittance.domain.watching import (
    CHANGED,
    GONE,
    LOOK_AGAIN,
    LOOK_EVERY,
    ExtendedTerm,
    choices,
    differences,
    warning_due,
)


class Watched(Protocol):
    """Keeps what is found; each write is a Conflict when another generation has begun."""

    def watch(
        self, switch: Switch, until: datetime | None, *, drift: tuple[str, ...], warned: str | None, now: datetime
    ) -> None:
        """Record what a look found, and when the next one is; None leaves that as it is."""
        ...

    def leave_task(
        self, switch: Switch, about: str, name: str, reason: str, now: datetime, more: Mapping[str, Any] | None = None
    ) -> bool:
        """Leave a task of a kind under a name, once; True when it is new."""
        ...

    def clear_tasks(self, switch: Switch, *, drift_only: bool = False) -> None:
        """Take away tasks whose reason is gone."""
        ...


class Reader(Protocol):
    """The vendor's side of one partner."""

    def read(self, switch: Switch) -> VendorState:
        """Return the subscription as the vendor has it."""
        ...


class Costs(Protocol):
    """What the vendor charges."""

    extended: ExtendedTerm

    def monthly(self, switch: Switch, now: datetime) -> Money | None:
        """Return what the vendor charged for the subscription's last month, None where nothing is known."""
        ...


def look(switch: Switch, *, switches: Watched, vendor: Reader, costs: Costs | None, now: datetime) -> bool:
    """Look once and record it; return whether a person was newly asked. What cannot be read is looked at in an hour."""
    try:
        state = vendor.read(switch)
    except NotFound:
        state = VendorState(status=GONE, auto_renew=False)
    except (Transient, Conflict, Rejected, Poison):
        _watch(switches, switch, LOOK_AGAIN, drift=switch.subscription.drift, now=now)
        return False
    drift = differences(switch, state)
    asked = _tell(switch, drift, switches, now)
    warned = None if drift and state.status != "suspended" else _warn(switch, state, switches, costs, now)
    _watch(switches, switch, LOOK_EVERY, drift=drift, warned=warned, now=now)
    return asked or warned is not None


def look_once(switch: Switch, *, switches: Watched, vendor: Reader, now: datetime) -> bool | None:
    """Look because somebody asked, at whatever is settled; return whether a person was newly asked.

    The daily looks stay when they are, and warnings of terms are theirs. None where the vendor does not tell: a look is
    not tried again by itself, for in its queue it would hold up the switching of the subscription.
    """
    try:
        state = vendor.read(switch)
    except NotFound:
        state = VendorState(status=GONE, auto_renew=False)
    except (Transient, Conflict, Rejected, Poison):
        return None
    drift = differences(switch, state)
    asked = _tell(switch, drift, switches, now)
    if drift != switch.subscription.drift:
        switches.watch(switch, None, drift=drift, warned=None, now=now)
    return asked


def _watch(switches: Watched, switch: Switch, pause: timedelta, *, now: datetime, **found: Any) -> None:
    switches.watch(switch, now.replace(microsecond=0) + pause, now=now, **{"warned": None, **found})


def _tell(switch: Switch, drift: tuple[str, ...], switches: Watched, now: datetime) -> bool:
    """Leave a task for what newly differs; take it away when nothing does any more."""
    if drift == switch.subscription.drift:
        return False
    switches.clear_tasks(switch, drift_only=True)
    if not drift:
        return False
    when = "while suspended" if switch.subscription.actual == "suspended" else "behind our back"
    reason = f"changed at the vendor {when}: {'; '.join(drift)}; settle it there or with the customer"
    return switches.leave_task(switch, "drift", CHANGED, reason, now)


def _warn(switch: Switch, state: VendorState, switches: Watched, costs: Costs | None, now: datetime) -> str | None:
    """Leave a task where the term ends soon, with what each choice costs; return the warning's name."""
    ends, today = state.term_ends or switch.subscription.term_ends, now.astimezone(switch.profile.zone).date()
    warning = warning_due(switch, ends, today) if ends else None
    if ends is None or warning is None:
        return None
    monthly = costs.monthly(switch, now) if costs else None
    extended = costs.extended if costs else ExtendedTerm()
    told = [one.to_mapping() for one in choices(ends, today, monthly, extended)]
    reason = f"the term ends on {ends} while it is suspended; choose before that"
    switches.leave_task(switch, "term_end", warning, reason, now, {"term_ends": ends.isoformat(), "choices": told})
    return warning
