"""What issuing an invoice asks of the table, and whether a series stays whole when many issue at once."""

import math
import statistics
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from infra.local.bench.bed import Bed
from infra.local.bench.figures import Baseline, Figure, at_least, at_most, exactly
from infra.local.bench.ground import Ground
from infra.local.bench.registry import bench
from infra.local.meter import size
from quittance.store import keys
from quittance.store.invoices import read_invoices

WRITES = ("PutItem", "UpdateItem", "DeleteItem", "TransactWriteItems", "BatchWriteItem")
ISSUERS = 8
ROUNDS = 3
ALONE, TOGETHER = 16, 48


@bench("issue", "issuing an invoice of 1, 10 and 100 lines")
def issue(bed: Bed) -> Iterator[Figure]:
    ground = Ground(bed, "issuing")
    ground.account("contoso")
    for lines in (1, 10, 100):
        name = f"I{lines}"
        message = ground.ask("contoso", name, lines=lines)
        with ground.meter() as meter:
            ground.issue(message)
        stored = size(ground.item(keys.invoice("issuing", "contoso", name)))
        kilobytes = math.ceil(stored / 1024)
        requests = sum(meter.by_operation[name].requests for name in WRITES if name in meter.by_operation)
        unit = f"write units for an invoice of {kilobytes} KB"
        yield at_most(f"issue/{lines}_lines_requests", requests, 1, "write requests")
        yield at_most(f"issue/{lines}_lines_units", meter.write_units, 2 * (kilobytes + 1) + 3, unit)


@bench("numbers", "issuers of one series, one and eight at once, on the emulator")
def numbers(bed: Bed) -> Iterator[Figure]:
    ground = Ground(bed, "numbering")
    accounts = [f"a{place}" for place in range(ISSUERS)]
    for account in accounts:
        ground.account(account)
    ones, manys = [], []
    for turn in range(ROUNDS):  # in turns, so that a busy moment of the machine weighs on both
        alone = [ground.ask(accounts[i % ISSUERS], f"A{turn}-{i}") for i in range(ALONE)]
        together = [ground.ask(accounts[i % ISSUERS], f"T{turn}-{i}") for i in range(TOGETHER)]
        bed.say(f"round {turn + 1}: one issuer, then {ISSUERS}")
        ones.append(rate(lambda message: ground.issue(message, time.sleep), alone, 1))
        manys.append(rate(lambda message: ground.issue(message, time.sleep), together, ISSUERS))
    one, many = statistics.median(ones), statistics.median(manys)
    given = [item.number for account in accounts for item in read_invoices("numbering", account)]
    last = int(ground.item(keys.series("numbering", "numbering", "INV", ground.now.year))["last"]["N"])
    wanted = {f"NUMBERING-{ground.now.year}-{number:06d}" for number in range(1, last + 1)}
    yield exactly("numbers/gaps", len(wanted - set(given)) + abs(last - ROUNDS * (ALONE + TOGETHER)), 0, "numbers")
    yield exactly("numbers/duplicates", len(given) - len(set(given)), 0, "numbers")
    baseline = Baseline(figure=round(one, 1), unit="invoices a second", of=f"one issuer, median of {ROUNDS} rounds")
    yield at_least("numbers/rate", many / one, 0.5, f"x the rate of one, {ISSUERS} issuers", baseline)


def rate(act, messages, workers):
    """Return how many messages a second so many threads get done, all starting at once."""
    start = threading.Barrier(workers)

    def run(share):
        start.wait()
        for message in share:
            act(message)

    began = time.perf_counter()
    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(run, messages[place::workers]) for place in range(workers)]:
            done.result()
    return len(messages) / (time.perf_counter() - began)
