"""The chain in one process: the functions' own handlers, the emulator's table, stream and queues between them.

What each delivery costs on AWS is written down as it happens: invocations, calls, units, bytes of logs. Batches are
taken as the template sizes them, from what waits at that moment.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from botocore.client import BaseClient

from infra.local.bench.bed import Bed
from infra.local.bench.deployment import functions
from infra.local.bench.prices import EVENT_LOG_BYTES, PLATFORM_LOG_BYTES, billed_seconds
from infra.local.meter import Meter
from infra.local.stack.template import resources
from quittance.runtime.clock import iso
from quittance.store.keys import Key
from quittance.store.models import Item

QUEUES = ("payments.fifo", "invoices.fifo", "documents", "arrears", "notices", "access.fifo", "tickets", "imports")
_CONSUMERS = {
    "payments.fifo": "payment_application",
    "invoices.fifo": "invoice_generation",
    "documents": "document_rendering",
    "arrears": "overdue_sweep",
    "notices": "notification_delivery",
    "access.fifo": "access_toggle",
    "tickets": "ticket_escalation",
    "imports": "vendor_import",
}
_BUCKETS = {"DOCUMENTS_BUCKET": "bench-documents", "IMPORTS_BUCKET": "bench-imports"}
_COUNTED = {("s3", "PutObject"): "object put", ("s3", "GetObject"): "object get", ("sesv2", "SendEmail"): "mail"}
_STREAM_BATCH = 100
_SENDER = "billing@quittance.example"


@dataclass
class Bill:
    """What was used, by what AWS charges for, and the calls of other services by function."""

    used: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    calls: Counter[str] = field(default_factory=Counter)
    reads: dict[tuple[str, str, str], float] = field(default_factory=dict)
    writes: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # write units: function, operation, item
    parts: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))  # all else, by function


class Chain:
    """Runs what waits until nothing does; `metered` says whether table units are counted (which slows the CPU down)."""

    def __init__(self, bed: Bed) -> None:
        self._bed = bed
        self._sqs, self._streams = bed.client("sqs"), bed.client("dynamodbstreams")
        self._functions = functions(bed.template)
        self._handlers: dict[str, Callable[..., Any]] = {}
        self._clock = bed.folder / "bench-clock"
        self._urls = {name: self._queue(name) for name in QUEUES}
        bed.environment(**self._environment())
        bed.client("sesv2").create_email_identity(EmailIdentity=_SENDER)
        for bucket in _BUCKETS.values():
            place = {"LocationConstraint": os.environ["AWS_REGION"]}
            bed.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
        self._position = self._latest()
        self.bill = Bill()
        self._job = ""
        source = resources(bed.template, "AWS::Lambda::EventSourceMapping")["OutboxRelaySource"]
        self._filters = [json.loads(one["Pattern"]) for one in source["FilterCriteria"]["Filters"]]

    def bucket(self, name: str) -> str:
        """Return the bucket that a function's variable names."""
        return _BUCKETS[name]

    def at(self, moment: datetime) -> None:
        """Move the clock that the functions read."""
        self._clock.write_text(iso(moment), encoding="ascii")

    def send(self, queue: str, body: Mapping[str, Any]) -> None:
        """Put a message into a queue that is not FIFO."""
        self._sqs.send_message(QueueUrl=self._urls[queue], MessageBody=json.dumps(body))

    def pump(self) -> None:
        """Relay and deliver until stream and queues are empty."""
        while self._relay() or self._deliver_all():
            pass

    def call(self, job: str, event: Mapping[str, Any]) -> Any:
        """Invoke one function as Lambda would and write down what it used."""
        handler = self._handlers.get(job) or self._load(job)
        context = _context(job, int(self._functions[job]["MemorySize"]))
        before = self.bill.calls[job]
        self._job = job
        with _logged() as log:
            began = time.process_time()
            answer = handler(event, context)
            spent = time.process_time() - began
        self._use("invocation", 1)
        quiet = self._functions[job].get("LoggingConfig", {}).get("SystemLogLevel") == "WARN"
        self._use("log GB", (log.bytes + log.lines * EVENT_LOG_BYTES + (0 if quiet else PLATFORM_LOG_BYTES)) / 2**30)
        calls = self.bill.calls[job] - before
        memory = int(self._functions[job]["MemorySize"])
        self._use("GB-second", billed_seconds(spent, calls, memory) * memory / 1024)
        self._job = ""
        return answer

    def _use(self, what: str, amount: float) -> None:
        self.bill.used[what] += amount
        self.bill.parts[what, self._job] += amount

    def look(self, key: Key) -> dict[str, Any]:
        """Read an item for the bench itself: by another client than the models', so that no meter counts it."""
        stored = {"pk": {"S": key.pk}, "sk": {"S": key.sk}}
        found = self._bed.client("dynamodb").get_item(TableName=self._bed.table, Key=stored, ConsistentRead=True)
        return dict(found["Item"])

    @contextlib.contextmanager
    def counting(self, *, units: bool) -> Iterator[Bill]:
        """Yield a bill that fills while this lasts; with `units` those of the table, else the processor's time."""
        self.bill = Bill()
        door: Any = BaseClient  # every client's calls pass its one method
        original = door._make_api_call  # noqa: SLF001

        def counted(client: Any, operation: str, arguments: Any) -> Any:
            self._count(client.meta.service_model.service_name, operation, arguments)
            return original(client, operation, arguments)

        client = Item._get_connection().connection.client  # noqa: SLF001  # the models' own
        meter = Meter(client, who=lambda: self._job) if units else contextlib.nullcontext()
        door._make_api_call = counted  # noqa: SLF001
        try:
            with meter:
                yield self.bill
        finally:
            door._make_api_call = original  # noqa: SLF001
        if isinstance(meter, Meter):
            self.bill.used["write unit"] += meter.write_units
            self.bill.used["read unit"] += meter.read_units
            self.bill.writes, self.bill.reads = +meter.by_item, dict(meter.by_reading)

    def _count(self, service: str, operation: str, arguments: Mapping[str, Any]) -> None:
        if not self._job:
            return
        self.bill.calls[self._job] += 1
        if service == "sqs":
            self._asked(str(arguments["QueueUrl"]))
        elif what := _COUNTED.get((service, operation)):
            self._use(what, 1)
            if what == "object put":
                self._use("object GB-month", len(arguments["Body"]) / 2**30)

    def _asked(self, url: str, requests: int = 1) -> None:
        self._use("FIFO queue request" if url.endswith(".fifo") else "queue request", requests)

    def _relay(self) -> bool:
        found = self._streams.get_records(ShardIterator=self._position, Limit=_STREAM_BATCH)
        self._position = found["NextShardIterator"]
        if wanted := [record for record in found["Records"] if any(matches(one, record) for one in self._filters)]:
            self.call("outbox_relay", {"Records": wanted})
        return bool(found["Records"])

    def _deliver_all(self) -> bool:
        """Take one batch from each queue; tell whether there was any."""
        return sum(self._deliver(name) for name in QUEUES) > 0

    def _deliver(self, queue: str) -> bool:
        url, job = self._urls[queue], _CONSUMERS[queue]
        size = self._batch(job)
        messages = self._sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=size, AttributeNames=["All"], VisibilityTimeout=60
        ).get("Messages", ())
        if not messages:
            return False
        answer = self.call(job, {"Records": [_record(message, queue) for message in messages]})
        if failed := answer["batchItemFailures"]:
            raise RuntimeError(f"{job}: {len(failed)} of {len(messages)} messages failed: {messages[0]['Body']}")
        entries = [{"Id": str(i), "ReceiptHandle": one["ReceiptHandle"]} for i, one in enumerate(messages)]
        self._sqs.delete_message_batch(QueueUrl=url, Entries=entries)
        self._asked(url, 2)  # the batch was received and is deleted, each one request
        if job == "payment_application":
            self._asked(url, len(messages))  # the webhook's own sends do not pass botocore's door
        return True

    def _batch(self, job: str) -> int:
        logical = "".join(part.capitalize() for part in job.split("_"))
        return int(resources(self._bed.template, "AWS::Lambda::EventSourceMapping")[f"{logical}Source"]["BatchSize"])

    def _queue(self, name: str) -> str:
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        url: str = self._sqs.create_queue(QueueName=f"bench-{name}", Attributes=fifo)["QueueUrl"]
        return url

    def _environment(self) -> dict[str, str]:
        urls = {f"QUEUE_{name.removesuffix('.fifo').upper()}_URL": url for name, url in self._urls.items()}
        return {
            **urls,
            **_BUCKETS,
            "QUITTANCE_CLOCK_FILE": str(self._clock),
            "MAIL_FROM": _SENDER,
            "PUBLIC_BASE_URL": "https://billing.example",
            "SECRET_PREFIX": "quittance",
            "POWERTOOLS_SERVICE_NAME": "bench",
            "POWERTOOLS_METRICS_NAMESPACE": "Quittance",
            "LOG_LEVEL": "INFO",
        }

    def _latest(self) -> str:
        table = self._bed.client("dynamodb").describe_table(TableName=self._bed.table)["Table"]
        arn = table["LatestStreamArn"]
        (shard,) = self._streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        asked = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "LATEST"}
        position: str = self._streams.get_shard_iterator(**asked)["ShardIterator"]
        return position

    def _load(self, job: str) -> Callable[..., Any]:
        path = Path(self._bed.root, "functions", job, "app.py")
        spec = importlib.util.spec_from_file_location(f"quittance_bench_function_{job}", path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} cannot be imported")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        self._handlers[job] = module.handler
        return self._handlers[job]


