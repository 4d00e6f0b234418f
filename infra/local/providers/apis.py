"""Stand-in for the providers' APIs: what was paid can be read there, and PayPal's certificate fetched.

It binds to this machine only, checks that every read carries a key, and gives tokens as PayPal does. Resources are held
by path; `fail` makes it answer badly for a while, as real ones do.
"""

from __future__ import annotations

import json
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

_TOKEN = "stand-in-token"  # noqa: S105  # opens nothing but this stand-in
_SECONDS = 32400


class ProviderApis(ThreadingHTTPServer):
    """Serves until it is closed; `asked` lists the paths that were asked for."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Request)
        self.resources: dict[str, dict[str, Any]] = {}
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.failures: list[int] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def base_url(self) -> str:
        """What PROVIDER_API_BASE is set to."""
        return f"http://127.0.0.1:{self.server_port}"

    def hold(self, resources: dict[str, dict[str, Any]]) -> None:
        """Serve resources by path, such as `/mollie/v2/payments/tr_1`."""
        self.resources.update(resources)

    def fail(self, *statuses: int) -> None:
        """Answer the next requests with these."""
        self.failures.extend(statuses)

    def close(self) -> None:
        """Stop serving."""
        self.shutdown()
        self.server_close()


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ProviderApis

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("content-length") or 0))
        path = urlsplit(self.path).path
        self.server.asked.append(path)
        if path != "/paypal/v1/oauth2/token" or not self.headers.get("authorization", "").startswith("Basic "):
            return self._send(HTTPStatus.UNAUTHORIZED, {"error": "invalid_client"})
        return self._send(
            HTTPStatus.OK, {"access_token": _TOKEN, "token_type": "Bearer", "expires_in": _SECONDS, "scope": "payments"}
        )

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        self.server.asked.append(path)
        if self.server.failures:
            return self._send(self.server.failures.pop(0), {"status": "failing"})
        if (file := self.server.files.get(path)) is not None:
            return self._bytes(HTTPStatus.OK, file, "application/x-pem-file")
        if not self.headers.get("authorization", "").startswith("Bearer "):
            return self._send(HTTPStatus.UNAUTHORIZED, {"title": "Unauthorized Request"})
        found = self.server.resources.get(path)
        return self._send(HTTPStatus.OK if found else HTTPStatus.NOT_FOUND, found or {"title": "Not Found"})

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        self._bytes(status, json.dumps(answer).encode(), "application/json")

    def _bytes(self, status: int, data: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""
