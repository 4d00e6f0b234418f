"""The partner API through its real handler, on a table in memory."""

from __future__ import annotations

import copy
import json
import os
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from quittance.runtime import compose
from quittance.store.models import Item
from tests.dynamo import door as dynamo_door
from tests.dynamo.engine import Dynamo
from tests.functional.api import documented

REGION = "eu-central-1"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_SESSION_TOKEN": "testing",
    "AWS_REGION": REGION,
    "AWS_DEFAULT_REGION": REGION,
    "POWERTOOLS_SERVICE_NAME": "partner_api",
    "POWERTOOLS_METRICS_NAMESPACE": "Quittance",
    "IMPORTS_BUCKET": "imports",
    "DOCUMENTS_BUCKET": "documents",
}
PARTNER = {
    "id": "acme",
    "name": "ACME Cloud GmbH",
    "country": "DE",
    "vat_id": "DE123456788",
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "locale": "de-DE",
    "cloud": "global",
    "support_entitlements": [
        {"vehicle": "partner-cloud-support", "services": ["azure"], "incidents": 1, "until": "2027-06-30"},
        {"vehicle": "advanced-support-for-partners", "services": ["azure"], "incidents": 5, "until": "2027-06-30"},
    ],
}
POLICY = {
    "clock": "due_date",
    "payment_days": 30,
    "allocation": "oldest_due",
    "stages": [
        {"name": "reminder", "when": {"days": 1}, "do": [{"notice": "reminder"}]},
        {"name": "final", "when": {"days": 14, "amount": "25.00"}, "do": [{"notice": "final"}]},
    ],
    "restore_below": "0.01",
}
PLAN = {
    "timezone": "Europe/Berlin",
    "hours": {day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": ["2026-10-03"],
    "targets": {
        "A": {"first_response": 120, "update": 240, "solution": 480},
        "B": {"first_response": 240, "solution": 960},
        "C": {"first_response": 480},
    },
    "price": {"included_incidents": 2, "per_incident": "90.00"},
}
ACCOUNT = {
    "id": "contoso",
    "name": "Contoso AG",
    "vendor_customer": "3f2c0c5e-0000-4000-8000-000000000001",
    "country": "DE",
    "vat_id": "DE987654321",
    "timezone": "Europe/Berlin",
    "email": "billing@contoso.example",
    "policy": "standard",
    "support_plan": "basic",
    "parent": None,
    "subscriptions": [
        {
            "id": "sub-1",
            "product": "CFQ7TTC0LH18",
            "name": "Microsoft 365 E3",
            "kind": "nce_license",
            "quantity": 25,
            "term_ends": "2027-03-31",
            "auto_renew": True,
        }
    ],
}
RULES = [{"product": "CFQ7TTC0LH18", "unit_price": "11.70"}, {"markup_percent": "20"}]


class Context:
    """What Lambda gives a handler about itself."""

    function_name = "partner_api"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-central-1:123456789012:function:partner_api"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: Any


Call = Callable[..., Answer]


def event_of(
    method: str,
    path: str,
    body: Any = None,
    *,
    partner: str | None = "acme",
    role: str = "admin_agent",
    raw: str | None = None,
    headers: dict[str, str] | None = None,
    query: dict[str, str] | None = None,
) -> dict[str, Any]:
    context: dict[str, Any] = {"http": {"method": method, "path": path}}
    if partner is not None:
        context["authorizer"] = {"jwt": {"claims": {"partner": partner, "role": role}, "scopes": None}}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": f"{method} /v1/{{proxy+}}",
        "rawPath": path,
        "headers": {"content-type": "application/json", **(headers or {})},
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if query:
        event["queryStringParameters"] = query
    if body is not None or raw is not None:
        event["body"] = raw if raw is not None else json.dumps(body)
    return event


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A table with the index of the template, two buckets, and a file for the clock; one for the tests of a file."""
    with pytest.MonkeyPatch.context() as patch, mock_aws(), dynamo_door.at_the_wire(Dynamo()):
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        patch.setenv("QUITTANCE_CLOCK_FILE", str(tmp_path_factory.mktemp("time") / "clock"))
        _forget_clients()
        client = boto3.client("dynamodb", region_name=REGION)
        names = ("pk", "sk", "due_lane", "due_at")
        index = {
            "IndexName": "due",
            "KeySchema": _keys("due_lane", "due_at"),
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
        client.create_table(
            TableName=Item.Meta.table_name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
            KeySchema=_keys("pk", "sk"),
            GlobalSecondaryIndexes=[index],
        )
        yield client
    _forget_clients()


@pytest.fixture
def table(cloud: Any, at: Callable[[str], None]) -> Any:
    """The table, emptied; it is 2026-10-01, 10:00 in Berlin."""
    for item in cloud.scan(TableName=Item.Meta.table_name)["Items"]:
        cloud.delete_item(TableName=Item.Meta.table_name, Key={name: item[name] for name in ("pk", "sk")})
    at("2026-10-01T08:00:00Z")
    return cloud


def _keys(first: str, second: str) -> list[dict[str, str]]:
    return [{"AttributeName": first, "KeyType": "HASH"}, {"AttributeName": second, "KeyType": "RANGE"}]


def _forget_clients() -> None:
    for cached in (compose.client, compose.clock, compose.outgoing, compose._session):
        cached.cache_clear()
    for model in [Item, *_all_models()]:
        model._connection = None


def _all_models() -> list[type[Item]]:
    return list(Item.__subclasses__())


@pytest.fixture
def call(table: Any) -> Call:
    from functions.partner_api.app import handler  # noqa: PLC0415  # reads the environment when imported

    def _call(method: str, path: str, body: Any = None, **options: Any) -> Answer:
        given = handler(event_of(method, path, body, **options), Context())
        answer = Answer(given["statusCode"], given["headers"], _decoded(given))
        documented.hold(method, path, body, answer.status, answer.body)
        return answer

    return _call


def _decoded(given: dict[str, Any]) -> Any:
    if given.get("isBase64Encoded"):
        return b64decode(given["body"]).decode("cp1252")
    return json.loads(given["body"]) if "json" in given["headers"]["content-type"] else given["body"]


@pytest.fixture
def at(cloud: Any) -> Callable[[str], None]:
    """Move the clock."""
    return lambda moment: Path(os.environ["QUITTANCE_CLOCK_FILE"]).write_text(moment, encoding="ascii") and None


@pytest.fixture
def book(call: Call) -> Call:
    """A partner with a policy, a plan, rules and one account."""
    assert call("PUT", "/v1/partner", PARTNER).status == 200
    assert call("POST", "/v1/policies/standard", POLICY).status == 201
    assert call("PUT", "/v1/support-plans/basic", PLAN).status == 200
    assert call("PUT", "/v1/price-rules", RULES).status == 200
    assert call("PUT", "/v1/accounts/contoso", ACCOUNT).status == 201
    return call


@pytest.fixture
def items(table: Any) -> Callable[[], dict[tuple[str, str], Any]]:
    """Everything in the table, to see that a refused call changed nothing."""

    def _items() -> dict[tuple[str, str], Any]:
        found = table.scan(TableName=Item.Meta.table_name)["Items"]
        return {(item["pk"]["S"], item["sk"]["S"]): copy.deepcopy(item) for item in found}

    return _items
