"""`./quittance scenario run FILE [--json]`: plays a scenario against the whole system on the embedded stack."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from infra.local.scenario.format import load
from infra.local.scenario.model import Scenario, Step
from infra.local.scenario.play import Failure, Listener, Observation, Play, World
from infra.local.scenario.report import table_of
from infra.local.stack.process import StackFailed
from quittance.domain.errors import Rejected

WorldOf = Callable[[Scenario, Callable[[str], None]], AbstractContextManager[World]]
HELD, DID_NOT_HOLD, NOT_VALID, BROKE_OFF = 0, 1, 2, 3


class Printer(Listener):
    """Writes observations to standard output, everything else to standard error."""

    def __init__(self, *, as_json: bool, title: str, steps: int) -> None:
        self._json = as_json
        self._steps = steps
        self._done = 0
        self.observations: list[Observation] = []
        self.say(f"{title}")

    def step(self, step: Step) -> None:
        """Say how far the play has come."""
        self._done += 1
        self.say(f"  {step.at:%Y-%m-%d %H:%M} {step.verb:<12} step {self._done} of {self._steps}")

    def observed(self, observation: Observation) -> None:
        """Print the observation as one line of JSON, or keep it for the table."""
        self.observations.append(observation)
        if self._json:
            sys.stdout.write(json.dumps(observation, ensure_ascii=False) + "\n")
            sys.stdout.flush()

    def failed(self, failure: Failure) -> None:
        """Say what was expected and what was found."""
        self.say(f"  expect failed: {failure}")

    def say(self, text: str) -> None:
        """Write a line of progress."""
        sys.stderr.write(text + "\n")
        sys.stderr.flush()


def play_file(argv: Sequence[str], program: str, world_of: WorldOf) -> int:
    """Load and play a file in a world; return the exit status of the scenario page, or 3 where a step was refused."""
    parser = argparse.ArgumentParser(prog=f"quittance {program}", description=f"{program} of a scenario file")
    parser.add_argument("file", type=Path, help="the scenario, YAML or JSON")
    parser.add_argument("--json", action="store_true", help="one JSON object per observation, nothing else on stdout")
    options = parser.parse_args(argv)
    try:
        scenario = load(options.file)
    except Rejected as problem:
        sys.stderr.write(f"{problem.message}\n")
        return NOT_VALID
    printer = Printer(as_json=options.json, title=scenario.title, steps=len(scenario.steps))
    try:
        with world_of(scenario, printer.say) as world:
            failures = Play(scenario, world, printer).run()
    except (Rejected, StackFailed) as problem:
        sys.stderr.write(f"the play broke off: {problem}\n")
        return BROKE_OFF
    if not options.json:
        table_of(printer.observations)
    return DID_NOT_HOLD if failures else HELD


def main(argv: Sequence[str]) -> int:
    """Play on the embedded stack."""
    from infra.local.scenario.embedded import embedded_world  # noqa: PLC0415  # simulate needs no stack

    arguments = argv[1:] if argv and argv[0] == "run" else argv
    return play_file(arguments, "scenario run", embedded_world)
