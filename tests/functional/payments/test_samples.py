"""Each sample event does what its name says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from infra.local.providers import senders
from quittance.adapters.providers import paypal_certificates
from tests.functional.payments import cloud

ROOT = Path(__file__).resolve().parents[3]
EVENTS = ROOT / "events"


class Certificate(NamedTuple):
    """What PayPal's sample is signed with, and where its webhook says that is."""

    path: str
    pem: bytes


CERTIFICATE = Certificate(
    "/v1/notifications/certs/CERT-00000000-00000000-5a3b1e00",
    (ROOT / "tests" / "data" / "webhooks" / "paypal_sample_certificate.pem").read_bytes(),
)


def sample(function: str, name: str) -> Any:
    return json.loads((EVENTS / function / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("stripe_payment_succeeded", ["succeeded"]),
        ("stripe_payment_failed", ["failed"]),
        ("stripe_charge_succeeded_base64", []),
        ("adyen_capture", ["succeeded"]),
        ("gocardless_payment_confirmed", ["succeeded"]),
        ("mollie_payment_link_paid", ["pending"]),
        ("mollie_classic_payment_changed", ["pending"]),
        ("paypal_capture_completed", ["succeeded"]),
        ("standardwebhooks_payment_succeeded", ["succeeded"]),
    ],
)
def test_webhooks(door, queued, tmp_path, monkeypatch, name, kinds):
    from functions.payment_webhooks import app  # noqa: PLC0415  # reads the environment when first asked

    event = sample("payment_webhooks", name)
    cloud.set_clock(tmp_path, datetime.fromtimestamp(event["requestContext"]["timeEpoch"] / 1000, UTC))
    for provider, held in {**senders.secrets(), "stripe": {"secrets": ["whsec_quittance_sample"]}}.items():
        cloud.put_secret("acme", provider, held)
    monkeypatch.setattr(paypal_certificates, "_fetch", lambda _, path: {CERTIFICATE.path: CERTIFICATE.pem}[path])
    assert app.handler(event, None)["statusCode"] == 200
    assert [message["kind"] for message in queued()] == kinds


@pytest.mark.parametrize("name", ["refund", "chargeback"])
def test_movements_of_payments_that_nobody_knows_wait_beside_them(table, name):
    from functions.payment_application import app  # noqa: PLC0415  # as above

    event = sample("payment_application", name)
    assert app.handler(event, None) == {"batchItemFailures": []}
    (kept,) = table.scan(TableName=cloud.Item.Meta.table_name)["Items"]
    told = json.loads(event["Records"][0]["body"])
    assert kept["pk"]["S"] == f"P#acme#PAYMENT#stripe#{told['payment_id']}"
    assert kept["sk"]["S"] == f"PARKED#{told['kind']}#{told['movement_id']}"
    assert app.handler(sample("payment_application", "follow"), None) == {"batchItemFailures": []}
    noted = table.scan(TableName=cloud.Item.Meta.table_name)["Items"]
    assert sorted(item["kind"]["S"] for item in noted) == ["parked", "payment_owner"]


@pytest.mark.parametrize("name", ["named_invoice", "batch_of_two_accounts", "no_account"])
def test_payments_of_accounts_that_nobody_knows_are_parked_and_not_lost(table, name):
    from functions.payment_application import app  # noqa: PLC0415  # as above

    event = sample("payment_application", name)
    assert app.handler(event, None) == {"batchItemFailures": []}
    stored = table.scan(TableName=cloud.Item.Meta.table_name)["Items"]
    payments = {json.loads(record["body"])["payment_id"] for record in event["Records"]}
    listed = {item["sk"]["S"] for item in stored if item["pk"]["S"] == "P#acme"}
    assert listed == {f"PARKED#payment#stripe#{payment}" for payment in payments}
