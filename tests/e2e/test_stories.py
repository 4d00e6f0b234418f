"""Random histories on bad days, told by the rules and by the whole system: both see the same, no invariant breaks."""

import os

import pytest

from infra.local.scenario.embedded import embedded_world
from infra.local.simulate.world import PureWorld
from infra.local.verify.stack import verify_stack
from tests.e2e.test_scenarios import played
from tests.property.stories import tell

SEEDS = [int(seed) for seed in os.environ.get("STORIES", "3").split(",")]
"""One story of several accounts by default: `STORIES=7,8,9` tells others."""


@pytest.mark.stack
@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_story_is_the_same_for_the_rules_and_the_system(seed, tmp_path):
    scenario = tell(seed, tmp_path, accounts=4, steps=36)
    _, simulated = played(scenario, PureWorld())
    with embedded_world(scenario, lambda _: None) as world:
        _, observed = played(scenario, world)
        violations = verify_stack(world.stack.client, world.stack.outputs)
        parked = world.stack.parked()
    assert observed == simulated
    assert violations == []
    assert parked == []
