"""Budgets that are known to be missed: recorded with how far and why, so that they cannot get worse unseen.

`./quittance bench` fails on every missed budget. CI asks with `--ratchet`, which passes over those recorded in
`tests/perf/known_misses.json`, as long as they are no worse than recorded there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.local.bench.figures import Figure


@dataclass(frozen=True, slots=True)
class Known:
    """A budget that is missed: the figure it must not exceed until it is kept, and why it is missed."""

    at_most: float
    why: str


def known_misses(file: Path) -> dict[str, Known]:
    """Read the record; a missing file records nothing."""
    if not file.exists():
        return {}
    recorded = json.loads(file.read_text(encoding="utf-8"))
    return {name: Known(float(one["at_most"]), str(one["why"])) for name, one in recorded.items()}


def tolerated(figures: Sequence[Figure], known: Mapping[str, Known]) -> list[Figure]:
    """Return the missed figures that are recorded and no worse than recorded."""
    return [
        figure
        for figure in figures
        if not figure.ok
        and figure.figure is not None
        and figure.name in known
        and figure.figure <= known[figure.name].at_most
    ]
