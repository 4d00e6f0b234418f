"""Notices on their way: claimed by one delivery at a time, sent once, given again to the sweep while mail is down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pynamodb.exceptions import UpdateError

from quittance.domain.account import Notice
from quittance.domain.errors import Conflict
from quittance.runtime.clock import iso
from quittance.store import keys, parking
from quittance.store.accounts import DELIVERY_GRACE
from quittance.store.attention import due_now
from quittance.store.models import HeadItem, NoticeItem, ParkedItem
from quittance.store.transact import Transaction, unavailable_is_transient

_GONE = Conflict("the notice is not waiting to be sent any more")


class NoticeStore:
    """Keeps how the delivery of notices goes."""

    def claim(self, partner: str, account: str, notices: Sequence[Notice], *, now: datetime, lapsed: datetime) -> bool:
        """Take queued notices for one delivery, all or none; False when one is not to be had.

        One is free that is queued and nobody's, or whose claim was made before `lapsed`. The first, for which the
        message came, is moreover taken only when it is due again where it was tried before: those that were tried
        together are not tried once for each of their messages.
        """
        actions = [NoticeItem.claimed_at.set(iso(now)), NoticeItem.attempts.add(1)]
        conditions = [_first_free(now, lapsed), *[_free(lapsed)] * (len(notices) - 1)]
        if len(notices) == 1:
            return _updated(_item(partner, account, notices[0].id), actions, conditions[0])
        transaction = Transaction()
        for notice, free in zip(notices, conditions, strict=True):
            transaction.update(_item(partner, account, notice.id), actions, free, _GONE)
        try:
            transaction.commit()
        except Conflict:
            return False
        return True

    def finish(
        self,
        partner: str,
        account: str,
        notices: Sequence[Notice],
        *,
        state: str,
        at: datetime,
        mail: str | None,
        failed: str | None = None,
    ) -> None:
        """Record what became of notices, by which mail; the account is due at once, for decisions may wait for it.

        `failed` are the contacts that none could be given to. What was asked of a person is done.
        """
        actions = [NoticeItem.state.set(state), NoticeItem.claimed_at.remove()]
        actions += [NoticeItem.due_lane.remove(), NoticeItem.due_at.remove()]
        if state == "sent":
            actions.append(NoticeItem.sent_at.set(iso(at)))
        if mail:
            actions.append(NoticeItem.mail.set(mail))
        if failed:
            actions.append(NoticeItem.failed.set(failed))
        head = keys.head(partner, account)
        due = due_now(head, at)
        transaction = Transaction()
        for notice in notices:
            transaction.update(_item(partner, account, notice.id), actions, NoticeItem.state == "queued", _GONE)
            if notice.failed and state == "sent":
                task = _task(partner, account, notice.id)
                transaction.delete(ParkedItem(task.pk, task.sk))
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

    def advance(
        self, partner: str, account: str, notice: Notice, *, state: str, at: datetime, failed: str | None = None
    ) -> bool:
        """Record what mail tells later; the account is due at once. False when the notice has changed since."""
        actions = [NoticeItem.state.set(state), *([NoticeItem.failed.set(failed)] if failed else [])]
        return _told(partner, account, notice, actions, at)

    def send_again(self, partner: str, account: str, notice: Notice, *, at: datetime, second: bool = True) -> bool:
        """Queue a notice that bounced for the second contact (or a new first one); it counts from when it is sent."""
        key = keys.notice(partner, account, notice.id)
        actions = [
            NoticeItem.state.set("queued"),
            NoticeItem.contact.set(2) if second else NoticeItem.contact.remove(),
            NoticeItem.attempts.set(0),
            NoticeItem.sent_at.remove(),
            NoticeItem.due_lane.set(keys.due_lane("account", key)),
            NoticeItem.due_at.set(iso(at + DELIVERY_GRACE)),
        ]
        return _told(partner, account, notice, actions, at)

    def ask_person(self, partner: str, account: str, notice: str, reason: str, now: datetime) -> bool:
        """Leave a task for a person, once a notice; True when it is new."""
        key = _task(partner, account, notice)
        with unavailable_is_transient():
            return parking.park(key, reason=reason, body={"account": account, "notice": notice}, at=now)


def _task(partner: str, account: str, notice: str) -> keys.Key:
    return keys.parked(partner, "notice", f"{account}#{notice}")


def _free(lapsed: datetime) -> Any:
    unclaimed = NoticeItem.claimed_at.does_not_exist() | (NoticeItem.claimed_at <= iso(lapsed))
    return (NoticeItem.state == "queued") & unclaimed


def _first_free(now: datetime, lapsed: datetime) -> Any:
    due = (NoticeItem.attempts == 0) | NoticeItem.claimed_at.exists() | (NoticeItem.due_at <= iso(now))
    return _free(lapsed) & due


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
