"""Takes payments from their FIFO queue and books each once; a failing account does not hold up the others."""

from __future__ import annotations

from random import SystemRandom
from time import sleep
from typing import Any

from quittance.runtime.batch import run_batch
from quittance.runtime.clock import clock_from_env
from quittance.runtime.log import logger, metrics
from quittance.store.payments import PaymentBook
from quittance.usecases.apply_payment import Outcome, apply_payment
from quittance.usecases.payment_message import ApplyPayment

_METRIC = {
    Outcome.BOOKED: "PaymentsBooked",
    Outcome.DUPLICATE: "PaymentsDuplicate",
    Outcome.PARKED: "PaymentsParked",
    Outcome.IGNORED: "PaymentsIgnored",
}


@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Book the batch in order; a message that fails comes again with the later ones of its account, and only those."""
    return run_batch(event, {ApplyPayment: _book})


def _book(message: ApplyPayment) -> None:
    outcome = apply_payment(message, book=PaymentBook(), now=clock_from_env().now(), pause=_jitter)
    told = {"outcome": outcome.value, "partner": message.partner, "payment": message.payment_id, "kind": message.kind}
    logger.info("payment", extra=told)
    metrics.add_metric(_METRIC[outcome], "Count", 1)


def _jitter(attempt: int) -> None:
    sleep(SystemRandom().uniform(0, 0.02 * 2**attempt))
