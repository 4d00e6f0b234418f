"""Runs one command's module in the `dev` environment: `python -m infra.local.cli.inside MODULE ARGUMENTS`."""

import contextlib
import ctypes
import importlib
import os
import signal
import sys
from types import FrameType

_PR_SET_PDEATHSIG = 1


def main(module: str, arguments: list[str]) -> int:
    """Call the module's `main(arguments)` with clean ends: signals unwind it, a closed pipe is no error."""
    _end_with_parent()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _unwind)
    try:
        status: int = importlib.import_module(module).main(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except BrokenPipeError:  # `| head` has seen enough
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    return status


def _unwind(signum: int, _frame: FrameType | None) -> None:
    """End by way of every `finally`, as Ctrl-C does."""
    raise SystemExit(128 + signum)


def _end_with_parent() -> None:
    """Be told when the launcher is gone, even where it was killed outright (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
