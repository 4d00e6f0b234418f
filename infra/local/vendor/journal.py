"""What was asked of the stand-in: the last requests, without secrets, tokens or whole bodies."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from infra.local.vendor.wire import Request, Response

KEPT = 5000


@dataclass(frozen=True, slots=True)
class Entry:
    """One request; `at` is virtual time, `wall` seconds of real time since the epoch."""

    number: int
    at: str
    wall: float
    tenant: str | None
    method: str
    path: str
    request_id: str
    correlation_id: str
    wanted: dict[str, Any]
    status: int
    code: str | None
    replayed: bool


class Journal:
    """Keeps the last requests in order."""

    def __init__(self) -> None:
        self._entries: deque[Entry] = deque(maxlen=KEPT)
        self._count = 0

    def add(self, request: Request, response: Response, at: str, **facts: Any) -> None:
        """Write one request down; only what a change of state asks for is kept of its body."""
        self._count += 1
        headers = request.headers
        self._entries.append(
            Entry(
                number=self._count,
                at=at,
                wall=time.time(),
                method=request.method,
                path=request.path,
                request_id=headers.get("ms-requestid", ""),
                correlation_id=headers.get("ms-correlationid", ""),
                wanted=_wanted(request),
                status=0 if response.lost else response.status,
                **facts,
            )
        )

    def after(self, number: int, path_part: str = "", method: str = "") -> list[dict[str, Any]]:
        """Return the entries after a number, oldest first, whose path holds `path_part`."""
        return [
            asdict(entry)
            for entry in self._entries
            if entry.number > number and path_part in entry.path and method in ("", entry.method)
        ]


def _wanted(request: Request) -> dict[str, Any]:
    if request.method != "PATCH":
        return {}
    try:
        body = {key[:1].lower() + key[1:]: value for key, value in request.plain_json().items()}
    except Exception:  # noqa: BLE001  # the journal never stands in the way of an answer
        return {}
    return {key: body[key] for key in ("status", "autoRenewEnabled", "quantity") if key in body}
