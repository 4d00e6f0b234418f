"""A month of a small book, made through the use cases on a table in memory, then read as `verify` reads it."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import boto3
import pytest
from moto import mock_aws

from infra.local.bench.ground import POLICY, SUBSCRIPTION, Ground
from infra.local.samples import CUSTOMERS, VENDOR_INVOICE, content
from infra.local.verify.outside import Outside, look
from infra.local.verify.stack import parked, verify_stack
from infra.local.verify.table import Table, read_table
from quittance.domain.access import VendorState
from quittance.runtime.clock import iso
from quittance.store import keys, parking, partners, registrations, slots, vendor_files
from quittance.store.access import AccessStore
from quittance.store.models import DocumentItem, Item
from quittance.store.notices import NoticeStore
from quittance.store.payments import PaymentBook
from quittance.store.policies import PolicyStore
from quittance.usecases import register
from quittance.usecases.apply_payment import apply_payment
from quittance.usecases.import_charges import VendorFile, adopt_charges, import_file
from quittance.usecases.messages import AdoptCharges, IssueInvoice, ToggleAccess
from quittance.usecases.payment_message import ApplyPayment
from quittance.usecases.toggle_access import toggle_access
from tests.dynamo import door as dynamo_door
from tests.dynamo.engine import Dynamo

REGION = "eu-central-1"
ISSUED = datetime(2026, 10, 9, 6, 0, tzinfo=UTC)
REMINDED, WARNED, SUSPENDED, RESTORED = (
    datetime(2026, month, day, 10, 0, tzinfo=UTC) for month, day in ((11, 9), (11, 24), (12, 9), (12, 11))
)
RULES = [
    {"product": "CFQ7TTC0HD32", "absorb": True},
    {"kind": "usage", "markup_percent": "12"},
    {"markup_percent": "20"},
]
OUTPUTS = {
    "TableName": "Quittance",
    "DocumentsBucketName": "documents",
    "DocumentsQueueUrl": "",
    "NoticesQueueUrl": "",
    "InvoicesQueueUrl": "",
}


@dataclass(frozen=True)
class Made:
    """What `verify` sees of the book, and what it says of the whole."""

    table: Table
    outside: Outside
    violations: list
    parked: list


@pytest.fixture(scope="session")
def book():
    with pytest.MonkeyPatch.context() as patch, mock_aws(), dynamo_door.at_the_wire(Dynamo()):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            patch.setenv(name, "testing")
        patch.setenv("AWS_DEFAULT_REGION", REGION)
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        Item._connection = None
        outputs = _places()
        _month()
        made = _seen(outputs)
        Item._connection = None
    return made


def _client(service):
    return boto3.client(service, region_name=REGION)


def _places():
    texts = ("pk", "sk")  # the due index is read by sweeps only
    _client("dynamodb").create_table(
        TableName=Item.Meta.table_name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in texts],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    )
    _client("s3").create_bucket(Bucket="documents", CreateBucketConfiguration={"LocationConstraint": REGION})
    sqs = _client("sqs")
    names = {"DocumentsQueueUrl": "q-documents", "NoticesQueueUrl": "q-notices", "InvoicesQueueUrl": "q-invoices.fifo"}
    urls = {}
    for output, name in names.items():
        fifo = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
        urls[output] = sqs.create_queue(QueueName=name, Attributes=fifo)["QueueUrl"]
    dead = sqs.create_queue(QueueName="q-documents-dead")["QueueUrl"]
    sqs.send_message(QueueUrl=dead, MessageBody='{"type": "render"}')
    return {**OUTPUTS, "TableName": Item.Meta.table_name, **urls}


def _month():
    ground = Ground(SimpleNamespace(table=Item.Meta.table_name), "acme", now=ISSUED, policy=POLICY)
    partners.write_price_rules("acme", RULES)
    for name in ("contoso", "fabrikam", "tailspin"):
        _account(name)
    data = content()
    file = VendorFile(
        partner="acme",
        vendor_invoice=VENDOR_INVOICE,
        filename="nce.csv",
        dated=date(2026, 10, 8),
        size=len(data),
    )
    import_file(file, io.BytesIO(data), now=ISSUED, files=vendor_files, slots=slots, parking=parking)
    _account("northwind")
    claim = AdoptCharges(partner="acme", account="northwind", vendor_customer=CUSTOMERS["northwind"].id)
    adopt_charges(claim, files=vendor_files, slots=slots)
    for name in ("contoso", "fabrikam", "northwind"):
        ground.issue(IssueInvoice(partner="acme", account=name, invoice="2026-09"))
    ground.issue(ground.ask("fabrikam", "I1", lines=3))
    for name, invoice in (
        ("contoso", "2026-09"),
        ("fabrikam", "2026-09"),
        ("northwind", "2026-09"),
        ("fabrikam", "I1"),
    ):
        _document(name, invoice)
    _pay("P1", "fabrikam", 5_000_00, ISSUED)  # settles both and leaves credit
    _pay("P2", "contoso", 100_00, ISSUED)
    _collect(ground, "contoso")
    _collect(ground, "northwind")
    _pay("P3", "northwind", 50_000_00, RESTORED)
    ground.assess("northwind", RESTORED + timedelta(minutes=1))
    _switch("northwind", RESTORED)
    parking.park(keys.parked("acme", "payment", "stripe#pi_9"), reason="no account", body={}, at=ISSUED)


def _account(name):
    who = CUSTOMERS[name]
    body = {
        "id": name,
        "name": who.name,
        "country": who.country,
        "vat_id": who.vat_id,
        "timezone": "Europe/Berlin",
        "email": f"billing@{who.domain}",
        "policy": "standard",
        "vendor_customer": who.id,
        "subscriptions": [{**SUBSCRIPTION, "id": f"{name}-1", "quantity": 25}],
    }
    register.put_account("acme", name, body, book=partners, accounts=registrations)


def _document(account, invoice):
    content = f"{account} {invoice}".encode()
    sha256 = hashlib.sha256(content).hexdigest()
    location = f"acme/{account}/{invoice}/{sha256}.pdf"
    _client("s3").put_object(Bucket="documents", Key=location, Body=content)
    key = keys.document("acme", account, invoice)
    facts = {"invoice": invoice, "sha256": sha256, "location": location, "rendered_at": iso(ISSUED)}
    DocumentItem(key.pk, key.sk, **facts).save()


def _pay(payment, account, amount, at):
    message = ApplyPayment(
        partner="acme",
        account=account,
        invoice=None,
        provider="stripe",
        event_id=f"evt_{payment}",
        payment_id=f"pi_{payment}",
        amount=amount,
        currency="EUR",
        received_at=iso(at),
        kind="succeeded",
    )
    apply_payment(message, book=PaymentBook(), now=at, pause=lambda _: None)


def _collect(ground, account):
    """Let the account go through reminder and final notice to its suspension."""
    for moment in (REMINDED, WARNED, SUSPENDED):
        assessment = ground.assess(account, moment)
        for notice in assessment.notices:
            NoticeStore().claim("acme", account, [notice], now=moment, lapsed=moment)
            NoticeStore().finish("acme", account, [notice], state="sent", at=moment, mail=None)
    _switch(account, SUSPENDED)


def _switch(account, now):
    message = ToggleAccess(partner="acme", account=account, subscription=f"{account}-1", generation=0)
    outcome, _ = toggle_access(message, switches=AccessStore(), vendors=_Vendor(), policies=PolicyStore(), now=now)
    assert outcome == "done"


class _Vendor:
    """A vendor that has every subscription as it is wanted next."""

    def of(self, _partner):
        return self

    def read(self, switch):
        other = {"active": "suspended", "suspended": "active"}[switch.subscription.desired]
        return VendorState(status=other, auto_renew=True)

    def suspend(self, _switch, _state):
        return VendorState(status="suspended", auto_renew=False)

    def restore(self, _switch, _state):
        return VendorState(status="active", auto_renew=True)


def _seen(outputs):
    table = read_table(_client("dynamodb"), outputs["TableName"])
    beyond = look(table, _client("s3"), _client("sqs"), outputs)
    violations = verify_stack(_client, outputs, pause=lambda _: None)
    return Made(table, beyond, violations, parked(_client, outputs))
