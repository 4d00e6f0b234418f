"""A sweep reads what is due, page by page, and asks for each item's own work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import pytest

from quittance.domain.errors import Poison
from quittance.store import keys
from quittance.store.keys import Key
from quittance.usecases.messages import Assess, DeliverNotice, Message, SweepShard, ToggleAccess
from quittance.usecases.sweep import start_sweep, sweep_lane, sweep_shard
from tests.unit.collections.books import utc

UNTIL = utc("2026-12-08T08:00")
TEXT = "2026-12-08T08:00:00Z"


class Sent:
    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, messages: Sequence[Message]) -> None:
        self.messages += messages


class Due:
    def __init__(self, *found: list[Key]) -> None:
        self.found = found
        self.asked: list[tuple[str, int, datetime]] = []

    def pages(self, lane: str, shard: int, until: datetime) -> Iterable[list[Key]]:
        self.asked.append((lane, shard, until))
        return self.found if shard == 3 else ()


def test_a_schedule_asks_for_each_shard_once() -> None:
    sent = Sent()
    assert start_sweep("account", UNTIL, outgoing=sent) == keys.SHARDS
    assert sent.messages == [SweepShard(lane="account", shard=i, until=TEXT) for i in range(keys.SHARDS)]


def test_each_due_item_is_asked_for_in_its_own_way() -> None:
    sent = Sent()
    due = Due(
        [keys.head("acme", "contoso"), keys.notice("acme", "contoso", "I1.0.final")],
        [keys.subscription("acme", "contoso", "sub-1"), keys.partner("acme"), keys.invoice("acme", "contoso", "I1")],
    )
    assert sweep_shard(SweepShard(lane="account", shard=3, until=TEXT), due=due, outgoing=sent) == 3
    assert sent.messages == [
        Assess(partner="acme", account="contoso", cause=f"sweep {TEXT}"),
        DeliverNotice(partner="acme", account="contoso", notice="I1.0.final"),
        ToggleAccess(
            partner="acme",
            account="contoso",
            subscription="sub-1",
            generation=0,
            attempt=int(UNTIL.timestamp()) // 60,
        ),
    ]


def test_a_later_try_is_no_copy_of_an_earlier_one() -> None:
    bodies = set()
    for moment in (UNTIL, utc("2026-12-08T08:01")):
        sent = Sent()
        sweep_lane("access", moment, due=Due([keys.subscription("acme", "contoso", "sub-1")]), outgoing=sent)
        bodies |= {message.to_json() for message in sent.messages}
    assert len(bodies) == 2


def test_a_lane_is_swept_shard_by_shard() -> None:
    due = Due()
    assert sweep_lane("access", UNTIL, due=due, outgoing=Sent()) == 0
    assert due.asked == [("access", i, UNTIL) for i in range(keys.SHARDS)]


@pytest.mark.parametrize(
    ("lane", "shard", "until"),
    [
        ("nowhere", 0, TEXT),
        ("account", 16, TEXT),
        ("account", -1, TEXT),
        ("account", 0, "soon"),
        ("account", 0, "2026-12-08"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_poison(lane: str, shard: int, until: str) -> None:
    with pytest.raises(Poison):
        sweep_shard(SweepShard(lane=lane, shard=shard, until=until), due=Due(), outgoing=Sent())
