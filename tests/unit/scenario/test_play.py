"""The player: what happens in which order, in a world that only takes notes."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.local.scenario.model import Observe, Scenario, Step
from infra.local.scenario.play import Listener, Play
from infra.local.scenario.schedules import Schedule, parse_schedule
from quittance.domain.errors import Rejected

START = datetime(2026, 9, 1, tzinfo=UTC)
HOURLY = Schedule("overdue_sweep", timedelta(hours=1))
MINUTELY = Schedule("access_retry", timedelta(minutes=1))


def at(hours, minutes=0):
    return START + timedelta(hours=hours, minutes=minutes)


class Notes:
    """A world with a due index of its own: firing a schedule clears its lane."""

    def __init__(self, due=None, schedules=(HOURLY, MINUTELY)):
        self.clock = None
        self.said = []
        self.due = dict(due or {})
        self._schedules = list(schedules)

    def schedules(self):
        return self._schedules

    def set_up(self, scenario):
        self.said.append((scenario.title, self.clock))

    def move_to(self, moment):
        assert self.clock is None or moment > self.clock
        self.clock = moment

    def next_due(self):
        return self.due

    def fire(self, schedule, when):
        assert when == self.clock
        self.said.append((schedule.name, when))
        self.due.pop(schedule.lane, None)

    def perform(self, step):
        self.said.append((step.verb, self.clock))
        self.due.update(step.fields.get("due", {}))

    def observe(self, account, label):
        self.said.append(("observe", self.clock))
        return {
            "at": label.isoformat(),
            "account": account,
            "stage": "clear",
            "access": {"s1": "active"},
            "notices": [],
        }


def played(world, steps, observe=()):
    scenario = Scenario(
        file=Path("x"),
        title="",
        start=START,
        partner={"timezone": "UTC"},
        policies={},
        support_plans={},
        price_rules=[],
        accounts=[{"id": "contoso"}],
        steps=[Step(when, verb, fields, i) for i, (when, verb, fields) in enumerate(steps)],
        observe=list(observe),
    )
    failures = Play(scenario, world, Listener()).run()
    return failures, world.said[1:]


def test_a_schedule_fires_at_its_first_tick_not_before_what_is_due():
    _, said = played(Notes({"account": at(3, 20)}), [(at(9), "bill", {})])
    assert said == [("overdue_sweep", at(4)), ("bill", at(9))]


def test_a_schedule_with_nothing_due_does_not_fire():
    _, said = played(Notes(), [(at(9), "bill", {})])
    assert said == [("bill", at(9))]


def test_firings_of_several_schedules_come_in_order():
    _, said = played(Notes({"account": at(1), "access": at(0, 30)}), [(at(9), "bill", {})])
    assert said == [("access_retry", at(0, 30)), ("overdue_sweep", at(1)), ("bill", at(9))]


def test_a_tick_at_the_moment_of_a_step_is_before_the_step():
    _, said = played(Notes({"account": at(9)}), [(at(9), "bill", {})])
    assert said == [("overdue_sweep", at(9)), ("bill", at(9))]


def test_what_a_step_makes_due_waits_for_the_next_tick():
    _, said = played(Notes(), [(at(9), "bill", {"due": {"account": at(9)}}), (at(12), "pay", {})])
    assert said == [("bill", at(9)), ("overdue_sweep", at(10)), ("pay", at(12))]


def test_a_schedule_that_is_down_catches_up_with_one_firing():
    down = {"target": "schedule", "mode": "down", "until": at(48)}
    _, said = played(Notes({"account": at(3)}), [(at(1), "fault", down), (at(72), "pay", {})])
    assert said == [("overdue_sweep", at(48)), ("pay", at(72))]


def test_a_doubled_schedule_fires_twice():
    twice = {"target": "schedule", "mode": "duplicate", "until": at(48)}
    _, said = played(Notes({"account": at(3)}), [(at(1), "fault", twice), (at(5), "pay", {})])
    assert said == [("overdue_sweep", at(3)), ("overdue_sweep", at(3)), ("pay", at(5))]


def test_an_observation_comes_after_the_steps_of_its_moment():
    _, said = played(Notes(), [(at(9), "bill", {}), (at(9), "pay", {})], [Observe(at(9), at(9))])
    assert [what for what, _ in said] == ["bill", "pay", "observe"]


def test_an_expectation_that_does_not_hold_is_told_with_what_was_found():
    wanted = {"account": "contoso", "stage": "final", "access": {"s1": "active"}, "notices": [{"kind": "final"}]}
    failures, _ = played(Notes(), [(at(9), "expect", wanted)])
    assert [(failure.path, failure.expected, failure.found) for failure in failures] == [
        ("stage", "final", "clear"),
        ("notices", [{"kind": "final"}], []),
    ]
    assert "steps[0].expect contoso: stage should be 'final', found 'clear'" in str(failures[0])


def test_moments_are_the_same_in_any_offset():
    wanted = {"account": "contoso", "at": "2026-09-01T11:00:00+02:00"}
    assert played(Notes(), [(at(9), "expect", wanted)])[0] == []


@pytest.mark.parametrize(
    ("expression", "moment", "expected"),
    [
        ("rate(1 hour)", at(3, 20), at(4)),
        ("rate(1 hour)", at(3), at(3)),
        ("rate(5 minutes)", at(0, 1), at(0, 5)),
        ("cron(0 5 * * ? *)", at(5, 1), at(29)),
        ("cron(30 5 * * ? *)", at(0), at(5, 30)),
    ],
)
def test_ticks_of_an_expression(expression, moment, expected):
    assert parse_schedule("billing", expression).tick_at_or_after(moment) == expected


@pytest.mark.parametrize(("name", "expression"), [("billing", "cron(0 5 ? * MON *)"), ("unheard-of", "rate(1 hour)")])
def test_what_cannot_be_played_in_virtual_time_is_refused(name, expression):
    with pytest.raises(Rejected):
        parse_schedule(name, expression)
