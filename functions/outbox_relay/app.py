"""Relays the table's stream to the queues and keeps the registers of invoice numbers and of whose a payment is.

What cannot be relayed is parked, so one bad record blocks nobody.
"""

from __future__ import annotations

from typing import Any

from quittance.domain.errors import Poison
from quittance.runtime import compose
from quittance.runtime.log import logger, metrics, one_line
from quittance.store import keys, numbers, owners
from quittance.store.parking import park
from quittance.usecases.messages import FollowPayment, Message
from quittance.usecases.relay import Change, claim_for, messages_for, payment_for


@one_line
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Send the messages of all records; on a failure to send, the stream gives the whole batch again."""
    messages: list[Message] = []
    for record in event["Records"]:
        messages.extend(_read(record))
    compose.outgoing().send(messages)
    metrics.add_metric(name="MessagesRelayed", unit="Count", value=len(messages))
    return {"batchItemFailures": []}


def _followed(payment: FollowPayment | None) -> list[Message]:
    """Note whose a new payment is before looking what waits for it; only then is there anything to follow."""
    if payment is None:
        return []
    named = (payment.provider, payment.payment_id)
    owners.note_owner(payment.partner, payment.account, *named)
    return [payment] if owners.kept(payment.partner, *named) else []


def _read(record: dict[str, Any]) -> list[Message]:
    stream = record["dynamodb"]
    change = Change(old=stream.get("OldImage", {}), new=stream.get("NewImage", {}))
    try:
        if claim := claim_for(change):
            numbers.register(change.partner, claim)
        return [*_followed(payment_for(change)), *messages_for(change)]
    except Poison as problem:
        logger.error("stream record parked", extra={"reason": problem.message, "keys": stream.get("Keys")})
        metrics.add_metric(name="RecordsParked", unit="Count", value=1)
        key = keys.parked_record(stream["SequenceNumber"])
        park(key, reason=problem.message, body=stream.get("Keys"), at=compose.clock().now())
        return []
