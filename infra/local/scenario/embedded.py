"""Starts what a scenario needs: the stand-in vendor and the embedded stack, and stops both whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.scenario.model import Scenario
from infra.local.scenario.stack_world import StackWorld
from infra.local.stack import EmbeddedStack
from infra.local.vendor import StandInVendor


@contextmanager
def embedded_world(scenario: Scenario) -> Iterator[StackWorld]:
    """Yield a fresh world for a scenario."""
    with EmbeddedStack() as stack:
        stack.set_clock(scenario.start)
        with StandInVendor(clock_file=stack.clock_file) as vendor:
            stack.deploy(vendor_url=vendor.base_url)
            yield StackWorld(stack, vendor)
