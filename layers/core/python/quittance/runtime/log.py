"""One structured logger a function, and one line for what an invocation did; personal data never goes into either.

Logs are paid for by the byte, so the happy path writes one line: metrics in CloudWatch's embedded format, whose
metadata are the notes on each message. Warnings and errors have their own lines.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from aws_lambda_powertools import Logger, Metrics

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class _Metrics(Metrics):
    """Metrics without zeros: what did not happen is not written."""

    def add_metric(self, name: str, unit: Any, value: float, resolution: Any = 60) -> None:
        if value:
            super().add_metric(name=name, unit=unit, value=value, resolution=resolution)


logger = Logger(log_uncaught_exceptions=False, use_rfc3339=True)
metrics = _Metrics()
_notes: list[dict[str, Any]] = []


def note(what: str, **facts: Any) -> None:
    """Keep what was done for the invocation's line."""
    _notes.append({"what": what, **facts})


def one_line(handler: Handler) -> Handler:
    """Make a handler write its metrics and notes in one line, however it ends; nothing where there are none."""

    @wraps(handler)
    def run(event: dict[str, Any], context: Any) -> dict[str, Any]:
        try:
            return handler(event, context)
        finally:
            _write(context)

    return run


def _write(context: Any) -> None:
    notes, _notes[:] = list(_notes), []
    request = getattr(context, "aws_request_id", None)
    if metrics.provider.metric_set:
        metrics.add_metadata("request", request)
        if notes:
            metrics.add_metadata("done", notes)
        metrics.flush_metrics()
    elif notes:
        logger.info("done", extra={"request": request, "done": notes})
