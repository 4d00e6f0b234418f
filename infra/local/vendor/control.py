"""The control plane below /_control: no part of the vendor's API; seeds, faults, the journal, a page to look at."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from infra.local.vendor.app import VendorApp
from infra.local.vendor.disturbance import read_disturbance
from infra.local.vendor.faults import VendorFault
from infra.local.vendor.model import Subscription
from infra.local.vendor.page import render_page
from infra.local.vendor.render import stamp
from infra.local.vendor.seeding import SeedError, change_subscription
from infra.local.vendor.wire import Request, Response, json_response

PREFIX = "/_control"


def control(app: VendorApp, request: Request) -> Response:
    """Answer a control request; 400 with the reason for what cannot be read."""
    with app.lock:
        try:
            return _route(app, request)
        except (SeedError, VendorFault, ValueError) as problem:
            return json_response(getattr(problem, "http", 400), {"error": str(problem)})


def snapshot(app: VendorApp) -> dict[str, Any]:
    """Return the whole state as JSON, secrets left out."""
    now = app.clock.now()
    return {
        "now": stamp(now),
        "fault": _fault(app),
        "limits": asdict(app.state.limits),
        "partners": [{"tenant": p.tenant, "cloud": p.cloud, "name": p.name} for p in app.state.partners.values()],
        "customers": [asdict(customer) for customer in app.state.customers.values()],
        "subscriptions": [
            subscription_state(subscription)
            for customer in app.state.customers.values()
            for subscription in app.subscriptions.of_customer(customer.id, now)
        ],
        "invoices": [
            {"id": i.id, "date": stamp(i.date), "total": i.total, "currency": i.currency, "lines": len(i.lines)}
            for i in app.state.invoices.values()
        ],
        "service_requests": [
            {"id": r.id, "title": r.title, "status": r.status} for r in app.state.service_requests.values()
        ],
    }


def subscription_state(subscription: Subscription) -> dict[str, Any]:
    """Return what a person wants to know of a subscription."""
    return {
        "id": subscription.id,
        "customer": subscription.customer,
        "kind": subscription.kind,
        "name": subscription.name,
        "quantity": subscription.quantity,
        "status": subscription.status,
        "since": stamp(subscription.since),
        "auto_renew": subscription.auto_renew,
        "term_ends": stamp(subscription.term_ends) if subscription.term_ends else None,
        "extended": subscription.extended,
        "scheduled": subscription.scheduled,
        "parent": subscription.parent,
        "pending": stamp(subscription.pending.due) if subscription.pending else None,
        "updates": subscription.updates,
        "entitlements": {entitlement.id: entitlement.status for entitlement in subscription.entitlements.values()},
    }


def _route(app: VendorApp, request: Request) -> Response:  # noqa: PLR0911  # one answer a route
    match request.method, request.path.removeprefix(PREFIX).strip("/").split("/"):
        case "GET", [""]:
            page = render_page(snapshot(app), app.journal.after(0)[-30:])
            return Response(200, page.encode(), {"Content-Type": "text/html; charset=utf-8"})
        case "GET", ["state"]:
            return json_response(200, snapshot(app))
        case "GET", ["requests"]:
            query = request.query
            entries = app.journal.after(int(query.get("after", "0")), query.get("path", ""), query.get("method", ""))
            return json_response(200, {"requests": entries})
        case "POST", ["seed"]:
            app.seed(request.plain_json())
            return json_response(200, snapshot(app))
        case (("PUT" | "DELETE"), ["fault"]):
            app.disturbance = read_disturbance(request.plain_json()) if request.method == "PUT" else None
            return json_response(200, {"fault": _fault(app)})
        case "PUT", ["customers", customer, "subscriptions", name]:
            subscription = app.subscriptions.find(customer, name, app.clock.now())
            change_subscription(subscription, request.plain_json())
            return json_response(200, subscription_state(subscription))
        case _:
            return json_response(404, {"error": f"{request.method} {request.path} is not part of the control plane"})


def _fault(app: VendorApp) -> dict[str, Any] | None:
    if app.disturbance is None or app.disturbance.over(app.clock.now()):
        return None
    fault = asdict(app.disturbance)
    return fault | {"until": stamp(app.disturbance.until) if app.disturbance.until else None}
