"""The clocks of a ticket: when each target is due and which were missed, in the business time of its plan.

A clock runs while the ticket is open and does not wait for the customer. A target that was met keeps the moment at
which it was due; one that stands still has none. Pieces of time are counted in whole minutes.

first_response  from the opening to the first public word of the partner
update          from the opening, and from each public word again, to the next one
solution        from the opening to the closing; reopening goes on where it stopped
vendor_response from the recording of the vendor's case to the vendor's first word: A 2, B 4, C 8 hours by the clock on
                the wall (the vendor's published initial response times)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from quittance.domain.ticket import Event, Ticket

VENDOR_RESPONSE = {"A": timedelta(hours=2), "B": timedelta(hours=4), "C": timedelta(hours=8)}
Span = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Due moments (None: not promised, or standing still) and what was missed, at one moment."""

    first_response_due: datetime | None = None
    update_due: datetime | None = None
    solution_due: datetime | None = None
    vendor_response_due: datetime | None = None
    breached: tuple[str, ...] = ()
    vendor_breached: bool = False


def clocks(ticket: Ticket, now: datetime) -> Clocks:
    """Return the clocks of a ticket at a moment."""
    first, update, solution = (_first_response(ticket, now), _update(ticket, now), _solution(ticket, now))
    vendor_due, vendor_breached = _vendor(ticket, now)
    missed = {"first_response": first[1], "update": update[1], "solution": solution[1]}
    return Clocks(
        first_response_due=first[0],
        update_due=update[0],
        solution_due=solution[0],
        vendor_response_due=vendor_due,
        breached=tuple(name for name, is_missed in missed.items() if is_missed),
        vendor_breached=vendor_breached,
    )


def newly_missed(ticket: Ticket, now: datetime) -> tuple[str, ...]:
    """Return what was missed and not yet recorded as such."""
    found = clocks(ticket, now)
    missed = (*found.breached, *(("vendor_response",) if found.vendor_breached else ()))
    recorded = {name for event in ticket.events if event.kind == "breached" for name in event.data["targets"]}
    return tuple(name for name in missed if name not in recorded)


def next_look(ticket: Ticket, now: datetime) -> datetime | None:
    """Return when a target would next be missed, None while nothing runs or all that could be is recorded."""
    found = clocks(ticket, now)
    recorded = {name for event in ticket.events if event.kind == "breached" for name in event.data["targets"]}
    dues = {
        "first_response": None if _answered(ticket) else found.first_response_due,
        "update": found.update_due,
        "solution": None if ticket.closed else found.solution_due,
        "vendor_response": found.vendor_response_due,
    }
    return min((due for name, due in dues.items() if due and name not in recorded), default=None)


def _answered(ticket: Ticket) -> bool:
    return any(event.public_word for event in ticket.events)


def _first_response(ticket: Ticket, now: datetime) -> tuple[datetime | None, bool]:
    minutes = ticket.targets.first_response if ticket.targets else None
    met = next((i for i, event in enumerate(ticket.events) if event.public_word), None)
    return _judge(ticket, minutes, 0, met, now)


def _solution(ticket: Ticket, now: datetime) -> tuple[datetime | None, bool]:
    minutes = ticket.targets.solution if ticket.targets else None
    closings = [i for i, event in enumerate(ticket.events) if event.kind == "closed"]
    return _judge(ticket, minutes, 0, closings[-1] if ticket.closed else None, now)


def _update(ticket: Ticket, now: datetime) -> tuple[datetime | None, bool]:
    minutes = ticket.targets.update if ticket.targets else None
    words = [0, *(i for i, event in enumerate(ticket.events) if event.public_word)]
    missed = any(_judge(ticket, minutes, start, end, now)[1] for start, end in pairwise(words))
    if ticket.closed:
        return None, missed
    due, late = _judge(ticket, minutes, words[-1], None, now)
    return due, missed or late


def _vendor(ticket: Ticket, now: datetime) -> tuple[datetime | None, bool]:
    case = next((i for i, event in enumerate(ticket.events) if event.kind == "vendor_case"), None)
    if case is None:
        return None, False
    due = ticket.events[case].at + VENDOR_RESPONSE[ticket.severity]
    later = ticket.events[case + 1 :]
    word = next((event.at for event in later if event.kind == "replied" and event.data["by"] == "vendor"), None)
    return None if word or ticket.closed else due, due < (word or now)


def _judge(
    ticket: Ticket, minutes: int | None, start: int, met: int | None, now: datetime
) -> tuple[datetime | None, bool]:
    """Return when a target is due that began with event `start`, and whether event `met` (or now) came too late."""
    if minutes is None:
        return None, False
    known = ticket.events if met is None else ticket.events[:met]
    due = _due(ticket, minutes, ticket.events[start].at, known)
    return due, due is not None and due < (now if met is None else ticket.events[met].at)


def _due(ticket: Ticket, minutes: int, origin: datetime, events: Sequence[Event]) -> datetime | None:
    calendar = ticket.plan.calendar if ticket.plan else None
    if calendar is None:
        return None
    left = minutes
    for start, end in _running(events):
        if end is not None and end <= origin:
            continue
        begun = max(start, origin)
        passed = calendar.minutes_between(begun, end) if end is not None else left
        if left <= passed:
            return calendar.add_minutes(begun, left)
        left -= passed
    return None


def _running(events: Sequence[Event]) -> Iterator[Span]:
    """Yield the spans in which the clocks run, the last one open where nothing stops it."""
    since: datetime | None = None
    for event in events:
        if since is None and event.kind in ("opened", "resumed", "reopened"):
            since = event.at
        elif event.kind in ("pending", "closed"):
            if since is not None and since < event.at:
                yield since, event.at
            since = event.data.get("until") if event.kind == "pending" else None
        elif event.kind == "resumed" and since is not None:
            since = min(since, event.at)
    if since is not None:
        yield since, None
