"""The meter's model of DynamoDB's units, on figures from AWS's own examples and by hand."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.local.meter import Meter, size
from tests.functional.payments.cloud import ENVIRONMENT, create_table

TABLE = "Quittance"
DUE = {"due_lane": {"S": "account#01"}, "due_at": {"S": "2026-01-01T00:00:00Z"}}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        create_table()
        yield boto3.client("dynamodb", region_name="eu-central-1")


def item(sk: str = "s", text: str = "", **more: Any) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sk}, "text": {"S": text}, **more}


@pytest.mark.parametrize(
    ("value", "bytes_"),
    [
        ({"S": "äb"}, 3),
        ({"N": "12345"}, 4),
        ({"BOOL": True}, 1),
        ({"L": [{"S": "ab"}]}, 6),
        ({"M": {"ab": {"S": "c"}}}, 7),
        ({"SS": ["ab", "c"]}, 3),
        ({"B": b"abc"}, 3),
    ],
)
def test_sizes_are_names_and_values(value, bytes_):
    assert size({"name": value}) == 4 + bytes_


def test_writes_cost_a_unit_a_kilobyte_and_two_in_a_transaction(client):
    with Meter(client) as meter:
        client.put_item(TableName=TABLE, Item=item(text="x" * 1500))
    assert (meter.requests, meter.write_units, meter.read_units) == (1, 2, 0)
    with Meter(client) as meter:
        client.transact_write_items(TransactItems=[{"Put": {"TableName": TABLE, "Item": item("t", "x" * 1500)}}])
    assert (meter.requests, meter.write_units) == (1, 4)


def test_the_larger_of_before_and_after_is_charged(client):
    client.put_item(TableName=TABLE, Item=item(text="x" * 3000))
    with Meter(client) as meter:
        client.put_item(TableName=TABLE, Item=item(text="x"))
    assert meter.write_units == 3


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [({}, {}, 0), ({}, DUE, 1), (DUE, {}, 1), (DUE, DUE, 0), (DUE, {**DUE, "due_at": {"S": "2027"}}, 2)],
)
def test_the_index_costs_what_changes_in_it(client, before, after, units):
    client.put_item(TableName=TABLE, Item=item(**before))
    with Meter(client) as meter:
        client.put_item(TableName=TABLE, Item=item(**after))
    assert meter.write_units == 1 + units


def test_reads_cost_a_unit_for_four_kilobytes_and_half_of_it_when_eventual(client):
    client.put_item(TableName=TABLE, Item=item("a", "x" * 5000))
    client.put_item(TableName=TABLE, Item=item("b", "x" * 2000))
    key = {"pk": {"S": "p"}, "sk": {"S": "a"}}
    with Meter(client) as meter:
        client.get_item(TableName=TABLE, Key=key, ConsistentRead=True)
        client.get_item(TableName=TABLE, Key=key)
        client.query(TableName=TABLE, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "p"}})
    assert meter.by_operation["GetItem"].read_units == 3
    assert meter.by_operation["Query"].read_units == 1
    assert (meter.requests, meter.write_units) == (3, 0)


def test_a_refused_write_costs_its_units_and_nothing_is_counted_outside(client):
    client.put_item(TableName=TABLE, Item=item(**DUE))
    with Meter(client) as meter, pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName=TABLE, Item=item(), ConditionExpression="attribute_not_exists(pk)")
    client.put_item(TableName=TABLE, Item=item("z"))
    assert (meter.requests, meter.write_units) == (1, 1)
