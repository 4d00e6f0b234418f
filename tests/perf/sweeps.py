"""What a sweep reads: as much as is due, whatever the size of the book; and how it hands on what is due at once."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from math import ceil

from infra.local.bench.bed import Bed
from infra.local.bench.figures import Baseline, Figure, at_most, exactly
from infra.local.bench.ground import Ground
from infra.local.bench.registry import bench
from quittance.adapters.queues import SqsOutgoing
from quittance.store import keys
from quittance.store.accounts import AccountStore
from quittance.store.due import PAGE, DueIndex
from quittance.store.models import AccountItem
from quittance.store.policies import PolicyStore
from quittance.usecases.assess import assess_account
from quittance.usecases.sweep import start_sweep, sweep_shard

DUE = 50
SMALL, LARGE = 1000, 10_000
ALL = 10_000
MOST_IN_A_PARTITION = 1000
SAMPLE = 200
BATCH = 25
# Before anything that other benches make due, so that the sweep finds only what is its own.
ISSUED = date(2019, 12, 1)
SWEPT = datetime(2020, 1, 6, 9, 0, tzinfo=UTC)
ALL_DUE = datetime(2018, 1, 3, 9, 0, tzinfo=UTC)
LATER = "2021-01-01T00:00:00Z"


@bench("sweep", f"sweeping {DUE} due accounts of {SMALL} and of {LARGE}")
def sweep(bed: Bed) -> Iterator[Figure]:
    ground = Ground(bed, "sweeping", now=SWEPT)
    fill(ground, "s", SMALL, bed)
    small = metered(ground)
    fill(ground, "l", LARGE - SMALL, bed)
    large = metered(ground)
    pages = keys.SHARDS + ceil(DUE / PAGE)
    unit = f"pages ({keys.SHARDS} shards, {DUE} due)"
    for name, (paged, _) in (("small", small), ("large", large)):
        yield at_most(f"sweep/pages_{name}", paged.by_operation["Query"].requests, pages, unit)
    reads = [paged.read_units + assessed.read_units for paged, assessed in (small, large)]
    baseline = Baseline(figure=reads[0], unit="read units", of=f"the same sweep of {SMALL} accounts")
    change = abs(reads[1] - reads[0]) / reads[0] * 100
    yield at_most("sweep/reads_change", change, 5, f"% more or less read at {LARGE} accounts", baseline)
    scans = sum("Scan" in meter.by_operation for pair in (small, large) for meter in pair)
    yield exactly("sweep/scans", scans, 0, "scans")


def fill(ground, prefix, accounts, bed):
    """Register accounts with an overdue invoice that wait for the sweep, and the rest of a book that does not."""
    for number in range(DUE):
        name = f"{prefix}{number}"
        ground.account(name)
        ground.issue(ground.ask(name, "I1", issued=ISSUED))
        bed.say(f"account {name}")
    bed.say(f"{accounts - DUE} accounts more")
    heads(ground, bed, (f"{prefix}{number}" for number in range(DUE, accounts)), LATER)


def heads(ground, bed, names, due_at, owed=None):
    """Write the heads of accounts in bulk, to be in the index; `owed` is their entry of open invoices."""
    listed = []
    for name in names:
        key = keys.head(ground.partner, name)
        item = {"pk": key.pk, "sk": key.sk, "kind": "head", "currency": "EUR", "due_at": due_at}
        item["due_lane"] = keys.due_lane("account", key)
        stored = {attribute: {"S": text} for attribute, text in item.items()}
        if owed:
            stored |= {"balance": {"N": "11900"}, "version": {"N": "1"}, "open": {"M": {"I1": {"M": owed}}}}
        listed.append({"PutRequest": {"Item": stored}})
    client = bed.client("dynamodb")
    batches = [{bed.table: listed[start : start + BATCH]} for start in range(0, len(listed), BATCH)]
    with ThreadPoolExecutor(4) as pool:
        for answer in pool.map(lambda batch: client.batch_write_item(RequestItems=batch), batches):
            if answer.get("UnprocessedItems"):
                raise RuntimeError("the emulator did not take a batch whole")


def metered(ground):
    """Sweep as the schedule does and assess what is found; return what the pages cost and what the assessments did."""
    shards, found = Sent(), Sent()
    with ground.meter() as paged:
        start_sweep("account", SWEPT, outgoing=shards)
        for message in shards.messages:
            sweep_shard(message, due=DueIndex(), outgoing=found)
    if len(found.messages) != DUE:
        raise RuntimeError(f"the sweep found {len(found.messages)} accounts, {DUE} are due")
    accounts = AccountStore(PolicyStore())
    with ground.meter() as assessed:
        for message in found.messages:
            assess_account(message, accounts=accounts, now=SWEPT, pause=lambda _: None)
    return paged, assessed


class Sent:
    """Keeps messages instead of sending them."""

    def __init__(self):
        self.messages = []

    def send(self, messages):
        self.messages += messages


@bench("sweep_all", f"sweeping {ALL} accounts that are due at once")
def sweep_all(bed: Bed) -> Iterator[Figure]:
    ground = Ground(bed, "outage", now=ALL_DUE)
    bed.say(f"{ALL} accounts")
    heads(ground, bed, (f"d{number}" for number in range(ALL)), "2018-01-02T00:00:00Z", OWED)
    shards, found, queue = Sent(), Sent(), Queue()
    start_sweep("account", ALL_DUE, outgoing=shards)
    lengths = []
    began = time.perf_counter()
    with ground.meter() as paged:
        for message in shards.messages:
            before = len(found.messages)
            sweep_shard(message, due=DueIndex(), outgoing=found)
            lengths.append(len(found.messages) - before)
    seconds = time.perf_counter() - began
    if len(found.messages) != ALL:
        raise RuntimeError(f"the sweep found {len(found.messages)} accounts, {ALL} are due")
    SqsOutgoing(queue, {"ARREARS": "https://queue"}).send(found.messages)
    pages = keys.SHARDS + ceil(ALL / PAGE)
    yield at_most("sweep_all/pages", paged.by_operation["Query"].requests, pages, f"pages ({keys.SHARDS} shards)")
    yield at_most("sweep_all/largest_shard", max(lengths), MOST_IN_A_PARTITION, "accounts in one index partition")
    yield at_most("sweep_all/sends", queue.requests, ceil(ALL / 10) + keys.SHARDS, "requests to the queue")
    yield at_most("sweep_all/largest_send", queue.largest, 10, "messages in a request")
    accounts = AccountStore(PolicyStore())
    bed.say(f"assessing {SAMPLE} of them")
    with AccountItem.batch_write() as batch:
        for message in found.messages[:SAMPLE]:
            key = keys.account(ground.partner, message.account)
            batch.save(AccountItem(key.pk, key.sk, body={**WHO, "name": message.account}))
    began = time.perf_counter()
    with ground.meter() as assessed:
        for message in found.messages[:SAMPLE]:
            assess_account(message, accounts=accounts, now=ALL_DUE, pause=lambda _: None)
    each = (time.perf_counter() - began) / SAMPLE
    began = time.perf_counter()
    for message in found.messages[:SAMPLE]:
        ground.item(keys.head(ground.partner, message.account))
    read = (time.perf_counter() - began) / SAMPLE
    yield at_most("sweep_all/requests_each", assessed.requests / SAMPLE, 3, "requests of the table an account")
    of = f"ms: a plain read of its head; an assessment took {each * 1000:.1f} ms, finding it {seconds / ALL * 1000:.2f}"
    baseline = Baseline(figure=round(read * 1000, 2), unit="ms", of=of)
    yield at_most("sweep_all/time_each", each / read, 30, "times a plain read, to assess an account", baseline)


WHO = {
    "country": "DE",
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "email": "billing@due.example",
    "policy": "standard",
}
OWED = {
    "number": {"S": "ACME-2017-000001"},
    "issued": {"S": "2017-12-01"},
    "due": {"S": "2017-12-31"},
    "gross": {"N": "11900"},
    "remaining": {"N": "11900"},
    "disputed": {"N": "0"},
    "policy": {"S": "standard"},
    "policy_version": {"N": "1"},
    "reopened": {"N": "0"},
}
"""A hundred euros and their VAT, three days late at ALL_DUE: a reminder is decided."""


class Queue:
    """Takes messages as SQS does and counts how."""

    def __init__(self):
        self.requests = self.largest = 0

    def send_message_batch(self, **request):
        self.requests += 1
        self.largest = max(self.largest, len(request["Entries"]))
        return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]]}
