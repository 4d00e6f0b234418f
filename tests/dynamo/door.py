"""Puts the table in memory behind botocore's clients, at one of two doors.

`at_the_wire`   where a request would be sent: signed, counted, tried again and parsed as ever, for any client. moto's
                other services stay beside it.
`at_the_call`   where a client has written its request and not yet signed it: three times as fast, for one client.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from botocore import handlers
from botocore.awsrequest import AWSResponse
from moto.core.botocore_stubber import BotocoreStubber

from tests.dynamo.engine import Dynamo
from tests.dynamo.values import Refused

_TYPE = "application/x-amz-json-1.0"


_open: list[Dynamo] = []
"""The tables that answer at the wire, the last one first; sessions know the door from when this module is imported."""


@contextmanager
def at_the_wire(dynamo: Dynamo) -> Iterator[Dynamo]:
    """Answer what any client sends to DynamoDB."""
    moto = BotocoreStubber.__call__

    def beside(self: Any, event_name: str, request: Any, **more: Any) -> Any:
        return None if ".dynamodb." in event_name else moto(self, event_name, request, **more)

    _open.append(dynamo)
    try:
        with patch.object(BotocoreStubber, "__call__", beside):  # botocore asks all doors, and takes the first answer
            yield dynamo
    finally:
        _open.remove(dynamo)


def _sent(request: Any, event_name: str, **_: Any) -> AWSResponse | None:
    if not _open:
        return None
    told: dict[str, Any]
    try:
        status, told = 200, _open[-1].answer(event_name.rpartition(".")[2], json.loads(request.body))
    except Refused as problem:
        status, told = 400, {"__type": f"com.amazonaws.dynamodb.v20120810#{problem.code}", "message": problem.message}
        if problem.reasons is not None:
            told["CancellationReasons"] = problem.reasons
    return AWSResponse(request.url, status, {"content-type": _TYPE}, _Raw(json.dumps(told).encode()))


handlers.BUILTIN_HANDLERS.append(("before-send.dynamodb", _sent))


@contextmanager
def at_the_call(dynamo: Dynamo, client: Any) -> Iterator[Dynamo]:
    """Answer what a client asks for."""

    def answer(params: dict[str, Any], model: Any, **_: Any) -> tuple[AWSResponse, dict[str, Any]]:
        try:
            told, status = as_read(dynamo.answer(model.name, json.loads(params["body"]))), 200
        except Refused as problem:
            told, status = {"Error": {"Code": problem.code, "Message": problem.message}}, 400
            if problem.reasons is not None:
                told["CancellationReasons"] = problem.reasons
        told["ResponseMetadata"] = {"HTTPStatusCode": status, "HTTPHeaders": {}, "RequestId": "memory"}
        return AWSResponse("", status, {}, _Raw(b"")), told

    client.meta.events.register_last("before-call.dynamodb", answer)
    try:
        yield dynamo
    finally:
        client.meta.events.unregister("before-call.dynamodb", answer)


def as_read(answer: Any) -> Any:
    """Return an answer as botocore's parser would hand it on: binary values as bytes."""
    if isinstance(answer, list):
        return [as_read(one) for one in answer]
    if not isinstance(answer, dict):
        return answer
    if answer.keys() == {"B"} and isinstance(answer["B"], str):
        return {"B": b64decode(answer["B"])}
    return {name: as_read(value) for name, value in answer.items()}


class _Raw:
    """A body as urllib3 would hold it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._body
