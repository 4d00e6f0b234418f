"""A measured figure beside its budget, and beside something of the same run that tells how the machine was."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What the figure is compared with: measured in the same run, on the same machine."""

    figure: float
    unit: str
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure; `figure` is None where it could not be measured, and then it is not `ok`."""

    name: str
    figure: float | None
    unit: str
    budget: float
    ok: bool
    baseline: Baseline | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the figure as `--json` prints it."""
        return asdict(self)


def at_most(name: str, figure: float, budget: float, unit: str, baseline: Baseline | None = None) -> Figure:
    """Return a figure that may be as large as its budget."""
    return Figure(name=name, figure=_rounded(figure), unit=unit, budget=budget, ok=figure <= budget, baseline=baseline)


def at_least(name: str, figure: float, budget: float, unit: str, baseline: Baseline | None = None) -> Figure:
    """Return a figure that must reach its budget; the unit says so."""
    ok = figure >= budget
    named = f"{unit}, at least"
    return Figure(name=name, figure=_rounded(figure), unit=named, budget=budget, ok=ok, baseline=baseline)


def exactly(name: str, figure: float, budget: float, unit: str, baseline: Baseline | None = None) -> Figure:
    """Return a figure that must be its budget, such as a number of gaps."""
    ok = figure == budget
    return Figure(name=name, figure=_rounded(figure), unit=unit, budget=budget, ok=ok, baseline=baseline)


def unmeasured(name: str) -> Figure:
    """Return what stands for a bench that could not be run."""
    return Figure(name=name, figure=None, unit="", budget=0, ok=False)


def _rounded(figure: float) -> float:
    """Keep the digits that carry something: a ratio is not told by its sixth place."""
    return figure if isinstance(figure, int) else float(f"{figure:.4g}")
