"""The stand-in on a loopback port, in a thread of whoever starts it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from infra.local.vendor.app import VendorApp
from infra.local.vendor.clock import VendorClock
from infra.local.vendor.control import PREFIX, control, snapshot
from infra.local.vendor.disturbance import read_disturbance
from infra.local.vendor.faults import VendorFault
from infra.local.vendor.seeding import change_subscription
from infra.local.vendor.wire import Request, Response

MAX_BODY = 8 * 1024 * 1024


class StandInVendor:
    """A Partner Center of one's own: `start`, `seed`, look at `state` and `requests`, `stop`.

    `clock_file` names the virtual clock's file; without it the machine's time counts.
    """

    def __init__(self, clock_file: Path | None = None) -> None:
        self.app = VendorApp(VendorClock(clock_file))
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def start(self, port: int = 0) -> str:
        """Listen on loopback (port 0: a free one) and return the base URL, for the API and the authority alike."""
        self._server = _Server(("127.0.0.1", port), self.app)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self.base_url

    @property
    def base_url(self) -> str:
        """The address while it runs."""
        if self._server is None:
            raise RuntimeError("the stand-in is not running; call start() first")
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def stop(self) -> None:
        """Stop listening and drop every open connection; calling it twice does no harm."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server.drop_connections()
        if self._thread is not None:
            self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def seed(self, **data: Any) -> None:
        """Add `partners`, `customers`, `invoices`, `service_requests`, `limits` (see seeding.seed)."""
        with self.app.lock:
            self.app.seed(data)

    def fault(self, mode: str, *, until: datetime | None = None, **more: Any) -> None:
        """Set the fault in force: down, throttled, slow, async, lost, or none; ValueError says what cannot be read."""
        body: Mapping[str, Any] = {"mode": mode, "until": until.isoformat() if until else None, **more}
        with self.app.lock:
            try:
                self.app.disturbance = read_disturbance(dict(body))
            except VendorFault as problem:
                raise ValueError(str(problem)) from problem

    def state(self) -> dict[str, Any]:
        """Return what `GET /_control/state` answers."""
        with self.app.lock:
            return snapshot(self.app)

    def subscription(self, customer: str, name: str) -> dict[str, Any]:
        """Return one subscription's state; KeyError when there is none."""
        for row in self.state()["subscriptions"]:
            if (row["customer"], row["id"]) == (customer, name):
                return dict(row)
        raise KeyError(f"{customer}/{name}")

    def change(self, customer: str, name: str, **changes: Any) -> None:
        """Change a subscription behind everybody's back, as the vendor's own staff could."""
        with self.app.lock:
            change_subscription(self.app.subscriptions.find(customer, name, self.app.clock.now()), changes)

    def requests(self, after: int = 0, path: str = "", method: str = "") -> list[dict[str, Any]]:
        """Return the journal after a number, oldest first."""
        with self.app.lock:
            return self.app.journal.after(after, path, method)


class _Server(ThreadingHTTPServer):
    """A threaded server that can let go of idle keep-alive connections."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], app: VendorApp) -> None:
        super().__init__(address, _Handler)
        self.app = app
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def drop_connections(self) -> None:
        """Close what clients keep open."""
        for connection in list(self._open):
            self.shutdown_request(connection)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away in the middle is part of the game."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave together
    server: _Server

    def _any(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY:
            self.close_connection = True
            self._send(Response(413))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        inside = request.path == PREFIX or request.path.startswith(f"{PREFIX}/")
        self._send(control(self.server.app, request) if inside else self.server.app.handle(request))

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _any  # noqa: N815  # names the base class looks for

    def _send(self, response: Response) -> None:
        if response.delay:
            time.sleep(response.delay)
        if response.lost:
            self.close_connection = True
            return
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()
        self.wfile.write(response.body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the base class names it so
        """Stay silent: the journal tells more."""
