"""The subscription resources: read, list, change, and the Azure entitlements under a plan."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from infra.local.vendor.faults import VendorFault
from infra.local.vendor.lifecycle import apply, settle
from infra.local.vendor.model import Entitlement, Pending, State, Subscription
from infra.local.vendor.patching import check_parent, requested_changes, suspended_with_parent
from infra.local.vendor.render import collection, entitlement_body, etag, link, subscription_body, subscription_path
from infra.local.vendor.wire import Request, Response, json_response


class Subscriptions:
    """Serves what lies under /v1/customers/{customer}/subscriptions."""

    def __init__(self, state: State) -> None:
        self._state = state

    def find(self, customer: str, name: str, now: datetime) -> Subscription:
        """Return a subscription as it is now; ids are told apart whatever their letter case."""
        self.of_customer(customer, now)
        subscription = self._state.subscriptions.get((customer.lower(), name.lower()))
        if subscription is None:
            raise VendorFault("20003", name)
        return subscription

    def of_customer(self, customer: str, now: datetime) -> list[Subscription]:
        """Return all of a customer's subscriptions as they are now."""
        mine = [s for (owner, _), s in self._state.subscriptions.items() if owner == customer.lower()]
        arrived = [change for subscription in mine if (change := settle(subscription, now))]
        for parent, pending in arrived:
            _suspend_addons(parent, mine, pending.changes, pending.due)
        return mine

    def listed(self, customer: str, now: datetime) -> Response:
        """Answer GET of the collection."""
        return json_response(200, collection([subscription_body(s) for s in self.of_customer(customer, now)]))

    def shown(self, customer: str, name: str, now: datetime) -> Response:
        """Answer GET of one."""
        return _shown(self.find(customer, name, now))

    def patched(self, customer: str, name: str, request: Request, now: datetime, later: timedelta | None) -> Response:
        """Answer PATCH: 200 with the resource, or 202 with its place when it takes effect `later`."""
        subscription = self.find(customer, name, now)
        changes = requested_changes(subscription, request.json(), request.headers.get("if-match"), now)
        if subscription.parent:
            check_parent(subscription, self.find(customer, subscription.parent, now), changes)
        if subscription.updates >= self._state.limits.updates_per_subscription:
            raise VendorFault("900311")
        if changes and later:
            subscription.pending = Pending(now + later, changes)
            return Response(202, headers={"Location": subscription_path(subscription)})
        if changes:
            apply(subscription, changes, now)
            _suspend_addons(subscription, self.of_customer(customer, now), changes, now)
        return _shown(subscription)

    def entitlements(self, customer: str, name: str, now: datetime) -> Response:
        """Answer GET of a plan's Azure entitlements."""
        plan = self.find(customer, name, now)
        return json_response(200, collection([entitlement_body(plan, e) for e in plan.entitlements.values()]))

    def cancelled(self, customer: str, name: str, entitlement_id: str, request: Request, now: datetime) -> Response:
        """Answer a cancellation: accepted, and still `active` until the lag is over."""
        plan, entitlement = self._entitlement(customer, name, entitlement_id, now)
        if request.json().get("cancellationReason") != "compromise":
            raise VendorFault("800002", "cancellationReason must be compromise")
        self._turn(entitlement, "active", "inactive", now)
        uri = f"{subscription_path(plan)}/azureEntitlements/{entitlement.id}"
        return json_response(200, entitlement_body(plan, entitlement) | {"links": {"self": link(uri)}})

    def reactivated(self, customer: str, name: str, entitlement_id: str, now: datetime) -> Response:
        """Answer a reactivation with 202; its plan must be active."""
        plan, entitlement = self._entitlement(customer, name, entitlement_id, now)
        if plan.status != "active":
            raise VendorFault("800002", "the Azure plan is not active")
        self._turn(entitlement, "inactive", "active", now)
        return Response(202, headers={"Location": f"{subscription_path(plan)}/azureEntitlements"})

    def _entitlement(
        self, customer: str, name: str, entitlement_id: str, now: datetime
    ) -> tuple[Subscription, Entitlement]:
        plan = self.find(customer, name, now)
        if (entitlement := plan.entitlements.get(entitlement_id)) is None:
            raise VendorFault("800111", entitlement_id)
        return plan, entitlement

    def _turn(self, entitlement: Entitlement, was: str, becomes: str, now: datetime) -> None:
        if entitlement.status != was or entitlement.becomes:
            raise VendorFault("800040", becomes, entitlement.becomes or entitlement.status)
        entitlement.becomes = becomes
        entitlement.becomes_at = now + timedelta(seconds=self._state.limits.entitlement_lag_seconds)


def _suspend_addons(parent: Subscription, siblings: list[Subscription], changes: dict[str, Any], at: datetime) -> None:
    """Suspend a parent's active add-ons with it."""
    if changes.get("status") != "suspended":
        return
    for child in siblings:
        if child.parent == parent.id and child.status == "active":
            apply(child, suspended_with_parent(child), at)


def _shown(subscription: Subscription) -> Response:
    headers = {"ETag": f'"{etag(subscription)}"'} if subscription.legacy else {}
    return json_response(200, subscription_body(subscription), **headers)
