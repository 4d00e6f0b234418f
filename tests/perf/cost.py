"""What a month of invoices costs on AWS: real handlers on metered tables and queues, at list prices."""

import csv
import io
import json
import math
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from infra.local.bench.bed import Bed
from infra.local.bench.chain import Chain
from infra.local.bench.figures import Baseline, Figure, at_most
from infra.local.bench.ground import Ground
from infra.local.bench.prices import APART, REGION, cost
from infra.local.bench.registry import bench
from infra.local.providers import stripe
from infra.local.samples import CUSTOMERS, VENDOR_INVOICE, rows
from quittance.domain.money import Money
from quittance.store import billing_runs, keys, partners
from quittance.store.due import DueIndex
from quittance.usecases import billing

INVOICES = 20
LATE = 2
LINES = 5
IMPORTED = datetime(2026, 10, 8, 7, 0, tzinfo=UTC)
BILLED = datetime(2026, 10, 9, 6, 0, tzinfo=UTC)
PAID = BILLED + timedelta(days=14)
OVERDUE = BILLED + timedelta(days=31)
SECRET = "whsec_bench"
STORY = f"{LINES} charges an invoice, {LATE} of {INVOICES} reminded, all paid by webhook; list prices of {REGION}"


@bench("cost", f"AWS cost of 1,000 invoices at list prices, modelled from {INVOICES}")
def model(bed: Bed) -> Iterator[Figure]:
    chain = Chain(bed)
    prepare(bed, chain, "metered")
    prepare(bed, chain, "timed")
    bed.say("counting requests and units")
    with chain.counting(units=True) as counted:
        month(bed, chain, "metered")
    bed.say("measuring processor time")
    with chain.counting(units=False) as timed:
        month(bed, chain, "timed")
    used = {**counted.used, "GB-second": timed.used["GB-second"]}
    for told in breakdown(counted, timed) if bed.verbose else ():
        sys.stderr.write(f"  {told}\n")
    thousand = {what: amount / INVOICES * 1000 for what, amount in used.items()}
    parts = {what: cost({what: amount}) for what, amount in thousand.items()}
    for what in sorted(parts, key=parts.get, reverse=True):
        told = "apart" if what in APART else f"{parts[what]:.5f} $"
        sys.stderr.write(f"  {what:<20} {thousand[what]:>10,.2f}  {told}\n")
    dearest = max(parts, key=parts.get)
    amount = f"{thousand[dearest]:,.0f} {dearest}s, the dearest part"
    baseline = Baseline(figure=round(parts[dearest], 5), unit="$", of=amount)
    yield at_most("cost/1000_invoices", cost(thousand), 0.03, f"$ ({STORY})", baseline)


def breakdown(counted, timed):
    """Yield what each function used of each thing for a thousand invoices, the dearest first."""
    per = 1000 / INVOICES
    used = [("write unit", *who, units) for who, units in counted.writes.items()]
    used += [("read unit", *who, units) for who, units in counted.reads.items()]
    parts = {**counted.parts, **{who: amount for who, amount in timed.parts.items() if who[0] == "GB-second"}}
    used += [(what, job, "", "", amount) for (what, job), amount in parts.items() if what not in APART]
    dollars = {line: cost({line[0]: line[-1] * per}) for line in used}
    for line in sorted(used, key=dollars.get, reverse=True):
        what, job, operation, kind, amount = line
        where = f"{job or 'month':<22} {operation} {kind}".rstrip()
        yield f"{dollars[line]:.5f} $ {amount * per:>10,.2f} {what:<20} {where}"


def prepare(bed, chain, partner):
    """Set up the book: what is done once is no part of a month's cost."""
    chain.at(IMPORTED)
    ground = Ground(bed, partner, now=IMPORTED)
    partners.write_price_rules(partner, [{"markup_percent": "20"}])
    for name in names(partner):
        ground.account(name)
    secret = {"Name": f"quittance/{partner}/stripe", "SecretString": json.dumps({"secrets": [SECRET]})}
    bed.client("secretsmanager").create_secret(**secret)
    chain.pump()


def month(bed, chain, partner):
    """Import, bill, render, remind some, take everybody's payment."""
    upload(bed, chain, partner)
    chain.pump()
    chain.at(BILLED)
    billing.request_run(partner, "2026-09", now=BILLED, runs=billing_runs)
    chain.pump()
    late, timely = names(partner)[:LATE], names(partner)[LATE:]
    chain.at(PAID)
    for name in timely:
        pay(chain, partner, name, PAID)
        chain.pump()
    chain.at(OVERDUE)
    sweep(chain, partner)
    for name in late:
        pay(chain, partner, name, OVERDUE)
        chain.pump()
    left = [name for name in names(partner) if chain.look(keys.head(partner, name))["balance"]["N"] != "0"]
    if left:
        raise RuntimeError(f"not settled at the end of the month: {', '.join(left)}")


def sweep(chain, partner):
    """Assess what is due, in messages sent by the ten; that shards are asked at all is no part of the cost."""
    index, lanes = DueIndex(), range(keys.SHARDS)
    found = [key for shard in lanes for page in index.pages("account", shard, OVERDUE) for key in page]
    due = [account for owner, account in (keys.owner(key.pk) for key in found) if owner == partner]
    for name in due:
        chain.send("arrears", {"type": "assess", "partner": partner, "account": name, "cause": "sweep"})
    chain.bill.used["queue request"] += math.ceil(len(due) / 10)
    chain.pump()


def names(partner):
    return [f"{partner}-{number}" for number in range(INVOICES)]


def upload(bed, chain, partner):
    """Put the vendor's file where partners upload it, and tell of it as the object store does."""
    sample = [row for row in rows() if row["CustomerId"] == CUSTOMERS["contoso"].id][:LINES]
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, sample[0].keys())
    writer.writeheader()
    for name in names(partner):
        writer.writerows({**row, "CustomerId": f"customer-{partner}-{name}"} for row in sample)
    key, bucket = f"{partner}/{VENDOR_INVOICE}/nce.csv", chain.bucket("IMPORTS_BUCKET")
    content = out.getvalue().encode()
    bed.client("s3").put_object(Bucket=bucket, Key=key, Body=content, Metadata={"dated": "2026-10-08"})
    told = {"bucket": {"name": bucket}, "object": {"key": key, "size": len(content)}}
    chain.send("imports", {"Records": [{"eventName": "ObjectCreated:Put", "s3": told}]})


def pay(chain, partner, account, at):
    """Send the provider's webhook for all that the account owes."""
    (invoice, entry), *_ = chain.look(keys.head(partner, account))["open"]["M"].items()
    headers, body = stripe.signed_event(
        payment=f"P-{account}",
        account=account,
        invoice=invoice,
        amount=Money(int(entry["M"]["remaining"]["N"]), "EUR"),
        secret=SECRET,
        at=at,
    )
    event = {
        "pathParameters": {"provider": "stripe", "partner": partner},
        "headers": headers,
        "body": body.decode(),
        "isBase64Encoded": False,
    }
    answer = chain.call("payment_webhooks", event)
    if answer["statusCode"] != 200:
        raise RuntimeError(f"webhook: {answer}")
    chain.bill.used["API request"] += 1
