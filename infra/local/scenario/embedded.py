"""Starts what a scenario needs: the embedded stack and the stand-in vendor, and stops both whatever happens."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from infra.local.scenario.model import Scenario
from infra.local.scenario.stack_world import StackWorld
from infra.local.stack.embedded import EmbeddedStack
from infra.local.vendor import StandInVendor


def stack_python() -> Path:
    """Return the interpreter of the emulator's environment, as the launcher names it."""
    return Path(os.environ["QUITTANCE_STACK_PYTHON"])


@contextmanager
def deployed(
    clock: datetime | None, *, say: Callable[[str], None] = lambda _: None
) -> Iterator[tuple[EmbeddedStack, StandInVendor]]:
    """Yield a deployed stack and its vendor; AUTH=true in the environment holds every role to its policy."""
    auth = os.environ.get("AUTH", "").lower() == "true"
    stack = EmbeddedStack(stack_python(), clock=clock, auth=auth, say=say)
    try:
        stack.start()
        with StandInVendor(stack.clock_file) as vendor:
            stack.deploy({"VendorApiBase": vendor.base_url, "VendorAuthority": vendor.base_url})
            yield stack, vendor
    finally:
        stack.stop()


@contextmanager
def embedded_world(scenario: Scenario, say: Callable[[str], None]) -> Iterator[StackWorld]:
    """Yield a fresh world for a scenario."""
    with deployed(scenario.start, say=say) as (stack, vendor):
        yield StackWorld(stack, vendor)
