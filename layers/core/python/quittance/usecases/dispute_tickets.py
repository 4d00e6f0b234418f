"""Tickets that dispute an invoice or lines of it: those, and only those, are held from collections until it is closed.

The dispute is a fact of its own and comes first, both ways: opened before its ticket, closed before it. Whoever repeats
a call that broke off in between finishes it, for each half done twice is done once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.errors import Rejected
from quittance.domain.ticket import Ticket, open_ticket


class Disputes(Protocol):
    """The account's disputes (usecases.measures.Desk)."""

    def open(self, invoice: str, request: Mapping[str, Any]) -> None:
        """Take an invoice or `{lines?, reason}` of it out of collecting."""
        ...

    def close(self, invoice: str, request: Mapping[str, Any]) -> None:
        """Close its dispute `{outcome}`; Conflict where it was closed otherwise."""
        ...

    def is_open(self, invoice: str) -> bool:
        """Tell whether a dispute of the invoice is open."""
        ...


def hold_back(definition: object, *, disputes: Disputes, now: datetime) -> None:
    """Open the dispute of a ticket that is about to be opened, if it has one; Rejected where it is no ticket."""
    ticket = open_ticket(definition, plan=None, currency="", at=now)
    if ticket.disputes:
        disputes.open(ticket.disputes, request_of(ticket))


def request_of(ticket: Ticket) -> dict[str, Any]:
    """Return the dispute that a ticket asks for."""
    given = ticket.events[0].data
    return ({"lines": given["lines"]} if "lines" in given else {}) | {"reason": ticket.subject}


def decide(ticket: Ticket, outcome: str | None, *, disputes: Disputes) -> None:
    """Close the dispute of a ticket that is about to be closed.

    Rejected where an open dispute is left without its outcome, or an outcome is given of none.
    """
    invoice = ticket.disputes
    if invoice is None:
        if outcome is not None:
            raise Rejected("outcome: the ticket disputes no invoice; leave it out", field="outcome")
        return
    if outcome is not None:
        disputes.close(invoice, {"outcome": outcome})
    elif disputes.is_open(invoice):
        message = f"outcome: the ticket holds invoice {invoice!r}; say whether the dispute is upheld or rejected"
        raise Rejected(message, field="outcome")
