"""The due index: pages read are those of what is due, however large the book."""

from __future__ import annotations

import math

import pytest

from quittance.runtime.clock import parse_iso
from quittance.store import keys
from quittance.store.due import DueIndex
from quittance.store.models import HeadItem
from tests.functional.collections.world import Calls, World, our_clients

NOW = "2026-12-08T08:00:00Z"


@pytest.mark.parametrize(("due", "others"), [(0, 50), (30, 0), (30, 100)])
def test_pages_are_those_of_what_is_due(world: World, due: int, others: int) -> None:
    for i in range(due + others):
        key = keys.head("acme", f"account-{i}")
        moment = {"due_lane": keys.due_lane("account", key), "due_at": NOW if i < due else "2027-01-01T00:00:00Z"}
        HeadItem(key.pk, key.sk, currency="EUR", **moment).save()
    calls, page = Calls(), 10
    calls.attach(our_clients())
    index = DueIndex(page)
    found = [
        key for shard in range(keys.SHARDS) for rows in index.pages("account", shard, parse_iso(NOW)) for key in rows
    ]
    assert sorted(found, key=lambda key: key.pk) == sorted(
        (keys.head("acme", f"account-{i}") for i in range(due)), key=lambda key: key.pk
    )
    assert set(calls.made) == {"Query"}
    assert len(calls.made) <= keys.SHARDS + math.ceil(due / page)
