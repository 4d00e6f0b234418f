"""Each sample event does what its name says."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.functional.payments import cloud

EVENTS = Path(__file__).resolve().parents[3] / "events"


def sample(function: str, name: str) -> Any:
    return json.loads((EVENTS / function / f"{name}.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("stripe_payment_succeeded", ["succeeded"]),
        ("stripe_payment_failed", ["failed"]),
        ("stripe_charge_succeeded_base64", []),
    ],
)
def test_webhooks(door, queued, tmp_path, name, kinds):
    from functions.payment_webhooks import app  # noqa: PLC0415  # reads the environment when first asked

    event = sample("payment_webhooks", name)
    cloud.set_clock(tmp_path, datetime.fromtimestamp(event["requestContext"]["timeEpoch"] / 1000, UTC))
    cloud.put_secrets("acme", "stripe", ["whsec_quittance_sample"])
    assert app.handler(event, None)["statusCode"] == 200
    assert [message["kind"] for message in queued()] == kinds


@pytest.mark.parametrize("name", ["named_invoice", "batch_of_two_accounts", "no_account"])
def test_payments_of_accounts_that_nobody_knows_are_parked_and_not_lost(table, name):
    from functions.payment_application import app  # noqa: PLC0415  # as above

    event = sample("payment_application", name)
    assert app.handler(event, None) == {"batchItemFailures": []}
    stored = table.scan(TableName=cloud.Item.Meta.table_name)["Items"]
    payments = {json.loads(record["body"])["payment_id"] for record in event["Records"]}
    assert {item["sk"]["S"] for item in stored} == {f"PARKED#payment#stripe#{payment}" for payment in payments}
