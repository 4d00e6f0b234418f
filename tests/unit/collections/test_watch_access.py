"""What is suspended is looked at: what somebody changed at the vendor is told, and terms that end are warned of."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from quittance.domain.access import Switch, VendorState
from quittance.domain.errors import NotFound, Rejected, Transient
from quittance.domain.money import Money
from quittance.domain.watching import ExtendedTerm
from quittance.usecases.messages import LookAtSubscription, ToggleAccess
from quittance.usecases.toggle_access import Outcome, look_at, toggle_access
from tests.unit.collections.books import SEAT, eur, utc
from tests.unit.collections.test_toggle_access import Policies, Switches, switches

NOON = utc("2026-12-09T12:00")
SUSPENDED = replace(SEAT, desired="suspended", actual="suspended", reasons=frozenset({"nonpayment"}), generation=1)
AS_LEFT = VendorState(status="suspended", auto_renew=False, quantity=25, term_ends=date(2027, 6, 30))
DAY = timedelta(days=1)


class Found:
    """A vendor that has the subscription as it is told to have it, and would notice being asked to change it."""

    def __init__(self, state: VendorState | Exception) -> None:
        self.state = state

    def of(self, _partner: str) -> Any:
        return self

    def read(self, _switch: Switch) -> VendorState:
        if isinstance(self.state, Exception):
            raise self.state
        return self.state


class Charged:
    """A vendor that charges twenty euros a month."""

    extended = ExtendedTerm()

    def monthly(self, _switch: Switch, _now: datetime) -> Money | None:
        return eur("20.00")


def watched(subscription: Any = SUSPENDED, **more: Any) -> Switches:
    given = {"snapshot": {"auto_renew": True, "quantity": 25}, "looks_at": NOON, "due": False, **more}
    return switches(subscription, **given)


def look(kept: Switches, state: VendorState | Exception, now: datetime = NOON, attempt: int = 1) -> Outcome:
    message = ToggleAccess(partner="acme", account="contoso", subscription="sub-1", generation=0, attempt=attempt)
    vendor: Any = Found(state)
    outcome, _ = toggle_access(message, switches=kept, vendors=vendor, policies=Policies(), now=now, costs=Charged())
    return outcome


def test_a_suspension_as_we_left_it_is_looked_at_again_tomorrow() -> None:
    kept = watched()
    assert look(kept, AS_LEFT) is Outcome.LOOKED
    assert (kept.until, kept.switch.subscription.drift, kept.others) == (NOON + DAY, (), {})


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"status": "active"}, "the vendor has it as active, it was suspended"),
        ({"status": "expired"}, "the vendor has it as expired, it was suspended"),
        ({"status": "deleted"}, "the vendor has it as deleted, it was suspended"),
        ({"status": "never-heard-of"}, "the vendor has it as never-heard-of, it was suspended"),
        ({"auto_renew": True}, "auto-renew is on at the vendor, it was off"),
        ({"quantity": 30}, "the quantity is 30 at the vendor, it was 25"),
    ],
)
def test_what_was_changed_behind_our_back_is_a_persons_and_is_not_changed_back(changes: Any, told: str) -> None:
    kept = watched()
    assert look(kept, replace(AS_LEFT, **changes)) is Outcome.LOOKED
    assert kept.switch.subscription.drift == (told,)
    assert (kept.switch.subscription.desired, kept.switch.subscription.actual) == ("suspended", "suspended")
    assert told in kept.others["drift", "changed"]["reason"]


@pytest.mark.parametrize(
    ("kind", "drift"),
    [
        ("nce_license", ("it was suspended at the vendor before we did it",)),
        ("legacy_license", ("it was suspended at the vendor before we did it",)),
        ("add_on", ()),  # it went with its parent
    ],
)
def test_what_somebody_else_suspended_before_us_is_told(kind: str, drift: tuple[str, ...]) -> None:
    kept = watched(replace(SUSPENDED, kind=kind), snapshot=None)
    look(kept, AS_LEFT)
    assert kept.switch.subscription.drift == drift


def test_a_subscription_that_is_gone_is_drift() -> None:
    kept = watched()
    look(kept, NotFound("no such subscription"))
    assert kept.switch.subscription.drift == ("the vendor has it as not there, it was suspended",)


def test_drift_is_told_once_and_taken_back_when_it_is_gone() -> None:
    kept = watched()
    look(kept, replace(AS_LEFT, status="active"))
    kept.others.clear()  # a person did it
    look(kept, replace(AS_LEFT, status="active"), NOON + DAY)
    assert kept.others == {}
    look(kept, AS_LEFT, NOON + 2 * DAY)
    assert (kept.switch.subscription.drift, kept.others) == ((), {})


@pytest.mark.parametrize("problem", [Transient("down"), Rejected("no")])
def test_a_look_that_fails_changes_nothing_and_comes_again_in_an_hour(problem: Exception) -> None:
    kept = watched(replace(SUSPENDED, drift=("auto-renew is on at the vendor, it was off",)))
    look(kept, problem)
    assert kept.until == NOON + timedelta(hours=1)
    assert kept.switch.subscription.drift == ("auto-renew is on at the vendor, it was off",)


@pytest.mark.parametrize(("attempt", "now"), [(0, NOON), (1, NOON - timedelta(seconds=1))])
def test_only_the_schedule_looks_and_only_when_it_is_due(attempt: int, now: datetime) -> None:
    kept = watched()
    assert look(kept, replace(AS_LEFT, status="active"), now, attempt) is Outcome.SETTLED
    assert kept.writes == 0


@pytest.mark.parametrize(
    ("ends", "warned", "warning"),
    [
        ("2026-12-24", None, None),  # 15 days
        ("2026-12-23", None, "2026-12-23#14"),
        ("2026-12-23", "2026-12-23#14", None),
        ("2026-12-13", "2026-12-13#14", None),  # 4 days
        ("2026-12-12", "2026-12-12#14", "2026-12-12#03"),
        ("2026-12-12", "2025-12-12#03", "2026-12-12#03"),  # the term before
        ("2026-12-09", None, "2026-12-09#03"),  # suspended on the last day: told at once, and once
        ("2026-12-09", "2026-12-09#03", None),
        ("2026-12-08", None, None),  # over
    ],
)
def test_a_term_that_ends_is_warned_of_in_time_and_once(ends: str, warned: str | None, warning: str | None) -> None:
    kept = watched(warned=warned)
    look(kept, replace(AS_LEFT, term_ends=date.fromisoformat(ends)))
    assert [name for about, name in kept.others if about == "term_end"] == ([warning] if warning else [])
    assert kept.switch.warned == (warning or warned)


def test_legacy_subscriptions_have_no_bill_to_warn_of() -> None:
    kept = watched(replace(SUSPENDED, kind="legacy_license"), snapshot={"auto_renew": False})
    look(kept, replace(AS_LEFT, term_ends=date(2026, 12, 12)))
    assert kept.others == {}


def test_a_warning_tells_what_each_choice_costs() -> None:
    kept = watched()
    look(kept, replace(AS_LEFT, term_ends=date(2026, 12, 23)))
    told = {one["choice"]: one for one in kept.others["term_end", "2026-12-23#14"]["choices"]}
    # Fourteen days of twenty euros a month are owed to the vendor whatever is chosen.
    assert {one["until_term_end"] for one in told.values()} == {"9.20"}
    assert {name: one["monthly_after"] for name, one in told.items()} == {
        "restore_and_renew": "20.00",
        "keep_suspended": "0.00",
        "extended_term": "20.60",
        "cancel_at_end": "0.00",
    }
    assert "23 % (24.60)" in told["extended_term"]["says"]


ACTIVE = VendorState(status="active", auto_renew=True, quantity=25)
RUNS = replace(SEAT, auto_renew=True, quantity=25)


def asked(kept: Switches, state: VendorState | Exception, now: datetime = NOON) -> tuple[Outcome, bool]:
    message = LookAtSubscription(
        partner="acme", account="contoso", subscription="sub-1", asked_at="2026-12-09T12:00:00Z"
    )
    vendor: Any = Found(state)
    return look_at(message, switches=kept, vendors=vendor, now=now)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        (replace(ACTIVE, status="suspended"), "the vendor has it as suspended, it was active"),
        (replace(ACTIVE, status="expired"), "the vendor has it as expired, it was active"),
        (replace(ACTIVE, auto_renew=False), "auto-renew is off at the vendor, registered is on"),
        (replace(ACTIVE, quantity=30), "the quantity is 30 at the vendor, registered is 25"),
        (NotFound("no such subscription"), "the vendor has it as not there, it was active"),
    ],
)
def test_what_is_active_and_differs_is_found_when_somebody_asks(state: Any, told: str) -> None:
    kept = switches(RUNS, due=False)
    assert asked(kept, state) == (Outcome.LOOKED, True)
    assert kept.switch.subscription.drift == (told,)
    assert told in kept.others["drift", "changed"]["reason"]
    assert kept.until is None  # nothing becomes due by a look


def test_what_is_not_registered_is_not_compared() -> None:
    kept = switches(replace(RUNS, auto_renew=None), due=False)
    assert asked(kept, replace(ACTIVE, auto_renew=False, quantity=None)) == (Outcome.LOOKED, False)
    assert (kept.switch.subscription.drift, kept.writes) == ((), 0)


def test_asking_twice_finds_it_once_and_asking_later_takes_it_back() -> None:
    kept = switches(RUNS, due=False)
    asked(kept, replace(ACTIVE, quantity=30))
    writes = kept.writes
    assert asked(kept, replace(ACTIVE, quantity=30)) == (Outcome.LOOKED, False)
    assert kept.writes == writes
    asked(kept, ACTIVE)
    assert (kept.switch.subscription.drift, kept.others) == ((), {})


def test_a_look_that_somebody_asked_for_leaves_the_daily_one_of_a_suspension_where_it_is() -> None:
    kept = watched(looks_at=NOON + DAY)
    assert asked(kept, replace(AS_LEFT, status="active")) == (Outcome.LOOKED, True)
    assert kept.switch.looks_at == NOON + DAY


def test_a_look_while_the_subscription_is_being_switched_is_stale() -> None:
    kept = switches(replace(RUNS, desired="suspended"), due=True)
    assert asked(kept, ACTIVE) == (Outcome.STALE, False)
    assert kept.writes == 0


@pytest.mark.parametrize("problem", [Transient("down"), Rejected("no")])
def test_a_look_that_the_vendor_does_not_answer_holds_up_nothing(problem: Exception) -> None:
    kept = switches(RUNS, due=False)
    assert asked(kept, problem) == (Outcome.LATER, False)
    assert kept.writes == 0
