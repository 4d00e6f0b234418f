"""`./quittance demo`: the whole story from nothing, told while it happens, with everything it made left in `out/`."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from rich.console import Console

from infra.local.demo.export import Export
from infra.local.demo.narrate import Narrator
from infra.local.scenario.embedded import deployed
from infra.local.scenario.format import load
from infra.local.scenario.play import Play
from infra.local.scenario.stack_world import StackWorld
from infra.local.stack.embedded import ROOT
from infra.local.verify.stack import verify_stack

SCENARIO = ROOT / "events" / "scenarios" / "first_month.yaml"
OUT = ROOT / "out"
PLAIN_WIDTH = 132
"""Columns where nobody watches a terminal."""


def main(argv: Sequence[str]) -> int:
    """Play the first month, narrate it, leave the results; 1 when an expectation did not hold."""
    if argv:
        sys.stderr.write("quittance demo takes no arguments; to play another file: quittance scenario run FILE\n")
        return 2
    console = Console(highlight=False, width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    started = time.monotonic()
    scenario = load(SCENARIO)
    narrator = Narrator(console, scenario)
    narrator.begin()
    with deployed(scenario.start, say=narrator.progress) as (stack, vendor):
        world = StackWorld(stack, vendor)
        export = Export(OUT, scenario, world)
        narrator.watch(world, export)
        failures = Play(scenario, world, narrator).run()
        export.write()
        violations = verify_stack(stack.client, stack.outputs)
        narrator.end(failures, violations, time.monotonic() - started)
    return 1 if failures or violations else 0
