"""Tells the vendor to suspend or restore a subscription, and tries again when that is due."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from quittance.adapters.vendor_access import VendorLines
from quittance.runtime import compose
from quittance.runtime.batch import run_batch
from quittance.runtime.log import logger, metrics, note, one_line
from quittance.runtime.schedule import scheduled_time
from quittance.store.access import AccessStore
from quittance.store.due import DueIndex
from quittance.store.partners import read_partner
from quittance.store.policies import PolicyStore
from quittance.store.vendor_costs import VendorCosts
from quittance.usecases.messages import LookAtSubscription, ToggleAccess
from quittance.usecases.sweep import sweep_lane
from quittance.usecases.toggle_access import Outcome, look_at, toggle_access


@one_line
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Ask for the tries that are due, or work on the messages of a batch."""
    if "Records" in event:
        return run_batch(event, {ToggleAccess: _toggle, LookAtSubscription: _look})
    until = scheduled_time(event, compose.clock())
    due = sweep_lane("access", until, due=DueIndex(), outgoing=compose.outgoing())
    metrics.add_metric("AccessDue", "Count", due)
    return {"due": due}


def _toggle(message: ToggleAccess) -> None:
    now = compose.clock().now()
    outcome, asked = toggle_access(
        message, switches=AccessStore(), vendors=_vendors(), policies=_policies(), costs=_costs(), now=now
    )
    _tell(message.subscription, outcome, asked=asked)


def _look(message: LookAtSubscription) -> None:
    outcome, asked = look_at(message, switches=AccessStore(), vendors=_vendors(), now=compose.clock().now())
    _tell(message.subscription, outcome, asked=asked)


def _tell(subscription: str, outcome: Outcome, *, asked: bool) -> None:
    metrics.add_metric(f"Access{outcome.capitalize()}", "Count", 1)
    told = {"subscription": subscription, "outcome": outcome}
    note("access", **told)
    if asked:
        metrics.add_metric("AccessTasks", "Count", 1)
        logger.error("a person has to see to this subscription", extra=told)


@cache
def _vendors() -> VendorLines:
    return VendorLines(
        compose.client("secretsmanager"),
        clouds=lambda partner: read_partner(partner).cloud,
        clock=compose.clock(),
        prefix=os.environ.get("VENDOR_SECRET_PREFIX", "quittance"),
        api_base=os.environ.get("VENDOR_API_BASE", ""),
        authority=os.environ.get("VENDOR_AUTHORITY", ""),
    )


@cache
def _costs() -> VendorCosts:
    return VendorCosts(
        os.environ.get("EXTENDED_TERM_PERCENT", "3"), os.environ.get("EXTENDED_TERM_PERCENT_NO_MONTHLY", "23")
    )


@cache
def _policies() -> PolicyStore:
    return PolicyStore()
