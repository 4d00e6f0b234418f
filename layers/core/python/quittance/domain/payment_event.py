"""What a payment provider tells, in our own words, whatever the provider."""

from datetime import datetime
from typing import Literal, NamedTuple

# succeeded: money came. failed, pending, cancelled: none came (yet). unclear: money came, but not in an amount we can
# express; a person decides. told: another event of the provider is the one that counts. other: nothing we know.
Kind = Literal["succeeded", "failed", "pending", "cancelled", "unclear", "told", "other"]
TOLD_ON: frozenset[Kind] = frozenset(("succeeded", "failed", "pending", "cancelled", "unclear"))


class ProviderEvent(NamedTuple):
    """One event of a provider.

    `payment_id` is the business key: all events about one payment carry the same, so it is booked once. `amount` is in
    ISO 4217 minor units of `currency`, except in an unclear event, where it is as the provider wrote it.
    """

    event_id: str
    payment_id: str
    type: str
    kind: Kind
    occurred_at: datetime
    amount: int = 0
    currency: str = ""
    account: str | None = None
    invoice: str | None = None
    reason: str | None = None
