"""`./quittance verify [--json]`: proves the invariants on the running stack, or names what breaks one."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table as RichTable

from infra.local.cli.console import Progress
from infra.local.verify.locate import NotRunning, locate
from infra.local.verify.outside import Parked
from infra.local.verify.stack import parked, verify_stack
from infra.local.verify.violations import INVARIANTS, Violation

HOLD, BROKEN, NOTHING_TO_VERIFY = 0, 1, 2


def main(argv: Sequence[str]) -> int:
    """Verify; 1 when an invariant is broken, 2 when no stack is running."""
    parser = argparse.ArgumentParser(prog="quittance verify", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else on stdout")
    options = parser.parse_args(argv)
    try:
        stack = locate()
    except NotRunning as problem:
        sys.stderr.write(f"{problem}\n")
        return NOTHING_TO_VERIFY
    with Progress("Verifying the running stack") as progress:
        violations = verify_stack(stack.clients, stack.outputs)
        waiting = parked(stack.clients, stack.outputs)
        progress.done(f"{len(violations)} violations" if violations else "all invariants hold")
    if options.json:
        print(as_json(violations, waiting))
    else:
        show(violations, waiting, Console(highlight=False))
    return BROKEN if violations else HOLD


def as_json(violations: Sequence[Violation], waiting: Sequence[Parked]) -> str:
    """Return violations, and what waits for a person, as one JSON object."""
    found = {
        "violations": [violation.to_json() for violation in violations],
        "parked": [{"place": one.place, "what": one.what} for one in waiting],
    }
    return json.dumps(found, indent=1, ensure_ascii=False)


def show(violations: Sequence[Violation], waiting: Sequence[Parked], console: Console) -> None:
    """Print the invariants with what was found, each violation with its item, and what waits for a person."""
    table = RichTable(title="Invariants", title_justify="left", title_style="bold")
    for column in ("", "invariant", "found"):
        table.add_column(column)
    for number, told in INVARIANTS.items():
        count = sum(violation.invariant == number for violation in violations)
        table.add_row(str(number), told, f"[red]{count} broken[/]" if count else "[green]holds[/]")
    console.print(table)
    for violation in violations:
        console.print(f"{violation.invariant}  {violation}", style="red", markup=False, soft_wrap=True)
    for one in waiting:
        console.print(f"waits for a person: {one}", style="yellow", markup=False, soft_wrap=True)
