"""Bank statements from the bucket to the books: real handlers, the relay between them, AWS in memory."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import pytest

from quittance.domain.claim import Claim
from quittance.domain.money import Money
from quittance.store import keys, numbers
from quittance.store.models import AccountEntryItem, HeadItem, Item
from tests.functional.api.conftest import (  # noqa: F401  # fixtures
    PARTNER,
    REGION,
    Call,
    Context,
    at,
    call,
    cloud,
    items,
    table,
)

DATA = Path(__file__).parents[2] / "data" / "bank"
OURS = "DE89370400440532013000"
DEBTS = {
    "contoso": [("I1", 1, 29744)],
    "fabrikam": [("F1", 2, 15000)],
    "wingtip": [("W1", 3, 5900), ("W2", 4, 5900)],
}
NAMES = {"contoso": "Contoso AG", "fabrikam": "Fabrikam GmbH & Co. KG", "wingtip": "Tailspin Toys"}
_QUEUES = "PAYMENTS INVOICES DOCUMENTS ARREARS NOTICES ACCESS TICKETS IMPORTS".split()


@dataclass
class World:
    """A partner with three accounts that owe something, a bucket for statements, queues."""

    call: Call
    table: Any
    seen: dict[tuple[str, str], Any] = field(default_factory=dict)

    def drop(self, content: bytes, name: str = "statement.xml") -> dict[str, Any]:
        """Put a statement where the bank's program drops it, and let it be read; returns what is kept of the file."""
        self.put(content, f"acme/bank-statements/{name}")
        assert self.read(f"acme/bank-statements/{name}") == {"batchItemFailures": []}
        return self.call("GET", f"/v1/bank-statements/{name.replace('/', '.')}").body

    def put(self, content: bytes, key: str) -> None:
        boto3.client("s3", region_name=REGION).put_object(Bucket="imports", Key=key, Body=content)

    def read(self, key: str) -> Any:
        """Tell the function of an object, as the object store does."""
        from functions.vendor_import.app import handler  # noqa: PLC0415  # reads the environment when imported

        told = {"Records": [{"s3": {"bucket": {"name": "imports"}, "object": {"key": key}}}]}
        return handler({"Records": [{"messageId": "1", "body": json.dumps(told)}]}, Context())

    def relay(self) -> list[dict[str, Any]]:
        """Relay the changes since the last time and book what follows, until nothing does; returns the payments."""
        found: list[dict[str, Any]] = []
        while messages := self._relay_once():
            found += [message for message in messages if message["type"] == "payment"]
        return found

    def _relay_once(self) -> list[dict[str, Any]]:
        from functions.outbox_relay.app import handler as relay  # noqa: PLC0415  # as above
        from functions.payment_application.app import handler as apply  # noqa: PLC0415  # as above

        now = self.items()
        changed = [(key, self.seen.get(key), item) for key, item in sorted(now.items()) if self.seen.get(key) != item]
        self.seen = now
        records = [
            {"dynamodb": {"Keys": {}, "SequenceNumber": str(i), "OldImage": old or {}, "NewImage": new}}
            for i, (_, old, new) in enumerate(changed)
        ]
        assert relay({"Records": records}, Context()) == {"batchItemFailures": []}
        messages = _received(os.environ["QUEUE_PAYMENTS_URL"])
        for i, message in enumerate(messages):
            record = {"messageId": str(i), "body": json.dumps(message), "attributes": {}}
            assert apply({"Records": [record]}, Context()) == {"batchItemFailures": []}
        return messages

    def items(self) -> dict[tuple[str, str], Any]:
        found = self.table.scan(TableName=Item.Meta.table_name, ConsistentRead=True)["Items"]
        return {(item["pk"]["S"], item["sk"]["S"]): item for item in found}

    def owed(self, account: str) -> dict[str, int]:
        """What is left of each invoice, and the balance."""
        key = keys.head("acme", account)
        head = HeadItem.get(key.pk, key.sk, consistent_read=True)
        left = {name: int(entry["remaining"]) for name, entry in head.open.as_dict().items()}
        return {**left, "balance": int(head.balance)}

    def waiting(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "/v1/bank-lines").body["lines"]
        return found


def _received(url: str) -> list[dict[str, Any]]:
    client, found = boto3.client("sqs", region_name=REGION), []
    while got := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in got:
            found.append(json.loads(message["Body"]))
            client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return found


@pytest.fixture
def world(call: Call, table: Any, monkeypatch: pytest.MonkeyPatch) -> World:  # noqa: F811
    s3, sqs = boto3.client("s3", region_name=REGION), boto3.client("sqs", region_name=REGION)
    if "imports" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket="imports", CreateBucketConfiguration={"LocationConstraint": REGION})
    for name in _QUEUES:
        fifo = name in ("PAYMENTS", "INVOICES", "ACCESS")
        attributes = {"FifoQueue": "true", "ContentBasedDeduplication": "false"} if fifo else {}
        queue = f"{name.lower()}-{uuid4().hex}{'.fifo' if fifo else ''}"
        monkeypatch.setenv(f"QUEUE_{name}_URL", sqs.create_queue(QueueName=queue, Attributes=attributes)["QueueUrl"])
    assert call("PUT", "/v1/partner", PARTNER).status == 200
    for account, name in NAMES.items():
        key = keys.account_entry("acme", account)
        AccountEntryItem(key.pk, key.sk, name=name).save()
        _owe(account)
    found = World(call, table)
    found.seen = found.items()
    return found


def _owe(account: str) -> None:
    key, debts = keys.head("acme", account), DEBTS[account]
    opened = {invoice: _entry(number, minor) for invoice, number, minor in debts}
    owed = sum(minor for _, _, minor in debts)
    HeadItem(key.pk, key.sk, currency="EUR", balance=owed, open=opened, version=1).save()
    for invoice, number, minor in debts:
        told = Claim(account=account, invoice=invoice, number=f"ACME-2026-{number:06d}", gross=Money(minor, "EUR"))
        numbers.register("acme", told)


def _entry(number: int, minor: int) -> dict[str, Any]:
    return {
        "number": f"ACME-2026-{number:06d}",
        "issued": "2026-10-09",
        "due": f"2026-11-{number:02d}",
        "gross": minor,
        "remaining": minor,
        "disputed": 0,
        "policy": "standard",
        "policy_version": 1,
        "reopened": 0,
    }
