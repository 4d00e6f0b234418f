"""Sweeps of the due index: a schedule asks shard by shard, a shard asks for the work on each item that is due.

The items themselves are not read here. An item that is no longer due when its message arrives costs one read and
nothing else, so sweeping twice, late or out of order is safe, and catching up is the same as a normal hour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

from quittance.domain.errors import Poison
from quittance.runtime.clock import iso, parse_iso
from quittance.store import keys
from quittance.store.keys import Key
from quittance.usecases.messages import (
    Assess,
    DeliverInvoice,
    DeliverNotice,
    DeliverReceipt,
    Message,
    SweepShard,
    ToggleAccess,
)
from quittance.usecases.ports import Outgoing

NEWEST_GENERATION = 0


class Due(Protocol):
    """Lists what is due."""

    def pages(self, lane: str, shard: int, until: datetime) -> Iterable[list[Key]]:
        """Yield pages of keys that are due in a shard up to a moment."""
        ...


def start_sweep(lane: str, until: datetime, *, outgoing: Outgoing) -> int:
    """Ask for each shard of a lane; return how many."""
    shards = [SweepShard(lane=lane, shard=shard, until=iso(until)) for shard in range(keys.SHARDS)]
    outgoing.send(shards)
    return len(shards)


def sweep_shard(message: SweepShard, *, due: Due, outgoing: Outgoing) -> int:
    """Ask for the work on what is due in a shard; return on how many items. Poison when the message makes no sense."""
    until = _until(message)
    return sum(_send(page, until, outgoing) for page in due.pages(message.lane, message.shard, until))


def sweep_lane(lane: str, until: datetime, *, due: Due, outgoing: Outgoing) -> int:
    """Sweep all shards of a lane at once: for lanes that hold little."""
    shards = (SweepShard(lane=lane, shard=shard, until=iso(until)) for shard in range(keys.SHARDS))
    return sum(sweep_shard(shard, due=due, outgoing=outgoing) for shard in shards)


def _until(message: SweepShard) -> datetime:
    if message.lane not in keys.LANES or not 0 <= message.shard < keys.SHARDS:
        raise Poison(f"sweep: there is no shard {message.shard} of a lane {message.lane!r}")
    try:
        return parse_iso(message.until)
    except ValueError as problem:
        raise Poison(f"sweep: until: {problem}") from problem


def _send(page: list[Key], until: datetime, outgoing: Outgoing) -> int:
    messages = list(_work(page, until))
    outgoing.send(messages)
    return len(messages)


def _work(page: list[Key], until: datetime) -> Iterator[Message]:
    for key in page:
        partner, account = keys.owner(key.pk)
        if account is None:
            continue
        if key == keys.head(partner, account):
            yield Assess(partner=partner, account=account, cause=f"sweep {iso(until)}")
        elif key.sk.startswith(keys.NOTICE_PREFIX):
            name = key.sk.removeprefix(keys.NOTICE_PREFIX)
            yield DeliverNotice(partner=partner, account=account, notice=name)
        elif key.sk.startswith(keys.DOCUMENT_PREFIX):
            invoice = key.sk.removeprefix(keys.DOCUMENT_PREFIX)
            yield DeliverInvoice(partner=partner, account=account, invoice=invoice)
        elif key.sk.startswith(keys.RECEIPT_PREFIX):
            receipt = key.sk.removeprefix(keys.RECEIPT_PREFIX)
            yield DeliverReceipt(partner=partner, account=account, receipt=receipt)
        elif key.sk.startswith(keys.SUBSCRIPTION_PREFIX):
            yield _toggle(partner, account, key.sk.removeprefix(keys.SUBSCRIPTION_PREFIX), until)


def _toggle(partner: str, account: str, subscription: str, until: datetime) -> ToggleAccess:
    """Ask for a later try: its minute tells it from earlier ones, so that the FIFO queue does not swallow it."""
    return ToggleAccess(
        partner=partner,
        account=account,
        subscription=subscription,
        generation=NEWEST_GENERATION,
        attempt=int(until.timestamp()) // 60,
    )
