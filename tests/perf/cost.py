"""What a month of invoices costs on AWS: real handlers on metered tables and queues, at list prices."""

import csv
import io
import json
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
from quittance.store.models import HeadItem
from quittance.usecases import billing

INVOICES = 20
LATE = 2
LINES = 5
IMPORTED = datetime(2026, 10, 8, 7, 0, tzinfo=UTC)
BILLED = datetime(2026, 10, 9, 6, 0, tzinfo=UTC)
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
    thousand = {what: amount / INVOICES * 1000 for what, amount in used.items()}
    parts = {what: cost({what: amount}) for what, amount in thousand.items()}
    for what in sorted(parts, key=parts.get, reverse=True):
        told = "apart" if what in APART else f"{parts[what]:.5f} $"
        sys.stderr.write(f"  {what:<20} {thousand[what]:>10,.2f}  {told}\n")
    dearest = max(parts, key=parts.get)
    amount = f"{thousand[dearest]:,.0f} {dearest}s, the dearest part"
    baseline = Baseline(figure=round(parts[dearest], 5), unit="$", of=amount)
    yield at_most("cost/1000_invoices", cost(thousand), 0.03, f"$ ({STORY})", baseline)


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
    chain.at(OVERDUE)
    for name in names(partner)[:LATE]:
        chain.send("arrears", {"type": "assess", "partner": partner, "account": name, "cause": "sweep"})
    chain.pump()
    for name in names(partner):
        pay(chain, partner, name)
        chain.pump()
    left = [name for name in names(partner) if stored_head(partner, name).balance]
    if left:
        raise RuntimeError(f"not settled at the end of the month: {', '.join(left)}")


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


def pay(chain, partner, account):
    """Send the provider's webhook for all that the account owes."""
    (invoice, entry), *_ = stored_head(partner, account).open.as_dict().items()
    headers, body = stripe.signed_event(
        payment=f"P-{account}",
        account=account,
        invoice=invoice,
        amount=Money(int(entry["remaining"]), "EUR"),
        secret=SECRET,
        at=OVERDUE,
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


def stored_head(partner, account):
    key = keys.head(partner, account)
    return HeadItem.get(key.pk, key.sk)
