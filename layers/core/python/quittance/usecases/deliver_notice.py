"""Deliver an account's notices by mail, each once, those that wait at the same time in one mail.

A delivery claims all of them first and records them as sent right after the mail was taken; only a crash between the
two lets a later one send the same mail again, with the same identity. While mail is down the notice waits in the due
index and the hourly sweep brings it back: its full days count from when it was really sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from quittance.domain.access import backoff
from quittance.domain.account import AccountFile, Notice, Profile
from quittance.domain.errors import Conflict, Poison, Rejected, Transient
from quittance.domain.outlook import Outlook, outlook, speaks
from quittance.domain.partner import Partner
from quittance.usecases.messages import DeliverNotice

# Longer than the function may run, so that a claim that lapsed belongs to nobody.
CLAIM = timedelta(minutes=5)
# What one transaction can hold, with room to spare.
_MOST = 20
# The gravest notice of a mail gives it its subject; kinds of a partner's own stand with the reminder.
_GRAVEST = ("suspended", "final", "", "upcoming")


class Outcome(StrEnum):
    """What came of a message."""

    SENT = "sent"
    NOTHING = "nothing"
    WITHDRAWN = "withdrawn"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail with all it says: from whom, to whom, about what; `id` is the same however often it is sent.

    `notices` are all it gives, the gravest first.
    """

    id: str
    partner: Partner
    profile: Profile
    notices: tuple[Notice, ...]
    outlook: Outlook
    at: datetime

    @property
    def kind(self) -> str:
        """The kind of the gravest notice."""
        return self.notices[0].kind

    @property
    def about(self) -> str:
        """The names of all its notices."""
        return ", ".join(one.id for one in self.notices)


class Notices(Protocol):
    """Keeps how the delivery of notices goes."""

    def claim(self, partner: str, account: str, notices: Sequence[Notice], *, now: datetime, lapsed: datetime) -> bool:
        """Take queued notices, all or none, for one delivery.

        False when one is sent, somebody else's, or (the first) is not to be tried again yet.
        """
        ...

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
        """Record what became of notices; Conflict when one of them was not queued any more."""
        ...

    def postpone(self, partner: str, account: str, notice: str, until: datetime) -> None:
        """Let the sweep bring the notice again."""
        ...

    def ask_person(self, partner: str, account: str, notice: str, reason: str, now: datetime) -> bool:
        """Leave a task for a person."""
        ...


class Accounts(Protocol):
    """Reads account files."""

    def load(self, partner: str, account: str) -> AccountFile:
        """Return the account's facts of one moment."""
        ...


class Partners(Protocol):
    """Finds who a partner is."""

    def __call__(self, partner: str) -> Partner:
        """Return it; NotFound before it was put."""
        ...


class Mailer(Protocol):
    """Sends letters."""

    def send(self, letter: Letter) -> None:
        """Return when the mail was taken; Transient while mail is down, Rejected when it takes this one never."""
        ...


def deliver_notice(
    message: DeliverNotice,
    *,
    notices: Notices,
    accounts: Accounts,
    partners: Partners,
    mailer: Mailer,
    now: datetime,
) -> Outcome:
    """Send a queued notice, with what else waits for the same reader, and record when.

    What has no reason any more is withdrawn, what nobody takes is a person's.
    """
    where = (message.partner, message.account)
    file = accounts.load(*where)
    taken = _take(file, message.notice, notices, now)
    if not taken:
        return Outcome.NOTHING
    telling = sorted((one for one in taken if speaks(file, one, now)), key=_gravity)
    gone = [one for one in taken if one not in telling]
    outcome = _finish(notices, where, gone, Outcome.WITHDRAWN, now) if gone else Outcome.NOTHING
    told = outlook(file, telling, now)
    if told is None:
        return outcome
    try:
        letter = Letter(
            id=f"{telling[0].id}.{message.account}.{message.partner}",
            partner=partners(message.partner),
            profile=_reached(paying(file, accounts), telling[0]),
            notices=tuple(telling),
            outlook=told,
            at=now,
        )
        mailer.send(letter)
    except Transient:
        again = now + backoff(1 + max(one.tries for one in telling))
        for one in telling:
            notices.postpone(*where, one.id, again)
        return Outcome.LATER
    except (Rejected, Poison) as problem:
        for one in telling:
            notices.ask_person(*where, one.id, problem.message, now)
        return _finish(notices, where, telling, Outcome.REFUSED, now, failed=file.profile.contacts)
    return _finish(notices, where, telling, Outcome.SENT, now, letter.id)


def _take(file: AccountFile, named: str, notices: Notices, now: datetime) -> list[Notice]:
    """Claim the named notice with all that wait beside it; it alone where somebody has one of those already."""
    waiting = [one for one in file.notices if one.state == "queued"]
    first = next((one for one in waiting if one.id == named), None)
    if first is None:
        return []
    beside = [one for one in waiting if one is not first and one.second == first.second]
    for group in ([first, *beside[: _MOST - 1]], [first]):
        if notices.claim(file.partner, file.profile.id, group, now=now, lapsed=now - CLAIM):
            return group
        if not beside:
            break
    return []


def _gravity(notice: Notice) -> tuple[int, str]:
    """Return the order of notices in a mail, the same however often it is sent."""
    kind = notice.kind if notice.kind in _GRAVEST else ""
    return _GRAVEST.index(kind), notice.id


def paying(file: AccountFile, accounts: Accounts) -> Profile:
    """Return who the account is, with the addresses and the language of the account that pays for it."""
    if file.profile.parent is None:
        return file.profile
    payer = accounts.load(file.partner, file.profile.parent).profile
    return replace(file.profile, email=payer.email, second_email=payer.second_email, locale=payer.locale)


def _reached(profile: Profile, notice: Notice) -> Profile:
    """Return the profile with the address this notice goes to."""
    return replace(profile, email=profile.second_email) if notice.second and profile.second_email else profile


_STATES = {Outcome.SENT: "sent", Outcome.WITHDRAWN: "withdrawn", Outcome.REFUSED: "bounced"}


def _finish(
    notices: Notices,
    where: tuple[str, str],
    done: Sequence[Notice],
    outcome: Outcome,
    now: datetime,
    mail: str | None = None,
    failed: str | None = None,
) -> Outcome:
    """Record an outcome of all; where one was recorded by somebody else meanwhile, of each of the others."""
    recorded: dict[str, Any] = {"state": _STATES[outcome], "at": _whole_second(now), "mail": mail, "failed": failed}
    try:
        notices.finish(*where, done, **recorded)
    except Conflict:
        return _finish_each(notices, where, done, outcome, recorded)
    return outcome


def _finish_each(
    notices: Notices, where: tuple[str, str], done: Sequence[Notice], outcome: Outcome, recorded: dict[str, Any]
) -> Outcome:
    found = Outcome.NOTHING
    for one in done if len(done) > 1 else ():
        with suppress(Conflict):
            notices.finish(*where, [one], **recorded)
            found = outcome
    return found


def _whole_second(moment: datetime) -> datetime:
    """Round up, so that the full days that follow are never a fraction short."""
    up = timedelta(seconds=1) if moment.microsecond else timedelta(0)
    return moment.replace(microsecond=0) + up
