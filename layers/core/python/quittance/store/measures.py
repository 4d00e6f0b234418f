"""Promises, pauses, holds and disputes: recorded with the account's head, so that a decision never misses one."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from itertools import islice
from typing import Any

from pynamodb.expressions.operand import Path

from quittance.domain.account import AccountFile
from quittance.domain.errors import Conflict
from quittance.domain.forbearance import Dispute, Hold, Measure, Pause, Promise
from quittance.store import keys
from quittance.store.attention import due_now
from quittance.store.models import DisputeItem, HeadItem, HoldItem, Item, PauseItem, PromiseItem
from quittance.store.transact import Transaction

MeasureItem = PromiseItem | PauseItem | HoldItem | DisputeItem
_ITEMS: dict[type[Measure], type[MeasureItem]] = {
    Promise: PromiseItem,
    Pause: PauseItem,
    Hold: HoldItem,
    Dispute: DisputeItem,
}
_MOST = 10  # at a time; the next assessment goes on
_CHANGED = Conflict("the account's facts changed meanwhile; read them again")


def record(file: AccountFile, *facts: Measure, now: datetime) -> None:
    """Write facts that were agreed on a file; Conflict when any other fact came between.

    The account is due at once: should the message about it get lost, the next sweep finds it.
    """
    transaction, head = Transaction(), keys.head(file.partner, file.profile.id)
    for fact in facts:
        transaction.put(item_of(file, fact))
    actions = [
        HeadItem.version.add(1),
        *due_now(head, now),
        *(_withhold(fact) for fact in facts if isinstance(fact, Dispute) and _changes(file, fact)),
    ]
    transaction.update(HeadItem(head.pk, head.sk), actions, HeadItem.version == file.version, _CHANGED)
    transaction.commit()


def _changes(file: AccountFile, dispute: Dispute) -> bool:
    return dispute.invoice in file.open and dispute.state != "upheld"


def _withhold(dispute: Dispute) -> Any:
    from quittance.domain.measures import withheld  # noqa: PLC0415  # recorded seldom, and it loads the rules of invoices

    amount = withheld(dispute)
    return Path(["open", dispute.invoice, "disputed"]).set(amount.minor if amount else 0)


def item_of(file: AccountFile, fact: Measure) -> MeasureItem:
    """Return the item of a fact."""
    model = _ITEMS[type(fact)]
    key = keys.measure(file.partner, file.profile.id, str(model.kind.get_discriminator(model)), fact.id)
    return model(key.pk, key.sk, state=fact.state, body=fact.to_mapping())


def archive(file: AccountFile, bygone: Iterable[Promise | Pause]) -> None:
    """Move promises and pauses that were over long ago out of what each assessment reads, each in one piece.

    No decision rests on them, so the head stays as it is; moving one again changes nothing.
    """
    for fact in islice(bygone, _MOST):
        item = item_of(file, fact)
        place = keys.bygone_measure(file.partner, file.profile.id, type(fact).__name__.lower(), fact.id)
        transaction = Transaction()
        transaction.delete(type(item)(item.pk, item.sk), type(item).state == fact.state, _CHANGED)
        transaction.put(type(item)(place.pk, place.sk, state=fact.state, body=fact.to_mapping()))
        with suppress(Conflict):
            transaction.commit()


def facts_of(items: Iterable[Item]) -> dict[str, Any]:
    """Return the promises, pauses, holds and disputes among an account's items, as its file names them."""
    known = list(items)
    return {
        "promises": tuple(Promise.from_mapping(one.body) for one in known if isinstance(one, PromiseItem)),
        "pauses": tuple(Pause.from_mapping(one.body) for one in known if isinstance(one, PauseItem)),
        "holds": tuple(Hold.from_mapping(one.body) for one in known if isinstance(one, HoldItem)),
        "disputes": tuple(Dispute.from_mapping(one.body) for one in known if isinstance(one, DisputeItem)),
    }
