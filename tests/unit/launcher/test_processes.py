"""Programs end with the launcher, signals reach them once, and nothing they started stays."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from infra.local.cli import processes, project

STATUSES = [("import sys; sys.exit(0)", 0), ("import sys; sys.exit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)]


@pytest.mark.parametrize(("program", "status"), STATUSES)
def test_the_status_is_the_programs(program, status):
    assert processes.run([sys.executable, "-c", program]) == status


def test_output_is_captured_and_there_is_no_input(tmp_path):
    with (tmp_path / "said").open("wb") as output:
        program = "import sys; print(repr(sys.stdin.read())); print('oops', file=sys.stderr)"
        processes.run([sys.executable, "-c", program], output=output)
    assert (tmp_path / "said").read_text().split() == ["''", "oops"]


def test_a_long_program_ticks():
    ticks: list[int] = []
    processes.run([sys.executable, "-c", "import time; time.sleep(0.3)"], tick=lambda: ticks.append(1))
    assert ticks


LAUNCHER = """
import sys
from infra.local.cli import processes
processes.adopt_orphans()
try:
    status = processes.run([sys.executable, "-c", sys.argv[1]])
except processes.Interrupted as stop:
    sys.exit(128 + stop.signum)
sys.exit(status)
"""
STUBBORN = """
import signal, subprocess, sys
nested = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
children = [subprocess.Popen([sys.executable, "-c", nested], start_new_session=new) for new in (True, False)]
print(*(child.pid for child in children), flush=True)
try:
    signal.pause()
except KeyboardInterrupt:
    print("asked once", flush=True)
"""
CARELESS = """
import subprocess, sys
nested = "import time; time.sleep(60)"
children = [subprocess.Popen([sys.executable, "-c", nested], start_new_session=new) for new in (True, False)]
print(*(child.pid for child in children), flush=True)
"""


def start(program: str) -> "subprocess.Popen[str]":
    """A launcher in a process of its own, as signals are for whole processes."""
    env = os.environ | {"PYTHONPATH": str(project.ROOT)}
    command = [sys.executable, "-c", textwrap.dedent(LAUNCHER), program]
    return subprocess.Popen(command, env=env, text=True, stdout=subprocess.PIPE)


def pids_in(line: str) -> list[int]:
    return [int(word) for word in line.split()]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_everything(number, status):
    launcher = start(STUBBORN)
    assert launcher.stdout
    lines = [launcher.stdout.readline() for _ in range(3)]
    pids = pids_in(next(line for line in lines if line != "up\n"))
    launcher.send_signal(number)
    rest = launcher.communicate(timeout=20)[0]
    assert launcher.returncode == status
    assert rest == ("asked once\n" if number == signal.SIGINT else "")
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_what_a_program_forgot_is_ended_too():
    launcher = start(CARELESS)
    said = launcher.communicate(timeout=20)[0]
    assert launcher.returncode == 0
    assert not [pid for pid in pids_in(said) if Path(f"/proc/{pid}").exists()]
