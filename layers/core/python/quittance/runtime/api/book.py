"""Routes that set up the book: partner, policies, support plans, price rules, accounts."""

from __future__ import annotations

from quittance.domain.errors import NotFound
from quittance.domain.roles import Permission
from quittance.runtime import compose
from quittance.runtime.http import Request, Response, Route
from quittance.store import partners, registrations
from quittance.usecases import register


def _put_partner(request: Request) -> Response:
    now = compose.clock().now()
    partner = register.put_partner(request.partner, request.json(), now=now, book=partners)
    return Response(body=partner.definition)


def _get_partner(request: Request) -> Response:
    return Response(body=partners.read_partner(request.partner).definition)


def _publish_policy(request: Request) -> Response:
    name = request.names["policy"]
    now = compose.clock().now()
    version, new = register.publish_policy(request.partner, name, request.json(), now=now, book=partners)
    return Response(status=201 if new else 200, body={"name": name, "version": version})


def _get_policy(request: Request) -> Response:
    name = request.names["policy"]
    found = partners.latest_policy(request.partner, name)
    if found is None:
        raise NotFound(f"there is no policy {name!r}")
    version, published_at, definition = found
    return Response(body={"name": name, "version": version, "published_at": published_at, "definition": definition})


def _put_support_plan(request: Request) -> Response:
    now = compose.clock().now()
    plan = register.put_support_plan(request.partner, request.names["plan"], request.json(), now=now, book=partners)
    return Response(body={"name": plan.name, "definition": plan.definition})


def _get_support_plan(request: Request) -> Response:
    currency = partners.read_partner(request.partner).currency
    plan, published_at = partners.read_support_plan(request.partner, request.names["plan"], currency)
    return Response(body={"name": plan.name, "published_at": published_at, "definition": plan.definition})


def _put_price_rules(request: Request) -> Response:
    partners.write_price_rules(request.partner, request.json())
    return _get_price_rules(request)


def _get_price_rules(request: Request) -> Response:
    return Response(body=partners.read_price_rules(request.partner))


def _put_account(request: Request) -> Response:
    account = request.names["account"]
    new = register.put_account(request.partner, account, request.json(), book=partners, accounts=registrations)
    return Response(
        status=201 if new else 200, body=register.get_account(request.partner, account, accounts=registrations)
    )


def _get_account(request: Request) -> Response:
    return Response(body=register.get_account(request.partner, request.names["account"], accounts=registrations))


def _list_accounts(request: Request) -> Response:
    limit = request.limit()
    found = partners.account_entries(request.partner, after=request.query.get("after"), limit=limit)
    following = found[-1][0] if len(found) == limit else None
    return Response(body={"accounts": [{"id": id_, "name": name} for id_, name in found], "next": following})


ROUTES = (
    Route("PUT", "/v1/partner", Permission.PARTNER, _put_partner),
    Route("GET", "/v1/partner", Permission.READ, _get_partner),
    Route("POST", "/v1/policies/{policy}", Permission.POLICIES, _publish_policy),
    Route("GET", "/v1/policies/{policy}", Permission.READ, _get_policy),
    Route("PUT", "/v1/support-plans/{plan}", Permission.PARTNER, _put_support_plan),
    Route("GET", "/v1/support-plans/{plan}", Permission.READ, _get_support_plan),
    Route("PUT", "/v1/price-rules", Permission.MONEY, _put_price_rules),
    Route("GET", "/v1/price-rules", Permission.READ, _get_price_rules),
    Route("GET", "/v1/accounts", Permission.READ, _list_accounts),
    Route("PUT", "/v1/accounts/{account}", Permission.ACCOUNTS, _put_account),
    Route("GET", "/v1/accounts/{account}", Permission.READ, _get_account),
)
