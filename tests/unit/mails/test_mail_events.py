"""What became of a notice's mail: given, given to somebody else, or a person's task."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from infra.local.providers import mail_events
from quittance.adapters.mail_events import as_messages
from quittance.domain.account import AccountFile, Notice
from quittance.usecases.deliver_notice import paying
from quittance.usecases.messages import MailTold
from quittance.usecases.note_mail import Noted, note_mail
from tests.unit.collections.books import book, given, invoice, utc

NOW = utc("2026-11-23T08:00")
FIRST, SECOND = "billing@contoso.example", "finance@contoso.example"
HEADERS = {"X-Quittance-Partner": "acme", "X-Quittance-Account": "contoso", "X-Quittance-About": "I1.0.final"}


class Notices:
    """One notice, as it is kept."""

    def __init__(self, notice: Notice, second: str | None) -> None:
        self.notice, self.second = notice, second
        self.tasks: list[str] = []

    def load(self, partner: str, account: str) -> AccountFile:
        return book(invoice("I1", "2026-11-08"), notices=(self.notice,), profile={"second_email": self.second})

    def advance(
        self, partner: str, account: str, notice: Notice, *, state: Any, at: Any, failed: str | None = None
    ) -> bool:
        self.notice = replace(self.notice, state=state, failed=failed)
        return True

    def send_again(self, partner: str, account: str, notice: Notice, *, at: Any) -> bool:
        self.notice = replace(self.notice, state="queued", sent_at=None, second=True)
        return True

    def ask_person(self, partner: str, account: str, notice: str, reason: str, now: Any) -> bool:
        self.tasks.append(notice)
        return True


def told(event: str, recipient: str = FIRST, notice: str = "I1.0.final") -> MailTold:
    return MailTold(partner="acme", account="contoso", notice=notice, event=event, recipient=recipient)


def note(notices: Notices, message: MailTold) -> Noted:
    return note_mail(message, notices=notices, accounts=notices, now=NOW)


def final(**changes: Any) -> Notice:
    return replace(given("final", "2026-11-22T00:00", "I1"), **changes)


@pytest.mark.parametrize(
    ("notice", "second", "message", "outcome", "state", "is_given", "tasks"),
    [
        (final(), None, told("delivered"), Noted.DELIVERED, "delivered", True, 0),
        (final(state="delivered"), None, told("delivered"), Noted.NOTHING, "delivered", True, 0),
        (final(), None, told("bounced"), Noted.PERSON, "bounced", False, 1),
        (final(), SECOND, told("bounced"), Noted.SECOND, "queued", False, 0),
        (final(second=True), SECOND, told("bounced"), Noted.NOTHING, "sent", True, 0),  # the first one's, told twice
        (final(second=True), SECOND, told("bounced", SECOND), Noted.PERSON, "bounced", False, 1),
        (final(second=True), SECOND, told("delivered", SECOND.upper()), Noted.DELIVERED, "delivered", True, 0),
        (final(), SECOND, told("complained"), Noted.PERSON, "complained", False, 1),
        (final(state="queued", sent_at=None), None, told("bounced"), Noted.NOTHING, "queued", False, 0),
        (final(), None, told("bounced", notice="I9.0.final"), Noted.NOTHING, "sent", True, 0),
        (final(), None, told(""), Noted.NOTHING, "sent", True, 0),
    ],
)
def test_what_follows_from_an_event(notice, second, message, outcome, state, is_given, tasks):
    notices = Notices(notice, second)
    assert note(notices, message) == outcome
    assert (notices.notice.state, notices.notice.given_at is not None, len(notices.tasks)) == (state, is_given, tasks)


def body(of: Any) -> Any:
    (record,) = as_messages({"Records": [{"messageId": "1", "body": of}]})["Records"]
    return json.loads(record["body"]) if record["body"].startswith("{") else record["body"]


def test_an_event_of_ses_names_its_notice_by_the_mails_headers():
    event = mail_events.event("bounce@simulator.amazonses.com", HEADERS)
    assert body(event) == {
        "type": "mail",
        "partner": "acme",
        "account": "contoso",
        "notice": "I1.0.final",
        "event": "bounced",
        "recipient": "bounce@simulator.amazonses.com",
    }


def test_other_mails_and_other_messages_pass():
    assert body(mail_events.event("complaint@simulator.amazonses.com", {}))["notice"] == ""
    for other in ('{"type":"deliver"}', "not json", '{"source":"aws.ses","detail":{}}', "[]"):
        (record,) = as_messages({"Records": [{"messageId": "1", "body": other}]})["Records"]
        assert record["body"] == other
    assert mail_events.event("billing@contoso.example", HEADERS) is None


class Family(Notices):
    """One notice about the debt of an account that another pays for."""

    def load(self, partner: str, account: str) -> AccountFile:
        if account == "group":
            return book(profile={"id": "group", "email": "treasury@group.example", "second_email": self.second})
        child = super().load(partner, account)
        return replace(child, profile=replace(child.profile, parent="group", second_email=None))


def test_a_notice_about_a_childs_debt_is_for_who_pays():
    notices = Family(final(), SECOND)
    child = notices.load("acme", "contoso")
    assert (paying(child, notices).name, paying(child, notices).email) == ("Contoso AG", "treasury@group.example")
    assert note(notices, told("bounced")) is Noted.NOTHING  # the child's own address, which it never went to
    assert note(notices, told("bounced", "treasury@group.example")) is Noted.SECOND
