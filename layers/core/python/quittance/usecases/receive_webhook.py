"""Receive a provider's webhook: prove where it comes from, put its payments into the queue, know nothing else."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from quittance.domain.errors import Unverified
from quittance.domain.payment_event import TOLD_ON, ProviderEvent
from quittance.runtime.clock import iso
from quittance.usecases.payment_message import ApplyPayment

if TYPE_CHECKING:  # the ports know every message; the function that receives webhooks must start fast
    from quittance.usecases.ports import Outgoing, Provider, WebhookSecrets


class Delivery(NamedTuple):
    """One POST of a provider for a partner; header names in lower case, the body's bytes as they came."""

    provider: str
    partner: str
    headers: Mapping[str, str]
    body: bytes


class Receipt(NamedTuple):
    """What became of a delivery's events."""

    enqueued: tuple[ProviderEvent, ...]
    ignored: tuple[ProviderEvent, ...]


def receive(
    delivery: Delivery, *, provider: "Provider", secrets: "WebhookSecrets", outgoing: "Outgoing", now: datetime
) -> Receipt:
    """Enqueue the payments of a verified delivery; all of its events are acknowledged together or not at all.

    Raises NotFound (no usable secret), Unverified, Rejected (unreadable) and Transient (queue or secrets away): only
    then does the provider send it again, and sending again is safe.
    """
    _verify(delivery, provider=provider, secrets=secrets, now=now)
    events = provider.parse(delivery.body)
    enqueued = tuple(event for event in events if event.kind in TOLD_ON)
    if enqueued:
        outgoing.send([_message(delivery, event, now) for event in enqueued])
    return Receipt(enqueued=enqueued, ignored=tuple(event for event in events if event.kind not in TOLD_ON))


def _verify(delivery: Delivery, *, provider: "Provider", secrets: "WebhookSecrets", now: datetime) -> None:
    known = secrets.of(delivery.partner, delivery.provider)
    try:
        provider.verify(delivery.headers, delivery.body, known, now)
    except Unverified as problem:
        # The secret may have been rotated since it was cached; a wrong time stays wrong with any secret.
        newer = secrets.newer(delivery.partner, delivery.provider) if problem.code == "signature" else None
        if newer is None:
            raise
        provider.verify(delivery.headers, delivery.body, newer, now)


def _message(delivery: Delivery, event: ProviderEvent, now: datetime) -> ApplyPayment:
    return ApplyPayment(
        partner=delivery.partner,
        provider=delivery.provider,
        event_id=event.event_id,
        payment_id=event.payment_id,
        kind=event.kind,
        amount=event.amount,
        currency=event.currency,
        received_at=iso(now),
        account=event.account,
        invoice=event.invoice,
        reason=event.reason,
        movement_id=event.movement_id,
        total=event.total,
        read_again=event.read_again,
        reference=event.reference,
    )
