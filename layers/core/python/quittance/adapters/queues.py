"""SQS: message bodies out in batches, FIFO groups that keep order where it matters."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from quittance.domain.errors import Transient
from quittance.usecases.message import Message

_BATCH = 10


class SqsOutgoing:
    """Sends messages to the queues named by QUEUE_<NAME>_URL."""

    def __init__(self, client: Any, urls: dict[str, str] | None = None) -> None:
        self._client = client
        self._urls = urls

    def send(self, messages: Sequence[Message]) -> None:
        """Send all in batches of ten; Transient when the queue did not take one of them."""
        for queue, run in groupby(sorted(messages, key=lambda message: message.QUEUE), key=lambda m: m.QUEUE):
            for batch in _batches(run):
                self._send_batch(queue, batch)

    def _send_batch(self, queue: str, batch: list[Message]) -> None:
        entries = [_entry(str(i), message) for i, message in enumerate(batch)]
        answer = self._client.send_message_batch(QueueUrl=self._url(queue), Entries=entries)
        if failed := answer.get("Failed"):
            raise Transient(f"queue {queue}: {len(failed)} of {len(batch)} messages were not taken")

    def _url(self, queue: str) -> str:
        return self._urls[queue] if self._urls is not None else os.environ[f"QUEUE_{queue}_URL"]


def _entry(name: str, message: Message) -> dict[str, str]:
    body = message.to_json()
    entry = {"Id": name, "MessageBody": body}
    if group := message.group:
        entry["MessageGroupId"] = hashlib.sha256(group.encode()).hexdigest()[:64]
        entry["MessageDeduplicationId"] = hashlib.sha256(f"{group}|{body}".encode()).hexdigest()
    return entry


def _batches(messages: Iterable[Message]) -> Iterator[list[Message]]:
    batch: list[Message] = []
    for message in messages:
        batch.append(message)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
