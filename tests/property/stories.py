"""Random stories: scenarios of a few accounts to which anything happens in any order, on bad days of everything.

A story is drawn from its seed, so one that breaks something is told again by its number. What an API would refuse is
left out: the simulator says what it is.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from infra.local.scenario.format import load
from infra.local.scenario.model import Scenario, Step
from infra.local.scenario.play import Listener, Play
from infra.local.simulate.world import PureWorld
from quittance.domain.errors import QuittanceError

START = datetime(2026, 9, 20, tzinfo=UTC)
DAYS = 110
PARTNER = {
    "id": "acme",
    "name": "ACME Cloud GmbH",
    "country": "DE",
    "vat_id": "DE123456788",
    "timezone": "Europe/Berlin",
    "currency": "EUR",
    "locale": "de-DE",
}
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu")
KINDS = ("nce_license", "legacy_license", "azure_plan")
NETS = ("12.00", "100.00", "249.95")
Fields = dict[str, Any]


def policy(days: int, notice: int, *, hours: bool, **more: Any) -> Fields:
    """Return a policy that reminds, warns and suspends."""
    return {
        "payment_days": 14,
        "stages": [
            {"name": "reminder", "when": {"days": 1}, "do": [{"notice": "reminder"}]},
            {"name": "final", "when": {"days": 7, "amount": "25.00"}, "do": [{"notice": "final"}]},
            {
                "name": "suspended",
                "when": {"days": days, "amount": "25.00"},
                "do": [{"suspend": "all"}],
                "after_notice": {"notice": "final", "days": notice},
                "business_hours": hours,
            },
        ],
        **more,
    }


class Teller:
    """Draws the steps of one story."""

    def __init__(self, seed: int, accounts: int) -> None:
        self._random = random.Random(seed)
        self.accounts = [f"a{number}" for number in range(accounts)]
        self._invoices: dict[str, list[str]] = {name: [] for name in self.accounts}
        self._payments: dict[str, list[str]] = {name: [] for name in self.accounts}
        self._holds: dict[str, set[str]] = {name: set() for name in self.accounts}
        self._now = START

    def story(self, steps: int) -> Fields:
        """Return a scenario as its file holds it."""
        told = [self._invoice(name) for name in self.accounts for _ in range(2)]
        told += [one for _ in range(steps) if (one := self._anything())]
        days = sorted(self._random.uniform(0, DAYS) for _ in told)
        faults = [*self._faults()]
        placed = [{"at": _text(START + timedelta(days=day)), **step} for day, step in zip(days, told, strict=True)]
        placed = sorted([*placed, *faults], key=lambda step: step["at"])
        return {
            "title": "A random story",
            "start": f"{START:%Y-%m-%d}",
            "partner": PARTNER,
            "policies": {
                "mild": policy(14, 5, hours=True, promise={"restores": True}),
                "strict": policy(10, 3, hours=False, restore_below="10.00"),
            },
            "accounts": [self._account(name) for name in self.accounts],
            "steps": placed,
            "observe": [f"{START + timedelta(days=day):%Y-%m-%d}" for day in range(15, DAYS + 15, 15)],
        }

    def _account(self, name: str) -> Fields:
        kind = self._random.choice(KINDS)
        seat = {"id": f"sub-{name}", "product": "CFQ7TTC0LH18", "name": "Seat", "kind": kind, "quantity": 5}
        term = {"term_ends": "2027-06-30", "auto_renew": True} if kind == "nce_license" else {"auto_renew": False}
        under = {"entitlements": ["under-1", "under-2"]} if kind == "azure_plan" else {}
        return {
            "id": name,
            "name": f"{name} AG",
            "vendor_customer": f"customer-{name}",
            "country": "DE",
            "timezone": self._random.choice(ZONES),
            "email": f"billing@{name}.example",
            "policy": self._random.choice(("mild", "strict")),
            "subscriptions": [{**seat, **term, **under}],
        }

    def _anything(self) -> Fields | None:
        name = self._random.choice(self.accounts)
        happens: list[tuple[int, Callable[[str], Fields | None]]] = [
            (3, self._invoice),
            (6, self._pay),
            (2, self._moved),
            (2, self._on_invoice),
            (2, self._dispute),
            (3, self._agree),
            (2, self._hold),
            (1, lambda one: {"assign": {"account": one, "policy": self._random.choice(("mild", "strict"))}}),
            (1, lambda _: {"publish": {"policy": "mild", "definition": policy(12, 4, hours=True)}}),
        ]
        weights, tellers = zip(*happens, strict=True)
        return self._random.choices(tellers, weights)[0](name)

    def _invoice(self, account: str) -> Fields:
        invoice = f"{account}-{len(self._invoices[account]) + 1}"
        self._invoices[account].append(invoice)
        lines = [{"text": "Work", "net": self._random.choice(NETS), "vat_percent": "19"} for _ in range(2)]
        return {"invoice": {"id": invoice, "account": account, "lines": lines}}

    def _pay(self, account: str) -> Fields:
        payment = f"p-{account}-{len(self._payments[account]) + 1}"
        self._payments[account].append(payment)
        amount = self._random.choice(("5.00", "142.80", "238.00", "297.44", "594.88"))
        named = {"invoice": self._random.choice(self._invoices[account])} if self._random.random() < 0.5 else {}
        return {"pay": {"id": payment, "account": account, "amount": amount, **named}}

    def _moved(self, account: str) -> Fields | None:
        kind = self._random.choice(("chargeback", "chargeback_reversed", "refund"))
        known = self._payments[account]
        return {kind: {"payment": self._random.choice(known)}} if known else None

    def _on_invoice(self, account: str) -> Fields:
        invoice = {"invoice": self._random.choice(self._invoices[account]), "account": account}
        verb = self._random.choice(("write_off", "reinstate", "credit"))
        more = {"lines": [{"text": "Less", "net": "10.00", "vat_percent": "19"}], "reason": "rebate"}
        return {verb: invoice | (more if verb == "credit" else {})}

    def _dispute(self, account: str) -> Fields:
        invoice = {"invoice": self._random.choice(self._invoices[account]), "account": account}
        if self._random.random() < 0.5:
            return {"dispute": invoice | self._random.choice(({}, {"lines": [1]}))}
        return {"dispute_closed": invoice | {"outcome": self._random.choice(("upheld", "rejected"))}}

    def _agree(self, account: str) -> Fields:
        until = f"{START + timedelta(days=self._random.randint(20, DAYS)):%Y-%m-%d}"
        return self._random.choice(
            (
                {"promise": {"account": account, "amount": self._random.choice(("5.00", "100.00")), "until": until}},
                {"pause": {"account": account, "reason": "talks", "until": until}},
                {"unpause": {"account": account}},
            )
        )

    def _hold(self, account: str) -> Fields:
        reason = self._random.choice(("fraud", "administrative"))
        return {self._random.choice(("hold", "release", "release")): {"account": account, "reason": reason}}

    def _faults(self) -> Iterator[Fields]:
        """Yield bad days of everything: sweeps missed, doubled and late, queues, the vendor, mail."""
        kinds = [("schedule", mode) for mode in ("down", "duplicate", "reorder")]
        kinds += [("queue", mode) for mode in ("duplicate", "reorder")]
        kinds += [("vendor", mode) for mode in ("down", "throttled")]
        for target, mode in [*self._random.sample(kinds, 4), ("mail", "down")]:
            since = START + timedelta(days=self._random.uniform(15, DAYS - 20))
            longest = 8 if target == "schedule" else 1
            until = since + timedelta(days=self._random.uniform(0.2, longest))
            yield {"at": _text(since), "fault": {"target": target, "mode": mode, "until": _text(until)}}


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:00Z}"


class _Lenient(PureWorld):
    """A simulator that notes what would be refused instead of breaking off."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: set[int] = set()

    def perform(self, step: Step) -> None:
        try:
            super().perform(step)
        except QuittanceError:
            self.refused.add(step.index)


def tell(seed: int, folder: Path, *, accounts: int, steps: int) -> Scenario:
    """Write the story of a seed, without what would be refused, and return it."""
    file = folder / f"story-{seed}.json"
    told = Teller(seed, accounts).story(steps)
    while True:
        file.write_text(json.dumps(told), encoding="utf-8")
        scenario, world = load(file), _Lenient()
        Play(scenario, world, Listener()).run()
        if not world.refused:
            return scenario
        told["steps"] = [step for number, step in enumerate(told["steps"]) if number not in world.refused]
