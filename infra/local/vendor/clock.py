"""The moment the stand-in lives in: the virtual clock's file, or the machine's time where none is named."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path


class VendorClock:
    """Reads one ISO 8601 instant from a file; keeps the last one while the file is being replaced."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._last: datetime | None = None

    def now(self) -> datetime:
        """Return the moment, aware, in UTC."""
        if self._path is None:
            return datetime.now(UTC)
        moment = self._read(self._path)
        if moment is None and self._last is None:
            raise RuntimeError(f"clock file {self._path}: write one ISO 8601 instant with its offset into it")
        self._last = moment or self._last
        assert self._last is not None  # noqa: S101  # told to mypy; held by the check above
        return self._last

    @staticmethod
    def _read(path: Path) -> datetime | None:
        """Return the file's moment, None while it is missing or half written."""
        try:
            moment = datetime.fromisoformat(path.read_text(encoding="ascii").strip())
        except (OSError, ValueError):
            return None
        return moment.astimezone(UTC) if moment.tzinfo else None
