"""Routes that set up the book: partner, policies, support plans, price rules, accounts."""

from __future__ import annotations

from quittance.domain.errors import NotFound
from quittance.runtime import compose
from quittance.runtime.http import Request, Response
from quittance.store import partners, registrations
from quittance.usecases import register


def put_partner(request: Request) -> Response:
    """Set up or change the partner."""
    now = compose.clock().now()
    partner = register.put_partner(request.partner, request.json(), now=now, book=partners)
    return Response(body=partner.definition)


def get_partner(request: Request) -> Response:
    """Show the partner."""
    return Response(body=partners.read_partner(request.partner).definition)


def publish_policy(request: Request) -> Response:
    """Publish the next version of a policy; 200 where it is published already."""
    name = request.names["policy"]
    now = compose.clock().now()
    version, new = register.publish_policy(request.partner, name, request.json(), now=now, book=partners)
    return Response(status=201 if new else 200, body={"name": name, "version": version})


def get_policy(request: Request) -> Response:
    """Show the latest version of a policy."""
    name = request.names["policy"]
    found = partners.latest_policy(request.partner, name)
    if found is None:
        raise NotFound(f"there is no policy {name!r}")
    version, published_at, definition = found
    return Response(body={"name": name, "version": version, "published_at": published_at, "definition": definition})


def put_support_plan(request: Request) -> Response:
    """Publish a support plan."""
    now = compose.clock().now()
    plan = register.put_support_plan(request.partner, request.names["plan"], request.json(), now=now, book=partners)
    return Response(body={"name": plan.name, "definition": plan.definition})


def get_support_plan(request: Request) -> Response:
    """Show a support plan."""
    currency = partners.read_partner(request.partner).currency
    plan, published_at = partners.read_support_plan(request.partner, request.names["plan"], currency)
    return Response(body={"name": plan.name, "published_at": published_at, "definition": plan.definition})


def put_price_rules(request: Request) -> Response:
    """Replace the price rules."""
    partners.write_price_rules(request.partner, request.json())
    return get_price_rules(request)


def get_price_rules(request: Request) -> Response:
    """Show the price rules."""
    return Response(body=partners.read_price_rules(request.partner))


def put_account(request: Request) -> Response:
    """Register or change an account."""
    account = request.names["account"]
    new = register.put_account(request.partner, account, request.json(), book=partners, accounts=registrations)
    return Response(
        status=201 if new else 200, body=register.get_account(request.partner, account, accounts=registrations)
    )


def get_account(request: Request) -> Response:
    """Show an account as it can be put again."""
    return Response(body=register.get_account(request.partner, request.names["account"], accounts=registrations))


def list_accounts(request: Request) -> Response:
    """List the accounts, a page at a time."""
    limit = request.limit()
    found = partners.account_entries(request.partner, after=request.query.get("after"), limit=limit)
    following = found[-1][0] if len(found) == limit else None
    return Response(body={"accounts": [{"id": id_, "name": name} for id_, name in found], "next": following})
