"""Finds the accounts that are due (hourly, shard by shard) and assesses them, each on its own."""

from __future__ import annotations

from functools import cache
from typing import Any

from quittance.runtime import compose
from quittance.runtime.batch import run_batch
from quittance.runtime.log import logger, metrics, note, one_line
from quittance.runtime.schedule import scheduled_time
from quittance.store.accounts import AccountStore
from quittance.store.due import DueIndex
from quittance.store.policies import PolicyStore
from quittance.usecases.assess import assess_account
from quittance.usecases.messages import Assess, SweepShard
from quittance.usecases.sweep import start_sweep, sweep_shard


@one_line
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Start a sweep for the schedule, or work on the messages of a batch."""
    if "Records" in event:
        return run_batch(event, {SweepShard: _sweep, Assess: _assess})
    shards = start_sweep("account", scheduled_time(event, compose.clock()), outgoing=compose.outgoing())
    metrics.add_metric("SweepsStarted", "Count", 1)
    return {"shards": shards}


def _sweep(message: SweepShard) -> None:
    found = sweep_shard(message, due=DueIndex(), outgoing=compose.outgoing())
    metrics.add_metric("AccountsDue", "Count", found)


def _assess(message: Assess) -> None:
    assessment = assess_account(message, accounts=_accounts(), now=compose.clock().now())
    metrics.add_metric("AccountsAssessed" if assessment else "AssessmentsIgnored", "Count", 1)
    if assessment:
        note("assessed", account=message.account, cause=message.cause, stage=assessment.stage)


@cache
def _accounts() -> AccountStore:
    return AccountStore(PolicyStore())
