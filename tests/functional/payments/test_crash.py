"""A crash between any two requests, before or after it reached AWS, and the redelivery: as if nothing had happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.functional.payments import cloud
from tests.functional.payments.test_application import account, handle, told  # noqa: F401  # a fixture


class Crash(Exception):
    """The process dies here."""


@contextmanager
def crash_at(client: Any, call: int, *, answered: bool) -> Iterator[list[str]]:
    """Die at the n-th request to DynamoDB: before it is sent, or when its answer should come back."""
    made: list[str] = []

    def die(event_name: str, **_: Any) -> None:
        made.append(event_name.rpartition(".")[2])
        if len(made) == call:
            raise Crash

    event = "after-call.dynamodb" if answered else "before-call.dynamodb"
    client.meta.events.register_first(event, die)
    try:
        yield made
    finally:
        client.meta.events.unregister(event, die)


def contents(table: Any) -> list[Any]:
    items = table.scan(TableName=cloud.Item.Meta.table_name)["Items"]
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(
    "message",
    [told(), told(amount=30000), told(invoice=None), told(account="nobody"), told(currency="USD")],
    ids=["named", "too much", "unnamed", "unknown account", "other currency"],
)
def test_redelivery_after_a_crash_at_any_request_ends_as_if_there_had_been_none(account, table, message, answered):  # noqa: F811
    pristine = contents(table)
    assert handle(message) == []
    wanted = contents(table)
    for call in range(1, 10):
        _restore(table, pristine)
        with crash_at(cloud.models_client(), call, answered=answered) as made:
            failed = handle(message)
        if len(made) < call:
            break  # it needs no more requests than that
        assert failed == ["0"]
        assert handle(message) == []
        assert contents(table) == wanted
    assert call > 1


def _restore(table: Any, items: list[Any]) -> None:
    name = cloud.Item.Meta.table_name
    for item in contents(table):
        table.delete_item(TableName=name, Key={key: item[key] for key in ("pk", "sk")})
    for item in items:
        table.put_item(TableName=name, Item=item)
