"""Before booking: read at the provider what its webhook could not prove, and go on with that alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from quittance.domain.errors import NotFound
from quittance.domain.payment_event import TOLD_ON, ProviderEvent
from quittance.usecases.payment_message import ApplyPayment
from quittance.usecases.ports import ProviderApi


def read_again(message: ApplyPayment, *, api: Callable[[str, str], ProviderApi]) -> list[ApplyPayment]:
    """Return what is to be booked: the message itself, or what the provider says now where that has to be asked.

    An unsigned webhook about something the provider does not know comes from a stranger and is nothing. A signed one
    about it raises NotFound, for then somebody has forged it. Transient asks for another try.
    """
    if not message.read_again:
        return [message]
    try:
        events = api(message.provider, message.partner).movements(message)
    except NotFound:
        if message.kind == "pending":
            return []
        raise
    return [_told(message, event) for event in events if event.kind in TOLD_ON]


def _told(message: ApplyPayment, event: ProviderEvent) -> ApplyPayment:
    """Keep only whose it is and when it came; who should have it and how much it is are the provider's words."""
    return replace(
        message,
        payment_id=event.payment_id,
        kind=event.kind,
        amount=event.amount,
        currency=event.currency,
        account=event.account,
        invoice=event.invoice,
        lines=event.lines,
        reason=event.reason,
        movement_id=event.movement_id,
        total=event.total,
        reference=event.reference,
        of=event.of,
        read_again=False,
    )
