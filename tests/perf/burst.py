"""Five thousand webhooks over five hundred accounts at once: nothing is lost, and how fast they drain.

The rate stands beside what the same engine does in the same run without us: transactions of three items, from as many
threads. `./quittance bench` sends all of the burst, which takes minutes; CI sends a tenth of it.
"""

import itertools
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial

import urllib3

from infra.local.bench import story
from infra.local.bench.bed import Bed
from infra.local.bench.figures import Baseline, Figure, at_least, exactly
from infra.local.bench.registry import bench
from infra.local.providers import stripe
from infra.local.providers.senders import STRIPE_SECRET
from infra.local.scenario.embedded import deployed
from infra.local.scenario.stack_world import StackWorld
from infra.local.verify import once
from infra.local.verify.table import read_table
from quittance.domain.money import Money
from quittance.store import keys
from quittance.store.models import AccountItem, HeadItem

WEBHOOKS, ACCOUNTS = 5_000, 500
IN_CI = 500
SENDERS = 8
RAW = 400
GROSS, PAID = 100_000, 1_00
LONGEST = 1_800.0
_BATCH = 25


@bench("burst", f"{WEBHOOKS} webhooks over {ACCOUNTS} accounts drain from the embedded stack")
def burst(bed: Bed) -> Iterator[Figure]:
    count = IN_CI if bed.short else WEBHOOKS
    with deployed(None, say=bed.say) as (stack, vendor):
        world = StackWorld(stack, vendor)
        now = datetime.now(UTC)
        world.open_book(story.write(bed.folder / "burst", "burst", start=now.date().isoformat(), accounts=()), now)
        bed.say(f"{ACCOUNTS} accounts")
        table = stack.outputs["TableName"]
        write_accounts(stack.client("dynamodb"), table, now.date().isoformat())
        bed.say("what the engine does by itself")
        raw = raw_rate(stack.client("dynamodb"), plain_table(stack.client("dynamodb")))
        bed.say(f"{count} webhooks")
        began = time.monotonic()
        refused = send(stack.api_url, count, now)
        accepted = time.monotonic() - began
        bed.say(f"accepted in {accepted:.0f} s; draining")
        stack.wait_idle(LONGEST)
        drained = time.monotonic() - began
        found = read_table(stack.client("dynamodb"), table)
        parked = stack.parked()
    booked = {one.get("payment_id") for one in found.of("payment")}
    owed = sum(one.get("balance") for one in found.of("head"))
    twice = list(once.check(found))
    baseline = Baseline(figure=round(raw, 1), unit="transactions/s", of="three items each, the engine alone")
    yield exactly("burst/lost", count - len(booked), 0, f"of {count} webhooks")
    yield exactly("burst/refused", refused, 0, "webhooks")
    yield exactly("burst/parked", len(parked), 0, "messages")
    yield exactly("burst/booked_twice", len(twice), 0, "payments")
    yield exactly("burst/unaccounted", ACCOUNTS * GROSS - count * PAID - owed, 0, "cents of what is owed")
    rate = f"of the engine's own rate ({count / drained:.1f} webhooks/s to the last message)"
    yield at_least("burst/throughput", count / drained / raw, 0.01, rate, baseline)


def write_accounts(client, table, day):
    """Write accounts as if each had been issued an invoice, in a few requests; no document has to be made of it."""
    for chunk in itertools.batched(_items(day), _BATCH):
        left = {table: [{"PutRequest": {"Item": item}} for item in chunk]}
        while left:
            left = client.batch_write_item(RequestItems=left).get("UnprocessedItems")


def _items(day):
    for name in names():
        head, account = keys.head("acme", name), keys.account("acme", name)
        body = {"name": name, "country": "DE", "timezone": "UTC", "currency": "EUR", "policy": "standard"}
        entry = {"number": name, "issued": day, "due": "2999-12-31", "gross": GROSS, "remaining": GROSS, "disputed": 0}
        entry |= {"policy": "standard", "policy_version": 1, "reopened": 0}
        yield AccountItem(account.pk, account.sk, body={**body, "email": f"{name}@example.com"}).serialize()
        yield HeadItem(head.pk, head.sk, currency="EUR", balance=GROSS, open={"I1": entry}).serialize()


def names():
    return [f"b{number:03d}" for number in range(ACCOUNTS)]


def plain_table(client):
    """Create a table that nothing reads the stream of."""
    names = {"pk": "HASH", "sk": "RANGE"}
    client.create_table(
        TableName="Raw",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in names.items()],
    )
    return "Raw"


def raw_rate(client, table):
    """Return how many transactions of three items a second the engine writes for as many threads."""

    def write(number):
        puts = [{"pk": {"S": f"raw-{number}"}, "sk": {"S": str(part)}, "text": {"S": "x" * 200}} for part in range(3)]
        client.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": item}} for item in puts])

    began = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(write, range(RAW)))
    return RAW / (time.monotonic() - began)


def send(url, count, now):
    """Post all webhooks from several connections at once; return how many were not taken with 200."""
    http = urllib3.PoolManager(retries=False, maxsize=SENDERS, block=True)
    with ThreadPoolExecutor(SENDERS) as pool:
        return sum(status != 200 for status in pool.map(partial(_post, http, url, now), range(count)))


def _post(http, url, now, number):
    headers, body = stripe.signed_event(
        payment=f"B{number}",
        account=f"b{number % ACCOUNTS:03d}",
        invoice="I1",
        amount=Money(PAID, "EUR"),
        secret=STRIPE_SECRET,
        at=datetime.now(UTC),
    )
    return http.request("POST", f"{url}/webhooks/stripe/acme", body=body, headers=headers).status
