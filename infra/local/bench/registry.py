"""The benches: functions in `tests/perf` that measure one family of budgets each."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.local.bench.bed import Bed
from infra.local.bench.figures import Figure

Measure = Callable[[Bed], Iterator[Figure]]
_FOUND: dict[str, Bench] = {}


class Unavailable(Exception):
    """A bench cannot be run here; the message says what is missing and how to get it."""


@dataclass(frozen=True, slots=True)
class Bench:
    """One family of figures: each of its figures is named `<name>/...` or `<name>`.

    `by_the_clock` says that they are seconds on the wall: other work on the machine adds to them and never takes away,
    so a missed budget is measured once more and the better figure counts.
    """

    name: str
    title: str
    measure: Measure
    by_the_clock: bool = False


def bench(name: str, title: str, *, by_the_clock: bool = False) -> Callable[[Measure], Measure]:
    """Register a function that yields the figures of a family."""

    def register(measure: Measure) -> Measure:
        _FOUND[name] = Bench(name, title, measure, by_the_clock)
        return measure

    return register


def load(folder: Path) -> dict[str, Bench]:
    """Import the modules of a folder and return the benches in them, in the order of the modules' names."""
    _FOUND.clear()
    for path in sorted(folder.glob("[!_]*.py")):
        # By path: a package named `tests` that something installed would hide ours.
        spec = importlib.util.spec_from_file_location(f"quittance_bench_{path.stem}", path)
        if spec is None or spec.loader is None:
            raise ImportError(f"{path} cannot be imported")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
    return dict(_FOUND)
