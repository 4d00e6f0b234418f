"""The late payer through the real handlers: reminder, final notice, suspension after full days, access back at once."""

from __future__ import annotations

import email
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from quittance.store.packed import unpack
from tests.functional.collections.world import REGION, World


def mails() -> list[Any]:
    sent = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return [email.message_from_string(one.raw_data) for one in sent]


@pytest.fixture
def late(world: World) -> World:
    world.open_book()
    world.owe("I1", "2026-11-08")
    world.drain()
    return world


def test_from_the_due_date_to_access_restored(late: World) -> None:
    late.pass_time("2026-11-08T22:00:00Z")
    assert late.head().stage == "clear"
    late.pass_time("2026-11-08T23:00:00Z")
    assert late.head().stage == "reminder"
    late.pass_time("2026-11-22T12:00:00Z")
    assert {n.notice: n.state for n in late.notices().values()} == {"I1.0.reminder": "sent", "I1.0.final": "sent"}
    late.pass_time("2026-12-08T07:59:00Z")
    assert (late.head().stage, late.seat().desired) == ("suspended", "active")
    late.pass_time("2026-12-08T08:00:00Z")
    assert (late.seat().desired, late.seat().actual) == ("suspended", "suspended")
    assert (late.at_vendor()["status"], late.at_vendor()["auto_renew"]) == ("suspended", False)
    late.at("2026-12-20T21:00:00Z")
    late.pay("I1")
    late.drain()
    assert (late.head().stage, late.seat().desired, late.seat().actual) == ("clear", "active", "active")
    assert (late.at_vendor()["status"], late.at_vendor()["auto_renew"]) == ("active", True)
    assert late.due("access") == []
    assert late.due("account") == []
    assert late.head().open.as_dict() == {}
    decisions = late.kinds("DEC#")
    assert len(decisions) == 5  # reminder, final, stage suspended, access away, access back


def test_the_decision_to_suspend_says_what_it_rests_on(late: World) -> None:
    late.pass_time("2026-12-08T08:00:00Z")
    items = late.items()
    last = items["P#acme#A#contoso", late.kinds("DEC#")[-1]]
    body = unpack(bytes(last["body"]["B"]))
    assert body["policy"] == {"name": "standard", "version": 1}
    assert (body["overdue"], body["days"]) == ("297.44", 30)
    assert body["relied"] == [
        {"id": "I1.0.final", "kind": "final", "given_at": "2026-11-21T23:00:00+00:00"},
    ]
    assert body["access"] == [
        {
            "subscription": "sub-1",
            "wanted": "suspended",
            "reasons": ["nonpayment"],
            "added": ["nonpayment"],
            "generation": 1,
        }
    ]
    assert body["standing"] == {"promises": [], "pause": None, "holds": [], "disputed": {}}


def test_mails_name_the_invoice_and_what_happens_next(late: World) -> None:
    late.pass_time("2026-11-22T12:00:00Z")
    reminder, final = mails()
    for mail in (reminder, final):
        text = mail.get_payload(0).get_payload(decode=True).decode()
        assert "ACME-I1" in text
        assert "297.44" in text
        assert mail["To"] == "billing@contoso.example"
        assert mail["Reply-To"] == "billing@acme.example"
    assert final["X-Quittance-Notice"] == "I1.0.final.contoso.acme"
    words = final.get_payload(0).get_payload(decode=True).decode().replace("\xa0", " ")
    assert "7 December 2026" in words  # pay by
    assert "8 December 2026" in words  # access goes
    assert "https://pay.acme.example/public/acme/collections" in words


def test_twenty_days_without_a_sweep(late: World) -> None:
    # Given the sweep is down from the first day to day 34
    late.at("2026-12-12T05:00:00Z")
    late.sweep()
    assert sorted(late.notices()) == ["I1.0.final"]
    late.pass_time("2026-12-21T07:59:00Z")  # seven full days end on a Saturday
    assert late.seat().desired == "active"
    late.pass_time("2026-12-21T08:00:00Z")
    assert late.seat().actual == "suspended"


def test_a_second_sweep_of_the_same_hour_writes_nothing(late: World) -> None:
    late.pass_time("2026-12-08T08:00:00Z")
    before = late.items()
    for body in ({"type": "assess", "partner": "acme", "account": "contoso", "cause": "again"},) * 3:
        late.send(body, "ARREARS")
    late.sweep()
    assert late.items() == before


def test_a_sweep_dated_before_the_last_is_ignored(late: World) -> None:
    late.pass_time("2026-12-08T08:00:00Z")
    before = late.items()
    late.at("2026-12-08T07:00:00Z")
    late.send({"type": "assess", "partner": "acme", "account": "contoso", "cause": "late"}, "ARREARS")
    late.drain()
    assert late.items() == before


def test_only_what_is_due_is_read(late: World) -> None:
    for i in range(20):
        late.add_account(f"other-{i}", vendor_customer=None, subscriptions=[])
    late.at("2026-11-09T00:00:00Z")
    late.call("overdue_sweep", {"schedule": "overdue_sweep", "time": "2026-11-09T00:00:00Z"})
    from tests.functional.collections.world import Calls, our_clients  # noqa: PLC0415

    calls = Calls()
    calls.attach(our_clients())
    late.drain()
    assert calls.made.count("Scan") == 0
    # 16 shards, one account's facts twice (the sweep, its notice given), one delivery
    assert calls.made.count("Query") == 16 + 2 + 1
