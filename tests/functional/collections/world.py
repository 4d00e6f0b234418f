"""Collections in process: the real handlers on a table, queues and mail in memory, and the stand-in vendor.

What the stream would tell is read from the table's items before and after, and goes through the relay's own rules.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sqs.models import sqs_backends
from pynamodb.expressions.operand import Path as ItemPath

from infra.local.vendor import StandInVendor
from quittance.domain.partner import parse_partner
from quittance.domain.registration import parse_account
from quittance.runtime import compose, mailing
from quittance.runtime.clock import iso, parse_iso
from quittance.store import keys
from quittance.store.models import HeadItem, Item, NoticeItem, SubscriptionItem
from quittance.store.partners import publish_policy, write_partner
from quittance.store.registrations import write_account
from quittance.usecases.relay import Change, messages_for
from tests.dynamo.door import as_read
from tests.dynamo.engine import Dynamo, Table
from tests.unit.collections.books import STANDARD

ROOT = Path(__file__).parents[3]
REGION = "eu-central-1"
CUSTOMER = "3f2c0c5e-0000-4000-8000-000000000001"
SECRET = {"tenant": "acme-tenant", "client_id": "quittance", "client_secret": "made-up"}
PARTNER = {
    "id": "acme",
    "name": "ACME Cloud GmbH",
    "country": "DE",
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "locale": "en",
    "email": "billing@acme.example",
    "bank": {"iban": "DE02120300000000202051", "holder": "ACME Cloud GmbH"},
}
SEAT = {
    "id": "sub-1",
    "product": "CFQ7TTC0LH18",
    "name": "Microsoft 365 E3",
    "kind": "nce_license",
    "quantity": 25,
    "term_ends": "2027-03-31",
    "auto_renew": True,
}
ACCOUNT: dict[str, Any] = {
    "name": "Contoso AG",
    "vendor_customer": CUSTOMER,
    "country": "DE",
    "timezone": "Europe/Berlin",
    "email": "billing@contoso.example",
    "policy": "standard",
    "subscriptions": [SEAT],
}
QUEUES = ("ARREARS", "NOTICES", "ACCESS")
TARGETS = {"ARREARS": "overdue_sweep", "NOTICES": "notification_delivery", "ACCESS": "access_toggle"}


class Context:
    """What Lambda gives a handler about itself."""

    function_name = "collections"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:collections"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"


class World:
    """One partner, its accounts, the functions around them, and the time."""

    def __init__(self, clock_file: Path, vendor: StandInVendor, dynamo: Dynamo) -> None:
        self.dynamo = dynamo
        self._clock_file = clock_file
        self.vendor = vendor
        self.urls = {name: _queue(name) for name in QUEUES}
        self.functions = {name: load_function(name) for name in TARGETS.values()}
        self._seen: dict[tuple[str, str], Any] = {}

    def at(self, moment: str | datetime) -> datetime:
        """Move the clock."""
        now = parse_iso(moment) if isinstance(moment, str) else moment
        self._clock_file.write_text(iso(now), encoding="ascii")
        return now

    @property
    def table(self) -> Table:
        """The table behind the clients."""
        return self.dynamo.tables[Item.Meta.table_name]

    @property
    def now(self) -> datetime:
        return parse_iso(self._clock_file.read_text(encoding="ascii"))

    def open_book(self, policy: dict[str, Any] | None = None, **account: Any) -> None:
        """Register the partner, its policy and one account, here and at the vendor."""
        write_partner(parse_partner("acme", PARTNER), None)
        publish_policy("acme", "standard", 1, policy or STANDARD, self.now)
        self.vendor.seed(partners=[SECRET])
        self.add_account("contoso", **account)
        client("secretsmanager").create_secret(Name="quittance/acme/vendor", SecretString=json.dumps(SECRET))

    def add_account(self, name: str, **changes: Any) -> None:
        definition = {**ACCOUNT, **changes}
        write_account("acme", parse_account(name, definition, parse_partner("acme", PARTNER)))
        if customer := definition.get("vendor_customer"):
            seats = [{**one} for one in definition["subscriptions"]]
            self.vendor.seed(customers=[{"id": customer, "name": name, "subscriptions": seats}])

    def change_account(self, name: str, **changes: Any) -> None:
        """Put another definition of an account."""
        write_account("acme", parse_account(name, {**ACCOUNT, **changes}, parse_partner("acme", PARTNER)))

    def owe(self, name: str, due: str, amount: int = 29744, *, account: str = "contoso", **entry: Any) -> None:
        """Issue an invoice, as far as collections see it."""
        stored = {
            "number": f"ACME-{name}",
            "issued": "2026-10-09",
            "due": due,
            "gross": amount,
            "remaining": amount,
            "disputed": 0,
            "policy": "standard",
            "policy_version": 1,
            "reopened": 0,
            **entry,
        }
        self._fact(account, [HeadItem.balance.add(amount), ItemPath(["open", name]).set(stored)])

    def pay(self, name: str, amount: int = 29744, *, account: str = "contoso") -> None:
        """Book a payment on an invoice, as far as collections see it."""
        remaining = ItemPath(["open", name, "remaining"])
        self._fact(account, [HeadItem.balance.add(-amount), remaining.set(remaining - amount)])
        self.send({"type": "assess", "partner": "acme", "account": account, "cause": f"payment of {name}"}, "ARREARS")

    def _fact(self, account: str, actions: list[Any]) -> None:
        key = keys.head("acme", account)
        due = [HeadItem.due_lane.set(keys.due_lane("account", key)), HeadItem.due_at.set(iso(self.now))]
        HeadItem(key.pk, key.sk).update([*actions, HeadItem.version.add(1), *due])

    def send(self, body: dict[str, Any], queue: str) -> None:
        options = {"MessageGroupId": "g", "MessageDeduplicationId": json.dumps(body)} if queue == "ACCESS" else {}
        client("sqs").send_message(QueueUrl=self.urls[queue], MessageBody=json.dumps(body), **options)

    def sweep(self, moment: str | None = None) -> None:
        """Fire the hourly schedule and let everything that follows happen."""
        now = self.at(moment) if moment else self.now
        self.call("overdue_sweep", {"schedule": "overdue_sweep", "time": iso(now)})
        self.drain()

    def retry(self, moment: str | datetime | None = None) -> None:
        """Fire the access schedule and let everything that follows happen."""
        now = self.at(moment) if moment else self.now
        self.call("access_toggle", {"schedule": "access_retry", "time": iso(now)})
        self.drain()

    def pass_time(self, until: str) -> None:
        """Let hours pass as the schedules do: sweeps at each full hour, access retries where one is due."""
        end = parse_iso(until)
        self.drain()
        for _ in range(2_000):
            access, account = self.due("access"), self.due("account")
            ticks = [max(one, self.now) for one in access] + [max(_full_hour(one), self.now) for one in account]
            following = min((tick for tick in ticks if tick <= end), default=None)
            if following is None:
                self.at(end)
                return
            self.at(following)
            if any(one <= following for one in access):
                self.retry()
            else:
                self.sweep()
        raise AssertionError("time does not pass: something stays due")

    def due(self, lane: str) -> list[datetime]:
        items = [item for item in self.items().values() if item.get("due_lane", {}).get("S", "").startswith(lane)]
        return sorted(parse_iso(item["due_at"]["S"]) for item in items)

    def call(self, function: str, event: dict[str, Any]) -> Any:
        return self.functions[function].handler(event, Context())

    def relay(self) -> None:
        """Send what follows from the changes since the last time."""
        now = self.items()
        messages = []
        for key in sorted(now.keys() | self._seen.keys()):
            if now.get(key) != self._seen.get(key):
                messages += messages_for(Change(old=self._seen.get(key, {}), new=now.get(key, {})))
        compose.outgoing().send([one for one in messages if one.QUEUE in QUEUES])
        self._seen = now

    def drain(self, *, failures: int = 0) -> None:
        """Relay and work on every queue until nothing moves; every message must be done but for so many failures."""
        for _ in range(60):
            self.relay()
            moved = [self._work(queue) for queue in QUEUES]
            failures -= sum(failed for _, failed in moved)
            assert failures >= 0, "a message failed"
            if not any(taken for taken, _ in moved):
                return
        raise AssertionError("the queues do not come to rest")

    def _work(self, queue: str) -> tuple[int, int]:
        sqs, url = client("sqs"), self.urls[queue]
        if not _held(url):
            return 0, 0  # most are empty most of the time, and asking moto takes milliseconds
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0).get("Messages", [])
        if not found:
            return 0, 0
        answer = self.call(TARGETS[queue], batch(*(message["Body"] for message in found)))
        failed = {failure["itemIdentifier"] for failure in answer["batchItemFailures"]}
        done = [
            {"Id": str(i), "ReceiptHandle": message["ReceiptHandle"]}
            for i, message in enumerate(found)
            if str(i) not in failed
        ]
        if done:
            sqs.delete_message_batch(QueueUrl=url, Entries=done)
        return len(found), len(failed)

    def items(self) -> dict[tuple[str, str], Any]:
        """Return all items, straight from the table in memory: no call that a test would count."""
        return {key: as_read(item) for key, item in self.table.snapshot().items()}

    def head(self, account: str = "contoso") -> HeadItem:
        key = keys.head("acme", account)
        return HeadItem.get(key.pk, key.sk)

    def seat(self, name: str = "sub-1", account: str = "contoso") -> SubscriptionItem:
        key = keys.subscription("acme", account, name)
        return SubscriptionItem.get(key.pk, key.sk)

    def notices(self, account: str = "contoso") -> dict[str, NoticeItem]:
        found = NoticeItem.query(keys.account_pk("acme", account), Item.sk.startswith("C#NOT#"))
        return {item.notice: item for item in found}

    def kinds(self, prefix: str) -> list[str]:
        return sorted(sk for _, sk in self.items() if sk.startswith(prefix))

    def at_vendor(self, name: str = "sub-1") -> dict[str, Any]:
        return self.vendor.subscription(CUSTOMER, name)


def _held(url: str) -> bool:
    """Tell whether a queue has messages, seen or not, straight from the memory it lies in."""
    return bool(sqs_backends[DEFAULT_ACCOUNT_ID][REGION].queues[url.rpartition("/")[2]]._messages)


def _full_hour(moment: datetime) -> datetime:
    """Return the first full hour not before a moment."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + timedelta(hours=1)


