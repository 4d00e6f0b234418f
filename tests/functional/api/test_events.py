"""Every sample event of the API, the public pages and ticket escalation goes through its real handler."""

from __future__ import annotations

import importlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from tests.functional.api.conftest import PARTNER, PLAN, POLICY, REGION, Context

EVENTS = Path(__file__).parents[3] / "events"
EXPECTED = {
    "partner_api/put_partner": 200,
    "partner_api/put_account": 201,
    "partner_api/get_status": 404,  # the account comes with another sample
    "partner_api/trial_balance": 200,
    "partner_api/statement": 404,
    "partner_api/order_upload": 201,
    "partner_api/dry_run": 200,
    "partner_api/pay_payable": 404,
    "partner_api/open_ticket": 404,
    "partner_api/promise": 404,
    "partner_api/hold": 404,
    "partner_api/payment_method": 404,
    "partner_api/dispute": 404,
    "partner_api/explain": 404,
    "partner_api/draft_policy": 200,
    "partner_api/bank_statement": 202,
    "partner_api/bank_statement_decision": 404,  # the line comes with its statement
    "partner_api/list_tasks": 200,
    "partner_api/close_task": 404,  # nothing was left to a person
    "partner_api/assign_payment": 404,
    "partner_api/look_at_subscriptions": 404,
    "partner_api/describe": 200,
    "partner_api/forbidden": 403,
    "public_pages/collections": 200,
    "public_pages/support": 200,
}


def feed(name: str) -> Any:
    app = importlib.import_module(f"functions.{name.partition('/')[0]}.app")
    return app.handler(json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8")), Context())


@pytest.fixture
def published(call: Any) -> Any:
    call("PUT", "/v1/partner", PARTNER)
    call("POST", "/v1/policies/standard", POLICY)
    call("PUT", "/v1/support-plans/basic", PLAN)
    with suppress(ClientError):  # one bucket for all tests of the file
        bucket = {"LocationConstraint": REGION}
        boto3.client("s3", region_name=REGION).create_bucket(Bucket="imports", CreateBucketConfiguration=bucket)
    return call


def test_every_sample_is_fed():
    folders = ("partner_api", "public_pages", "ticket_escalation")
    found = {f"{folder}/{file.stem}" for folder in folders for file in (EVENTS / folder).glob("*.json")}
    assert found == EXPECTED.keys() | {"ticket_escalation/ticket", "ticket_escalation/ticket_clocks"}


@pytest.mark.parametrize(("name", "status"), EXPECTED.items())
def test_a_sample_call_is_answered(published, name, status):
    assert feed(name)["statusCode"] == status


def test_the_samples_tell_one_story(published, at):
    assert feed("partner_api/put_account")["statusCode"] == 201
    assert feed("partner_api/open_ticket")["statusCode"] == 201
    assert feed("ticket_escalation/ticket") == {"batchItemFailures": []}
    at("2026-10-01T12:05:00Z")
    assert feed("ticket_escalation/ticket_clocks") == {"looked": 1}
    seen = json.loads(feed("partner_api/get_status")["body"])
    assert seen["tickets"]["T1"]["breached"] == ["first_response"]
