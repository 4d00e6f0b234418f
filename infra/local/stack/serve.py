"""The emulator's process: the emulator with its gaps closed, and our doors beside it.

Runs in the emulator's environment: `python serve.py SETTINGS` (JSON). It lives as long as its standard input is open,
so it ends with whoever started it, however that ends, and takes its workers and files along.

A second port serves the API at its root, as the API's own address does on AWS.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import json
import os
import shutil
import signal
import sys
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[dict[str, Any]]]
type Send = Callable[[dict[str, Any]], Awaitable[None]]

_DOOR = "/_quittance/"


@dataclass(frozen=True)
class Settings:
    """What the launcher says."""

    port: int
    api_port: int
    state: str
    python: str
    unpacked: str
    clock_file: str = ""


class Front:
    """The ASGI application: our doors, the API at the root of its own port, and the emulator behind both."""

    def __init__(self, emulator: Any, doors: Any, api_port: int) -> None:
        self._emulator = emulator
        self._doors = doors
        self._api_port = api_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].startswith(_DOOR):
            await self._answer(scope, send)
            return
        if scope["type"] == "http" and scope["server"][1] == self._api_port:
            scope = _to_api(scope)
        await self._emulator(scope, receive, send)

    async def _answer(self, scope: Scope, send: Send) -> None:
        query = {name: values[0] for name, values in parse_qs(scope["query_string"].decode()).items()}
        found = await self._doors.answer(scope["method"], scope["path"].removeprefix(_DOOR), query)
        body = json.dumps(found).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 404 if found is None else 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _to_api(scope: Scope) -> Scope:
    from ministack.services import apigateway

    known = [key[-1] for key in apigateway._apis._data]
    prefix = f"/_aws/execute-api/{known[0]}/$default" if known else "/_aws/execute-api/none/$default"
    raw: bytes = scope.get("raw_path") or scope["path"].encode()
    return {**scope, "path": prefix + scope["path"], "raw_path": prefix.encode() + raw}


def _keep_mails(doors: Any) -> None:
    """Keep each mail whole when it is accepted; while mail is down none is."""
    from ministack.services import ses_v2

    handle = ses_v2.handle_request

    async def handled(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        sends = method == "POST" and path.rstrip("/").endswith("/outbound-emails")
        if sends and doors.mail_is_down():
            return 503, {"Content-Type": "application/json"}, b'{"message": "Service Unavailable"}'
        response = await handle(method, path, headers, body, query)
        if sends and response[0] == 200:  # noqa: PLR2004
            doors.keep_mail(body, json.loads(response[2])["MessageId"])
        return response

    ses_v2.handle_request = handled


def _end_with_starter(state: Path) -> None:
    """Wait in a thread until standard input closes; then end with everything this process started."""

    def watch() -> None:
        with contextlib.suppress(OSError, ValueError):
            while sys.stdin.buffer.read(4096):
                pass
        with contextlib.suppress(Exception):  # whatever happens here, the next lines end it all
            _end_workers()
        shutil.rmtree(state, ignore_errors=True)
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=watch, name="end-with-starter", daemon=True).start()


def _end_workers() -> None:
    """Kill the functions' workers and wait for each, so that none is left for somebody else to bury."""
    from ministack.core import lambda_runtime

    processes = [worker._proc for pool in lambda_runtime._workers.values() for worker in pool if worker._proc]
    for process in processes:
        process.kill()
    for process in processes:
        process.wait(1)


def _neighbour(name: str) -> Any:
    """Load a module beside this one without its package, whose other modules need the launcher's environment."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    if spec is None or spec.loader is None:
        raise ImportError(name)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(settings: Settings) -> None:
    """Serve until standard input closes."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us, and they close our input
    _end_with_starter(Path(settings.state))
    from hypercorn.asyncio import serve
    from hypercorn.config import Config
    from ministack.app import app

    threading.Thread(target=importlib.import_module, args=("samtranslator.translator.transform",), daemon=True).start()
    gaps = _neighbour("gaps")
    running = gaps.Running()
    gaps.repair(Path(settings.python), Path(settings.unpacked), running)
    doors = _neighbour("doors").Doors(Path(settings.clock_file) if settings.clock_file else None, running)
    _keep_mails(doors)
    config = Config()
    config.bind = [f"127.0.0.1:{settings.port}", f"127.0.0.1:{settings.api_port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(serve(Front(app, doors, settings.api_port), config))


if __name__ == "__main__":
    main(Settings(**json.loads(sys.argv[1])))
