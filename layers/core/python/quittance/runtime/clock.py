"""The clock port: the only place where the time of day is read."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the current moment."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.now(UTC)


class FileClock:
    """A virtual clock for the embedded stack: one ISO 8601 instant in a file that the scenario runner moves."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        """The moment the file holds."""
        return datetime.fromisoformat(self._path.read_text(encoding="ascii").strip()).astimezone(UTC)


class FixedClock:
    """A clock that stands still, for tests and simulations."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        """The moment it was set to."""
        return self.moment.astimezone(UTC)


def clock_from_env() -> Clock:
    """The system clock, or the virtual one where QUITTANCE_CLOCK_FILE names its file."""
    path = os.environ.get("QUITTANCE_CLOCK_FILE")
    return FileClock(Path(path)) if path else SystemClock()


def iso(moment: datetime) -> str:
    """Write a moment as keys and messages hold it: UTC, whole seconds, `Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_iso(text: str) -> datetime:
    """Read a moment as keys and messages hold it; it must carry its offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone offset")
    return moment.astimezone(UTC)
