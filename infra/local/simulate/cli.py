"""`./quittance simulate FILE [--json]`: plays a scenario through the pure rules only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from infra.local.scenario.cli import play_file
from infra.local.scenario.model import Scenario
from infra.local.simulate.world import PureWorld


@contextmanager
def pure_world(_: Scenario, __: Callable[[str], None]) -> Iterator[PureWorld]:
    """Yield a fresh world in memory."""
    yield PureWorld()


def main(argv: Sequence[str]) -> int:
    """Play in memory."""
    return play_file(argv, "simulate", pure_world)
