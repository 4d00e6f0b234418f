"""What customers owe beside what the vendor is owed, as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from infra.local.scenario.play import Observation


def receivables_table(statuses: Sequence[Observation], names: Mapping[str, str]) -> Table:
    """Return one row an account: what it owes, what of it is overdue, since when, its stage."""
    made = _table("Customers owe", ("account", "oldest due", "stage"), ("balance", "overdue"))
    for seen in statuses:
        money = (f"{seen[key]} {seen['currency']}" for key in ("balance", "overdue"))
        made.add_row(names.get(seen["account"], seen["account"]), seen["oldest_due"] or "", seen["stage"], *money)
    return made


def payables_table(payables: Sequence[Mapping[str, Any]]) -> Table:
    """Return one row a vendor invoice: what is owed, dated and due."""
    made = _table("Owed to the vendor (net 60)", ("vendor invoice", "dated", "due"), ("amount",))
    for one in payables:
        made.add_row(one["vendor_invoice"], one["dated"], one["due"], f"{one['amount']} {one['currency']}")
    return made


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    made = Table(title=title, title_justify="left", title_style="bold")
    for column in left:
        made.add_column(column)
    for column in right:
        made.add_column(column, justify="right")
    return made
