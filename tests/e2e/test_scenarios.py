"""Every scenario of the repository: expectations hold, and the system and the pure rules see the same."""

from pathlib import Path

import pytest

from infra.local.scenario.embedded import embedded_world
from infra.local.scenario.format import load
from infra.local.scenario.play import Listener, Play
from infra.local.simulate.world import PureWorld
from infra.local.verify.stack import verify_stack

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "events" / "scenarios").glob("*.yaml"))
DEMO = ROOT / "events" / "scenarios" / "first_month.yaml"


class Notes(Listener):
    def __init__(self):
        self.observations = []

    def observed(self, observation):
        self.observations.append(observation)


def played(scenario, world):
    notes = Notes()
    failures = Play(scenario, world, notes).run()
    return [str(failure) for failure in failures], notes.observations


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_pure_rules_hold_what_is_expected(file):
    failures, observations = played(load(file), PureWorld())
    assert failures == []
    assert observations


@pytest.mark.stack
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_system_sees_what_the_rules_see(file, monkeypatch):
    if file == DEMO:  # the one that uses every function also shows that each one's role suffices
        monkeypatch.setenv("AUTH", "true")
    scenario = load(file)
    _, simulated = played(scenario, PureWorld())
    with embedded_world(scenario, lambda _: None) as world:
        failures, observed = played(scenario, world)
        violations = verify_stack(world.stack.client, world.stack.outputs)
        parked = world.stack.parked()
    assert failures == []
    assert observed == simulated
    assert violations == []
    assert parked == []


def test_there_are_scenarios():
    assert len(FILES) >= 6
