"""Notices on their way: claimed by one delivery at a time, sent once, given again to the sweep while mail is down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pynamodb.exceptions import UpdateError

from quittance.domain.account import Notice
from quittance.domain.errors import Conflict
from quittance.runtime.clock import iso
from quittance.store import keys, parking
from quittance.store.accounts import DELIVERY_GRACE, notice_of
from quittance.store.attention import due_now
from quittance.store.models import HeadItem, NoticeItem
from quittance.store.transact import Transaction, unavailable_is_transient

_GONE = Conflict("the notice is not waiting to be sent any more")


class NoticeStore:
    """Keeps how the delivery of notices goes."""

    def claim(
        self, partner: str, account: str, notice: str, *, now: datetime, lapsed: datetime
    ) -> tuple[Notice, int] | None:
        """Take a queued notice for one delivery; return it with the number of this try.

        None when it is not queued (any more), or another delivery claimed it after `lapsed`.
        """
        free = NoticeItem.claimed_at.does_not_exist() | (NoticeItem.claimed_at <= iso(lapsed))
        item = _item(partner, account, notice)
        actions = [NoticeItem.claimed_at.set(iso(now)), NoticeItem.attempts.add(1)]
        if not _updated(item, actions, (NoticeItem.state == "queued") & free):
            return None
        return notice_of(item), int(item.attempts)

    def finish(self, partner: str, account: str, notice: str, *, state: str, at: datetime) -> None:
        """Record what became of a notice; the account is due at once, for decisions may wait for it."""
        actions = [NoticeItem.state.set(state), NoticeItem.claimed_at.remove()]
        actions += [NoticeItem.due_lane.remove(), NoticeItem.due_at.remove()]
        if state == "sent":
            actions.append(NoticeItem.sent_at.set(iso(at)))
        head = keys.head(partner, account)
        due = due_now(head, at)
        transaction = Transaction()
        transaction.update(_item(partner, account, notice), actions, NoticeItem.state == "queued", _GONE)
        transaction.update(HeadItem(head.pk, head.sk), [HeadItem.version.add(1), *due], HeadItem.pk.exists(), _GONE)
        transaction.commit()

    def postpone(self, partner: str, account: str, notice: str, until: datetime) -> None:
        """Let the sweep bring the notice again."""
        key = keys.notice(partner, account, notice)
        actions = [
            NoticeItem.claimed_at.remove(),
            NoticeItem.due_lane.set(keys.due_lane("account", key)),
            NoticeItem.due_at.set(iso(until)),
        ]
        _updated(_item(partner, account, notice), actions, NoticeItem.state == "queued")

    def advance(self, partner: str, account: str, notice: Notice, *, state: str, at: datetime) -> bool:
        """Record what mail tells later; the account is due at once. False when the notice has changed since."""
        return _told(partner, account, notice, [NoticeItem.state.set(state)], at)

    def send_again(self, partner: str, account: str, notice: Notice, *, at: datetime) -> bool:
        """Queue a notice that bounced for the second contact; it counts from when it is sent there."""
        key = keys.notice(partner, account, notice.id)
        actions = [
            NoticeItem.state.set("queued"),
            NoticeItem.contact.set(2),
            NoticeItem.sent_at.remove(),
            NoticeItem.due_lane.set(keys.due_lane("account", key)),
            NoticeItem.due_at.set(iso(at + DELIVERY_GRACE)),
        ]
        return _told(partner, account, notice, actions, at)

    def ask_person(self, partner: str, account: str, notice: str, reason: str, now: datetime) -> bool:
        """Leave a task for a person, once a notice; True when it is new."""
        key = keys.parked(partner, "notice", f"{account}#{notice}")
        with unavailable_is_transient():
            return parking.park(key, reason=reason, body={"account": account, "notice": notice}, at=now)


def _told(partner: str, account: str, notice: Notice, actions: list[Any], at: datetime) -> bool:
    head = keys.head(partner, account)
    due = due_now(head, at)
    transaction = Transaction()
    transaction.update(_item(partner, account, notice.id), actions, NoticeItem.state == notice.state, _GONE)
    transaction.update(HeadItem(head.pk, head.sk), [HeadItem.version.add(1), *due], HeadItem.pk.exists(), _GONE)
    try:
        transaction.commit()
    except Conflict:
        return False
    return True


def _item(partner: str, account: str, notice: str) -> NoticeItem:
    key = keys.notice(partner, account, notice)
    return NoticeItem(key.pk, key.sk)


def _updated(item: NoticeItem, actions: list[Any], condition: Any) -> bool:
    try:
        with unavailable_is_transient():
            item.update(actions, condition=condition)
    except UpdateError as problem:
        if problem.cause_response_code == "ConditionalCheckFailedException":
            return False
        raise
    return True
