"""`./quittance dry-run POLICY [DRAFT]`: what a policy would do on the running stack; nothing is changed there."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

from infra.local.scenario.api import ApiError, PartnerApi
from infra.local.verify.locate import NotRunning, locate
from quittance.usecases.dry_run import as_csv

DONE, REFUSED = 0, 2
_TITLES = {"proposed": "With it", "in_force": "As it is"}


def main(argv: Sequence[str]) -> int:
    """Ask and show; 2 when nothing is running or the question is refused."""
    options = _parsed(argv)
    try:
        question = _question(options)
        stack = locate()
        found = ask(PartnerApi(stack.api, stack.token), options.policy, question)
    except (NotRunning, ApiError, OSError, yaml.YAMLError) as problem:
        sys.stderr.write(f"{problem}\n")
        return REFUSED
    if options.json:
        print(json.dumps(found, indent=1, ensure_ascii=False))
    elif options.csv:
        sys.stdout.write(as_csv(found))
    else:
        show(found, Console(highlight=False))
    return DONE


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="quittance dry-run", description=__doc__)
    parser.add_argument("policy")
    parser.add_argument("draft", type=Path, nargs="?", help="a policy's definition, YAML or JSON")
    parser.add_argument("--account", action="append", help="try it on this account, whatever is assigned to it")
    parser.add_argument("--from", dest="first", metavar="DAY", help="a past day to begin with")
    parser.add_argument("--days", type=int, help="how many days to look at (60)")
    shown = parser.add_mutually_exclusive_group()
    shown.add_argument("--json", action="store_true", help="one JSON object")
    shown.add_argument("--csv", action="store_true", help="a line an event")
    return parser.parse_args(argv)


def _question(options: argparse.Namespace) -> dict[str, Any]:
    draft = yaml.safe_load(options.draft.read_text(encoding="utf-8")) if options.draft else None
    asked = {"definition": draft, "accounts": options.account, "from": options.first, "days": options.days}
    plain: dict[str, Any] = json.loads(json.dumps(asked, default=str))  # YAML reads dates; JSON writes them
    return {name: value for name, value in plain.items() if value is not None}


def ask(api: PartnerApi, policy: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """Return the whole answer: every page of accounts, the totals of all."""
    found: dict[str, Any] = api.post(f"/policies/{policy}/dry-runs", question)
    while found["next"]:
        page = api.post(f"/policies/{policy}/dry-runs", {**question, "after": found["next"]})
        totals = {which: _added(found["totals"][which], page["totals"][which]) for which in _TITLES}
        found |= {"accounts": found["accounts"] + page["accounts"], "totals": totals, "next": page["next"]}
    return found


def _added(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    sums: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in (*one, *other):
        key = (entry["currency"], entry["effect"])
        before = sums.get(key, {**entry, "accounts": 0, "overdue": "0"})
        overdue = Decimal(before["overdue"]) + Decimal(entry["overdue"])
        sums[key] = {**entry, "accounts": before["accounts"] + entry["accounts"], "overdue": str(overdue)}
    return list(sums.values())


def show(found: Mapping[str, Any], console: Console) -> None:
    """Print what the policy would do beside what is in force does, and the cash at stake."""
    what = "draft" if found["draft"] else f"version {found['version']}"
    console.print(f"Policy {found['policy']}, {what}, {found['from'][:10]} to {found['until'][:10]}; no effects\n")
    for which, title in _TITLES.items():
        console.print(_events(found, which, title))
        for total in found["totals"][which]:
            money = f"{total['overdue']} {total['currency']}"
            console.print(f"  {total['effect']:<10} {total['accounts']} accounts, {money} overdue when it happens")
        console.print()


def _events(found: Mapping[str, Any], which: str, title: str) -> Table:
    made = Table(title=title, title_justify="left", title_style="bold")
    for column in ("when", "account", "effect", "what", "stage"):
        made.add_column(column, no_wrap=column == "when")
    for column in ("days", "overdue"):
        made.add_column(column, justify="right")
    entries = [(event, row) for row in found["accounts"] for event in row[which]]
    for event, row in sorted(entries, key=lambda entry: entry[0]["at"]):
        money = f"{event['overdue']} {row['currency']}"
        when = event["at"][:16].replace("T", " ")
        made.add_row(when, row["name"], event["effect"], event["what"], event["stage"], str(event["days"]), money)
    return made
