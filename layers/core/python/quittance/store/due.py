"""The due index: what needs attention in a lane, read a shard and a page at a time, raw, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from quittance.runtime.clock import iso
from quittance.store import keys
from quittance.store.keys import Key
from quittance.store.models import Item
from quittance.store.transact import unavailable_is_transient

PAGE = 1000


class DueIndex:
    """Reads the index `due`; its rows are keys only, and a little behind the table (facts are checked again there)."""

    def __init__(self, page: int = PAGE) -> None:
        self._page = page

    def pages(self, lane: str, shard: int, until: datetime) -> Iterator[list[Key]]:
        """Yield what is due in a shard up to a moment, the longest waiting first."""
        query: dict[str, Any] = {
            "TableName": Item.Meta.table_name,
            "IndexName": "due",
            "KeyConditionExpression": "due_lane = :lane AND due_at <= :until",
            "ExpressionAttributeValues": {":lane": {"S": keys.shard_of(lane, shard)}, ":until": {"S": iso(until)}},
            "ProjectionExpression": "pk, sk",
            "Limit": self._page,
        }
        while True:
            with unavailable_is_transient():
                found = _client().query(**query)
            if found["Items"]:
                yield [Key(item["pk"]["S"], item["sk"]["S"]) for item in found["Items"]]
            if "LastEvaluatedKey" not in found:
                return
            query["ExclusiveStartKey"] = found["LastEvaluatedKey"]


def _client() -> Any:
    return Item._get_connection().connection.client  # noqa: SLF001  # the models' own, so that one client serves all
