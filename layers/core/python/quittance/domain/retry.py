"""Whether money that is told of once more came once more: parts of a payment, and attempts after a late failure.

A payment whose parts have ids of their own (several captures of one authorisation) counts each part once. A payment
that comes as a whole counts again only where a booked failure took the money back before: successes and failures are
put in the order of their moments, in whatever order they are told. What rests on something that has not been told yet
is None: it is looked at again when more is booked.
"""

from __future__ import annotations

from datetime import datetime

from quittance.domain.movement import FAILED, MORE, History


def is_new_part(history: History, part: str) -> bool:
    """Tell whether a part is none of those booked; beside a payment that was told as a whole there are no parts."""
    return history.part is not None and part != history.part and not history.has(MORE, part)


def part_of(history: History, name: str) -> int | None:
    """Return what came with a part, in minor units; None while it has not been told."""
    if name == history.part:
        return history.amount
    return next((one.amount for one in history.movements if (one.kind, one.name) == (MORE, name)), None)


def came_again(history: History, at: str | None) -> bool | None:
    """Tell whether a success (ISO moment `at`) is another than the booked ones; None while no failure was before it."""
    if at is None or history.occurred_at is None:
        return False
    told, last = _moment(at), max(_came(history))
    if told <= last:
        return False
    failures = [one for one in _moments(history, FAILED) if one < told]
    return True if failures and max(failures) >= last else None


def went_back(history: History, at: str | None) -> bool | None:
    """Tell whether a late failure takes what is left; None where it belongs to a success that has not been told."""
    if at is None or history.occurred_at is None:
        return history.left > 0
    told = _moment(at)
    if told < max(_came(history)):
        return False
    if history.left > 0:
        return True
    failures = _moments(history, FAILED)
    return None if failures and told > max(failures) else False


def _came(history: History) -> list[datetime]:
    return [_moment(history.occurred_at or ""), *_moments(history, MORE)]


def _moments(history: History, kind: str) -> list[datetime]:
    return [_moment(one.at) for one in history.movements if one.kind == kind and one.at]


def _moment(at: str) -> datetime:
    return datetime.fromisoformat(at)
