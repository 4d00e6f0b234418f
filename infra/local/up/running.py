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
def announced(stack: EmbeddedStack, *, token: str = "") -> Iterator[None]:
    """Leave the stack's addresses where `verify` and `dry-run` look for them, and take them away at the end.

    `token` opens its API; the file is for its owner alone.
    """
    STATE.parent.mkdir(parents=True, exist_ok=True)
    told = {"pid": os.getpid(), "endpoint": stack.url, "region": REGION, "outputs": stack.outputs}
    written = STATE.with_suffix(".new")
    written.touch(mode=0o600)
    written.write_text(json.dumps({**told, "api": stack.api_url, "token": token}, indent=2), encoding="utf-8")
    written.replace(STATE)
    try:
        yield
    finally:
        STATE.unlink(missing_ok=True)
