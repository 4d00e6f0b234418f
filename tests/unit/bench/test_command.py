"""`./quittance bench`: which benches run, what is printed where, and the exit status."""

from __future__ import annotations

import json

import pytest

from infra.local.bench import cli
from infra.local.bench.bed import SETTINGS

QUICK = """
from infra.local.bench.figures import at_most
from infra.local.bench.registry import Unavailable, bench


@bench("good", "always kept")
def good(bed):
    yield at_most("good/one", 1, 2, "s")
    yield at_most("good/two", 2, 2, "s")


@bench("bad", "breaks half way")
def bad(bed):
    yield at_most("bad/one", 1, 2, "s")
    raise RuntimeError("broken in the middle")


@bench("absent", "needs a tool")
def absent(bed):
    raise Unavailable("the tool is missing; get it with `apt install tool`")
    yield
"""


@pytest.fixture(autouse=True)
def benches(tmp_path, monkeypatch):
    (tmp_path / "quick.py").write_text(QUICK)
    (tmp_path / "_helper.py").write_text("raise AssertionError('not a bench')")
    monkeypatch.setattr(cli, "BENCHES", tmp_path)
    for name in SETTINGS:
        monkeypatch.setenv(name, "as before")


def told(capsys, *argv):
    status = cli.main(["--json", *argv])
    printed = capsys.readouterr()
    return status, json.loads(printed.out), printed.err


def test_json_alone_is_on_standard_output_and_progress_on_standard_error(capsys):
    status, figures, err = told(capsys, "good")
    assert status == cli.KEPT
    assert [figure["name"] for figure in figures] == ["good/one", "good/two"]
    assert "good: always kept" in err


def test_one_figure_can_be_asked_for(capsys):
    _, figures, _ = told(capsys, "good/two")
    assert [figure["name"] for figure in figures] == ["good/two"]


def test_a_bench_that_breaks_leaves_its_figures_and_the_other_benches(capsys):
    status, figures, err = told(capsys)
    assert status == cli.MISSED
    assert {figure["name"]: figure["ok"] for figure in figures} == {
        "good/one": True,
        "good/two": True,
        "bad/one": True,
        "bad": False,
        "absent": False,
    }
    assert "broken in the middle" in err


def test_a_missing_tool_is_told_with_how_to_get_it_and_without_a_traceback(capsys):
    status, figures, err = told(capsys, "absent")
    assert (status, figures[0]["figure"]) == (cli.MISSED, None)
    assert "apt install tool" in err
    assert "Traceback" not in err


def test_an_unknown_name_is_a_mistake_of_the_caller(capsys):
    assert cli.main(["nothing"]) == cli.NOT_UNDERSTOOD
    assert "there are: good, bad, absent" in capsys.readouterr().err
