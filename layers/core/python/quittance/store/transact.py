"""Writes that hold together: one transaction, each refused condition with its own error, collisions tried again.

A transaction costs twice the units of its writes, so one that turns out to hold a single write is sent as that write.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from pynamodb.connection import Connection
from pynamodb.exceptions import DeleteError, PutError, PynamoDBException, TransactWriteError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from quittance.domain.errors import Conflict, QuittanceError, Rejected, Transient
from quittance.store.keys import Key
from quittance.store.models import Item

_TRIES = 4
_LONGEST_PAUSE = 0.05
MOST_ITEMS = 100
"""What one TransactWriteItems takes."""
_CONDITION = "ConditionalCheckFailed"
_COLLISION = "TransactionConflict"
_REFUSED = "ConditionalCheckFailedException"
_COLLIDED = "TransactionConflictException"
_BUSY = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "ThrottlingException",
        "RequestLimitExceeded",
        "InternalServerError",
        "TransactionInProgressException",
    }
)
# PynamoDB sends the operations of a transaction in this order, whatever the order in which they were added.
_ORDER = ("check", "delete", "put", "update")


@dataclass(frozen=True, slots=True)
class _Operation:
    """One write: how it joins a transaction, how it is done by itself (None: it cannot be), what its refusal means."""

    join: Callable[[TransactWrite], None]
    alone: Callable[[], object] | None
    error: QuittanceError


class Transaction:
    """Collects operations; `commit` writes all or raises the error given with the first whose condition fails."""

    def __init__(self) -> None:
        self._operations: dict[str, list[_Operation]] = {kind: [] for kind in _ORDER}
        self.found: Mapping[str, Any] | None = None
        """What stood where a refused operation wanted to write, as DynamoDB writes it, if it was to be `shown`."""

    def check(self, model: type[Item], key: Key, condition: Condition, error: QuittanceError) -> None:
        """Require a condition of an item that is not written."""
        self._add("check", lambda t: t.condition_check(model, key.pk, key.sk, condition=condition), None, error)

    def delete(self, item: Item, condition: Condition | None = None, error: QuittanceError | None = None) -> None:
        """Delete an item."""
        self._add("delete", lambda t: t.delete(item, condition=condition), lambda: item.delete(condition), error)

    def put(
        self,
        item: Item,
        condition: Condition | None = None,
        error: QuittanceError | None = None,
        *,
        shown: bool = False,
    ) -> None:
        """Write a whole item; `shown` keeps what stood there in `found` when the condition refuses."""
        values = "ALL_OLD" if shown else None
        alone = None if shown else partial(item.save, condition)
        self._add("put", lambda t: t.save(item, condition=condition, return_values=values), alone, error)

    def update(
        self, item: Item, actions: list[Any], condition: Condition | None = None, error: QuittanceError | None = None
    ) -> None:
        """Change attributes of an item."""
        alone = partial(item.update, actions, condition)
        self._add("update", lambda t: t.update(item, actions=actions, condition=condition), alone, error)

    def commit(self) -> None:
        """Write everything or nothing; Transient when the table is busy.

        PynamoDB gives up on a collision with another transaction, which is over in milliseconds: tried again here,
        with jitter. Rejected where it is more than the table takes at once: nothing is written then.
        """
        if (size := sum(map(len, self._operations.values()))) > MOST_ITEMS:
            raise Rejected(
                f"this changes {size} items at once, of which {MOST_ITEMS} can be; a person has to divide it"
            )
        for attempt in range(1, _TRIES + 1):
            codes = self._attempt()
            if codes is None:
                return
            if attempt < _TRIES:
                time.sleep(random.uniform(0, _LONGEST_PAUSE))  # noqa: S311  # spreads colliding writers, no secret
        raise Transient("the same items are being written by others; try again", retry_after=1)

    def _add(
        self,
        kind: str,
        join: Callable[[TransactWrite], None],
        alone: Callable[[], object] | None,
        error: QuittanceError | None,
    ) -> None:
        changed = Conflict("somebody else changed it meanwhile; read it again and repeat")
        self._operations[kind].append(_Operation(join, alone, error or changed))

    def _attempt(self) -> Sequence[str | None] | None:
        ordered = [entry for kind in _ORDER for entry in self._operations[kind]]
        if len(ordered) == 1 and ordered[0].alone:
            return _write_alone(ordered[0].alone, ordered[0].error)
        return self._write_together(ordered)

    def _write_together(self, operations: Sequence[_Operation]) -> Sequence[str | None] | None:
        """Do all in one transaction; return the codes where it collided with another."""
        try:
            with unavailable_is_transient(), TransactWrite(connection=_connection()) as transaction:
                for operation in operations:
                    operation.join(transaction)
        except TransactWriteError as problem:
            codes = [reason.code if reason else None for reason in problem.cancellation_reasons]
            for reason, operation in zip(problem.cancellation_reasons, operations, strict=False):
                if reason and reason.code == _CONDITION:
                    self.found = reason.raw_item
                    raise operation.error from problem
            if _COLLISION not in codes:
                raise
            return codes
        return None


def _write_alone(write: Callable[[], object], error: QuittanceError) -> Sequence[str | None] | None:
    """Do one write; return a collision's code, as it happens while a transaction of others holds the item."""
    try:
        with unavailable_is_transient():
            write()
    except (PutError, UpdateError, DeleteError) as problem:
        if problem.cause_response_code == _REFUSED:
            raise error from problem
        if problem.cause_response_code == _COLLIDED:
            return [_COLLISION]
        raise
    return None


@contextmanager
def unavailable_is_transient() -> Iterator[None]:
    """Turn "cannot answer now" of the table into Transient; every other failure passes as it is."""
    try:
        yield
    except PynamoDBException as problem:
        code = problem.cause_response_code
        if code in _BUSY or (problem.cause is not None and code is None):  # no code: the connection failed
            raise Transient("the table cannot answer now; try again", retry_after=1) from problem
        raise


def _connection() -> Connection:
    return Item._get_connection().connection  # noqa: SLF001  # the models' own, so that one client serves all
