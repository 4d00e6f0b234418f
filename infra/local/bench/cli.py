"""`./quittance bench [--json] [NAME]`: runs the benches and holds their figures against the budgets."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from infra.local.bench.bed import SETTINGS, Bed
from infra.local.bench.figures import Figure, unmeasured
from infra.local.bench.ratchet import known_misses, tolerated
from infra.local.bench.registry import Bench, Unavailable, load
from infra.local.bench.report import as_json, show
from infra.local.cli.console import Progress
from infra.local.stack.embedded import ROOT

KEPT, MISSED, NOT_UNDERSTOOD = 0, 1, 2
BENCHES = ROOT / "tests" / "perf"
RECORD = "known_misses.json"


def main(argv: Sequence[str]) -> int:
    """Run all benches or those named; 1 when a budget is missed or a bench cannot run, 2 for an unknown name."""
    os.environ.update(SETTINGS)  # before the models are imported: they read them once
    benches = load(BENCHES)
    options = _parser(benches).parse_args(argv)
    chosen = [bench for name, bench in benches.items() if options.name in ("", name) or _within(options.name, name)]
    if not chosen:
        sys.stderr.write(f"no bench {options.name!r}; there are: {', '.join(benches)}\n")
        return NOT_UNDERSTOOD
    python = Path(os.environ.get("QUITTANCE_STACK_PYTHON") or sys.executable)
    with Bed(python, only=options.name, verbose=options.verbose) as bed:
        figures = [figure for bench in chosen for figure in _run(bench, bed) if bed.wanted(figure.name)]
    if options.json:
        print(as_json(figures))
    else:
        show(figures)
    passed = tolerated(figures, known_misses(BENCHES / RECORD)) if options.ratchet else []
    for figure in passed:
        sys.stderr.write(f"known miss, no worse than recorded in {RECORD}: {figure.name} {figure.figure}\n")
    return KEPT if figures and all(figure.ok or figure in passed for figure in figures) else MISSED


def _within(asked: str, family: str) -> bool:
    return asked.startswith(f"{family}/")


def _parser(benches: dict[str, Bench]) -> argparse.ArgumentParser:
    told = "\n".join(f"  {bench.name:<10} {bench.title}" for bench in benches.values())
    parser = argparse.ArgumentParser(
        prog="quittance bench",
        description="Measure the budgets. The benches:\n" + told,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("name", nargs="?", default="", help="one bench, or one figure such as init/payment_webhooks")
    parser.add_argument("--json", action="store_true", help="one JSON array of figures, nothing else on stdout")
    parser.add_argument("--ratchet", action="store_true", help=f"pass over misses recorded in {RECORD}, if no worse")
    parser.add_argument("--verbose", action="store_true", help="also what a figure is made of, on standard error")
    return parser


def _run(bench: Bench, bed: Bed) -> Iterator[Figure]:
    """Run one bench with its progress on standard error; what goes wrong in it does not stop the others."""
    with Progress(f"{bench.name}: {bench.title}") as progress:
        bed.say = progress.tick
        figures, problem = _measured(bench, bed)
        if bench.by_the_clock and not problem and not all(figure.ok for figure in figures):
            progress.tick("once more, a busy machine may have been the reason")
            figures = better(figures, _measured(bench, bed)[0])
        progress.done(_outcome(figures))
    if problem:
        sys.stderr.write(f"{bench.name} was not measured: {problem.rstrip()}\n")
    yield from figures


def _measured(bench: Bench, bed: Bed) -> tuple[list[Figure], str]:
    """Return a bench's figures, and why there are not more where it broke off."""
    figures: list[Figure] = []
    try:
        for figure in bench.measure(bed):
            figures.append(figure)  # noqa: PERF402  # what was measured before a failure counts
    except Unavailable as missing:
        problem = str(missing)
    except Exception:  # noqa: BLE001  # a bench may break in any way; its figure is then missing, the rest is not
        problem = traceback.format_exc()
    else:
        return figures, ""
    return [*figures, unmeasured(bench.name if bed.wanted(bench.name) else f"{bench.name}/…")], problem


def better(first: Sequence[Figure], second: Sequence[Figure]) -> list[Figure]:
    """Return, of each figure measured twice, the one that keeps its budget, else the first."""
    again = {figure.name: figure for figure in second}
    return [figure if figure.ok else again.get(figure.name, figure) for figure in first]


def _outcome(figures: Sequence[Figure]) -> str:
    missed = sum(not figure.ok for figure in figures)
    return f"{missed} of {len(figures)} budgets missed" if missed else f"{len(figures)} kept"
