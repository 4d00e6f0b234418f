"""How long ninety days take: five accounts, import, billing, arrears and payments, with the stack's start."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from infra.local.bench import story
from infra.local.bench.bed import Bed
from infra.local.bench.deployment import deployment
from infra.local.bench.figures import Baseline, Figure, at_most, exactly
from infra.local.bench.registry import bench
from infra.local.scenario.embedded import embedded_world
from infra.local.scenario.play import Listener, Play
from infra.local.verify import verify_stack

NAMES = ("contoso", "fabrikam", "northwind", "litware", "tailspin")
START = datetime(2026, 9, 1, tzinfo=UTC)
DAYS = 90


@bench(
    "scenario", f"a scenario of {DAYS} days with {len(NAMES)} accounts, the stack's start included", by_the_clock=True
)
def scenario(bed: Bed) -> Iterator[Figure]:
    told = story.write(
        bed.folder / "scenario",
        "ninety-days",
        start=START.date().isoformat(),
        accounts=story.customers(NAMES),
        steps=sorted(steps(), key=lambda step: step["at"]),
        observe={"every": "day", "from": "2026-11-01", "to": "2026-11-29"},
    )
    bed.say("building functions and layers")  # once a change of the code, not once a scenario
    deployment(bed)
    began = time.perf_counter()
    with embedded_world(told, bed.say) as world:
        started = time.perf_counter() - began
        play = Play(told, world, Heard(bed))
        failures = play.run()
        took = time.perf_counter() - began
        bed.say("verifying its books")
        violations = verify_stack(world.stack.client, world.stack.outputs)
    baseline = Baseline(figure=round(started, 2), unit="s", of="starting the stack and deploying")
    yield at_most("scenario/90_days", took, 20, "s", baseline)
    yield exactly("scenario/violations", len(violations) + len(failures), 0, "invariants or expectations broken")


def steps():
    """Two invoices of each account: one pays in time, one late, one in parts, one after suspension, one never."""
    for number, name in enumerate(NAMES):
        line = {"text": "Onboarding", "net": f"{200 + number}.00", "vat_percent": "19"}
        yield {"at": moment(0, 8), "invoice": {"id": "I1", "account": name, "issued": "2026-09-01", "lines": [line]}}
    yield {
        "at": moment(37, 7),
        "import": {"file": "nce_2026-09.csv", "vendor_invoice": "G012345678", "dated": "2026-10-08"},
    }
    yield {"at": moment(38, 6), "bill": {"period": "2026-09"}}
    yield pay("P1", "contoso", "238.00", 20, invoice="I1")
    yield pay("P2", "fabrikam", "239.19", 40, invoice="I1")
    yield pay("P3", "northwind", "100.00", 33)
    yield pay("P4", "northwind", "140.38", 50)
    yield pay("P5", "litware", "241.57", 72, invoice="I1")
    yield pay("P6", "contoso", "9000.00", 65)


def pay(name, account, amount, day, **more):
    fields = {"id": name, "account": account, "amount": amount, "via": "stripe", **more}
    return {"at": moment(day, 12), "pay": fields}


def moment(day, hour):
    return (START + timedelta(days=day, hours=hour)).isoformat()


class Heard(Listener):
    """Tells how far the play has come."""

    def __init__(self, bed):
        self._bed = bed

    def step(self, step):
        self._bed.say(f"{step.at:%Y-%m-%d} {step.verb}")

    def fired(self, schedule, at):
        self._bed.say(f"{at:%Y-%m-%d} {schedule.name}")
