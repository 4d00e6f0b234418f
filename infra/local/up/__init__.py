"""`./quittance up [FILE]`: keeps a stack running, with a console, a mailbox and the stand-in vendor beside it."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from infra.local.demo import SCENARIO
from infra.local.demo.narrate import Narrator
from infra.local.providers.senders import STRIPE_SECRET
from infra.local.scenario.embedded import deployed
from infra.local.scenario.format import load
from infra.local.scenario.model import Scenario
from infra.local.scenario.play import Play
from infra.local.scenario.stack_world import StackWorld
from infra.local.stack.embedded import EmbeddedStack
from infra.local.up.console import ConsoleServer
from infra.local.up.running import announced
from quittance.domain.errors import Rejected

_MONTH = 30 * 24 * 3600


def main(argv: Sequence[str]) -> int:
    """Start, say where everything is, and wait for Ctrl-C."""
    options = _parsed(argv)
    console = Console(highlight=False)
    try:
        scenario = load(options.file or SCENARIO)
    except Rejected as problem:
        sys.stderr.write(f"{problem.message}\n")
        return 2
    narrator = Narrator(console, scenario)
    clock = scenario.start if options.file else None
    with deployed(clock, say=narrator.progress) as (stack, vendor):
        world = StackWorld(stack, vendor)
        narrator.watch(world)
        if options.file:
            Play(scenario, world, narrator).run()
        else:
            world.open_book(scenario, datetime.now(UTC))
        token = stack.tokens.issue_token(scenario.partner["id"], "admin_agent", lasts=_MONTH)
        page = ConsoleServer(stack, world, scenario, f"{vendor.base_url}/_control/")
        with page as server, announced(stack, token=token):
            _say(console, stack, scenario, server.url, f"{vendor.base_url}/_control/", virtual=clock is not None)
            _wait()
    return 0


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="quittance up", description=__doc__)
    parser.add_argument("file", type=Path, nargs="?", help="a scenario to play first, in virtual time")
    return parser.parse_args(argv)


def _wait() -> None:
    """Sleep until a signal; Ctrl-C is the way out."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell's background had it ignored
    try:
        signal.pause()
    except KeyboardInterrupt:
        sys.stderr.write("\nstopping\n")


def _say(console: Console, stack: EmbeddedStack, scenario: Scenario, page: str, vendor: str, *, virtual: bool) -> None:
    partner = scenario.partner["id"]
    token = stack.tokens.issue_token(partner, "admin_agent", lasts=_MONTH)
    first = scenario.accounts[0]["id"]
    rows = {
        "console and mailbox": page,
        "API": f"{stack.api_url}/v1",
        "collections policy": f"{stack.api_url}/public/{partner}/collections?lang=en",
        "support plan": f"{stack.api_url}/public/{partner}/support?lang=en",
        "stand-in vendor": vendor,
        "AWS endpoint": stack.url,
        "webhook": f"{stack.api_url}/webhooks/stripe/{partner} (secret {STRIPE_SECRET})",
    }
    console.print()
    for name, address in rows.items():
        console.print(f"  {name:<22} {address}", soft_wrap=True)
    console.print(f"\nA token of partner {partner}, role admin_agent:\n\n{token}\n", soft_wrap=True)
    console.print(f'curl -H "authorization: Bearer $TOKEN" {stack.api_url}/v1/accounts/{first}/status', soft_wrap=True)
    time = "virtual, it stands at the scenario's end" if virtual else "the machine's; schedules fire by themselves"
    console.print(f"\nTime is {time}. `./quittance verify` proves the books. Ctrl-C ends it.")
