"""What a payment provider tells, in our own words, whatever the provider."""

import hashlib
from datetime import datetime
from typing import Literal, NamedTuple

# The payment itself. succeeded: money came. failed, pending, cancelled: none came (yet).
# Movements of a payment that came before. refunded, refund_failed: money went back, or came back again after all;
# chargeback, chargeback_reversed: the bank took it, or gave it back; fee, fee_returned: what the provider keeps for a
# movement, or gives back of that.
# mandate: what a payment method is worth has changed, `reason` is its new state and `payment_id` its reference.
# unclear: money moved, but not in an amount or for a payment we can express; a person decides. told: another event of
# the provider is the one that counts. other: nothing we know.
Kind = Literal[
    "succeeded",
    "failed",
    "pending",
    "cancelled",
    "refunded",
    "refund_failed",
    "chargeback",
    "chargeback_reversed",
    "fee",
    "fee_returned",
    "mandate",
    "unclear",
    "told",
    "other",
]
TOLD_ON: frozenset[Kind] = frozenset(
    (
        "succeeded",
        "failed",
        "pending",
        "cancelled",
        "refunded",
        "refund_failed",
        "chargeback",
        "chargeback_reversed",
        "fee",
        "fee_returned",
        "mandate",
        "unclear",
    )
)


class ProviderEvent(NamedTuple):
    """One event of a provider.

    `payment_id` is the business key of the payment the event is about: all events about one payment carry the same, so
    it is booked once. `movement_id` is that of a movement which is not the payment itself: a refund, one withdrawal of
    a dispute, a late failure. `amount` is this movement's, positive, in ISO 4217 minor units of `currency`, except in
    an unclear event, where it is as the provider wrote it. `total` is given where the provider tells only what has
    moved so far, in sum: the difference to what is booked counts. `of` is the refund, dispute or part this is about,
    where the provider names it. `read_again` asks for the resource to be read at the
    provider before anything is booked. `reference` is a structured remittance reference. `occurred_at` is None
    where the provider does not sign the time. `lines` are the numbers of the invoice's lines that are paid, as `1,3`.
    `raw` is the beginning of what nobody could read.
    """

    event_id: str
    payment_id: str
    type: str
    kind: Kind
    occurred_at: datetime | None = None
    amount: int = 0
    currency: str = ""
    account: str | None = None
    invoice: str | None = None
    reason: str | None = None
    movement_id: str | None = None
    total: int | None = None
    read_again: bool = False
    reference: str | None = None
    lines: str | None = None
    of: str | None = None
    raw: str | None = None


UNREADABLE = "unreadable"
_MOST_RAW = 8_000  # characters: enough for a person to see what it was, and far below what a queue takes


def unreadable(body: bytes, reason: str) -> ProviderEvent:
    """Return the event for what is proven to be a provider's but cannot be read: a person looks at it, once a body."""
    name = f"{UNREADABLE}-{hashlib.sha256(body).hexdigest()[:32]}"
    raw = body.decode("utf-8", "replace")[:_MOST_RAW]
    return ProviderEvent(event_id=name, payment_id=name, type=UNREADABLE, kind="unclear", reason=reason, raw=raw)
