"""Notices on their way: once, late while mail is down, never when their reason is gone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from infra.local.providers import mail_events
from quittance.runtime import compose, mailing
from quittance.store.accounts import AccountStore
from quittance.store.notices import NoticeStore
from quittance.store.partners import publish_policy
from quittance.store.policies import PolicyStore
from tests.functional.collections.world import World
from tests.unit.collections.books import STANDARD


class Mail:
    """SES as it may answer; what it took is kept."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.problem: Exception | None = None

    def send_email(self, **request: Any) -> dict[str, str]:
        if self.problem:
            raise self.problem
        self.taken.append(request["Content"]["Raw"]["Data"])
        return {"MessageId": str(len(self.taken))}


@pytest.fixture
def mail(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mail]:
    found, real = Mail(), compose.client
    monkeypatch.setattr(compose, "client", lambda name: found if name == "sesv2" else real(name))
    mailing.mailer.cache_clear()
    world.open_book({**STANDARD, "stages": [*STANDARD["stages"][:2], {**STANDARD["stages"][2], "when": {"days": 16}}]})
    world.owe("I1", "2026-11-08")
    world.drain()
    yield found
    monkeypatch.undo()
    mailing.mailer.cache_clear()


def throttled() -> ClientError:
    return ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "slow down"}}, "SendEmail")


@pytest.mark.parametrize("problem", [throttled(), ConnectTimeoutError(endpoint_url="https://email")])
def test_while_mail_is_down_the_notice_waits_and_its_days_with_it(world: World, mail: Mail, problem: Exception) -> None:
    world.pass_time("2026-11-21T22:00:00Z")
    mail.problem = problem
    world.pass_time("2026-11-24T09:30:00Z")  # the final notice is due since the 22nd, access might go on the 24th
    assert world.notices()["I1.0.final"].state == "queued"
    assert int(world.notices()["I1.0.final"].attempts) > 24
    mail.problem = None
    world.pass_time("2026-11-24T11:00:00Z")
    final = world.notices()["I1.0.final"]
    assert (final.state, final.due_lane, final.claimed_at) == ("sent", None, None)
    assert final.sent_at == "2026-11-24T10:00:00Z"
    world.pass_time("2026-12-01T09:59:00Z")
    assert world.seat().desired == "active"
    world.pass_time("2026-12-01T10:00:00Z")
    assert world.seat().desired == "suspended"


def test_a_copy_of_the_message_sends_nothing(world: World, mail: Mail) -> None:
    world.pass_time("2026-11-09T01:00:00Z")
    body = {"type": "deliver", "partner": "acme", "account": "contoso", "notice": "I1.0.reminder"}
    before = world.items()
    for _ in range(3):
        world.send(body, "NOTICES")
    world.drain()
    assert (len(mail.taken), world.items()) == (1, before)


def test_a_notice_whose_reason_is_gone_is_withdrawn_and_can_come_again(world: World, mail: Mail) -> None:
    mail.problem = throttled()
    world.pass_time("2026-11-09T00:30:00Z")
    world.pay("I1", 29744)
    world.drain()
    mail.problem = None
    world.pass_time("2026-11-09T02:00:00Z")
    assert (world.notices()["I1.0.reminder"].state, mail.taken) == ("withdrawn", [])
    # When the payment turns out not to have settled it (the same opening, say a dispute that was rejected)
    world.owe("I1", "2026-11-08")
    world.pass_time("2026-11-09T03:00:00Z")
    assert (world.notices()["I1.0.reminder"].state, len(mail.taken)) == ("sent", 1)


def test_an_address_that_is_refused_is_a_task_and_counts_as_not_given(world: World, mail: Mail) -> None:
    mail.problem = ClientError({"Error": {"Code": "MessageRejected", "Message": "no"}}, "SendEmail")
    world.pass_time("2027-01-15T12:00:00Z")
    assert {one.state for one in world.notices().values()} == {"bounced"}
    assert world.kinds("PARKED#notice#") == [
        "PARKED#notice#contoso#I1.0.final",
        "PARKED#notice#contoso#I1.0.reminder",
    ]
    assert (world.head().stage, world.seat().desired) == ("suspended", "active")


def test_a_new_address_gets_the_notice_and_the_task_is_done(world: World, mail: Mail) -> None:
    mail.problem = ClientError({"Error": {"Code": "MessageRejected", "Message": "no"}}, "SendEmail")
    world.pass_time("2026-11-09T12:00:00Z")
    assert world.kinds("PARKED#notice#") == ["PARKED#notice#contoso#I1.0.reminder"]
    mail.problem = None
    world.pass_time("2026-11-10T12:00:00Z")  # nothing has changed: nobody is written to again
    assert mail.taken == []
    world.change_account("contoso", email="accounting@contoso.example")
    world.drain()
    (one,) = mail.taken
    assert message_from_bytes(one, policy=default)["To"] == "accounting@contoso.example"
    assert (world.notices()["I1.0.reminder"].state, world.kinds("PARKED#notice#")) == ("sent", [])


