"""The emulator's process: the emulator with its gaps closed, and four doors of ours beside it.

Runs in the emulator's environment: `python serve.py SETTINGS` (JSON). It lives as long as its standard input is open,
so it ends with whoever started it, however that ends, and takes its workers and files along.

    GET  /_quittance/idle?patience=N&wait=S   waits up to S seconds until nothing is left to do; tells what is
    POST /_quittance/elapse?seconds=N         virtual time has passed: what waited in queues waits N seconds less
    POST /_quittance/warm                     starts one worker of each function
    GET  /_quittance/mail                     mails as they were sent

A message that failed, or was sent with a delay, is tried at once until it failed `patience` times; then it waits, as on
AWS, for its visibility timeout, and that passes with virtual time. A second port serves the API at its root, as the
API's own address does on AWS.
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
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

type Scope = dict[str, Any]
type Receive = Callable[[], Awaitable[dict[str, Any]]]
type Send = Callable[[dict[str, Any]], Awaitable[None]]

_DOOR = "/_quittance/"
_POLL = 0.002


@dataclass(frozen=True)
class Settings:
    """What the launcher says."""

    port: int
    api_port: int
    state: str
    python: str
    unpacked: str
    clock_file: str = ""


@dataclass
class Doors:
    """What the launcher asks of the running emulator, beyond AWS."""

    settings: Settings
    running: Any
    mails: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, method: str, name: str, query: dict[str, str]) -> Any:
        """Do what a door is for; None where there is no such door."""
        if (method, name) == ("GET", "idle"):
            return await self.idle(int(query.get("patience", "3")), float(query.get("wait", "30")))
        if (method, name) == ("POST", "elapse"):
            return self.elapse(float(query["seconds"]))
        if (method, name) == ("POST", "warm"):
            return await asyncio.to_thread(self.warm)
        if (method, name) == ("GET", "mail"):
            return {"mails": self.mails}
        return None

    async def idle(self, patience: int, wait: float) -> dict[str, Any]:
        """Wait until nothing runs, the stream is read to its end and no queue has anything to do now."""
        deadline = time.monotonic() + wait
        while True:
            before = self.running.started
            busy, sleeping = self._work(patience)
            # An execution that began while we looked may have moved work behind our back.
            if not busy and before == self.running.started:
                return {"idle": True, "busy": [], "sleeping": sleeping}
            if time.monotonic() > deadline:
                return {"idle": False, "busy": busy, "sleeping": sleeping}
            await asyncio.sleep(_POLL)

    def _work(self, patience: int) -> tuple[list[str], list[str]]:
        """What is being done or waits to be, looked at in the order in which work travels, and what sleeps."""
        from ministack.services import lambda_svc

        _, executions = lambda_svc.executions_in_flight()
        busy = [f"{name} runs" for name in executions]
        sleeping: list[str] = []
        for account, region, mapping in lambda_svc._iter_all_esms():
            if ":dynamodb:" in mapping["EventSourceArn"]:
                busy += _behind(mapping, account, region)
            elif ":sqs:" in mapping["EventSourceArn"]:
                queued, asleep = _queued(mapping, patience, self.running)
                busy += queued
                sleeping += asleep
        return busy, sleeping

    def elapse(self, seconds: float) -> dict[str, Any]:
        """Let virtual time pass for what waits in queues."""
        from ministack.core.concurrency import esm_wake
        from ministack.services import lambda_svc, sqs

        with sqs._queues_lock:
            for queue in sqs._queues._data.values():
                for message in queue["messages"]:
                    message["visible_at"] -= seconds
                for sent in queue.get("dedup_cache", {}).values():
                    sent["expire"] -= seconds
        lambda_svc._esm_backoff_until.clear()
        esm_wake.set()
        return {"elapsed": seconds}

    def warm(self) -> dict[str, Any]:
        """Start one worker of each function, several at a time."""
        from ministack.core import lambda_runtime
        from ministack.services import lambda_svc

        def start(function: dict[str, Any]) -> str:
            config = function["config"]
            name: str = config["FunctionName"]
            worker, _ = lambda_runtime.acquire_worker(name, config, function["code_zip"])
            try:
                lambda_svc._run_with_function_config_scope(config, lambda_runtime.ensure_spawned, worker)
            except Exception as problem:  # noqa: BLE001 (whatever a function's import raises is what we report)
                return str(problem)
            finally:
                lambda_runtime.release_worker(worker)
            return ""

        functions = list(lambda_svc._functions._data.values())
        with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
            failed = {
                f["config"]["FunctionName"]: why for f, why in zip(functions, pool.map(start, functions), strict=True)
            }
        return {"failed": {name: why for name, why in failed.items() if why}}

    def keep_mail(self, body: bytes, message_id: str) -> None:
        """Keep a mail with the moment at which it was sent, virtual where time is."""
        clock = self.settings.clock_file
        sent_at = (
            Path(clock).read_text(encoding="ascii").strip()
            if clock
            else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        )
        self.mails.append({"id": message_id, "sent_at": sent_at, **json.loads(body)})


def _behind(mapping: dict[str, Any], account: str, region: str) -> list[str]:
    from ministack.services import dynamodb, lambda_svc

    table = mapping["EventSourceArn"].split("/stream/", 1)[0].rsplit("/", 1)[-1]
    end = dynamodb.stream_end_position(table, account_id=account, region=region)
    position = lambda_svc._dynamodb_stream_positions.get_scoped(account, region, mapping["UUID"], 0)
    return [f"stream of {table}: {end - position} changes to relay"] if position < end else []


def _queued(mapping: dict[str, Any], patience: int, running: Any) -> tuple[list[str], list[str]]:
    """What a queue has to do now, and what in it sleeps. Messages that failed less than `patience` times are woken."""
    from ministack.core.concurrency import esm_wake
    from ministack.services import lambda_svc, sqs

    queue = sqs._queue_by_arn(mapping["EventSourceArn"])
    with sqs._queues_lock:  # under it nothing is received, so no message is on its way to a function unseen
        messages: list[dict[str, Any]] = queue["messages"] if queue else []
        if running.polling or lambda_svc._esm_inflight.get(mapping["UUID"]):
            asleep: list[dict[str, Any]] = []
        else:
            asleep = _asleep(messages, patience)
        busy = len(messages) - len(asleep)
        if any(message.pop("woken", False) for message in messages):
            lambda_svc._esm_backoff_until.clear()
            esm_wake.set()
    name = mapping["EventSourceArn"].rsplit(":", 1)[-1]
    return [f"{name}: {busy} to do"] if busy else [], [f"{name}: {len(asleep)} waiting"] if asleep else []


def _asleep(messages: list[dict[str, Any]], patience: int) -> list[dict[str, Any]]:
    """Wake the messages that may be tried again; return the others that wait, and those of their groups behind them."""
    now = time.time()
    groups: set[str] = set()
    asleep = []
    for message in messages:
        waits = message["visible_at"] > now
        if waits and message["receive_count"] < patience:
            message["visible_at"] = now
            message["woken"] = True
        elif waits or message.get("group_id") in groups:
            asleep.append(message)
            if message.get("group_id"):
                groups.add(message["group_id"])
    return asleep


class Front:
    """The ASGI application: our doors, the API at the root of its own port, and the emulator behind both."""

    def __init__(self, emulator: Any, doors: Doors) -> None:
        self._emulator = emulator
        self._doors = doors

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "http" and scope["path"].startswith(_DOOR):
            await self._answer(scope, send)
            return
        if scope["type"] == "http" and scope["server"][1] == self._doors.settings.api_port:
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


def _keep_mails(doors: Doors) -> None:
    """Keep each mail whole when it is accepted."""
    from ministack.services import ses_v2

    handle = ses_v2.handle_request

    async def handled(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        response = await handle(method, path, headers, body, query)
        if method == "POST" and path.rstrip("/").endswith("/outbound-emails") and response[0] == 200:  # noqa: PLR2004
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
    module = importlib.util.module_from_spec(spec)
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
    doors = Doors(settings, running)
    _keep_mails(doors)
    config = Config()
    config.bind = [f"127.0.0.1:{settings.port}", f"127.0.0.1:{settings.api_port}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(serve(Front(app, doors), config))


if __name__ == "__main__":
    main(Settings(**json.loads(sys.argv[1])))
