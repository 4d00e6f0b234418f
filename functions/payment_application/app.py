"""Takes payments from their FIFO queue and books each once; a failing account does not hold up the others."""

from __future__ import annotations

import json
from random import SystemRandom
from time import sleep
from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse

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
def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    """Book the batch in order; a message that fails comes again with the later ones of its account, and only those."""
    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    processor.raise_on_entire_batch_failure = False  # a batch of failures is answered in parts like any other
    return process_partial_response(event=event, record_handler=_book, processor=processor, context=context)


def _book(record: dict[str, Any]) -> None:
    try:
        message = ApplyPayment.from_mapping(json.loads(record["body"]))
        outcome = apply_payment(message, book=PaymentBook(), now=clock_from_env().now(), pause=_jitter)
    except Exception:  # whatever it is, the batch would count it without a word
        logger.exception("payment not booked", extra={"message_id": record.get("messageId")})
        metrics.add_metric("PaymentsFailed", "Count", 1)
        raise
    told = {"outcome": outcome.value, "partner": message.partner, "payment": message.payment_id, "kind": message.kind}
    logger.info("payment", extra=told)
    metrics.add_metric(_METRIC[outcome], "Count", 1)


def _jitter(attempt: int) -> None:
    sleep(SystemRandom().uniform(0, 0.02 * 2**attempt))
