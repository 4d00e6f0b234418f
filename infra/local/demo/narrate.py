"""Tells a scenario while it is played, in a terminal or in plain lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.rule import Rule

from infra.local.demo.export import Export
from infra.local.scenario.model import Scenario, Step
from infra.local.scenario.play import Failure, Listener, Observation
from infra.local.scenario.schedules import Schedule
from infra.local.scenario.stack_world import StackWorld
from infra.local.verify.violations import Violation

_STAGE_STYLE = {"clear": "green", "reminder": "yellow", "final": "dark_orange", "suspended": "red"}
_ACCESS_STYLE = {"active": "green", "suspended": "red"}


class Narrator(Listener):
    """Prints what happened, and what it changed for the accounts."""

    def __init__(self, console: Console, scenario: Scenario) -> None:
        self._console = console
        self._scenario = scenario
        self._names = {account["id"]: account["name"] for account in scenario.accounts}
        self._last: dict[str, Observation] = {}
        self._shown = False

    def begin(self) -> None:
        """Say what is going to be played."""
        self._console.print(Rule(f"[bold]{escape(self._scenario.title)}", align="left"))

    def progress(self, text: str) -> None:
        """Say what is being prepared."""
        self._console.print(f"[dim]{escape(text)} ...[/]")

    def watch(self, world: StackWorld, export: Export | None = None) -> None:
        """Remember the world, to tell what changed in it after each step; with `export` also what is owed."""
        self._world = world
        self._export = export

    def step(self, step: Step) -> None:
        """Tell a step and what followed from it."""
        sentence = _SENTENCES.get(step.verb)
        if sentence:
            self._tell(step.at, sentence(self, step.fields))
            self._changes()
        if step.verb == "bill" and self._export and not self._shown:
            self._shown = True
            self._owed("What is owed once the invoices are out")

    def fired(self, schedule: Schedule, at: datetime) -> None:
        """Tell what a schedule changed; most firings change nothing worth telling."""
        if schedule.lane in ("account", "access"):
            self._changes(at)

    def failed(self, failure: Failure) -> None:
        """Tell an expectation that did not hold."""
        self._console.print(f"[bold red]expected otherwise:[/] {escape(str(failure))}")

    def end(self, failures: Sequence[Failure], violations: Sequence[Violation], seconds: float) -> None:
        """Show where everything is, and how it ended."""
        self._owed("What is owed at the end")
        self._console.print(Rule("[bold]What is in out/", align="left"))
        for name, what in self._export.made() if self._export else ():
            self._console.print(f"  [cyan]{escape(name):<32}[/] {escape(what)}")
        for violation in violations:
            self._console.print(f"[bold red]invariant broken:[/] {escape(str(violation))}")
        if not violations:
            self._console.print("\nThe books prove themselves: [green]no invariant is broken[/].")
        ended = "[bold red]did not end as it should" if failures or violations else "[bold green]ended well"
        self._console.print(f"\nThe demo {ended}[/] after {seconds:.0f} seconds. Open [cyan]out/index.html[/].")

    def name(self, account: str) -> str:
        """Return an account's name."""
        return str(self._names.get(account, account))

    def _owed(self, title: str) -> None:
        if self._export:
            self._console.print(Rule(f"[bold]{title}", align="left"))
            self._console.print(self._export.receivables())
            self._console.print(self._export.payables())

    def _tell(self, at: datetime, sentence: str) -> None:
        local = at.astimezone(self._scenario.zone)
        self._console.print(f"[bold]{local:%a %d %b %H:%M}[/]  {escape(sentence)}")

    def _changes(self, at: datetime | None = None) -> None:
        for account in self._names:
            seen = self._world.observe(account, at or self._scenario.start)
            lines = list(_changed(self._last.get(account, {}), seen))
            self._last[account] = seen
            if lines and at:
                self._tell(at, "a schedule finds something due")
                at = None
            for line in lines:
                self._console.print(f"               [dim]{escape(self.name(account)):<26}[/] {line}")


def _changed(before: dict[str, Any], after: Observation) -> list[str]:
    """Return, in words, what is new in an observation."""
    currency = after["currency"]
    known = before.get("invoices", {})
    lines = [_invoice(name, one, known.get(name, {}), currency) for name, one in after["invoices"].items()]
    told = len(before.get("notices", ()))
    lines += [f"[yellow]notice sent:[/] {notice['kind']}" for notice in after["notices"][told:]]
    if after["stage"] != before.get("stage", "clear"):
        lines.append(f"stage [{_STAGE_STYLE.get(after['stage'], 'white')}]{after['stage']}[/]")
    for name, state in after["access"].items():
        if state != before.get("access", {}).get(name, "active"):
            lines.append(f"access to {escape(name)}: [{_ACCESS_STYLE.get(state, 'yellow')}]{state}[/]")
    if after["credit"] != before.get("credit", after["credit"]):
        lines.append(f"credit {after['credit']} {currency}")
    return [line for line in lines if line]


def _invoice(name: str, now: dict[str, Any], before: dict[str, Any], currency: str) -> str:
    if now["status"] == "draft" or now == before:
        return ""
    if now["number"] != before.get("number"):
        return f"invoice {now['number']} ({name}): {now['gross']} {currency}, due {now['due']}"
    if now["status"] == "paid":
        return f"invoice {now['number']} [green]paid[/]"
    return f"invoice {now['number']}: {now['remaining']} {currency} left"


def _amount(narrator: Narrator, fields: dict[str, Any]) -> str:
    invoice = f" for invoice {fields['invoice']}" if "invoice" in fields else ""
    return f"{narrator.name(fields['account'])} pays {fields['amount']}{invoice}; the provider's webhook arrives"


_SENTENCES: dict[str, Callable[[Narrator, dict[str, Any]], str]] = {
    "import": lambda _, f: f"the vendor's file {f['file']} ({f['vendor_invoice']}) is uploaded",
    "bill": lambda _, f: f"the billing run of {f['period']} issues what the file charged",
    "invoice": lambda n, f: f"a manual invoice for {n.name(f['account'])}",
    "pay": _amount,
    "ticket": lambda n, f: f"{n.name(f['account'])} opens ticket {f['id']}: {f['subject']}",
    "reply": lambda _, f: f"ticket {f['ticket']}: the {f['by']} replies",
    "pending": lambda _, f: f"ticket {f['ticket']} waits for the customer; its clocks stop",
    "resume": lambda _, f: f"ticket {f['ticket']} goes on",
    "diagnose": lambda _, f: f"ticket {f['ticket']} is diagnosed: {f['finding']}",
    "escalate": lambda _, f: f"ticket {f['ticket']} is escalated to the vendor",
    "vendor_case": lambda _, f: f"ticket {f['ticket']}: the vendor's case is {f['number']}",
    "close": lambda _, f: f"ticket {f['ticket']} is closed",
    "fault": lambda _, f: f"fault: the {f['target']} is {f['mode']} until {f['until']:%Y-%m-%d %H:%M} UTC",
}