def test_a_message_that_is_lost_is_made_up_for_by_the_sweep(world: World, mail: Mail) -> None:
    world.at("2026-11-09T00:00:00Z")
    world.send({"type": "assess", "partner": "acme", "account": "contoso", "cause": "test"}, "ARREARS")
    world._work("ARREARS")
    world._seen = world.items()  # the relay's message is lost
    world.drain()
    assert mail.taken == []
    world.pass_time("2026-11-09T01:00:00Z")
    assert (len(mail.taken), world.notices()["I1.0.reminder"].state) == (1, "sent")


# -- several at the same time ------------------------------------------------------------------------------------------

TWO = {**STANDARD, "upcoming": {"days": 5}, "stages": [{"name": "late", "when": {"days": 1}, "do": [
    {"notice": "reminder"}, {"notice": "second_reminder"}]}, *STANDARD["stages"][1:]]}  # fmt: skip


@pytest.fixture
def crowded(world: World, mail: Mail) -> World:
    """On 2026-11-09 an invoice is late, of which two kinds tell, and another will be due on the 14th."""
    publish_policy("acme", "standard", 2, TWO, world.now)
    world.at("2026-11-08T23:00:00Z")
    world.owe("I1", "2026-11-08", policy_version=2)
    world.owe("I2", "2026-11-14", 10000, policy_version=2)
    return world


def test_what_is_due_at_the_same_time_is_one_mail_and_each_notice_is_recorded(crowded: World, mail: Mail) -> None:
    crowded.pass_time("2026-11-08T23:30:00Z")
    (one,) = mail.taken
    text = message_from_bytes(one, policy=default)
    assert text["Subject"] == "Payment reminder: 297.44 EUR is overdue for Contoso AG"
    body = text.get_body(("plain",)).get_content()
    assert [name in body for name in ("ACME-I1", "ACME-I2", "DUE SOON")] == [True] * 3
    notices = crowded.notices()
    assert sorted(notices) == ["I1.0.reminder", "I1.0.second_reminder", "I2.0.upcoming"]
    assert {(n.state, n.sent_at, n.mail) for n in notices.values()} == {
        ("sent", "2026-11-08T23:00:00Z", "I1.0.reminder.contoso.acme")
    }


def test_a_group_is_tried_once_for_all_of_its_messages(crowded: World, mail: Mail) -> None:
    mail.problem = throttled()
    crowded.pass_time("2026-11-08T23:30:00Z")
    assert [int(one.attempts) for one in crowded.notices().values()] == [1, 1, 1]
    mail.problem = None
    crowded.pass_time("2026-11-09T02:00:00Z")
    assert len(mail.taken) == 1


def test_a_mail_that_bounced_gave_none_of_its_notices(crowded: World, mail: Mail) -> None:
    crowded.pass_time("2026-11-08T23:30:00Z")
    headers = message_from_bytes(mail.taken[0], policy=default)
    told = mail_events.event("bounce@simulator.amazonses.com", dict(headers.items()))
    assert told
    event = json.loads(told)
    event["detail"]["mail"]["destination"] = ["billing@contoso.example"]
    for _ in range(2):
        crowded.call("notification_delivery", {"Records": [{"messageId": "1", "body": json.dumps(event)}]})
    assert {one.state for one in crowded.notices().values()} == {"bounced"}
    assert len(crowded.kinds("PARKED#notice#")) == 3


def test_one_that_is_paid_meanwhile_is_withdrawn_and_the_rest_is_sent(crowded: World, mail: Mail) -> None:
    mail.problem = throttled()
    crowded.pass_time("2026-11-08T23:30:00Z")
    crowded.pay("I1", 29744)
    mail.problem = None
    crowded.pass_time("2026-11-09T01:30:00Z")
    states = {name: one.state for name, one in crowded.notices().items()}
    assert states == {"I1.0.reminder": "withdrawn", "I1.0.second_reminder": "withdrawn", "I2.0.upcoming": "sent"}
    assert len(mail.taken) == 1


def test_when_one_of_a_group_is_being_delivered_another_waits_for_nobody(crowded: World, mail: Mail) -> None:
    crowded.at("2026-11-08T23:00:00Z")
    crowded.send({"type": "assess", "partner": "acme", "account": "contoso", "cause": "test"}, "ARREARS")
    crowded._work("ARREARS")
    file = AccountStore(PolicyStore()).load("acme", "contoso")
    first = next(one for one in file.notices if one.id == "I1.0.reminder")
    assert NoticeStore().claim("acme", "contoso", [first], now=crowded.now, lapsed=crowded.now)
    crowded.drain()
    sent = {name for name, one in crowded.notices().items() if one.state == "sent"}
    assert sent == {"I1.0.second_reminder", "I2.0.upcoming"}
