"""The one map from errors to HTTP: problem details (RFC 9457), told apart by class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quittance.domain.errors import Conflict, Forbidden, NotFound, QuittanceError, Rejected, Transient

PROBLEM_TYPE = "application/problem+json"


class Unauthenticated(Rejected):
    """There is no token, or it names no partner."""


class Malformed(Rejected):
    """The request is not what HTTP or JSON ask for."""


class TooLarge(Rejected):
    """The body is larger than any call needs."""


class NoSuchMethod(Rejected):
    """The address exists, but not with this method; `allowed` are those it has."""

    def __init__(self, message: str, allowed: str) -> None:
        super().__init__(message)
        self.allowed = allowed


# The first class that fits decides; subclasses come first.
_MAP: tuple[tuple[type[QuittanceError], int, str], ...] = (
    (Unauthenticated, 401, "Not authenticated"),
    (Malformed, 400, "Bad request"),
    (TooLarge, 413, "Body too large"),
    (NoSuchMethod, 405, "Method not allowed"),
    (NotFound, 404, "Not found"),
    (Forbidden, 403, "Not allowed"),
    (Rejected, 422, "Refused"),
    (Conflict, 409, "Conflict"),
    (Transient, 503, "Not available now"),
)


def known(error: QuittanceError) -> bool:
    """Tell whether the caller can do something about an error; all others are ours and must be seen as failures."""
    return any(isinstance(error, kind) for kind, _, _ in _MAP)


def problem(error: QuittanceError, instance: str) -> tuple[int, dict[str, Any], Mapping[str, str]]:
    """Return status, problem details and headers of an error."""
    status, title = next((status, title) for kind, status, title in _MAP if isinstance(error, kind))
    details: dict[str, Any] = {"type": "about:blank", "title": title, "status": status, "detail": error.message}
    details |= {"instance": instance}
    details |= {name: value for name in ("code", "field") if (value := getattr(error, name))}
    return status, details, _headers(error)


def _headers(error: QuittanceError) -> dict[str, str]:
    match error:
        case Transient():
            return {"retry-after": str(error.retry_after or 1)}
        case NoSuchMethod():
            return {"allow": error.allowed}
        case Unauthenticated():
            return {"www-authenticate": "Bearer"}
        case _:
            return {}
