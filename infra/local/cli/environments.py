"""Virtual environments made from the locks: whole or not at all, one at a time, made once.

An environment's folder is named after what is in it (lock, Python, place), so a changed lock makes a new one. Its last
file is `.ready`; a folder without it is the rest of an interrupted installation and is made again.
"""

import fcntl
import hashlib
import shutil
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from infra.local.cli import console, processes, project

LOCKS = {
    "dev": "infra/locks/dev.txt",
    "stack": "infra/locks/stack.txt",
    "gates": "infra/locks/gates.txt",
    "audit": "infra/locks/audit.txt",
    "lock": "infra/locks/lock.txt",
}
"""What each is for is said in the .in file beside its lock."""
_SHOWN_ON_FAILURE = 12


class SetupFailed(Exception):
    """An environment could not be made; the message says why and what to do."""


type Install = Callable[[Path, Path], None]
"""Fills a folder (first) with what a lock (second) lists."""


@dataclass(frozen=True)
class Environments:
    """The environments of one checkout, under `.quittance/env/`."""

    root: Path = project.ROOT

    def python(self, name: str, install: Install | None = None) -> Path:
        """Return the interpreter of an environment, which is made first where it is missing. Raises SetupFailed."""
        folder = self.folder(name)
        interpreter = folder / "bin" / "python"
        if _is_ready(folder):
            return interpreter
        with self._alone(name):
            if not _is_ready(folder):  # whoever held the lock before us may have made it
                shutil.rmtree(folder, ignore_errors=True)
                (install or _install)(folder, self.lock(name))
                (folder / ".ready").touch()
        return interpreter

    def lock(self, name: str) -> Path:
        """The file that lists an environment's packages with their hashes."""
        return self.root / LOCKS[name]

    def folder(self, name: str) -> Path:
        """Where an environment lies; the name changes with the lock, the Python and the place (scripts hold paths)."""
        digest = hashlib.sha256(self.lock(name).read_bytes())
        for part in (sys.version, sys.base_prefix, sysconfig.get_platform(), str(self.root)):
            digest.update(part.encode())
        return self.root / ".quittance" / "env" / f"{name}-{digest.hexdigest()[:12]}"

    @contextmanager
    def _alone(self, name: str) -> Iterator[None]:
        """Keep other launchers out while an environment is made. The kernel lets go when we end, however we end."""
        place = self.root / ".quittance" / "env"
        place.mkdir(parents=True, exist_ok=True)
        with (place / f".{name}.lock").open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                console.say(f"another ./quittance is setting up {name}; waiting for it")
                fcntl.flock(held, fcntl.LOCK_EX)
            yield


def _is_ready(folder: Path) -> bool:
    return (folder / ".ready").exists() and (folder / "bin" / "python").exists()


def _install(folder: Path, lock: Path) -> None:
    name = folder.name.rpartition("-")[0]
    wanted = sum(1 for line in lock.read_text().splitlines() if "==" in line)
    log = folder.parent / f"{name}.log"
    with console.Progress(f"Setting up {name}") as progress, log.open("wb") as output:
        for command in _commands(folder, lock):
            code = processes.run(
                command,
                env=project.environment({"PYTHONPATH": ""}),
                output=output,
                tick=lambda: progress.tick(_stage(log, wanted)),
            )
            if code:
                progress.done("failed")
                raise SetupFailed(_explain(name, log))
        progress.done(f"{wanted} package{'' if wanted == 1 else 's'}")


def _commands(folder: Path, lock: Path) -> list[list[str]]:
    """Make the environment, then fill it: every file checked against its hash, wheels only, so nothing is run.

    The launcher's own pip fills it where there is one: an environment needs none then. Byte code is left to the first
    import, since most of what a gate brings is never imported; only the emulator, which writes none, gets it here.
    """
    compiled = "--compile" if folder.name.startswith("stack-") else "--no-compile"
    exact = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", str(lock)]
    options = [compiled, "--progress-bar=off", "--no-input", *exact]
    ours, its = Path(sys.executable), folder / "bin" / "python"
    if find_spec("pip") is None:
        return [processes.module(ours, "venv", str(folder)), processes.module(its, "pip", "install", *options)]
    bare = processes.module(ours, "venv", "--without-pip", str(folder))
    return [bare, processes.module(ours, "pip", "--python", str(its), "install", *options)]


def _stage(log: Path, wanted: int) -> str:
    lines = log.read_text(errors="replace").splitlines()
    if any(line.startswith("Installing collected") for line in lines):
        return f"unpacking {wanted} packages"
    fetched = sum(line.startswith("Collecting ") for line in lines)
    return f"package {fetched} of {wanted}"


def _explain(name: str, log: Path) -> str:
    tail = log.read_text(errors="replace").splitlines()[-_SHOWN_ON_FAILURE:]
    return "\n".join(
        [
            f"the environment {name!r} could not be installed. What pip said last:",
            *(f"    {line}" for line in tail),
            f"All of it is in {log}. Behind a proxy or with a mirror, pip's own settings (pip config, PIP_INDEX_URL,",
            "PIP_PROXY, PIP_CERT) apply; run the same command again to go on.",
        ]
    )
