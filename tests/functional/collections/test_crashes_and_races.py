"""A process may end at any call, and two may assess at once: the outcome is the same."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from infra.local.meter import Meter
from quittance.domain.account import AccountFile
from quittance.runtime.clock import parse_iso
from quittance.store import measures
from quittance.store.accounts import AccountStore
from quittance.store.policies import PolicyStore
from quittance.usecases.assess import assess_account
from quittance.usecases.measures import Desk
from quittance.usecases.messages import Assess
from tests.functional.collections.world import (
    ACCOUNT,
    CUSTOMER,
    QUEUES,
    REGION,
    SEAT,
    Calls,
    CrashError,
    World,
    client,
    our_clients,
)

ASSESS = {"type": "assess", "partner": "acme", "account": "contoso", "cause": "test"}
# What a second try leaves otherwise than the first, without any effect outside.
TIMES = ("due_at", "changed_at", "history", "assessed_at", "sent_at", "attempts", "decided_at", "version", "claimed_at")


class Moment:
    """The whole world at one moment, to come back to."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._table = world.table.snapshot()
        self._now = world.now
        self._vendor = copy.deepcopy(self._at_vendor())
        self._mails = list(ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages)

    def come_back(self) -> None:
        self._world.table.restore(self._table)
        self._world.at(self._now)
        app = self._world.vendor.app
        subscriptions, app._answers = copy.deepcopy(self._vendor)
        app.state.subscriptions.clear()
        app.state.subscriptions.update(subscriptions)
        ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages = list(self._mails)
        self._world._seen = self._world.items()
        for queue in QUEUES:
            _empty(self._world.urls[queue])

    def _at_vendor(self) -> Any:
        app = self._world.vendor.app
        return app.state.subscriptions, app._answers


