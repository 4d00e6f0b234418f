"""AWS in memory for the payment functions: moto, and before it a door that checks signatures like AWS does.

The webhook function speaks to AWS over plain signed HTTP, so the door listens on a real socket, holds each signature
against botocore's own signer, and hands the request to moto.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from moto import mock_aws

from quittance.store.models import Item

REGION = "eu-central-1"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing-secret",
    "AWS_SESSION_TOKEN": "testing-token",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "POWERTOOLS_SERVICE_NAME": "payments",
    "POWERTOOLS_METRICS_NAMESPACE": "Quittance",
}
SERVICES = {"AmazonSQS": "sqs", "secretsmanager": "secretsmanager"}


class Door(ThreadingHTTPServer):
    """Takes signed JSON requests; `closed` services answer 500, `seen` lists what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.closed: set[str] = set()
        self.seen: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Door

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        prefix, _, operation = self.headers["x-amz-target"].partition(".")
        service = SERVICES[prefix]
        self.server.seen.append(operation)
        if not _signed_well(self.headers, body, service):
            self._answer(403, {"__type": "x#SignatureDoesNotMatch"})
        elif service in self.server.closed:
            self._answer(500, {"__type": "x#InternalFailure"})
        else:
            self._forward(service, operation, json.loads(body))

    def _forward(self, service: str, operation: str, payload: dict[str, Any]) -> None:
        try:
            answer = inner(service)._make_api_call(operation, payload)
        except ClientError as problem:
            self._answer(400, {"__type": f"x#{problem.response['Error']['Code']}"})
        else:
            answer.pop("ResponseMetadata")
            self._answer(200, answer)

    def _answer(self, status: int, answer: dict[str, Any]) -> None:
        data = json.dumps(answer, default=str).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: Any) -> None:
        """Keep quiet."""


def _signed_well(headers: Any, body: bytes, service: str) -> bool:
    names = headers["authorization"].split("SignedHeaders=")[1].split(",")[0].split(";")
    request = AWSRequest(
        "POST", f"http://{headers['host']}/", data=body, headers={name: headers[name] for name in names}
    )
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials("testing", "testing-secret", "testing-token"), service, REGION)
    text = signer.string_to_sign(request, signer.canonical_request(request))
    return headers["authorization"].endswith(f"Signature={signer.signature(text, request)}")


@cache
def inner(service: str) -> Any:
    """A client that reaches moto and not the door; forgotten with its world."""
    return boto3.client(service, region_name=REGION, config=Config(ignore_configured_endpoint_urls=True))


@contextmanager
def cloud(patch: pytest.MonkeyPatch, folder: Path) -> Iterator[Door]:
    """A world of its own: environment, moto, the door, the payments queue, a clock file."""
    for name, value in ENVIRONMENT.items():
        patch.setenv(name, value)
    patch.setenv("QUITTANCE_CLOCK_FILE", str(folder / "clock"))
    inner.cache_clear()
    with mock_aws(config={"core": {"mock_credentials": False}}):
        door = Door()
        threading.Thread(target=door.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        patch.setenv("AWS_ENDPOINT_URL_SQS", door.url)
        patch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", door.url)
        attributes = {"FifoQueue": "true", "DeduplicationScope": "messageGroup"}
        url = inner("sqs").create_queue(QueueName="payments.fifo", Attributes=attributes)["QueueUrl"]
        patch.setenv("QUEUE_PAYMENTS_URL", url)
        try:
            yield door
        finally:
            door.shutdown()
            door.server_close()
            inner.cache_clear()


def set_clock(folder: Path, moment: datetime) -> None:
    (folder / "clock").write_text(moment.isoformat(), encoding="ascii")


def put_secrets(partner: str, provider: str, secrets: Any) -> None:
    put_secret(partner, provider, {"secrets": secrets})


def put_secret(partner: str, provider: str, held: dict[str, Any]) -> None:
    """Store all that a partner has set for a provider."""
    manager, name = inner("secretsmanager"), f"quittance/{partner}/{provider}"
    text = json.dumps(held)
    try:
        manager.create_secret(Name=name, SecretString=text)
    except manager.exceptions.ResourceExistsException:
        manager.put_secret_value(SecretId=name, SecretString=text)


def queued(url: str) -> list[dict[str, Any]]:
    """All messages of the queue, taken out of it."""
    found: list[dict[str, Any]] = []
    while got := inner("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in got:
            found.append(json.loads(message["Body"]))
            inner("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


def create_table() -> Any:
    """The table with its index, and the models told to find it."""
    client = inner("dynamodb")
    names = ("pk", "sk", "due_lane", "due_at")
    client.create_table(
        TableName=Item.Meta.table_name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=_schema("pk", "sk"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": "due",
                "KeySchema": _schema("due_lane", "due_at"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    return client


def forget_connections() -> None:
    for model in (Item, *Item.__subclasses__()):
        model._connection = None


def models_client() -> Any:
    """The client that the models and their transactions use."""
    return Item._get_connection().connection.client


def _schema(first: str, second: str) -> list[dict[str, str]]:
    return [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]
