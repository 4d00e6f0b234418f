"""What the use cases ask of the outside; stores and adapters implement it, tests put hand-written fakes in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.payment_event import ProviderEvent
from quittance.usecases.messages import ApplyPayment, Message


class Outgoing(Protocol):
    """Sends messages to their queues."""

    def send(self, messages: Sequence[Message]) -> None:
        """Send all, in batches where the queue allows; Transient when any was not taken (sending again is safe)."""
        ...


class Provider(Protocol):
    """How a provider signs and what its events mean."""

    NAME: str
    PROOF: str

    def verify(self, headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], now: datetime, /) -> None:
        """Return when one of the secrets signed this body at about now; Unverified otherwise."""
        ...

    def parse(self, raw_body: bytes, headers: Mapping[str, str], settings: Mapping[str, Any], /) -> list[ProviderEvent]:
        """Return the events of a verified body; Rejected where it cannot be read."""
        ...


class WebhookSecrets(Protocol):
    """The signing secrets a partner shares with a provider."""

    def of(self, partner: str, provider: str, member: str = "secrets") -> tuple[str, ...]:
        """Return the secrets, at least one and none empty; NotFound otherwise."""
        ...

    def newer(self, partner: str, provider: str, member: str = "secrets") -> tuple[str, ...] | None:
        """Fetch again; None when they are the same, or were fetched again a moment ago."""
        ...

    def settings(self, partner: str, provider: str) -> Mapping[str, Any]:
        """Return what else the partner has set for the provider."""
        ...


class ProviderApi(Protocol):
    """Reads at a provider what has really happened to a payment."""

    def movements(self, told: ApplyPayment) -> list[ProviderEvent]:
        """Return what the provider says now about what it told; NotFound where it knows nothing of it, or Transient."""
        ...
