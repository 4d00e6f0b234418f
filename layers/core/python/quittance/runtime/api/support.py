"""Routes of support: tickets and what is done with them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quittance.domain.errors import NotFound
from quittance.domain.roles import Permission, require
from quittance.runtime import compose
from quittance.runtime.api.collections import credit, desk
from quittance.runtime.http import Request, Response
from quittance.store import invoices, partners, registrations
from quittance.store import tickets as store
from quittance.usecases import dispute_tickets, tickets


def open_ticket(request: Request) -> Response:
    """Open a ticket; 200 where it is open already."""
    body, now = _named(request), compose.clock().now()
    account = request.names["account"]
    if not _is_open(request, body):  # whose dispute may have been decided since
        dispute_tickets.hold_back(body, disputes=_Disputes(request), now=now)
    ticket, new = tickets.open_new(
        request.partner, account, body, now=now, tickets=store, book=partners, accounts=registrations
    )
    headers = {"location": f"/v1/accounts/{account}/tickets/{ticket.id}"}
    return Response(status=201 if new else 200, body=tickets.shown(ticket, now), headers=headers)


def _is_open(request: Request, body: Any) -> bool:
    name = body.get("id") if isinstance(body, dict) else None
    try:
        return name is not None and bool(store.read_ticket(request.partner, request.names["account"], name))
    except NotFound:
        return False


def _named(request: Request) -> Any:
    """A ticket without an id is named by the call's Idempotency-Key."""
    body = request.json()
    if isinstance(body, dict) and "id" not in body and request.idempotency_key:
        return {**body, "id": request.idempotency_key}
    return body


def get_ticket(request: Request) -> Response:
    """Show a ticket."""
    ticket, _ = store.read_ticket(request.partner, request.names["account"], request.names["ticket"])
    return Response(body=tickets.shown(ticket, compose.clock().now()))


def list_tickets(request: Request) -> Response:
    """List the tickets of an account."""
    account, now = request.names["account"], compose.clock().now()
    found = store.read_tickets(request.partner, account)
    kept = ("id", "service", "kind", "severity", "subject", "status", "vehicle", "breached", "solution_due")
    full = [tickets.shown(ticket, now) for ticket in found]
    return Response(body={"tickets": [{name: one[name] for name in kept} for one in full]})


def act(request: Request) -> Response:
    """Do what the address ends in to a ticket."""
    now = compose.clock().now()
    body = request.json() if request.content else {}
    action = request.path.rpartition("/")[2]
    account, ticket = request.names["account"], request.names["ticket"]
    if action == "close":
        body = _decided(request, body)
    command = tickets.command(action, body, now=now, key=request.idempotency_key)
    changed = tickets.change(request.partner, account, ticket, command, now=now, tickets=store)
    return Response(body=tickets.shown(changed, now))


def _decided(request: Request, body: Any) -> Any:
    """Close the dispute of a ticket before the ticket; what comes of it is the billing's to say."""
    if not isinstance(body, dict):
        return body
    outcome = body.get("outcome")
    if outcome is not None:
        require(request.role, Permission.COLLECTIONS)
    ticket, _ = store.read_ticket(request.partner, request.names["account"], request.names["ticket"])
    dispute_tickets.decide(ticket, outcome, disputes=_Disputes(request))
    return {name: value for name, value in body.items() if name != "outcome"}


class _Disputes:
    """The disputes of the account that a request is about."""

    def __init__(self, request: Request) -> None:
        self._desk = desk(request)

    def open(self, invoice: str, asked: Mapping[str, Any]) -> None:
        self._desk.dispute(invoice, asked, invoices)

    def close(self, invoice: str, asked: Mapping[str, Any]) -> None:
        self._desk.close_dispute(invoice, asked, credit)

    def is_open(self, invoice: str) -> bool:
        known = self._desk.standing()["disputes"]
        return any(one["invoice"] == invoice and one["state"] == "open" for one in known)
