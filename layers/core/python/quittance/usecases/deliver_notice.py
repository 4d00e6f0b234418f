"""Deliver a notice by mail, once.

A delivery claims the notice first and records it as sent right after the mail was taken; only a crash between the two
lets a later one send the same mail again, with the same identity. While mail is down the notice waits in the due
index and the hourly sweep brings it back: its full days count from when it was really sent.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from quittance.domain.access import backoff
from quittance.domain.account import AccountFile, Notice, Profile
from quittance.domain.errors import Conflict, Poison, Rejected, Transient
from quittance.domain.outlook import Outlook, outlook
from quittance.domain.partner import Partner
from quittance.usecases.messages import DeliverNotice

# Longer than the function may run, so that a claim that lapsed belongs to nobody.
CLAIM = timedelta(minutes=5)


class Outcome(StrEnum):
    """What came of a message."""

    SENT = "sent"
    NOTHING = "nothing"
    WITHDRAWN = "withdrawn"
    LATER = "later"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A notice with all a mail says: from whom, to whom, about what; `id` is the same however often it is sent."""

    id: str
    partner: Partner
    profile: Profile
    notice: Notice
    outlook: Outlook
    at: datetime


class Notices(Protocol):
    """Keeps how the delivery of notices goes."""

    def claim(
        self, partner: str, account: str, notice: str, *, now: datetime, lapsed: datetime
    ) -> tuple[Notice, int] | None:
        """Take a queued notice for one delivery; None when it is sent or somebody else's."""
        ...

    def finish(self, partner: str, account: str, notice: str, *, state: str, at: datetime) -> None:
        """Record what became of a notice; Conflict when it was not queued any more."""
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
    """Send a queued notice and record when; one whose reason is gone is withdrawn, one nobody takes is a person's."""
    where = (message.partner, message.account, message.notice)
    claimed = notices.claim(*where, now=now, lapsed=now - CLAIM)
    if claimed is None:
        return Outcome.NOTHING
    notice, attempt = claimed
    try:
        file = accounts.load(message.partner, message.account)
        told = outlook(file, notice, now)
        if told is None:
            return _finish(notices, where, Outcome.WITHDRAWN, now)
        mailer.send(
            Letter(
                id=f"{notice.id}.{message.account}.{message.partner}",
                partner=partners(message.partner),
                profile=_reached(paying(file, accounts), notice),
                notice=notice,
                outlook=told,
                at=now,
            )
        )
    except Transient:
        notices.postpone(*where, now + backoff(attempt))
        return Outcome.LATER
    except (Rejected, Poison) as problem:
        notices.ask_person(*where, problem.message, now)
        return _finish(notices, where, Outcome.REFUSED, now)
    return _finish(notices, where, Outcome.SENT, now)


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


def _finish(notices: Notices, where: tuple[str, str, str], outcome: Outcome, now: datetime) -> Outcome:
    try:
        notices.finish(*where, state=_STATES[outcome], at=_whole_second(now))
    except Conflict:
        return Outcome.NOTHING
    return outcome


def _whole_second(moment: datetime) -> datetime:
    """Round up, so that the full days that follow are never a fraction short."""
    up = timedelta(seconds=1) if moment.microsecond else timedelta(0)
    return moment.replace(microsecond=0) + up
