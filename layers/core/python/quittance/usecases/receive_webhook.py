"""Receive a provider's webhook: prove where it comes from, put its payments into the queue, know nothing else."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from quittance.domain.errors import Rejected, Unverified
from quittance.domain.payment_event import TOLD_ON, UNREADABLE, ProviderEvent, unreadable
from quittance.runtime.clock import iso
from quittance.usecases.payment_message import ApplyPayment

if TYPE_CHECKING:  # the ports know every message; the function that receives webhooks must start fast
    from quittance.usecases.ports import Outgoing, Provider, WebhookSecrets


DAMAGED = "damaged"  # proven, and no JSON: nobody can have meant it


class Delivery(NamedTuple):
    """One POST of a provider for a partner; header names in lower case, the body's bytes as they came.

    `request` tells this delivery from every other, for providers whose events have no id of their own.
    """

    provider: str
    partner: str
    headers: Mapping[str, str]
    body: bytes
    request: str = ""


class Receipt(NamedTuple):
    """What became of a delivery's events."""

    enqueued: tuple[ProviderEvent, ...]
    ignored: tuple[ProviderEvent, ...]

    @property
    def unreadable(self) -> int:
        """How many of what was enqueued are for a person to read."""
        return sum(event.type == UNREADABLE for event in self.enqueued)


def receive(
    delivery: Delivery, *, provider: "Provider", secrets: "WebhookSecrets", outgoing: "Outgoing", now: datetime
) -> Receipt:
    """Enqueue the payments of a verified delivery; all of its events are acknowledged together or not at all.

    A proven event with a field that cannot be read is enqueued for a person: refusing it would make the provider repeat
    it in vain. What is no JSON object at all was damaged on its way, and is refused until it comes whole.
    Raises NotFound (no usable secret), Unverified, Rejected (unreadable and unproven) and Transient (queue or secrets
    away): only then does the provider send it again, and sending again is safe.
    """
    _verify(delivery, provider=provider, secrets=secrets, now=now)
    events = _events(delivery, provider, secrets)
    enqueued = tuple(event for event in events if event.kind in TOLD_ON)
    if enqueued:
        outgoing.send([_message(delivery, provider, event, now) for event in enqueued])
    return Receipt(enqueued=enqueued, ignored=tuple(event for event in events if event.kind not in TOLD_ON))


def _verify(delivery: Delivery, *, provider: "Provider", secrets: "WebhookSecrets", now: datetime) -> None:
    named = (delivery.partner, provider.NAME, provider.PROOF)
    known = secrets.of(*named)
    try:
        provider.verify(delivery.headers, delivery.body, known, now)
    except Unverified as problem:
        # The secret may have been rotated since it was cached; a wrong time stays wrong with any secret.
        newer = secrets.newer(*named) if problem.code == "signature" else None
        if newer is None:
            raise
        provider.verify(delivery.headers, delivery.body, newer, now)


def _events(delivery: Delivery, provider: "Provider", secrets: "WebhookSecrets") -> list[ProviderEvent]:
    try:
        return provider.parse(delivery.body, delivery.headers, secrets.settings(delivery.partner, provider.NAME))
    except Rejected as problem:
        if provider.PROOF != "secrets":  # a classic webhook of Mollie's is signed by nobody
            raise
        if problem.code == "garbled":
            raise Rejected(problem.message, code=DAMAGED, field=problem.field) from None
        if problem.code != UNREADABLE:
            raise
        return [unreadable(delivery.body, problem.message)]


def _message(delivery: Delivery, provider: "Provider", event: ProviderEvent, now: datetime) -> ApplyPayment:
    return ApplyPayment(
        partner=delivery.partner,
        provider=provider.NAME,
        event_id=_event_id(event, delivery),
        payment_id=event.payment_id,
        kind=event.kind,
        amount=event.amount,
        currency=event.currency,
        received_at=iso(now),
        account=event.account,
        invoice=event.invoice,
        lines=event.lines,
        reason=event.reason,
        movement_id=event.movement_id,
        total=event.total,
        read_again=event.read_again,
        reference=event.reference,
        occurred_at=iso(event.occurred_at) if event.occurred_at else None,
        of=event.of,
        raw=event.raw,
    )


def _event_id(event: ProviderEvent, delivery: Delivery) -> str:
    """Return the event's id. One without, "look at this payment", is new each time: the queue must not drop a copy."""
    unnamed = event.read_again and event.event_id == event.payment_id
    return f"{event.event_id}:{delivery.request}" if unnamed else event.event_id
