"""Reads the command line, makes the environments the command needs, and hands over to it."""

import importlib
import signal
import sys
from pathlib import Path

from infra.local.cli import console, processes, project
from infra.local.cli import help as help_pages
from infra.local.cli.commands import COMMANDS, Command
from infra.local.cli.environments import Environments, SetupFailed

_USAGE_ERROR = 2
_HELP = ("-h", "--help", "help")


def main(arguments: list[str]) -> int:
    """Run one command line and return its exit status: 0, 1 what was asked failed, 2 it could not be understood."""
    if not arguments or arguments[0] in _HELP:
        print(help_pages.overview(sys.stdout.isatty()))
        return 0
    if arguments[0] in ("-V", "--version"):
        print(f"quittance {help_pages.VERSION} (Python {sys.version.split()[0]}, {sys.executable})")
        return 0
    command, rest = _find(arguments)
    if command is None:
        return _refuse(help_pages.unknown(" ".join(arguments[:2])))
    if rest and rest[0] in _HELP:
        print(help_pages.page(command))
        return 0
    if complaint := _check(command, rest):
        return _refuse(f"{complaint}\nusage: ./quittance {command.usage}")
    return _guarded(command, rest)


def _find(arguments: list[str]) -> tuple[Command | None, list[str]]:
    for command in COMMANDS:
        words = command.name.split()
        if arguments[: len(words)] == words:
            return command, arguments[len(words) :]
        if arguments[0] == words[0] and (not arguments[1:] or arguments[1] in _HELP):
            return command, ["--help"]
    return None, []


def _check(command: Command, rest: list[str]) -> str:
    """Say what is wrong with a command line before anything is installed for it."""
    if not command.file_needed:
        return ""
    files = [argument for argument in rest if not argument.startswith("-")]
    if not files:
        return f"`{command.name}` needs a scenario file."
    missing = next((name for name in files if name != "-" and not Path(name).is_file()), None)
    return f"there is no file {missing!r}." if missing else ""


def _guarded(command: Command, rest: list[str]) -> int:
    processes.adopt_orphans()
    try:
        return _run(command, rest)
    except SetupFailed as problem:
        console.complain(str(problem))
        return 1
    except processes.Interrupted as stop:
        console.say(f"stopped by {stop}")
        return 128 + stop.signum
    except KeyboardInterrupt:
        console.say("stopped")
        return 128 + signal.SIGINT


def _run(command: Command, rest: list[str]) -> int:
    if not command.environments:
        outcome: int = importlib.import_module(command.module).main(rest)
        return outcome
    pythons = {name: Environments().python(name) for name in command.environments}
    names = {f"QUITTANCE_{name.upper()}_PYTHON": str(python) for name, python in pythons.items() if name != "dev"}
    inside = processes.module(pythons["dev"], "infra.local.cli.inside", command.module, *rest)
    return processes.run(inside, env=project.environment(names))


def _refuse(message: str) -> int:
    console.complain(message)
    return _USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
