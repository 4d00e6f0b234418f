"""Scenarios made for a bench: written as a file and read back, so that they are as valid as any other."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.local.bench.ground import POLICY, account_body, partner_body
from infra.local.samples import CUSTOMERS, TARGET
from infra.local.scenario.format import load
from infra.local.scenario.model import Scenario


def write(
    folder: Path,
    name: str,
    *,
    start: str,
    accounts: Sequence[Mapping[str, Any]],
    steps: Sequence[Mapping[str, Any]] = (),
    observe: Sequence[str] | Mapping[str, str] = (),
    policy: Mapping[str, Any] = POLICY,
) -> Scenario:
    """Return a scenario of one partner, with the sample reconciliation file beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(TARGET, folder / TARGET.name)
    told = {
        "title": name,
        "start": start,
        "partner": partner_body("acme"),
        "policies": {"standard": policy},
        "price_rules": [{"kind": "usage", "markup_percent": "12"}, {"markup_percent": "20"}],
        "accounts": list(accounts),
        "steps": list(steps),
        "observe": observe,
    }
    place = folder / f"{name}.json"  # JSON is YAML, too
    place.write_text(json.dumps(told), encoding="utf-8")
    return load(place)


def customers(names: Sequence[str]) -> list[dict[str, Any]]:
    """Return accounts of the customers that the sample file charges for."""
    return [{**account_body("acme", name), "vendor_customer": CUSTOMERS[name].id} for name in names]


def strangers(count: int) -> list[dict[str, Any]]:
    """Return accounts of customers that no file knows."""
    return [account_body("acme", f"a{number:03d}") for number in range(count)]
