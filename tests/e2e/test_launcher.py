"""`./quittance` as a person starts it: which Python it takes, what it hands over, what it says when it cannot."""

import os
import shutil
import signal
import subprocess
import sys
import venv
import zipfile
from base64 import urlsafe_b64encode
from hashlib import sha256
from pathlib import Path

import pytest

from infra.local.cli.environments import LOCKS, Environments
from infra.local.cli.project import ROOT

BASE = Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}"
SHELL_TOOLS = ("dirname", "readlink", "cat")
CLAIMS = """#!/bin/sh
# Answers the launcher's probe as a Python {version} would, and tells how it was started.
case $1 in
    -I) [ "$5" = {version} ] || [ "$5" = any ] || exit 3 ;;
    *) echo "{version} {where} $*" ;;
esac
"""
SHIM = "#!/bin/sh\necho 'this version is not installed' >&2\nexit 127\n"
NO_VENV = '#!/bin/sh\n[ "$5" = 3.13 ] && exit 4\nexit 3\n'


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the launcher that sees no Python of the machine's own: its usual prefixes are moved below tmp_path."""
    root = tmp_path / "check out"
    shutil.copytree(ROOT / "infra/local/cli", root / "infra/local/cli", ignore=shutil.ignore_patterns("__pycache__"))
    text = (ROOT / "quittance").read_text()
    for prefix in ("/usr/", "/opt/", "/Library/"):
        text = text.replace(f'"{prefix}', f'"{tmp_path}{prefix}')
    (root / "quittance").write_text(text)
    (root / "quittance").chmod(0o755)
    for lock in LOCKS.values():
        (root / lock).parent.mkdir(parents=True, exist_ok=True)
        (root / lock).write_text("# nothing\n")
    return root


@pytest.fixture
def machine(tmp_path: Path) -> dict[str, str]:
    """The environment of a machine with a shell's tools and nothing else."""
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in SHELL_TOOLS:
        (tools / tool).symlink_to(str(shutil.which(tool)))
    return {"PATH": str(tools), "HOME": str(tmp_path / "home")}


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


def claim(path: Path, version: str, where: str = "") -> Path:
    return put(path, CLAIMS.format(version=version, where=where))


def quittance(checkout: Path, env: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [str(checkout / "quittance"), *arguments]
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)


def before(machine: dict[str, str], *folders: Path) -> dict[str, str]:
    return machine | {"PATH": ":".join([*map(str, folders), machine["PATH"]])}


def test_without_a_python_it_says_what_to_install(checkout, machine):
    run = quittance(checkout, machine, "--version")
    assert run.returncode == 1
    assert "no usable Python found (3.13 is wanted, any from 3.12 on will do)" in run.stderr
    assert "uv python install 3.13" in run.stderr
    assert run.stdout == ""


def test_a_python_that_cannot_make_environments_is_named_with_the_remedy(checkout, machine, tmp_path):
    put(tmp_path / "a/python3.13", NO_VENV)
    run = quittance(checkout, before(machine, tmp_path / "a"), "--version")
    assert run.returncode == 1
    assert (
        f"{tmp_path}/a/python3.13 cannot make environments (Debian, Ubuntu: apt install python3.13-venv)" in run.stderr
    )


def test_a_shim_that_does_not_run_is_passed_over_for_the_next_on_path(checkout, machine, tmp_path):
    put(tmp_path / "shims/python3.13", SHIM)
    claim(tmp_path / "real/python3.13", "3.13", "real")
    run = quittance(checkout, before(machine, tmp_path / "shims", tmp_path / "real"), "demo")
    assert run.stdout == "3.13 real -P -m infra.local.cli demo\n"


@pytest.mark.parametrize(
    ("there", "taken"),
    [
        (["bin/python3.12", "bin/python3.14", "bin/python3.13"], "3.13 bin"),
        (["bin/python3.12", "bin/python3.14"], "3.14 bin"),
        (["bin/python3.12", "home/.pyenv/versions/3.13.2/bin/python"], "3.13 home"),
        (["bin/python3.14", "home/.local/share/uv/python/cpython-3.13.1-linux-x86_64-gnu/bin/python3"], "3.13 home"),
        (["bin/python3.12", "usr/bin/python3.13"], "3.13 usr"),
        (["bin/python3.12"], "3.12 bin"),
    ],
)
def test_the_functions_runtime_comes_first_wherever_it_is(checkout, machine, tmp_path, there, taken):
    for place in there:
        version = next(version for version in ("3.12", "3.13", "3.14") if version in place)
        claim(tmp_path / place, version, place.split("/")[0])
    run = quittance(checkout, before(machine, tmp_path / "bin"), "demo")
    assert run.stdout.startswith(f"{taken} ")