@cache
def client(service: str) -> Any:
    return boto3.client(service, region_name=REGION)


def batch(*bodies: str) -> dict[str, Any]:
    return {"Records": [{"messageId": str(i), "body": body, "attributes": {}} for i, body in enumerate(bodies)]}


def load_function(name: str) -> ModuleType:
    """Import a function's own `app`, afresh: its caches hold what was set up before."""
    spec = importlib.util.spec_from_file_location(f"{name}_app", ROOT / "functions" / name / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _queue(name: str) -> str:
    fifo = name == "ACCESS"
    attributes = {"FifoQueue": "true"} if fifo else {}
    return str(
        client("sqs").create_queue(QueueName=f"{name}.fifo" if fifo else name, Attributes=attributes)["QueueUrl"]
    )


def create_table() -> None:
    names = ("pk", "sk", "due_lane", "due_at")
    client("dynamodb").create_table(
        TableName=Item.Meta.table_name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=_keys("pk", "sk"),
        GlobalSecondaryIndexes=[
            {
                "IndexName": "due",
                "KeySchema": _keys("due_lane", "due_at"),
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )


def _keys(first: str, second: str) -> list[dict[str, str]]:
    return [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]


class Calls:
    """Counts the calls to AWS, and makes one of them fail before or after it has taken effect."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.fail_at: int | None = None
        self.after = False

    def attach(self, clients: list[Any]) -> None:
        for one in clients:
            one.meta.events.register_first("before-call", self._before)
            one.meta.events.register_last("after-call", self._after)

    def _before(self, model: Any, **_: Any) -> None:
        self.made.append(model.name)
        if not self.after and len(self.made) == self.fail_at:
            raise CrashError(f"before call {self.fail_at}: {model.name}")

    def _after(self, model: Any, **_: Any) -> None:
        if self.after and len(self.made) == self.fail_at:
            raise CrashError(f"after call {self.fail_at}: {model.name}")


class CrashError(BaseException):
    """The process ends here: nothing may catch it."""


@contextmanager
def fresh_clients() -> Iterator[None]:
    """Forget every client kept from an earlier test, before and after."""
    _forget()
    try:
        yield
    finally:
        _forget()


def _forget() -> None:
    client.cache_clear()
    for cached in (compose.client, compose.clock, compose.outgoing, compose._session, mailing.mailer):
        cached.cache_clear()
    for model in [Item, *Item.__subclasses__()]:
        model._connection = None


def our_clients() -> list[Any]:
    """Return the clients that the functions use."""
    found = [Item._get_connection().connection.client]
    return found + [compose.client(name) for name in ("sqs", "sesv2", "secretsmanager")]


Step = Callable[[World], None]
