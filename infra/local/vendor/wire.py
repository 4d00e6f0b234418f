"""A request and an answer as the stand-in's parts hand them around."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from infra.local.vendor.faults import VendorFault

JSON = "application/json; charset=utf-8"


@dataclass(slots=True)
class Request:
    """What came in; header names in lower case, query names too."""

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The path, decoded, without its query."""
        return unquote(urlsplit(self.target).path)

    @property
    def query(self) -> dict[str, str]:
        """The query; names in lower case, since the vendor's own samples differ in it."""
        return {name.lower(): value for name, value in parse_qsl(urlsplit(self.target).query)}

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; VendorFault where it is not one."""
        if self.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
            raise VendorFault("800002", "Content-Type must be application/json", http=415)
        return self.plain_json()

    def plain_json(self) -> dict[str, Any]:
        """Return the body as a JSON object, whatever its content type."""
        try:
            body = json.loads(self.body)
        except ValueError as problem:
            raise VendorFault("800002", f"the body is not JSON ({problem})") from problem
        if not isinstance(body, dict):
            raise VendorFault("800002", "the body must be a JSON object")
        return body

    def form(self) -> dict[str, str]:
        """Return the fields of a form body."""
        return dict(parse_qsl(self.body.decode("utf-8", "replace")))


@dataclass(slots=True)
class Response:
    """What goes out; `delay` in seconds, `lost` closes the connection instead of answering."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    lost: bool = False


def json_response(status: int, body: Any, **headers: str) -> Response:
    """Return an answer with a JSON body; underscores in header names become hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text = json.dumps(body, default=float, ensure_ascii=False)
    return Response(status, text.encode(), {"Content-Type": JSON, **named})
