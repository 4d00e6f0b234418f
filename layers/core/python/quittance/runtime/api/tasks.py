"""Routes of what was left to a person: the list, closing, whose money it is; and asking to look at the vendor."""

from __future__ import annotations

from time import sleep

from quittance.domain.errors import NotFound
from quittance.runtime import compose
from quittance.runtime.clock import iso
from quittance.runtime.http import Request, Response
from quittance.store import registrations, tasks
from quittance.store.access import AccessStore
from quittance.store.payments import PaymentBook
from quittance.usecases import tasks as tasks_usecases


def list_tasks(request: Request) -> Response:
    """List the open tasks in the order of time."""
    found, following = tasks_usecases.listed(request.partner, request.query, limit=request.limit(), tasks=tasks)
    return Response(body={"tasks": [one.to_mapping() for one in found], "next": following})


def get_task(request: Request) -> Response:
    """Show a task."""
    return Response(body=tasks.get(request.partner, request.names["task"]).to_mapping())


def close_task(request: Request) -> Response:
    """Close a task with a note."""
    by, now = request.author or request.role, compose.clock().now()
    named = (request.partner, request.names["task"], request.json())
    closed = tasks_usecases.close(*named, role=request.role, by=by, now=now, tasks=tasks)
    return Response(body=closed.to_mapping())


def assign_payment(request: Request) -> Response:
    """Book a payment that nobody could place on an account."""
    by, now = request.author or request.role, compose.clock().now()
    named = (request.partner, request.names["task"], request.json())
    done = tasks_usecases.assign(*named, by=by, now=now, tasks=tasks, book=PaymentBook(now), pause=sleep)
    return Response(body=done.to_mapping())


def look_at_subscriptions(request: Request) -> Response:
    """Ask that each subscription of an account be compared with the vendor's."""
    account, now = request.names["account"], compose.clock().now()
    found = registrations.read_account(request.partner, account)
    if found is None:
        raise NotFound(f"there is no account {account!r}", field="account")
    names = [one["id"] for one in found["subscriptions"]]
    for name in names:
        AccessStore().ask_look(request.partner, account, name, now)
    headers = {"location": f"/v1/accounts/{account}/status"}
    return Response(status=202, body={"asked": names, "at": iso(now)}, headers=headers)
