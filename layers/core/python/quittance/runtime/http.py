"""HTTP as API Gateway's HTTP APIs hand it over (payload 2.0): requests in, routes by table, answers out.

A table of routes and 60 lines of matching, rather than a framework: the table is what the role matrix and the OpenAPI
document are held against, and it costs no start-up time.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import unquote

from quittance.domain.errors import NotFound, QuittanceError
from quittance.domain.names import checked
from quittance.domain.roles import ROLES, Permission, require
from quittance.runtime.problems import (
    PROBLEM_TYPE,
    Malformed,
    NoSuchMethod,
    TooLarge,
    Unauthenticated,
    known,
    problem,
)

MOST_BYTES = 256 * 1024
_SEALED = frozenset({"token", "task"})  # longer than names: whoever takes one checks it before anything else
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One call: who speaks (from the token only), what is named in the address, what was sent.

    `author` is the token's subject, the person behind the role, where it names one.
    """

    method: str
    path: str
    partner: str
    role: str
    names: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    content: bytes = b""
    author: str = ""

    def json(self) -> Any:
        """Return the body; Malformed where it is not JSON."""
        kind = self.headers.get("content-type", JSON_TYPE).partition(";")[0].strip().lower()
        if kind != JSON_TYPE:
            raise Malformed(f"content-type: {kind!r} is not read here; send {JSON_TYPE}")
        try:
            return json.loads(self.content, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:  # also text that is not UTF-8, or nested without end
            raise Malformed(f"body: not JSON ({error}); send a JSON document in UTF-8") from None

    @property
    def idempotency_key(self) -> str | None:
        """The name that the caller gave this call, so that repeating it does nothing more."""
        key = self.headers.get("idempotency-key")
        return checked(key, "Idempotency-Key") if key else None

    def limit(self, default: int = 50, most: int = 200) -> int:
        """Return how many entries a page may have."""
        text = self.query.get("limit", str(default))
        if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= most:
            raise Malformed(f"limit: {text[:20]!r} is not a whole number from 1 to {most}")
        return int(text)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer: JSON unless `text` or, for a file that is not UTF-8, `content` is given."""

    status: int = 200
    body: Any = None
    text: str | None = None
    content: bytes | None = None
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_lambda(self) -> dict[str, Any]:
        """Return the answer as API Gateway takes it."""
        headers = {"content-type": self.content_type, "x-content-type-options": "nosniff", **self.headers}
        if self.content is not None:
            encoded = b64encode(self.content).decode("ascii")
            return {"statusCode": self.status, "headers": headers, "body": encoded, "isBase64Encoded": True}
        text = self.text if self.text is not None else json.dumps(self.body, separators=(",", ":"), ensure_ascii=False)
        return {"statusCode": self.status, "headers": headers, "body": text}


Answer = Callable[[Request], Response]


class Route(NamedTuple):
    """A method and an address with {names}, the permission it takes (None: open to all), and who answers it."""

    method: str
    address: str
    permission: Permission | None
    answer: str

    def names(self, path: str) -> dict[str, str] | None:
        """Return what the address names in a path, None where the path is not of this address."""
        wanted, given = self.address.split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        pairs = list(zip(wanted, given, strict=True))
        if any(not _is_name(want) and want != got for want, got in pairs):
            return None
        return {want[1:-1]: unquote(got) for want, got in pairs if _is_name(want)}


def _is_name(segment: str) -> bool:
    return segment.startswith("{")


class Router:
    """Answers events by a table of routes; every error the caller can act on becomes problem details.

    `resolve` finds the function that a route names.
    """

    def __init__(self, routes: Sequence[Route], resolve: Callable[[str], Answer]) -> None:
        self.routes = tuple(routes)
        self._resolve = resolve

    def answer(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to an event; what is not foreseen is raised, so that the function counts as failed."""
        path = str(event.get("rawPath", ""))
        try:
            return self._answer(event, path).as_lambda()
        except QuittanceError as error:
            if not known(error):
                raise
            status, details, headers = problem(error, path)
            return Response(status=status, body=details, content_type=PROBLEM_TYPE, headers=headers).as_lambda()

    def _answer(self, event: Mapping[str, Any], path: str) -> Response:
        method = str(event["requestContext"]["http"]["method"])
        route, names = self._match(method, path)
        partner, role = ("", "") if route.permission is None else _speaker(event)
        if route.permission is not None:
            require(role, route.permission)
        headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
        request = Request(
            method=method,
            path=path,
            partner=partner,
            role=role,
            names={name: value if name in _SEALED else checked(value, name) for name, value in names.items()},
            query=event.get("queryStringParameters") or {},
            headers=headers,
            content=_content(event),
            author=_subject(event),
        )
        return self._resolve(route.answer)(request)

    def _match(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        found = [(route, names) for route in self.routes if (names := route.names(path)) is not None]
        if not found:
            raise NotFound(f"there is nothing at {path}")
        for route, names in found:
            if route.method == method:
                return route, names
        allowed = ", ".join(sorted({route.method for route, _ in found}))
        raise NoSuchMethod(f"{method} is not possible at {path}; {allowed} is", allowed)


def _speaker(event: Mapping[str, Any]) -> tuple[str, str]:
    """Return partner and role by the token's verified claims, the only place they are taken from."""
    authorizer = event["requestContext"].get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    partner, role = claims.get("partner"), claims.get("role")
    if not isinstance(partner, str) or not partner:
        raise Unauthenticated("send a token that names its partner (Authorization: Bearer)")
    if not isinstance(role, str) or role not in ROLES:
        raise Unauthenticated(f"the token's role {str(role)[:40]!r} is not one of {', '.join(ROLES)}")
    return checked(partner, "partner"), role


def _subject(event: Mapping[str, Any]) -> str:
    authorizer = event["requestContext"].get("authorizer") or {}
    return str(((authorizer.get("jwt") or {}).get("claims") or {}).get("sub") or "")[:200]


def _content(event: Mapping[str, Any]) -> bytes:
    body = event.get("body") or ""
    content = b64decode(body) if event.get("isBase64Encoded") else body.encode()
    if len(content) > MOST_BYTES:
        raise TooLarge(f"body: {len(content)} bytes; at most {MOST_BYTES} are read")
    return content
