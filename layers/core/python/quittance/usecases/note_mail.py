"""What became of a notice's mail: delivered, bounced, complained about.

A notice that bounced was not given. Where the account has a second contact the notice goes out again, to that one, and
its full days count from then; otherwise, and where the second bounces too, a person has to find the customer.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Protocol

from quittance.domain.account import AccountFile, Notice, Profile
from quittance.usecases.deliver_notice import paying
from quittance.usecases.messages import MailTold


class Noted(StrEnum):
    """What came of an event."""

    NOTHING = "nothing"
    DELIVERED = "delivered"
    SECOND = "second"
    PERSON = "person"


class Notices(Protocol):
    """Keeps how the delivery of notices goes (store.notices)."""

    def advance(
        self, partner: str, account: str, notice: Notice, *, state: str, at: datetime, failed: str | None = None
    ) -> bool:
        """Record a new state of a notice, and the contacts that failed; False when it is not as it was read."""
        ...

    def send_again(self, partner: str, account: str, notice: Notice, *, at: datetime) -> bool:
        """Queue a notice for the second contact; False when it has changed since."""
        ...

    def ask_person(self, partner: str, account: str, notice: str, reason: str, now: datetime) -> bool:
        """Leave a task for a person."""
        ...


class Accounts(Protocol):
    """Reads account files."""

    def load(self, partner: str, account: str) -> AccountFile:
        """Return the account's facts of one moment."""
        ...


def note_mail(message: MailTold, *, notices: Notices, accounts: Accounts, now: datetime) -> Noted:
    """Record what became of a mail; an event that comes twice, late or about another address changes nothing.

    A mail may have given several notices; what happened to it happened to each of them.
    """
    if not (message.partner and message.account and message.notice and message.event):
        return Noted.NOTHING
    file = accounts.load(message.partner, message.account)
    profile = paying(file, accounts)
    named = frozenset(message.notice.replace(",", " ").split())
    noted = [_note(message, file, profile, one, notices, now) for one in file.notices if one.id in named]
    return max(noted, key=list(Noted).index, default=Noted.NOTHING)


def _note(
    message: MailTold, file: AccountFile, profile: Profile, notice: Notice, notices: Notices, now: datetime
) -> Noted:
    if notice.state not in ("sent", "delivered") or not _is_for(message, profile, notice):
        return Noted.NOTHING
    where = (message.partner, message.account)
    if message.event == "delivered":
        moved = notice.state == "sent" and notices.advance(*where, notice, state="delivered", at=now)
        return Noted.DELIVERED if moved else Noted.NOTHING
    if message.event == "bounced" and not notice.second and profile.second_email:
        return Noted.SECOND if notices.send_again(*where, notice, at=now) else Noted.NOTHING
    # The task comes first: of a notice that is bounced already no later try would leave one.
    reason = f"notice {notice.id} {message.event}: find another way to reach the customer"
    notices.ask_person(*where, notice.id, reason, now)
    noted = notices.advance(*where, notice, state=message.event, at=now, failed=file.profile.contacts)
    return Noted.PERSON if noted else Noted.NOTHING


def _is_for(message: MailTold, profile: Profile, notice: Notice) -> bool:
    """Tell whether the event is about the address the notice went to last: a late one may be about the first."""
    expected = profile.second_email if notice.second else profile.email
    return expected is not None and expected.lower() == message.recipient.lower()
