"""Notices without mail: the use case of the real function, between notices in memory and mail that may fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from infra.local.providers import mail_events
from infra.local.simulate.state import AccountState
from quittance.domain.account import AccountFile, Notice
from quittance.domain.errors import Transient
from quittance.domain.partner import Partner
from quittance.usecases.deliver_notice import Letter, deliver_notice
from quittance.usecases.messages import DeliverNotice, MailTold
from quittance.usecases.note_mail import note_mail

_EVENTS = {"Bounce": "bounced", "Complaint": "complained", "Delivery": "delivered"}


class Post:
    """Delivers the notices of all accounts."""

    def __init__(self, partner: Partner, accounts: Mapping[str, AccountState]) -> None:
        self._partner = partner
        self._accounts = accounts
        self._down_until: datetime | None = None

    def fault(self, until: datetime) -> None:
        """Take no mail until a moment."""
        self._down_until = until

    def follow(self, state: AccountState, now: datetime) -> None:
        """Deliver what is newly queued; what was tried already waits for a sweep."""
        while new := [one for one in state.file.notices if one.state == "queued" and one.id not in state.posted]:
            for notice in new:
                self._deliver(state, notice, now)

    def retry(self, state: AccountState, now: datetime) -> bool:
        """Try again what is due; tell whether there was anything."""
        due = [one for one in state.file.notices if one.id in state.posted and state.posted[one.id][1] <= now]
        for notice in due:
            self._deliver(state, notice, now)
        return bool(due)

    def dues(self, state: AccountState) -> Iterator[datetime]:
        """Yield when something is tried again."""
        return (due for _, due in state.posted.values())

    def _deliver(self, state: AccountState, notice: Notice, now: datetime) -> None:
        message = DeliverNotice(partner=self._partner.id, account=state.file.profile.id, notice=notice.id)
        notices = _Notices(state, self._accounts)
        mailer = _Mailer(down=self._down_until is not None and now < self._down_until)
        deliver_notice(
            message, notices=notices, accounts=notices, partners=lambda _: self._partner, mailer=mailer, now=now
        )
        for letter in mailer.sent:
            event = _EVENTS.get(mail_events.OUTCOMES.get(letter.profile.email, ""))
            if event:
                names = {
                    "partner": message.partner,
                    "account": message.account,
                    "notice": letter.about,
                }
                told = MailTold(event=event, recipient=letter.profile.email, **names)
                note_mail(told, notices=notices, accounts=notices, now=now)


class _Notices:
    """The notices of one account, and the files of all."""

    def __init__(self, state: AccountState, accounts: Mapping[str, AccountState]) -> None:
        self._state = state
        self._accounts = accounts

    def load(self, partner: str, account: str) -> AccountFile:
        return self._accounts[account].file

    def claim(self, partner: str, account: str, notices: Sequence[Notice], *, now: datetime, lapsed: datetime) -> bool:
        tried, due = self._state.posted.get(notices[0].id, (0, now))
        queued = {one.id for one in self._state.file.notices if one.state == "queued"}
        if (tried and due > now) or not queued.issuperset(one.id for one in notices):
            return False
        for notice in notices:
            self._state.posted[notice.id] = (notice.tries + 1, now)
            self._change(notice.id, tries=notice.tries + 1)
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
        for notice in notices:
            self._state.posted.pop(notice.id, None)
            self._change(notice.id, state=state, sent_at=at if state == "sent" else None, mail=mail)

    def postpone(self, partner: str, account: str, notice: str, until: datetime) -> None:
        self._state.posted[notice] = (self._state.posted[notice][0], until)

    def ask_person(self, partner: str, account: str, notice: str, reason: str, now: datetime) -> bool:
        return False

    def advance(
        self, partner: str, account: str, notice: Notice, *, state: str, at: datetime, failed: str | None = None
    ) -> bool:
        self._change(notice.id, state=state)
        return True

    def send_again(self, partner: str, account: str, notice: Notice, *, at: datetime) -> bool:
        self._change(notice.id, state="queued", sent_at=None, second=True, tries=0)
        return True

    def _change(self, notice: str, **changes: Any) -> None:
        changed = tuple(replace(one, **changes) if one.id == notice else one for one in self._state.file.notices)
        self._state.file = replace(self._state.file, notices=changed)


class _Mailer:
    """Takes every mail, or none."""

    def __init__(self, *, down: bool) -> None:
        self._down = down
        self.sent: list[Letter] = []

    def send(self, letter: Letter) -> None:
        if self._down:
            raise Transient("mail is down")
        self.sent.append(letter)
