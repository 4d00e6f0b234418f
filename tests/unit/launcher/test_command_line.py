"""The command line: help for everything, and a clear word for what is wrong before anything is installed."""

import pytest

from infra.local.cli import __main__ as launcher
from infra.local.cli import help as help_pages
from infra.local.cli.commands import COMMANDS


@pytest.fixture(autouse=True)
def _nothing_is_installed(monkeypatch):
    def refuse(*_):
        pytest.fail("an environment was asked for")

    monkeypatch.setattr("infra.local.cli.environments.Environments.python", refuse)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"]])
def test_the_overview_names_every_command(arguments, capsys):
    assert launcher.main(arguments) == 0
    shown = capsys.readouterr().out
    assert all(f"  {command.usage} " in shown and command.summary in shown for command in COMMANDS)
    assert max(len(line) for line in shown.splitlines()) <= 100


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_has_its_page_with_an_example(command, capsys):
    assert launcher.main([*command.name.split(), "--help"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith(f"usage: ./quittance {command.usage}\n")
    assert "./quittance " in shown.rpartition("examples:")[2]


def test_the_version_names_the_python_too(capsys):
    assert launcher.main(["--version"]) == 0
    assert capsys.readouterr().out.startswith(f"quittance {help_pages.VERSION} (Python 3.")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tset"], "Did you mean `test`?"),
        (["frobnicate", "it"], "there is no command 'frobnicate'"),
        (["scenario", "mine.yaml"], "Did you mean `scenario run`?"),
        (["scenario", "rnu", "x.yaml"], "Did you mean `scenario run`?"),
        (["scenario", "run"], "needs a scenario file"),
        (["simulate", "--json"], "needs a scenario file"),
        (["simulate", "no/such.yaml"], "there is no file 'no/such.yaml'"),
        (["validate", "everything"], "takes no arguments"),
        (["lock", "--newest"], "--upgrade"),
        (["clean", "house"], "--all"),
    ],
)
def test_a_wrong_command_line_is_refused_with_the_remedy(arguments, said, capsys):
    assert launcher.main(arguments) == 2
    shown = capsys.readouterr()
    assert said in shown.err
    assert shown.out == ""


def test_colours_stay_away_from_pipes(capsys):
    launcher.main(["--help"])
    launcher.main(["tset"])
    shown = capsys.readouterr()
    assert "\x1b" not in shown.out + shown.err
