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
    """Return one row a vendor invoice: what is left to pay, due when, and by when paying it shows in time."""
    columns = ("vendor invoice", "dated", "due", "pay by", "state")
    made = _table("Owed to the vendor (net 60)", columns, ("amount", "remaining"))
    for one in payables:
        amounts = (f"{one[name]} {one['currency']}" for name in ("amount", "remaining"))
        made.add_row(one["vendor_invoice"], one["dated"], one["due"], one["pay_by"], one["state"], *amounts)
    return made


def exposures_table(accounts: Sequence[Mapping[str, Any]]) -> Table:
    """Return one row an account: what the vendor charged, what came in, what suspended licences cost, the risk."""
    figures = ("charged", "paid", "uncovered", "suspended_cost", "at_risk")
    made = _table("What each account can cost", ("account",), tuple(name.replace("_", " ") for name in figures))
    for one in accounts:
        made.add_row(one["name"], *(f"{one[name]} {one['currency']}" for name in figures))
    return made


def calls_table(calls: Sequence[Mapping[str, Any]]) -> Table:
    """Return whom to call first to have the cash for the vendor in time."""
    made = _table("Whom to call first", ("account", "e-mail", "since"), ("overdue",))
    for one in calls:
        made.add_row(one["name"], one["email"], one["oldest_due"], f"{one['overdue']} {one['currency']}")
    return made


def _table(title: str, left: Sequence[str], right: Sequence[str]) -> Table:
    made = Table(title=title, title_justify="left", title_style="bold")
    for column in left:
        made.add_column(column)
    for column in right:
        made.add_column(column, justify="right")
    return made
