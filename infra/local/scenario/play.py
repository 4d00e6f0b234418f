"""Plays a scenario in a world: the clock, the schedules on the way, the steps, the observations, in their order.

The embedded stack and the simulator are both worlds, so whatever they answer differently is a real difference.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from infra.local.scenario.model import Observe, Scenario, Step
from infra.local.scenario.schedules import Schedule

Observation = dict[str, Any]
_INSTANT = timedelta(microseconds=1)


class World(Protocol):
    """Where a scenario is played."""

    def schedules(self) -> list[Schedule]:
        """Return the schedules that run here."""
        ...

    def set_up(self, scenario: Scenario) -> None:
        """Bring partner, policies, plans, prices and accounts into being at the scenario's start."""
        ...

    def move_to(self, moment: datetime) -> None:
        """Set the clock."""
        ...

    def next_due(self) -> Mapping[str, datetime]:
        """Return, for each lane of the due index that is not empty, its earliest moment."""
        ...

    def fire(self, schedule: Schedule, at: datetime) -> None:
        """Let a schedule fire and everything that follows from it come to rest."""
        ...

    def perform(self, step: Step) -> None:
        """Do a step and let everything that follows from it come to rest."""
        ...

    def observe(self, account: str, label: datetime) -> Observation:
        """Look at an account now."""
        ...


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that did not hold."""

    step: Step
    path: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        where = f"steps[{self.step.index}].expect {self.step.fields['account']}"
        return f"{where}: {self.path} should be {self.expected!r}, found {self.found!r}"


class Listener:
    """Hears what happens while a scenario is played; the default hears nothing."""

    def step(self, step: Step) -> None:
        """Hear that a step was done."""

    def fired(self, schedule: Schedule, at: datetime) -> None:
        """Hear that a schedule has fired."""

    def observed(self, observation: Observation) -> None:
        """Hear of an observation."""

    def failed(self, failure: Failure) -> None:
        """Hear of an expectation that did not hold."""


class Play:
    """One play of one scenario."""

    def __init__(self, scenario: Scenario, world: World, listener: Listener) -> None:
        self.scenario = scenario
        self.world = world
        self.listener = listener
        self._clock = self._passed = self._schedule_down_until = scenario.start
        self._disturbed: dict[str, datetime] = {}
        self._fired: dict[str, datetime] = {}
        self._failures: list[Failure] = []

    def run(self) -> list[Failure]:
        """Play from start to end; return the expectations that did not hold."""
        self.world.move_to(self._clock)
        self.world.set_up(self.scenario)
        self._schedules = self.world.schedules()
        for at, act in _in_order(self.scenario, self._step, self._observe):
            self._advance(at)
            act()
        return self._failures

    def _advance(self, until: datetime) -> None:
        """Fire what falls due in (passed, until], each schedule only where its lane has something due."""
        while firing := self._next_firing(until):
            at, schedule = firing
            self._move(at)
            self._fired[schedule.name] = at
            for told in self._firings(schedule, at):
                self.world.fire(schedule, told)
            self.listener.fired(schedule, at)
        self._move(until)
        self._passed = until

    def _firings(self, schedule: Schedule, at: datetime) -> Iterator[datetime]:
        """Yield the times that a firing is told of: once, twice, or followed by the one before it, which comes late."""
        yield at
        if at < self._disturbed.get("duplicate", at):
            yield at
        if at < self._disturbed.get("reorder", at):
            yield at - schedule.every

    def _next_firing(self, until: datetime) -> tuple[datetime, Schedule] | None:
        due = self.world.next_due()
        waiting = [schedule for schedule in self._schedules if schedule.lane in due]
        firings = [(self._next_tick(schedule, due[schedule.lane]), schedule) for schedule in waiting]
        first = min(firings, key=lambda firing: firing[0], default=None)
        return first if first and first[0] <= until else None

    def _next_tick(self, schedule: Schedule, due: datetime) -> datetime:
        fired = self._fired.get(schedule.name, self._passed)
        after = max(self._passed, fired) + _INSTANT
        return schedule.tick_at_or_after(max(due, after, self._clock, self._schedule_down_until))

    def _move(self, moment: datetime) -> None:
        if moment != self._clock:
            self._clock = moment
            self.world.move_to(moment)

    def _step(self, step: Step) -> None:
        match step.verb:
            case "expect":
                self._expect(step)
            case "fault" if step.fields["target"] == "schedule":
                self._schedule_fault(step)
            case _:
                self.world.perform(step)
        self.listener.step(step)

    def _schedule_fault(self, step: Step) -> None:
        if step.fields["mode"] == "down":
            self._schedule_down_until = step.fields["until"]
        else:
            self._disturbed[step.fields["mode"]] = step.fields["until"]

    def _observe(self, look: Observe) -> None:
        for account in self.scenario.accounts:
            self.listener.observed(self.world.observe(account["id"], look.label))

    def _expect(self, step: Step) -> None:
        expected = {key: value for key, value in step.fields.items() if key != "account"}
        found = self.world.observe(step.fields["account"], step.at)
        for path, wanted, got in _differences(expected, found, ""):
            failure = Failure(step, path, wanted, got)
            self._failures.append(failure)
            self.listener.failed(failure)


def _in_order(
    scenario: Scenario, step: Callable[[Step], None], observe: Callable[[Observe], None]
) -> Iterator[tuple[datetime, Callable[[], None]]]:
    """Yield what to do in time order; an observation at a step's moment is taken after the step."""
    acts: list[tuple[datetime, int, Callable[[], None]]] = [
        *((one.at, 0, lambda one=one: step(one)) for one in scenario.steps),
        *((look.at, 1, lambda look=look: observe(look)) for look in scenario.observe),
    ]
    yield from ((at, act) for at, _, act in sorted(acts, key=lambda act: act[:2]))


def _differences(expected: Any, found: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    """Yield where an observation differs from what is expected of it; mappings need only hold what is named."""
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key, value in expected.items():
            yield from _differences(value, found.get(key), f"{path}.{key}".lstrip("."))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for i, (value, got) in enumerate(zip(expected, found, strict=True)):
            yield from _differences(value, got, f"{path}[{i}]")
    elif expected != found and not _same_moment(expected, found):
        yield path, expected, found


def _same_moment(one: Any, other: Any) -> bool:
    """Tell whether two texts are the same moment, written with different offsets."""
    try:
        moments = [datetime.fromisoformat(one), datetime.fromisoformat(other)]
    except (TypeError, ValueError):
        return False
    return all(moment.tzinfo for moment in moments) and moments[0] == moments[1]
