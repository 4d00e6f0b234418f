"""The message from the webhook to the booking of payments."""

from dataclasses import dataclass
from typing import ClassVar

from quittance.usecases.message import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPayment(Message):
    """Book a provider's payment or a movement of it; fields as in `ProviderEvent`, `amount` in minor units."""

    TYPE: ClassVar[str] = "payment"
    QUEUE: ClassVar[str] = "PAYMENTS"
    partner: str
    provider: str
    event_id: str
    payment_id: str
    kind: str
    amount: int
    currency: str
    received_at: str
    account: str | None = None
    invoice: str | None = None
    reason: str | None = None
    movement_id: str | None = None
    total: int | None = None
    read_again: bool = False
    reference: str | None = None
    occurred_at: str | None = None
    lines: str | None = None
    of: str | None = None
    raw: str | None = None

    @property
    def group(self) -> str:
        """The account, so that its payments are booked one after the other; the payment itself where none is named."""
        return f"{self.partner}.{self.account or self.payment_id}"
