"""Queue batches: each message alone, answered in parts, so that one that fails brings back only itself.

What is Transient or in Conflict comes again; what is Rejected or Poison would fail for ever and is parked with an
alarm; anything unforeseen comes again until the queue gives it up to its dead letters.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from quittance.domain.errors import Conflict, Poison, QuittanceError, Rejected, Transient
from quittance.runtime import compose
from quittance.runtime.log import logger, metrics
from quittance.store import keys
from quittance.store.parking import park
from quittance.usecases.message import Message

Work = dict[type[Message], Callable[[Any], None]]


def run_batch(event: dict[str, Any], work: Work) -> dict[str, Any]:
    """Work on each record; after a failure the later ones of its FIFO group come again too, other groups go on."""
    failed: list[dict[str, str]] = []
    halted: set[str] = set()
    for record in event["Records"]:
        group = record.get("attributes", {}).get("MessageGroupId")
        if group in halted or not _done(record, work):
            failed.append({"itemIdentifier": record["messageId"]})
            if group:
                halted.add(group)
    return {"batchItemFailures": failed}


def among[M: Message](event: dict[str, Any], kind: type[M]) -> list[M]:
    """Return the messages of a kind in a batch; what cannot be read is left to `run_batch`."""
    found = []
    for record in event["Records"]:
        with suppress(Poison):
            found.append(_read(record["body"], {kind: _nothing}))
    return [message for message in found if isinstance(message, kind)]


def _nothing(_message: Any) -> None:
    """Do no work: the message is only looked at."""


def _done(record: dict[str, Any], work: Work) -> bool:
    try:
        message = _read(record["body"], work)
    except Poison as problem:
        _park(keys.parked_record(record["messageId"]), problem, {"body": record["body"][:2000]})
        return True
    told = {"type": message.TYPE, **asdict(message)}
    logged = {name: value for name, value in told.items() if name != "raw"}  # a provider's body names people
    try:
        work[type(message)](message)
    except (Rejected, Poison) as problem:
        _park(_place(message, record["messageId"]), problem, told)
    except (Transient, Conflict) as problem:
        logger.warning("message comes again", extra={**logged, "reason": problem.message})
        metrics.add_metric("MessagesAgain", "Count", 1)
        return False
    except Exception:  # noqa: BLE001  # a fault of ours: the queue tries again, then keeps it with its dead letters
        logger.exception("message failed", extra=logged)
        metrics.add_metric("MessagesFailed", "Count", 1)
        return False
    return True


def _read(body: str, work: Work) -> Message:
    try:
        fields = json.loads(body)
    except ValueError as problem:
        raise Poison("a message that is not JSON") from problem
    for kind in work:
        if isinstance(fields, dict) and fields.get("type") == kind.TYPE:
            return kind.from_mapping(fields)
    raise Poison(f"a message of none of the types {', '.join(kind.TYPE for kind in work)}")


def _place(message: Message, record: str) -> keys.Key:
    try:
        return keys.parked(keys.checked(getattr(message, "partner", ""), "partner"), message.TYPE, record)
    except Rejected:
        return keys.parked_record(record)


def _park(key: keys.Key, problem: QuittanceError, body: Any) -> None:
    logger.error("message parked", extra={"reason": problem.message, "key": key.sk})
    metrics.add_metric("MessagesParked", "Count", 1)
    park(key, reason=problem.message, body=body, at=compose.clock().now())
