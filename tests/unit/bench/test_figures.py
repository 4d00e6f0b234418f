"""Figures and their budgets, and how they are shown."""

from __future__ import annotations

import json

import pytest
from rich.console import Console

from infra.local.bench.cli import better
from infra.local.bench.figures import Baseline, at_least, at_most, exactly, unmeasured
from infra.local.bench.ratchet import known_misses, tolerated
from infra.local.bench.report import as_json, show


@pytest.mark.parametrize(
    ("figure", "ok"),
    [
        (at_most("a", 7, 7, "units"), True),
        (at_most("a", 7.01, 7, "units"), False),
        (at_least("a", 0.5, 0.5, "x"), True),
        (at_least("a", 0.49, 0.5, "x"), False),
        (exactly("a", 0, 0, "gaps"), True),
        (exactly("a", 1, 0, "gaps"), False),
        (unmeasured("a"), False),
    ],
)
def test_a_budget_is_kept_or_missed(figure, ok):
    assert figure.ok is ok


def test_what_is_judged_is_the_figure_before_it_is_rounded():
    figure = at_most("a", 1.20001, 1.2, "x")
    assert (figure.figure, figure.ok) == (1.2, False)


def test_json_has_the_documented_keys_and_nothing_else():
    baseline = Baseline(figure=1000, unit="instructions", of="a stock client")
    (told,) = json.loads(as_json([at_most("init/x", 0.31234567, 0.86, "x", baseline)]))
    assert list(told) == ["name", "figure", "unit", "budget", "ok", "baseline"]
    assert told["figure"] == 0.3123
    assert told["baseline"] == {"figure": 1000, "unit": "instructions", "of": "a stock client"}


def test_the_table_names_what_was_missed_and_what_was_not_measured(capsys):
    show([at_most("b/x", 2, 1, "s"), unmeasured("init/…"), at_most("a/y", 1, 1, "s")], Console(width=120))
    out = capsys.readouterr().out
    assert "2 of 3 missed: b/x, init/…" in out
    assert "not measured" in out


def test_of_a_figure_measured_twice_the_one_that_keeps_its_budget_counts():
    first = [at_most("a", 3, 2, "s"), at_most("b", 1, 2, "s"), at_most("c", 3, 2, "s")]
    second = [at_most("a", 1, 2, "s"), at_most("b", 3, 2, "s"), at_most("c", 4, 2, "s")]
    assert [(figure.figure, figure.ok) for figure in better(first, second)] == [(1, True), (1, True), (4, False)]


def test_a_recorded_miss_is_passed_over_only_while_it_is_no_worse(tmp_path):
    record = tmp_path / "known.json"
    record.write_text('{"a": {"at_most": 5, "why": "on the way"}, "d": {"at_most": 5, "why": "not measured"}}')
    figures = [at_most("a", 4, 2, "$"), at_most("b", 4, 2, "$"), at_most("c", 1, 2, "$"), unmeasured("d")]
    known = known_misses(record)
    assert [figure.name for figure in tolerated(figures, known)] == ["a"]
    assert tolerated([at_most("a", 5.1, 2, "$")], known) == []
    assert known_misses(tmp_path / "nowhere.json") == {}
