"""Starts programs so that none outlives the launcher, whatever ends it.

Each program gets a session of its own. A signal that reaches the launcher is passed on to the program once; a second
one, or a program that takes too long, is answered with SIGTERM and then SIGKILL to all of it. What a program leaves
running when it ends is ended too.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GRACE = 30
"""Seconds that a program has to end after a signal: long enough to stop a stack, short enough for a CI job."""
_SWEEP = 3.0
"""Seconds between asking what was left behind to end and ending it."""
_TICK = 0.1
_PR_SET_CHILD_SUBREAPER = 36


class Interrupted(Exception):
    """The launcher was told to stop; the program it ran has ended."""

    def __init__(self, signum: int) -> None:
        super().__init__(signal.Signals(signum).name)
        self.signum = signum


@dataclass
class _Forwarder:
    """Passes signals on to one program, harder each time."""

    process: "subprocess.Popen[bytes]"
    received: list[int] = field(default_factory=list)
    pressure: int = 0

    def __call__(self, signum: int, _frame: FrameType | None) -> None:
        if signum != signal.SIGALRM:
            self.received.append(signum)
        self.pressure += 1
        if self.pressure == 1:
            _send(self.process.pid, signum)
        else:
            _send_group(self.process.pid, signal.SIGTERM if self.pressure == 2 else signal.SIGKILL)  # noqa: PLR2004
        signal.alarm(_GRACE)


def module(python: Path, name: str, *arguments: str) -> list[str]:
    """The command line that runs a module of an environment. -P: the working folder is not imported from."""
    return [str(python), "-P", "-m", name, *arguments]


def run(
    command: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    output: IO[bytes] | None = None,
    tick: Callable[[], None] | None = None,
) -> int:
    """Run a program to its end and return its exit status (128 + n where signal n ended it).

    With `output`, what it prints on both streams goes there and it has no standard input; else it has the launcher's
    own streams. `tick` is called several times a second meanwhile. Raises Interrupted when the launcher was signalled.
    """
    process = subprocess.Popen(
        list(command),
        env=None if env is None else dict(env),
        cwd=cwd,
        stdin=subprocess.DEVNULL if output else None,
        stdout=output,
        stderr=subprocess.STDOUT if output else None,
        start_new_session=True,
    )
    with _forwarding(process) as forwarder:
        try:
            _wait(process, tick)
        finally:
            _sweep(process.pid)
    if forwarder.received:
        raise Interrupted(forwarder.received[0])
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def adopt_orphans() -> None:
    """Have the kernel hand over what programs leave behind, even what left their session (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


@contextmanager
def _forwarding(process: "subprocess.Popen[bytes]") -> Iterator[_Forwarder]:
    forwarder = _Forwarder(process)
    before = {number: signal.signal(number, forwarder) for number in (*_FORWARDED, signal.SIGALRM)}
    try:
        yield forwarder
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(process: "subprocess.Popen[bytes]", tick: Callable[[], None] | None) -> None:
    if tick is None:
        process.wait()
        return
    while True:
        try:
            process.wait(timeout=_TICK)
        except subprocess.TimeoutExpired:
            tick()
        else:
            return


def _sweep(session: int) -> None:
    """End everything that a finished program left running."""
    give_up = time.monotonic() + _SWEEP
    number = signal.SIGTERM
    while left := _left_behind(session):
        if time.monotonic() > give_up:
            number = signal.SIGKILL
        for pid in left:
            _send(pid, number)
        time.sleep(0.05)
        _reap()


def _left_behind(session: int) -> list[int]:
    if sys.platform != "linux":
        return []
    entries = (entry for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [int(entry.name) for entry in entries if _belongs(entry, session)]


def _belongs(entry: Path, session: int) -> bool:
    """Tell whether a process is of the session or was handed over to us; the dead that nobody fetched do not count."""
    try:
        state, parent, _group, its_session = (entry / "stat").read_text().rpartition(")")[2].split()[:4]
    except OSError:
        return False  # it ended while we looked
    return state not in "ZX" and (int(its_session) == session or int(parent) == os.getpid())


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _send(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _send_group(pid: int, number: int) -> None:
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return
