"""Faults on purpose: down, throttled, slow, answered later, answer lost; and the vendor's own request limit."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from infra.local.vendor.faults import VendorFault
from infra.local.vendor.wire import Response, json_response

MODES = ("down", "throttled", "slow", "async", "lost")
_DEFAULT_SECONDS = {"slow": 0.5, "async": 60.0, "throttled": 57.0}


@dataclass(slots=True)
class Disturbance:
    """A fault in force until a moment of the virtual clock, or for the next `count` requests.

    `seconds`: how slow in real time, how much later a change takes effect, or what Retry-After says.
    """

    mode: str
    until: datetime | None = None
    count: int | None = None
    seconds: float = 0
    on: str = "api"
    subscription: str | None = None

    def over(self, now: datetime) -> bool:
        """Tell whether its time or its count has run out."""
        return self.count == 0 or (self.until is not None and now >= self.until)

    def strikes(self, path: str, now: datetime) -> bool:
        """Tell whether this request meets the fault, and use one up where they are counted."""
        where = "token" if path.endswith("/oauth2/token") else "api"
        if self.on not in (where, "all") or self.over(now):
            return False
        if self.subscription and f"/subscriptions/{self.subscription}" not in f"{path}/":
            return False
        if self.count is not None:
            self.count -= 1
        return True


def read_disturbance(body: dict[str, Any]) -> Disturbance | None:
    """Read `PUT /_control/fault`; None lifts the fault; VendorFault names what is wrong."""
    mode = body.get("mode")
    if mode in (None, "none"):
        return None
    if unknown := set(body) - {"mode", "until", "count", "seconds", "on", "subscription"}:
        raise VendorFault("800002", f"unknown keys {sorted(unknown)}")
    if mode not in MODES:
        raise VendorFault("800002", f"mode must be one of {', '.join(MODES)} or none")
    until = datetime.fromisoformat(body["until"]) if body.get("until") else None
    if until and until.tzinfo is None:
        raise VendorFault("800002", "until needs its offset")
    seconds = float(body.get("seconds") or _DEFAULT_SECONDS.get(mode, 0))
    return Disturbance(mode, until, body.get("count"), seconds, body.get("on", "api"), body.get("subscription"))


def throttled(seconds: int) -> Response:
    """Return the 429 answer, whose body is not the ordinary fault."""
    body = {"statusCode": 429, "message": f"Rate limit is exceeded. Try again in {seconds} seconds."}
    return json_response(429, body, Retry_After=str(seconds))


def unavailable() -> Response:
    """Return what a gateway says while the service behind it is down: no fault body at all."""
    return Response(503, b"<html><body>Service Unavailable</body></html>", {"Content-Type": "text/html"})


class MinuteLimit:
    """Counts the requests of a tenant in each minute of the virtual clock, so a run comes out the same every time."""

    def __init__(self) -> None:
        self._minute: datetime | None = None
        self._counts: Counter[str] = Counter()

    def wait(self, tenant: str, limit: int, now: datetime) -> int:
        """Count a request; return 0, or the seconds until the next minute when there were too many."""
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
        self._counts[tenant] += 1
        return 0 if self._counts[tenant] <= limit else 60 - now.second
