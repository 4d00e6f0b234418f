"""Routes of support: tickets and what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quittance.domain.roles import Permission
from quittance.runtime import compose
from quittance.runtime.http import Request, Response, Route
from quittance.store import partners, registrations
from quittance.store import tickets as store
from quittance.usecases import tickets

_TICKET = "/v1/accounts/{account}/tickets/{ticket}"


def _open(request: Request) -> Response:
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


def _get(request: Request) -> Response:
    ticket, _ = store.read_ticket(request.partner, request.names["account"], request.names["ticket"])
    return Response(body=tickets.shown(ticket, compose.clock().now()))


def _list(request: Request) -> Response:
    account, now = request.names["account"], compose.clock().now()
    found = store.read_tickets(request.partner, account)
    kept = ("id", "service", "kind", "severity", "subject", "status", "vehicle", "breached", "solution_due")
    full = [tickets.shown(ticket, now) for ticket in found]
    return Response(body={"tickets": [{name: one[name] for name in kept} for one in full]})


def _action(action: str) -> Callable[[Request], Response]:
    def _act(request: Request) -> Response:
        now = compose.clock().now()
        body = request.json() if request.content else {}
        command = tickets.command(action, body, now=now, key=request.idempotency_key)
        account, ticket = request.names["account"], request.names["ticket"]
        changed = tickets.change(request.partner, account, ticket, command, now=now, tickets=store)
        return Response(body=tickets.shown(changed, now))

    return _act


ROUTES = (
    Route("POST", "/v1/accounts/{account}/tickets", Permission.TICKETS, _open),
    Route("GET", "/v1/accounts/{account}/tickets", Permission.READ, _list),
    Route("GET", _TICKET, Permission.READ, _get),
    *(Route("POST", f"{_TICKET}/{action}", Permission.TICKETS, _action(action)) for action in tickets.ACTIONS),
)
