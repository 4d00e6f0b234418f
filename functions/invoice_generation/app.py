"""Plans billing runs and issues invoices, each once and with the next number of its series."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from quittance.domain.invoice import IssuedInvoice
from quittance.runtime import compose
from quittance.runtime.batch import among, run_batch
from quittance.runtime.log import logger, metrics, note, one_line
from quittance.runtime.schedule import scheduled_time
from quittance.store import billing_runs, invoices, vendor_debts
from quittance.store.due import DueIndex
from quittance.usecases.billing import plan_run, tick
from quittance.usecases.issue_invoice import issue_invoice
from quittance.usecases.issue_together import issue_together
from quittance.usecases.messages import IssueInvoice, PlanRun


@one_line
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Take up what is due for the schedule, or work on the messages of a batch."""
    if "Records" in event:
        together = issue_together(among(event, IssueInvoice), now=compose.clock().now(), books=invoices)
        return run_batch(event, {PlanRun: _plan, IssueInvoice: partial(_issue, together=together)})
    until = scheduled_time(event, compose.clock())
    now, outgoing = compose.clock().now(), compose.outgoing()
    taken = tick(now=now, until=until, runs=billing_runs, due=DueIndex(), outgoing=outgoing, debts=vendor_debts)
    metrics.add_metric("BillingDue", "Count", taken)
    return {"taken": taken}


def _plan(message: PlanRun) -> None:
    state = plan_run(message, now=compose.clock().now(), runs=billing_runs, outgoing=compose.outgoing())
    metrics.add_metric("RunsPlanned", "Count", 1)
    note("billing run", partner=message.partner, run=message.run, state=state)


def _issue(message: IssueInvoice, together: Mapping[IssueInvoice, IssuedInvoice]) -> None:
    issued = together.get(message) or issue_invoice(
        message, now=compose.clock().now(), books=invoices, pause=time.sleep
    )
    metrics.add_metric("InvoicesIssued", "Count", 1 if issued else 0)
    note("invoice", account=message.account, invoice=message.invoice, number=issued.number if issued else None)
