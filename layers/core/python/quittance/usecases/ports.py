"""What the use cases ask of the outside; stores and adapters implement it, tests put hand-written fakes in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from quittance.usecases.messages import Message


class Outgoing(Protocol):
    """Sends messages to their queues."""

    def send(self, messages: Sequence[Message]) -> None:
        """Send all, in batches where the queue allows; Transient when any was not taken (sending again is safe)."""
        ...
