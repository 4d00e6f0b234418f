"""How long a customer waits for access after paying: from the provider's call to the call to the vendor."""

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import urllib3

from infra.local.bench import story
from infra.local.bench.bed import Bed
from infra.local.bench.figures import Baseline, Figure, at_most
from infra.local.bench.ground import AT_ONCE
from infra.local.bench.registry import bench
from infra.local.providers import stripe
from infra.local.providers.senders import STRIPE_SECRET
from infra.local.scenario.embedded import deployed
from infra.local.scenario.stack_world import StackWorld
from quittance.domain.money import Money

ACCOUNTS = 24
WARM_UP = 2
LONGEST = 10.0


@bench(
    "restore",
    f"from a payment's webhook to the vendor's restoring, {ACCOUNTS} accounts on the embedded stack",
    by_the_clock=True,
)
def restore(bed: Bed) -> Iterator[Figure]:
    with deployed(None, say=bed.say) as (stack, vendor):  # stopped at the end: what runs beside a bench disturbs it
        waits, answers = paid(bed, stack, vendor)
    baseline = Baseline(figure=round(statistics.median(answers), 4), unit="s", of="the webhook's own answer, median")
    yield at_most("restore/p50", statistics.median(waits), 2, "s", baseline)
    yield at_most("restore/p99", max(waits), 2, f"s (the slowest of {ACCOUNTS})", baseline)


def paid(bed, stack, vendor):
    """Let every account be suspended and pay; return the seconds until it was restored, and those of the answers."""
    now = datetime.now(UTC)
    scenario = story.write(
        bed.folder / "restore",
        "restore",
        start=now.date().isoformat(),
        accounts=story.strangers(ACCOUNTS + WARM_UP),
        policy=AT_ONCE,
    )
    world = StackWorld(stack, vendor)
    bed.say("registering accounts")
    world.open_book(scenario, now)
    names = [account["id"] for account in scenario.accounts]
    bed.say("suspending them")
    for name in names:
        world.api.post(f"/accounts/{name}/invoices", overdue(now))
    stack.wait_idle()
    left = [one["id"] for one in vendor.state()["subscriptions"] if one["status"] != "suspended"]
    if left:
        raise RuntimeError(f"not suspended before the payments: {', '.join(left)}")
    http = urllib3.PoolManager(retries=False)
    told = [restored(http, stack, vendor, name) for name in names]
    waits, answers = zip(*told[WARM_UP:], strict=True)
    return waits, answers


def overdue(now):
    issued, due = (now - timedelta(days=days) for days in (60, 30))
    lines = [{"text": "Setup", "net": "100.00", "vat_percent": "19"}]
    return {"id": "I1", "issued": issued.date().isoformat(), "due": due.date().isoformat(), "lines": lines}


def restored(http, stack, vendor, account):
    """Pay what an account owes; return the seconds until the vendor is told, and those of the webhook's answer."""
    seen = vendor.requests()[-1]["number"]
    headers, body = stripe.signed_event(
        payment=f"P-{account}",
        account=account,
        invoice="I1",
        amount=Money.parse("119.00", "EUR"),
        secret=STRIPE_SECRET,
        at=datetime.now(UTC),
    )
    began = time.time()
    answer = http.request("POST", f"{stack.api_url}/webhooks/stripe/acme", body=body, headers=headers)
    answered = time.time() - began
    if answer.status != 200:
        raise RuntimeError(f"webhook: {answer.status} {answer.data[:300]}")
    while time.time() < began + LONGEST:
        for entry in vendor.requests(after=seen, method="PATCH"):
            if entry["wanted"].get("status") == "active" and f"-{account}/" in entry["path"]:
                return entry["wall"] - began, answered
        time.sleep(0.01)
    raise RuntimeError(
        f"{account} was not restored within {LONGEST:.0f} seconds\n{stack.logs('access_toggle')[-1500:]}"
    )
