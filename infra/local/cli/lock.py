"""`./quittance lock`: writes the locks again from the .in files beside them.

The resolver asks the package index that the person's own settings name; neither its host nor any address gets into a
lock. The layers come first: the other environments take the versions that the functions run with.
"""

from pathlib import Path

from infra.local.cli import console, processes, project
from infra.local.cli.environments import Environments

LAYERS = {name: f"layers/{name}/requirements.txt" for name in ("deps", "documents", "signatures")}
TOOLS = {name: f"infra/locks/{name}.txt" for name in ("dev", "stack", "gates", "audit", "lock")}
"""Where each lock goes; its source is infra/locks/<name>.in."""
_AS_THE_LAYERS = ("dev",)
_OPTIONS = (
    "--universal",
    "--python-version=3.12",
    "--generate-hashes",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--no-annotate",
    "--custom-compile-command=./quittance lock",
    "--quiet",
)


def main(arguments: list[str]) -> int:
    """Write every lock; 0 when all could be resolved."""
    if arguments not in ([], ["--upgrade"]):
        console.complain("`lock` knows one argument, --upgrade.")
        return 2
    python = Environments().python("lock")
    return max(_write(python, name, target, arguments) for name, target in {**LAYERS, **TOOLS}.items())


def _write(python: Path, name: str, target: str, options: list[str]) -> int:
    constraints = [f"--constraints={lock}" for lock in LAYERS.values() if name in _AS_THE_LAYERS]
    source = f"infra/locks/{name}.in"
    arguments = ["pip", "compile", *_OPTIONS, *options, *constraints, source, "--output-file", target]
    command = processes.module(python, "uv", *arguments)
    with console.Progress(f"Locking {target}") as progress:
        status = processes.run(command, env=project.environment(), cwd=project.ROOT)
        progress.done("failed" if status else "ok")
    return status
