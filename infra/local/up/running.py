"""Tells other commands where the running stack is: `.quittance/run/stack.json`, there as long as it runs."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager

from infra.local.stack.embedded import ROOT, EmbeddedStack
from infra.local.stack.process import REGION

STATE = ROOT / ".quittance" / "run" / "stack.json"


@contextmanager
def announced(stack: EmbeddedStack) -> Iterator[None]:
    """Leave the stack's addresses where `verify` looks for them, and take them away at the end."""
    STATE.parent.mkdir(parents=True, exist_ok=True)
    told = {"pid": os.getpid(), "endpoint": stack.url, "region": REGION, "outputs": stack.outputs}
    written = STATE.with_suffix(".new")
    written.write_text(json.dumps(told, indent=2), encoding="utf-8")
    written.replace(STATE)
    try:
        yield
    finally:
        STATE.unlink(missing_ok=True)
