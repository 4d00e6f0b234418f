"""The help texts, and what to say to a command line that is none."""

import difflib

from infra.local.cli import console
from infra.local.cli.commands import COMMANDS, Command

VERSION = "0.1.0"
_EXAMPLES = (
    ("./quittance demo", "see it work, nothing else needed"),
    ("./quittance test tests/unit -k vat", "run a part of the tests"),
    ("./quittance scenario run mine.yaml", "what would happen to an account that ...?"),
)


def overview(colour: bool = False) -> str:  # noqa: FBT001, FBT002 - the one choice there is
    """The page behind `./quittance --help`."""
    width = max(len(command.usage) for command in COMMANDS) + 2
    lines = [
        "Quittance: from a cloud vendor's monthly bill to settled, provable customer accounts.",
        "",
        "usage: ./quittance COMMAND [ARGUMENTS]",
        "",
        *(f"  {_bold(f'{command.usage:<{width}}', colour)}{command.summary}" for command in COMMANDS),
        "",
        "examples:",
        *(f"  {example:<{width + 8}}{meaning}" for example, meaning in _EXAMPLES),
        "",
        "`./quittance COMMAND --help` tells more about one; --version prints the version.",
        "The first start installs what is needed into .quittance/; later ones reuse it.",
    ]
    return "\n".join(lines)


def page(command: Command) -> str:
    """The page behind `./quittance COMMAND --help`."""
    summary = command.summary[0].upper() + command.summary[1:]
    examples = [f"  {example}" for example in command.examples]
    lines = [f"usage: ./quittance {command.usage}", "", f"{summary}.", command.details, "", "examples:", *examples]
    return "\n".join(lines)


def unknown(name: str) -> str:
    """What to say to a command there is not."""
    names = [command.name for command in COMMANDS]
    first = name.split(maxsplit=1)[0]
    near = difflib.get_close_matches(name, names, n=1) or difflib.get_close_matches(first, names, n=1)
    near = near or [candidate for candidate in names if candidate.split()[0] == first]
    said = name if near and " " in near[0] else first
    guess = f" Did you mean `{near[0]}`?" if near else ""
    return f"there is no command {said!r}.{guess} `./quittance --help` lists them all."


def _bold(text: str, colour: bool) -> str:  # noqa: FBT001 - as overview
    return console.paint(text, "1", None) if colour else text
