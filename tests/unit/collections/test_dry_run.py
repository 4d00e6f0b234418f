"""What a policy would do to an account, replayed without any effect."""

from __future__ import annotations

from dataclasses import replace

from quittance.domain.dry_run import Change, as_of, judged_by, pinned_to, replay
from quittance.domain.policy import PolicyRef
from quittance.usecases.dry_run import History, as_csv
from tests.unit.collections.books import SEAT, book, eur, given, invoice, policy, suspended, utc

START, LATER = utc("2026-11-01T12:00"), utc("2027-01-15T12:00")
STRICT = policy("strict", 1, last={"when": {"days": 16}, "after_notice": {"notice": "final", "days": 1}})


def told(run):
    return [(f"{event.at:%m-%d %H:%M}", event.effect, event.what, str(event.overdue)) for event in run.events]


def test_nobody_pays_and_each_stage_comes_at_its_sweep():
    run = replay(book(invoice("I1", "2026-11-08")), START, LATER)
    assert told(run) == [
        ("11-08 23:00", "warned", "reminder", "297.44"),
        ("11-21 23:00", "warned", "final", "297.44"),
        ("12-08 08:00", "suspended", "sub-1", "297.44"),
    ]
    assert run.file.stage == "suspended"


def test_a_draft_is_judged_on_every_invoice_whatever_is_pinned():
    file = book(invoice("I1", "2026-11-08"))
    run = replay(judged_by(file, STRICT), START, LATER)
    assert [event.what for event in run.events] == ["reminder", "final", "sub-1"]
    assert told(run)[-1][0] == "11-24 08:00"
    assert file.open["I1"].policy == PolicyRef("standard", 1)


def test_a_payment_on_the_way_restores_at_its_moment():
    paid = Change(at=utc("2026-12-10T02:17"), shares={"I1": 29744})
    run = replay(book(invoice("I1", "2026-11-08")), START, LATER, [paid])
    assert told(run)[-1] == ("12-10 02:17", "restored", "sub-1", "0.00")
    assert run.file.balance == eur("0.00")


def test_what_came_back_is_reopened_and_warned_anew():
    changes = [
        Change(at=utc("2026-11-10T08:00"), shares={"I1": 29744}),
        Change(at=utc("2026-11-30T08:00"), shares={"I1": -29744}),
    ]
    run = replay(book(invoice("I1", "2026-11-08")), START, utc("2026-12-01T00:00"), changes)
    assert [event.what for event in run.events] == ["reminder", "final"]
    assert run.file.notices[-1].cause == "I1.1"


def test_a_draft_that_would_not_suspend_gives_access_back():
    mild = policy("mild", 1, stages=[{"name": "reminder", "when": {"days": 1}, "do": [{"notice": "reminder"}]}])
    file = book(
        invoice("I1", "2026-09-01"),
        notices=(given("reminder", "2026-09-02T00:00", "I1"),),
        subscriptions=(suspended(),),
    )
    run = replay(judged_by(file, mild), START, LATER)
    assert told(run) == [("11-01 12:00", "restored", "sub-1", "297.44")]


def test_what_cannot_be_switched_is_shown_as_wanted_and_never_loops():
    file = book(invoice("I1", "2026-11-08"), subscriptions=(replace(SEAT, kind="perpetual"),))
    run = replay(file, START, LATER)
    assert run.file.subscriptions[0].access == "suspending"


def test_the_past_is_put_together_from_its_facts():
    past = invoice("I1", "2026-11-08")
    changes = [
        Change(at=utc("2026-10-09T06:00"), opened=past),
        Change(at=utc("2026-11-20T09:00"), shares={"I1": 10000}),
        Change(at=utc("2026-12-20T09:00"), shares={"I1": 19744}),
    ]
    now = book(notices=(given("reminder", "2026-11-09T00:00", "I1"), given("final", "2026-11-22T00:00", "I1")))
    then = as_of(now, changes, utc("2026-11-21T00:00"), {"sub-1": True})
    assert (str(then.balance), [one.kind for one in then.notices]) == ("197.44", ["reminder"])
    assert then.subscriptions[0].access == "suspended"
    assert pinned_to(changes, STRICT)[0].opened.policy == STRICT.ref
    assert then.credit == eur("0.00")


def test_access_is_what_was_decided_last_before_a_moment():
    history = History(
        changes=(), access=((utc("2026-12-08T08:00"), "sub-1", True), (utc("2026-12-20T08:00"), "sub-1", False))
    )
    assert history.suspended(utc("2026-12-10T00:00")) == {"sub-1": True}
    assert history.suspended(utc("2026-12-21T00:00")) == {"sub-1": False}
    assert history.suspended(utc("2026-12-01T00:00")) == {}


def test_a_spreadsheet_runs_nothing_of_the_csv():
    event = {"at": "2026-11-09", "effect": "warned", "what": "reminder", "stage": "x", "days": 1, "overdue": "1.00"}
    row = {"account": "a", "name": '=HYPERLINK("x")', "currency": "EUR", "proposed": [event], "in_force": []}
    lines = as_csv({"accounts": [row]}).splitlines()
    assert lines[0].startswith("policy,account,name,at")
    assert lines[1] == 'proposed,a,"\'=HYPERLINK(""x"")",2026-11-09,warned,reminder,x,1,1.00,EUR'
