"""Routes of collecting: promises, pauses, holds and disputes, and why an account is where it is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quittance.adapters.explanations import in_language
from quittance.runtime import compose
from quittance.runtime.http import Request, Response
from quittance.store import invoices, measures
from quittance.store import timeline as rest
from quittance.store.accounts import AccountStore
from quittance.store.policies import PolicyStore
from quittance.usecases import billing, status
from quittance.usecases.measures import Desk

_POLICIES = PolicyStore()
_ACCOUNTS = AccountStore(_POLICIES)


def desk(request: Request) -> Desk:
    """Return the caller's desk: facts are by the caller's name in the token where it has one, else by the role."""
    account, now = request.names["account"], compose.clock().now()
    return Desk(
        request.partner, account, author=request.author or request.role, now=now, accounts=_ACCOUNTS, facts=measures
    )


def _named(request: Request) -> Any:
    """A fact without an id is named by the call's Idempotency-Key."""
    body = request.json()
    if isinstance(body, dict) and "id" not in body and request.idempotency_key:
        return {**body, "id": request.idempotency_key}
    return body


def promise(request: Request) -> Response:
    """Accept a promise to pay."""
    return Response(status=201, body=desk(request).promise(_named(request)).to_mapping())


def withdraw(request: Request) -> Response:
    """Withdraw a promise that was a mistake."""
    return Response(body=desk(request).withdraw(request.names["promise"]).to_mapping())


def pause(request: Request) -> Response:
    """Pause collecting."""
    return Response(status=201, body=desk(request).pause(_named(request)).to_mapping())


def unpause(request: Request) -> Response:
    """End the pause, if there is one."""
    return Response(body={"ended": [one.to_mapping() for one in desk(request).unpause()]})


def hold(request: Request) -> Response:
    """Withhold all access for a reason."""
    return Response(status=201, body=desk(request).hold(request.json()).to_mapping())


def release(request: Request) -> Response:
    """Release the hold for a reason."""
    return Response(body=desk(request).release(request.names["hold"]).to_mapping())


def dispute(request: Request) -> Response:
    """Take an invoice or some of its lines out of collecting."""
    body = request.json() if request.content else {}
    return Response(status=201, body=desk(request).dispute(request.names["invoice"], body, invoices).to_mapping())


def close_dispute(request: Request) -> Response:
    """Close the dispute of an invoice."""
    closed = desk(request).close_dispute(request.names["invoice"], request.json(), credit)
    return Response(body=closed.to_mapping())


def credit(partner: str, account: str, invoice: str, note: str, definition: Mapping[str, Any]) -> None:
    """Ask for the credit note of an upheld dispute."""
    now = compose.clock().now()
    billing.request_credit_note(partner, account, invoice, note, definition, now=now, books=invoices)


def show_standing(request: Request) -> Response:
    """Show all promises, pauses, holds and disputes of an account."""
    return Response(body=desk(request).standing())


def explain(request: Request) -> Response:
    """Tell why the account is, or was at a moment, where it is."""
    told = status.explanation(
        request.partner,
        request.names["account"],
        request.query.get("at"),
        now=compose.clock().now(),
        accounts=_ACCOUNTS,
        rest=rest,
        policies=_POLICIES,
    )
    return Response(body=in_language(told, request.query.get("lang") or told["lang"]))
