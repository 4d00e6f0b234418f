"""A small client of the partner API, as a partner's own front-end would use it."""

from __future__ import annotations

import json
from typing import Any

import urllib3

from quittance.domain.errors import Rejected


class ApiError(Rejected):
    """The API refused a call; the message is the problem's own."""


class PartnerApi:
    """Calls the API as one user of a partner."""

    def __init__(self, base_url: str, token: str) -> None:
        self._base = base_url.rstrip("/")
        self._token = token
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=2, read=60))

    def get(self, path: str) -> Any:
        """Read a resource."""
        return self._call("GET", path, None)

    def put(self, path: str, body: Any) -> Any:
        """Create or replace a resource."""
        return self._call("PUT", path, body)

    def post(self, path: str, body: Any) -> Any:
        """Ask for something to be done."""
        return self._call("POST", path, body)

    def upload(self, target: dict[str, Any], content: bytes) -> None:
        """Put a file to the address that the API gave for it."""
        answer = self._http.request("PUT", target["url"], body=content, headers=target.get("headers", {}))
        if answer.status != 200:  # noqa: PLR2004  # what an object store answers
            raise ApiError(f"upload: {answer.status} {answer.data[:300].decode(errors='replace')}")

    def _call(self, method: str, path: str, body: Any) -> Any:
        headers = {"authorization": f"Bearer {self._token}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        answer = self._http.request(method, f"{self._base}/v1{path}", body=data, headers=headers)
        if answer.status >= 400:  # noqa: PLR2004  # the first status that is an error
            raise ApiError(f"{method} {path}: {answer.status} {answer.data.decode(errors='replace')}")
        return json.loads(answer.data) if answer.data else None
