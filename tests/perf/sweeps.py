"""What a sweep reads: as much as is due, whatever the size of the book."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from math import ceil

from infra.local.bench.bed import Bed
from infra.local.bench.figures import Baseline, Figure, at_most, exactly
from infra.local.bench.ground import Ground
from infra.local.bench.registry import bench
from quittance.store import keys
from quittance.store.accounts import AccountStore
from quittance.store.due import PAGE, DueIndex
from quittance.store.models import HeadItem
from quittance.store.policies import PolicyStore
from quittance.usecases.assess import assess_account
from quittance.usecases.sweep import start_sweep, sweep_shard

DUE = 50
SMALL, LARGE = 100, 1000
# Before anything that other benches make due, so that the sweep finds only what is its own.
ISSUED = date(2019, 12, 1)
SWEPT = datetime(2020, 1, 6, 9, 0, tzinfo=UTC)
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
    with HeadItem.batch_write() as batch:
        for number in range(DUE, accounts):
            key = keys.head(ground.partner, f"{prefix}{number}")
            due = {"due_lane": keys.due_lane("account", key), "due_at": LATER}
            batch.save(HeadItem(key.pk, key.sk, currency="EUR", **due))


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
