"""What all tests share: descriptions of services that are read once in a process, and who runs which test."""

from __future__ import annotations

import signal
from functools import cache
from typing import Any

import pytest
from botocore import loaders
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# Whoever started us in the background, or by nohup, may have had these ignored, and what we start would inherit that.
for _signum in (signal.SIGINT, signal.SIGHUP):
    if signal.getsignal(_signum) is signal.SIG_IGN:
        signal.signal(_signum, signal.default_int_handler if _signum == signal.SIGINT else signal.SIG_DFL)

settings.register_profile("rules", deadline=None)  # a busy machine is no reason for a rule to fail
settings.load_profile("rules")
_read = cache(loaders.JSONFileLoader().load_file)


def _load_file(_self: loaders.JSONFileLoader, file_path: str) -> Any:
    """Read megabytes of JSON for the first client, and find them for the next; botocore only reads in them."""
    return _read(file_path)


loaders.JSONFileLoader.load_file = _load_file

_ONE_STACK = ("tests/contract/test_events.py", "tests/e2e/test_doors.py", "tests/e2e/test_stack.py")
"""Modules whose tests share a stack that takes seconds to start, and in which one may build on another."""


class _ByStack(LoadScopeScheduling):
    """Sends the tests of such a module to one worker, and any other test to whichever is free.

    xdist's own groups rest on an attribute of nodes that pytest no longer has.
    """

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if module in _ONE_STACK else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    """Schedule by stack where tests run side by side."""
    return _ByStack(config, log) if config.getvalue("dist") != "no" else None
