"""Triages tickets, hands them over to the vendor when that was asked for, and watches their clocks."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from quittance.runtime import compose
from quittance.runtime.batch import run_batch
from quittance.runtime.log import logger, metrics, note, one_line
from quittance.runtime.schedule import scheduled_time
from quittance.store import partners, tickets
from quittance.store.accounts import AccountStore
from quittance.store.due import DueIndex
from quittance.store.policies import PolicyStore
from quittance.usecases.escalate import watch_clocks, work
from quittance.usecases.messages import WorkTicket

_METRIC = {"triaged": "TicketsTriaged", "escalated": "TicketsEscalated", "escalation_blocked": "TicketsBlocked"}


@one_line
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the tickets of a batch, or look at the clocks for the schedule."""
    if "Records" in event:
        return run_batch(event, {WorkTicket: _work})
    now = compose.clock().now()
    until = scheduled_time(event, compose.clock())
    looked = watch_clocks(now=now, until=until, due=DueIndex(), tickets=tickets, alert=_alert)
    metrics.add_metric("TicketsDue", "Count", looked)
    return {"looked": looked}


def _work(message: WorkTicket) -> None:
    now = compose.clock().now()
    done = work(
        message.partner, message.account, message.ticket, now=now, tickets=tickets, book=partners, accounts=_accounts()
    )
    metrics.add_metric(_METRIC.get(done, "TicketsUnchanged"), "Count", 1)
    if done in _METRIC:
        note("ticket", partner=message.partner, ticket=message.ticket, done=done)


def _alert(partner: str, ticket: str, missed: Sequence[str]) -> None:
    logger.warning("ticket missed a target", extra={"partner": partner, "ticket": ticket, "missed": list(missed)})
    metrics.add_metric("TicketTargetsMissed", "Count", len(missed))


@cache
def _accounts() -> AccountStore:
    return AccountStore(PolicyStore())
