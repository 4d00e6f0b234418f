"""Observations as a table that a person can read."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from infra.local.scenario.play import Observation

_STYLES = {"active": "green", "suspended": "red", "suspending": "yellow", "restoring": "yellow"}


def table_of(observations: Sequence[Observation]) -> None:
    """Print one row an observation: money, stage and access."""
    table = Table(title="Observations", title_justify="left")
    table.add_column("date", no_wrap=True)
    for heading in ("account", "stage", "access"):
        table.add_column(heading)
    for heading in ("balance", "overdue", "credit"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for seen in observations:
        table.add_row(
            seen["at"][:16].replace("T", " "),
            seen["account"],
            seen["stage"],
            _access(seen["access"]),
            *(seen[key] for key in ("balance", "overdue", "credit")),
            seen["currency"],
        )
    Console().print(table)


def _access(access: dict[str, str]) -> str:
    return ", ".join(f"{name} [{_STYLES.get(state, 'white')}]{state}[/]" for name, state in sorted(access.items()))
