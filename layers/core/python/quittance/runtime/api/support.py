"""Routes of support: tickets and what is done with them."""

from __future__ import annotations

from typing import Any

from quittance.runtime import compose
from quittance.runtime.http import Request, Response
from quittance.store import partners, registrations
from quittance.store import tickets as store
from quittance.usecases import tickets


def open_ticket(request: Request) -> Response:
    """Open a ticket; 200 where it is open already."""
    body, now = _named(request), compose.clock().now()
    account = request.names["account"]
    ticket, new = tickets.open_new(
        request.partner, account, body, now=now, tickets=store, book=partners, accounts=registrations
    )
    headers = {"location": f"/v1/accounts/{account}/tickets/{ticket.id}"}
    return Response(status=201 if new else 200, body=tickets.shown(ticket, now), headers=headers)


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
    command = tickets.command(request.path.rpartition("/")[2], body, now=now, key=request.idempotency_key)
    account, ticket = request.names["account"], request.names["ticket"]
    changed = tickets.change(request.partner, account, ticket, command, now=now, tickets=store)
    return Response(body=tickets.shown(changed, now))
