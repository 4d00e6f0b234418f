"""How figures are shown: a table for people, JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from infra.local.bench.figures import Baseline, Figure

_WIDE = 150
"""Columns where nobody watches a terminal: a log wraps by itself."""


def as_json(figures: Sequence[Figure]) -> str:
    """Return the figures as one JSON array."""
    return json.dumps([figure.to_json() for figure in figures], indent=1, ensure_ascii=False)


def as_table(figures: Sequence[Figure]) -> Table:
    """Return one row a figure; a family's rows stand together."""
    table = Table(title="Budgets", title_justify="left", title_style="bold")
    for column in ("what", "figure", "budget", "unit", "", "baseline of the same run"):
        table.add_column(column, justify="right" if column in ("figure", "budget") else "left")
    for place, figure in enumerate(figures):
        after = figures[place + 1] if place + 1 < len(figures) else figure
        table.add_row(*_cells(figure), end_section=_family(figure) != _family(after))
    return table


def show(figures: Sequence[Figure], console: Console | None = None) -> None:
    """Print the table on standard output and what it comes to."""
    console = console or Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    console.print(as_table(figures))
    missed = [figure.name for figure in figures if not figure.ok]
    told = f"{len(missed)} of {len(figures)} missed: {', '.join(missed)}" if missed else f"all {len(figures)} kept"
    console.print(f"Budgets: {told}", style="red" if missed else "green")


def _family(figure: Figure) -> str:
    return figure.name.partition("/")[0]


def _cells(figure: Figure) -> tuple[str, ...]:
    found = "not measured" if figure.figure is None else _told(figure.figure)
    mark = "[green]kept[/]" if figure.ok else "[red]missed[/]"
    budget = "" if figure.figure is None else _told(figure.budget)
    return figure.name, found, budget, figure.unit, mark, _baseline(figure.baseline)


def _baseline(baseline: Baseline | None) -> str:
    return f"{_told(baseline.figure)} {baseline.unit}: {baseline.of}" if baseline else ""


def _told(figure: float) -> str:
    return f"{figure:,.0f}" if isinstance(figure, int) or figure >= 10_000 else f"{figure:.4g}"  # noqa: PLR2004