def test_a_plain_python3_of_the_right_version_counts(checkout, machine, tmp_path):
    claim(tmp_path / "bin/python3", "3.15", "bin")
    assert quittance(checkout, before(machine, tmp_path / "bin"), "demo").stdout.startswith("3.15 bin ")


def test_the_named_python_is_taken_or_refused(checkout, machine, tmp_path):
    claim(tmp_path / "bin/python3.13", "3.13", "bin")
    env = before(machine, tmp_path / "bin")
    named = claim(tmp_path / "mine/python", "3.12", "mine")
    assert quittance(checkout, env | {"QUITTANCE_PYTHON": str(named)}, "demo").stdout.startswith("3.12 mine ")
    run = quittance(checkout, env | {"QUITTANCE_PYTHON": str(tmp_path / "nothing")}, "demo")
    assert run.returncode == 1
    assert "QUITTANCE_PYTHON" in run.stderr


def test_it_starts_through_a_link_and_from_any_folder(checkout, machine, tmp_path):
    link = tmp_path / "quittance"
    link.symlink_to(checkout / "quittance")
    run = subprocess.run(
        [link, "--version"],
        env=machine | {"QUITTANCE_PYTHON": str(BASE)},
        cwd="/",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("quittance 0.")


@pytest.fixture
def ready(checkout: Path, machine: dict[str, str]) -> dict[str, str]:
    """The checkout's environments, empty but real, and what starts it with the Python that made them."""

    def install(folder: Path, _lock: Path) -> None:
        venv.create(folder, symlinks=True)

    for name in ("dev", "stack"):
        Environments(checkout).python(name, install)
    return machine | {"QUITTANCE_PYTHON": str(BASE)}


SIMULATE = """
import os, sys
def main(arguments):
    print(arguments, sorted(name for name in os.environ if name.endswith("_PYTHON")))
    print("only for people", file=sys.stderr)
    return 3
"""
UP = """
import signal, subprocess, sys
def main(arguments):
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True) as child:
        try:
            print(child.pid, flush=True)
            signal.pause()
        finally:
            print("stopping", flush=True)
            child.terminate()
"""


def test_a_command_gets_its_arguments_and_its_status_is_ours(checkout, ready):
    put(checkout / "infra/local/simulate/cli.py", SIMULATE)
    scenario = put(checkout / "a scenario.yaml", "")
    run = quittance(checkout, ready, "simulate", str(scenario), "--json")
    assert run.returncode == 3
    assert run.stdout == f"{[str(scenario), '--json']} ['QUITTANCE_PYTHON']\n"
    assert run.stderr == "only for people\n"


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopping_unwinds_the_command_and_leaves_no_process(checkout, ready, number, status):
    put(checkout / "infra/local/up.py", UP)
    with subprocess.Popen([checkout / "quittance", "up"], env=ready, text=True, stdout=subprocess.PIPE) as launcher:
        assert launcher.stdout
        child = int(launcher.stdout.readline())
        launcher.send_signal(number)
        assert launcher.communicate(timeout=20)[0] == "stopping\n"
    assert launcher.returncode == status
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)


def wheel(folder: Path) -> Path:
    """A package of one module, as small as the format allows."""
    path = folder / "tiny-1.0-py3-none-any.whl"
    files = {
        "tiny.py": "",
        "tiny-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n",
        "tiny-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    digests = {name: urlsafe_b64encode(sha256(text.encode()).digest()).rstrip(b"=") for name, text in files.items()}
    record = "".join(f"{name},sha256={digests[name].decode()},{len(text)}\n" for name, text in files.items())
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, "tiny-1.0.dist-info/RECORD": record}.items():
            archive.writestr(name, text)
    return path


def test_packages_are_installed_only_with_the_locked_hash(checkout, machine, tmp_path):
    put(checkout / "infra/local/simulate/cli.py", "import tiny\ndef main(arguments): return 0\n")
    scenario = str(put(tmp_path / "scenario.yaml", ""))
    found = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "QUITTANCE_PYTHON": str(BASE)}
    lock = Environments(checkout).lock("dev")
    good = sha256(wheel(tmp_path).read_bytes()).hexdigest()

    lock.write_text(f"tiny==1.0 --hash=sha256:{'0' * 64}\n")
    refused = quittance(checkout, machine | found, "simulate", scenario)
    assert refused.returncode == 1
    assert "the environment 'dev' could not be installed" in refused.stderr
    assert "Traceback" not in refused.stderr

    lock.write_text(f"tiny==1.0 --hash=sha256:{good}\n")
    accepted = quittance(checkout, machine | found, "simulate", scenario)
    assert (accepted.returncode, accepted.stdout) == (0, "")
    assert "Setting up dev: 1 package (" in accepted.stderr
    assert quittance(checkout, machine | found, "simulate", scenario).stderr == ""
