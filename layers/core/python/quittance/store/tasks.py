"""Tasks for a person in the table: listed by the due index in the order of time, closed once, told on the timeline."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import sha256
from typing import Any

from pynamodb.exceptions import DoesNotExist

from quittance.domain.errors import Conflict, NotFound, Rejected
from quittance.domain.tasks import Closing, Task, kind_of
from quittance.runtime.clock import iso, parse_iso
from quittance.store import keys
from quittance.store.models import AccountItem, Item, ParkedItem, TaskItem
from quittance.store.transact import Transaction, unavailable_is_transient

Row = tuple[str, str, str]
"""Where a task stands in the list: its moment and its key."""


def page(partner: str, *, after: str | None, limit: int, newest: bool) -> tuple[list[Task], str | None]:
    """Return a page of the open tasks in the order of time, and the place where the next begins.

    The index is a little behind the table: what was closed or taken away meanwhile is left out.
    """
    rows, more = _rows(partner, _place(after), limit, newest=newest)
    with unavailable_is_transient():
        wanted = [(pk, sk) for _, pk, sk in rows]
        found = {(item.pk, item.sk): item for item in ParkedItem.batch_get(wanted, consistent_read=True)}
    tasks = [_task(found[key]) for key in wanted if key in found and found[key].due_lane]
    return tasks, _after(rows[-1]) if more else None


def _rows(partner: str, after: Row | None, limit: int, *, newest: bool) -> tuple[list[Row], bool]:
    lane = keys.task_lane(partner)
    query: dict[str, Any] = {
        "TableName": Item.Meta.table_name,
        "IndexName": "due",
        "KeyConditionExpression": "due_lane = :lane",
        "ExpressionAttributeValues": {":lane": {"S": lane}},
        "ScanIndexForward": not newest,
        "Limit": limit,
    }
    if after:
        at, pk, sk = after
        if keys.owner(pk)[0] != partner:
            raise Rejected("after: is no place in this list; give a page's `next`", field="after")
        query["ExclusiveStartKey"] = {
            "due_lane": {"S": lane},
            "due_at": {"S": at},
            "pk": {"S": pk},
            "sk": {"S": sk},
        }
    with unavailable_is_transient():
        found = _client().query(**query)
    rows = [(one["due_at"]["S"], one["pk"]["S"], one["sk"]["S"]) for one in found["Items"]]
    return rows, "LastEvaluatedKey" in found and bool(rows)


def _client() -> Any:
    return Item._get_connection().connection.client  # noqa: SLF001  # the models' own, so that one client serves all


def get(partner: str, task: str) -> Task:
    """Return a task, open or closed; NotFound when there is none, or not any more."""
    key = _key(partner, task)
    try:
        with unavailable_is_transient():
            item = ParkedItem.get(key.pk, key.sk, consistent_read=True)
    except DoesNotExist:
        item = None
    if item is None or not (item.due_lane or item.done_at):  # gone, or what waits there needs no person
        raise NotFound(f"there is no task {task[:80]!r}; its reason may be gone", field="task")
    return _task(item)


def close(partner: str, task: Task, closing: Closing, *, account: str | None) -> Task:
    """Close a task once and tell it on the account's timeline, together; return it as it is closed."""
    key = _key(partner, task.id)
    transaction = Transaction()
    actions = [
        ParkedItem.done_at.set(iso(closing.at)),
        ParkedItem.done_by.set(closing.by),
        ParkedItem.note.set(closing.note),
        ParkedItem.due_lane.remove(),
        ParkedItem.due_at.remove(),
    ]
    same = ParkedItem.due_lane.exists() & (ParkedItem.parked_at == iso(task.since))
    changed = Conflict("the task was closed or taken away meanwhile; read it again")
    transaction.update(ParkedItem(key.pk, key.sk), actions, same, changed)
    if account and _exists(partner, account):
        transaction.put(_told(partner, account, task, closing))
    try:
        transaction.commit()
    except Conflict:
        now = get(partner, task.id)
        if now.closing is None:
            raise
        return now
    return get(partner, task.id)


def _told(partner: str, account: str, task: Task, closing: Closing) -> TaskItem:
    key = keys.task(partner, account, task.since, digest(task.id))
    return TaskItem(
        key.pk,
        key.sk,
        task=task.kind,
        reason=task.reason,
        since=iso(task.since),
        done_at=iso(closing.at),
        done_by=closing.by,
        note=closing.note,
    )


def _exists(partner: str, account: str) -> bool:
    try:
        key = keys.account(partner, account)
    except Rejected:
        return False  # what a provider gave as account need not be an identifier
    with unavailable_is_transient():
        return any(AccountItem.batch_get([(key.pk, key.sk)], consistent_read=True))


def _task(item: ParkedItem) -> Task:
    partner = keys.owner(item.pk)[0]
    source = item.sk.split("#")[1]
    body = item.body if isinstance(item.body, dict) else {}
    return Task(
        id=id_of(keys.Key(item.pk, item.sk)),
        kind=kind_of(source, body, early=item.pk != keys.partner_pk(partner)),
        reason=item.reason,
        since=parse_iso(item.parked_at),
        body=body,
        closing=Closing(at=parse_iso(item.done_at), by=item.done_by, note=item.note) if item.done_at else None,
    )


def id_of(key: keys.Key) -> str:
    """Return the id of the task under a key: the key without the partner, as one word."""
    rest = key.pk.removeprefix(keys.partner_pk(keys.owner(key.pk)[0]))
    return _encoded(f"{rest}\n{key.sk.removeprefix(keys.PARKED_PREFIX)}")


def digest(task: str) -> str:
    """Return the short name under which an account's timeline tells of a task's closing."""
    return sha256(task.encode()).hexdigest()[:16]


def _key(partner: str, task: str) -> keys.Key:
    """Return the key that a task's id stands for: always one of this partner's."""
    try:
        rest, name = _decoded(task).split("\n", 1)
    except ValueError:
        raise NotFound(f"there is no task {task[:80]!r}", field="task") from None
    if not name or (rest and not rest.startswith(keys.PAYMENT_OWNERS)):
        raise NotFound(f"there is no task {task[:80]!r}", field="task")
    return keys.Key(f"{keys.partner_pk(partner)}{rest}", f"{keys.PARKED_PREFIX}{name}")


def _after(row: Row) -> str:
    return _encoded("\n".join(row))


def _place(after: str | None) -> Row | None:
    if after is None:
        return None
    try:
        at, pk, sk = _decoded(after).split("\n", 2)
        keys.owner(pk)
    except ValueError:
        raise Rejected("after: is no place in this list; give a page's `next`", field="after") from None
    return at, pk, sk


def _encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


def _decoded(text: str) -> str:
    """Read what `_encoded` wrote; ValueError where it did not."""
    try:
        read = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode()
    except Error:
        raise ValueError(text) from None
    if _encoded(read) != text:
        raise ValueError(text)
    return read