def matches(pattern: Mapping[str, Any], found: Any) -> bool:
    """Tell whether a record passes an event filter, as Lambda reads one: a value is one of those listed."""
    for name, wanted in pattern.items():
        value = found.get(name) if isinstance(found, Mapping) else None
        if isinstance(wanted, Mapping):
            if not matches(wanted, value):
                return False
        elif value not in wanted:
            return False
    return True


def _record(message: Mapping[str, Any], queue: str) -> dict[str, Any]:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {},
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-central-1:000000000000:bench-{queue}",
        "awsRegion": "eu-central-1",
    }


def _context(job: str, memory: int) -> Any:
    return SimpleNamespace(
        function_name=job,
        memory_limit_in_mb=memory,
        invoked_function_arn=f"arn:aws:lambda:eu-central-1:000000000000:function:{job}",
        aws_request_id="00000000-0000-0000-0000-000000000000",
        get_remaining_time_in_millis=lambda: 60_000,
    )


@dataclass
class _Log:
    """How many bytes, and in how many lines, an invocation wrote to its log."""

    bytes: int = 0
    lines: int = 0


@contextlib.contextmanager
def _logged() -> Iterator[_Log]:
    """Count what is written to standard output instead of writing it: on Lambda that is the log."""
    sys.stdout.flush()
    kept, counted = os.dup(1), _Log()
    with tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 1)
        try:
            yield counted
        finally:
            sys.stdout.flush()
            os.dup2(kept, 1)
            os.close(kept)
            log.seek(0)
            written = log.read()
            counted.bytes, counted.lines = len(written), written.count(b"\n")
