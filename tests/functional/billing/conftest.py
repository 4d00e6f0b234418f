"""Billing on a table in memory: two accounts, price rules, a published policy, and AWS calls that can fail."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from pathlib import Path

import boto3
import pytest
from botocore.client import BaseClient
from moto import mock_aws

from infra.local.samples import CUSTOMERS, VENDOR_INVOICE, content
from quittance.store import keys, parking, slots, vendor_files
from quittance.store.models import (
    AccountItem,
    CustomerItem,
    HeadItem,
    Item,
    PartnerItem,
    PolicyItem,
    PriceRulesItem,
)
from quittance.usecases.import_charges import VendorFile, import_file
from tests.dynamo import door as dynamo_door
from tests.dynamo.engine import Dynamo

REGION = "eu-central-1"
NOW = datetime(2026, 10, 9, 6, 0, tzinfo=UTC)
ROOT = Path(__file__).parents[3]
PARTNER = {
    "id": "acme",
    "name": "ACME Cloud GmbH",
    "country": "DE",
    "vat_id": "DE123456788",
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "locale": "de-DE",
    "address": ["Lindenstraße 14", "10969 Berlin"],
    "bank": {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX"},
}
RULES = [
    {"product": "CFQ7TTC0LH18", "unit_price": "11.70"},
    {"kind": "usage", "markup_percent": "12"},
    {"markup_percent": "20"},
]


@pytest.fixture
def table(monkeypatch):
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    with mock_aws(), dynamo_door.at_the_wire(Dynamo()):
        client = boto3.client("dynamodb", region_name=REGION)
        create(client)
        Item._connection = None
        partner()
        yield client
        Item._connection = None


def create(client):
    text = [{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "due_lane", "due_at")]
    client.create_table(
        TableName=Item.Meta.table_name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=text,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "due",
                "KeySchema": [
                    {"AttributeName": "due_lane", "KeyType": "HASH"},
                    {"AttributeName": "due_at", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )


def empty(client):
    """Start again with an empty book: the emulator copies the whole table for each transaction."""
    client.delete_table(TableName=Item.Meta.table_name)
    create(client)
    partner()


def partner(**changes):
    key = keys.partner("acme")
    PartnerItem(key.pk, key.sk, body={**PARTNER, **changes}).save()
    key = keys.price_rules("acme")
    PriceRulesItem(key.pk, key.sk, body=RULES).save()
    key = keys.policy("acme", "standard", 1)
    body = {"clock": "due_date", "payment_days": 30, "stages": []}
    PolicyItem(key.pk, key.sk, name="standard", version=1, published_at="2026-09-01T00:00:00Z", body=body).save()


def register(name, *, currency="EUR", due_at=None):
    """Store an account as the API does: profile, head, and which vendor customer it is."""
    who = CUSTOMERS[name]
    key, head, customer = keys.account("acme", name), keys.head("acme", name), keys.customer("acme", who.id)
    body = {
        "name": who.name,
        "country": who.country,
        "vat_id": who.vat_id,
        "timezone": "Europe/Berlin",
        "currency": currency,
        "locale": "de-DE",
        "email": f"billing@{who.domain}",
        "policy": "standard",
        "vendor_customer": who.id,
        "address": ["Hafenallee 27", "20457 Hamburg"],
    }
    AccountItem(key.pk, key.sk, body=body).save()
    due = {"due_lane": keys.due_lane("account", head), "due_at": due_at} if due_at else {}
    HeadItem(head.pk, head.sk, currency=currency, **due).save()
    CustomerItem(customer.pk, customer.sk, account=name).save()


def sample(*, only=None, vendor_invoice=VENDOR_INVOICE, change=None):
    """Return the sample file, its records filtered and changed."""
    records = list(csv.DictReader(io.StringIO(content().decode("utf-8-sig"))))
    if only is not None:
        wanted = {CUSTOMERS[name].id for name in only}
        records = [record for record in records if record["CustomerId"] in wanted]
    for record in records:
        record["InvoiceNumber"] = vendor_invoice
    if change:
        change(records)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, records[0].keys())
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue().encode("utf-8-sig")


def run_import(data, *, vendor_invoice=VENDOR_INVOICE, dated=date(2026, 10, 8), filename="nce.csv"):
    file = VendorFile(partner="acme", vendor_invoice=vendor_invoice, filename=filename, dated=dated, size=len(data))
    return import_file(file, io.BytesIO(data), now=NOW, **PORTS)


def everything(client):
    """Return all items, for comparing two ends."""
    items = client.scan(TableName=Item.Meta.table_name)["Items"]
    return sorted((json.dumps(item, sort_keys=True, default=repr) for item in items), key=str)


PORTS = {"files": vendor_files, "slots": slots, "parking": parking}


class Crash(Exception):
    """The process died."""


@pytest.fixture
def crash_at(monkeypatch):
    """Make the process die after its n-th AWS call from now on was carried out, which is before the next one."""
    state = {"left": 0}
    original = BaseClient._make_api_call

    def call(self, operation, arguments):
        if state["left"]:
            state["left"] -= 1
            if not state["left"]:
                original(self, operation, arguments)
                raise Crash(operation)
        return original(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", call)

    def arm(number):
        state.update(left=number)

    return arm
