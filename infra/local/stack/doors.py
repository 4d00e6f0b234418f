"""What the launcher asks of the running emulator beyond AWS; served by `serve.py`, in the emulator's process.

    GET  /_quittance/idle?patience=N&wait=S   waits up to S seconds until nothing is left to do; tells what is
    POST /_quittance/elapse?seconds=N         virtual time has passed: what waited in queues waits N seconds less
    POST /_quittance/warm                     starts one worker of each function
    GET  /_quittance/mail                     mails as they were sent
    POST /_quittance/mail-down?until=ISO      SES answers 503 until then
    POST /_quittance/queue-fault?mode=M&until=ISO   queues deliver twice, the newest first, or late until then
    GET  /_quittance/used                     the actions that each function has been allowed (AUTH=true)

A message that failed, or was sent with a delay, is tried at once until it failed `patience` times; then it waits, as on
AWS, for its visibility timeout, and that passes with virtual time.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_POLL = 0.002


@dataclass
class Doors:
    """What the launcher asks of the running emulator, beyond AWS."""

    clock_file: Path | None
    running: Any
    mails: list[dict[str, Any]] = field(default_factory=list)
    mail_down_until: str = ""
    queue_fault: tuple[str, str] = ("", "")

    def __post_init__(self) -> None:
        """Let queues know how they misbehave now."""
        self.running.queue_fault = lambda: self.queue_fault[0] if self._moment()[:19] < self.queue_fault[1][:19] else ""

    async def answer(self, method: str, name: str, query: dict[str, str]) -> Any:
        """Do what a door is for; None where there is no such door."""
        if (method, name) == ("GET", "idle"):
            return await self.idle(int(query.get("patience", "3")), float(query.get("wait", "30")))
        if (method, name) == ("POST", "elapse"):
            return self.elapse(float(query["seconds"]))
        if (method, name) == ("POST", "warm"):
            return await asyncio.to_thread(self.warm)
        if name in ("mail", "mail-down", "queue-fault"):
            return self._fault(method, name, query)
        if (method, name) == ("GET", "used"):
            return {function: sorted(actions) for function, actions in self.running.used.items()}
        return None

    def _fault(self, method: str, name: str, query: dict[str, str]) -> Any:
        if (method, name) == ("POST", "queue-fault"):
            self.queue_fault = query["mode"], query["until"]
            return {"fault": self.queue_fault}
        if (method, name) == ("POST", "mail-down"):
            self.mail_down_until = query["until"]
            return {"until": self.mail_down_until}
        return {"mails": self.mails} if (method, name) == ("GET", "mail") else None

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
        self.mails.append({"id": message_id, "sent_at": self._moment(), **json.loads(body)})

    def mail_is_down(self) -> bool:
        """Tell whether SES is to take no mails now; moments compare as text."""
        return self._moment()[:19] < self.mail_down_until[:19]

    def _moment(self) -> str:
        return self.clock_file.read_text(encoding="ascii").strip() if self.clock_file else _machine_time()


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


def _machine_time() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