def _empty(url: str) -> None:
    while found := client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in found:
            client("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def outcome(world: World) -> Any:
    """Return what matters of the table and of the vendor."""
    rows = {}
    for (pk, sk), item in world.items().items():
        if not sk.startswith("DEC#"):
            rows[pk, sk] = {name: value for name, value in item.items() if name not in TIMES}
    decisions = len(world.kinds("DEC#"))
    state = world.at_vendor()
    return rows, decisions, (state["status"], state["auto_renew"])


def mails() -> int:
    return len(ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages)


def play(world: World, start: Callable[[], None], until: str, calls: Calls) -> None:
    """Play on from a moment; after a crash everything is delivered once more, and time goes on."""
    calls.made = []
    try:
        start()
        world.drain()
    except CrashError:
        calls.fail_at = None
        world.drain()
    calls.fail_at = None
    world.pass_time(until)


@pytest.mark.parametrize(
    ("before", "at", "event", "until"),
    [
        # a reminder is decided and sent
        ("2026-11-08T22:00:00Z", "2026-11-09T00:00:00Z", "assess", "2026-11-09T03:00:00Z"),
        # access goes
        ("2026-12-08T07:00:00Z", "2026-12-08T08:00:00Z", "assess", "2026-12-08T10:00:00Z"),
        # access comes back
        ("2026-12-20T20:00:00Z", "2026-12-20T21:00:00Z", "pay", "2026-12-20T23:00:00Z"),
    ],
)
@pytest.mark.filterwarnings("ignore:No application metrics")  # a crashed invocation has none
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_at_any_call_changes_nothing_in_the_end(
    world: World, before: str, at: str, event: str, until: str, after: bool
) -> None:
    world.open_book()
    world.owe("I1", "2026-11-08")
    world.pass_time(before)
    world.at(at)
    start = (lambda: world.pay("I1")) if event == "pay" else (lambda: world.send(ASSESS, "ARREARS"))
    moment, calls = Moment(world), Calls()
    calls.attach(our_clients())
    play(world, start, until, calls)
    expected, expected_mails, count = outcome(world), mails(), len(calls.made)
    assert count > 5
    for n in range(1, count + 1):
        moment.come_back()
        calls.fail_at, calls.after = n, after
        if event == "pay" and n == 1:
            continue  # the fact itself: booked by others, in its own transaction
        play(world, start, until, calls)
        assert outcome(world) == expected, f"call {n}: {calls.made[n - 1]}"
        # A crash between the mail and its record may send it again, with the same identity.
        assert mails() in (expected_mails, expected_mails + 1)


class Interrupted(AccountStore):
    """Lets something happen between reading and writing, once."""

    def __init__(self, meanwhile: Callable[[], Any]) -> None:
        super().__init__(PolicyStore())
        self._meanwhile: Callable[[], Any] | None = meanwhile
        self.loads = 0

    def load(self, partner: str, account: str) -> AccountFile:
        file = super().load(partner, account)
        self.loads += 1
        meanwhile, self._meanwhile = self._meanwhile, None
        if meanwhile:
            meanwhile()
        return file


def assess(accounts: AccountStore, now: str) -> Any:
    message = Assess(partner="acme", account="contoso", cause="race")
    return assess_account(message, accounts=accounts, now=parse_iso(now), pause=lambda _: None)


@pytest.fixture
def overdue(world: World) -> World:
    world.open_book()
    world.owe("I1", "2026-11-08")
    world.pass_time("2026-12-08T07:00:00Z")
    world.at("2026-12-08T08:00:00Z")
    return world


def test_two_assessments_at_once_decide_once(overdue: World) -> None:
    decisions = len(overdue.kinds("DEC#"))
    racer = Interrupted(lambda: assess(AccountStore(PolicyStore()), "2026-12-08T08:00:00Z"))
    assess(racer, "2026-12-08T08:00:00Z")
    assert (racer.loads, len(overdue.kinds("DEC#"))) == (2, decisions + 1)
    assert int(overdue.seat().generation) == 1


def test_a_payment_between_reading_and_writing_wins(overdue: World) -> None:
    racer = Interrupted(lambda: overdue.pay("I1"))
    assess(racer, "2026-12-08T08:00:00Z")
    assert (overdue.head().stage, overdue.seat().desired, int(overdue.seat().generation)) == ("clear", "active", 0)


def test_a_hold_between_reading_and_writing_is_seen(overdue: World) -> None:
    def hold() -> None:
        accounts = AccountStore(PolicyStore())
        desk = Desk("acme", "contoso", author="desk", now=overdue.now, accounts=accounts, facts=measures)
        desk.hold({"reason": "fraud"})

    assess(Interrupted(hold), "2026-12-08T08:00:00Z")
    assert (overdue.seat().reasons, int(overdue.seat().generation)) == (["fraud", "nonpayment"], 1)


def test_an_assessment_that_changes_nothing_writes_nothing(overdue: World) -> None:
    overdue.send(ASSESS, "ARREARS")
    overdue.drain()
    calls = Calls()
    calls.attach(our_clients())
    before = overdue.items()
    assess(AccountStore(PolicyStore()), "2026-12-08T09:00:00Z")
    assert (calls.made, overdue.items()) == (["Query", "GetItem"], before)  # facts; the policy, once a process


def test_a_decision_is_one_query_and_one_transaction(overdue: World) -> None:
    accounts = AccountStore(PolicyStore())
    accounts.load("acme", "contoso")
    with Meter(*our_clients()) as meter:
        assess(accounts, "2026-12-08T08:00:00Z")
    assert {name: tally.requests for name, tally in meter.by_operation.items()} == {"Query": 1, "TransactWriteItems": 1}
    # decision of 1 to 2 KB (4), head (2) leaving the index (1), subscription (2) entering it (1)
    assert meter.write_units <= 10


def test_many_subscriptions_fit_one_decision(world: World) -> None:
    seats = [{**SEAT, "id": f"sub-{i}"} for i in range(60)]
    world.open_book(subscriptions=seats, vendor_customer=None)
    assert ACCOUNT["vendor_customer"] == CUSTOMER
    world.owe("I1", "2026-11-08")
    world.pass_time("2026-12-08T07:00:00Z")
    calls = Calls()
    calls.attach(our_clients())
    assess(AccountStore(PolicyStore()), "2026-12-08T08:00:00Z")
    assert calls.made.count("TransactWriteItems") == 1
    assert {world.seat(one["id"]).desired for one in seats} == {"suspended"}
