"""Changing a subscription: what the vendor demands of the PATCH body and which changes it refuses.

The body is the *whole* resource (property names in any letter case). Leaving out `autoRenewEnabled` resets it to false.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from infra.local.vendor.faults import VendorFault
from infra.local.vendor.model import Subscription
from infra.local.vendor.render import etag, subscription_body

CANCEL_WINDOW = timedelta(days=7)
MAX_SEATS = 10_000
# The properties the two documented PATCH bodies have in common, and what new commerce adds.
REQUIRED = (
    "id", "friendlyName", "quantity", "unitType", "creationDate", "effectiveStartDate", "commitmentEndDate",
    "status", "billingType", "contractType", "orderId", "attributes",
)  # fmt: skip
REQUIRED_NEW = ("offerId", "offerName", "productType", "billingCycle", "termDuration")
READ_ONLY = (
    "id", "offerId", "offerName", "entitlementId", "parentSubscriptionId", "unitType", "creationDate",
    "effectiveStartDate", "commitmentEndDate", "billingType", "contractType", "orderId", "termDuration",
)  # fmt: skip
_TYPES: dict[str, tuple[type, ...]] = {
    "status": (str,), "friendlyName": (str,), "autoRenewEnabled": (bool,), "quantity": (int,), "attributes": (dict,),
    "scheduledNextTermInstructions": (dict, type(None)), "productType": (dict,), "billingCycle": (str,),
}  # fmt: skip


def requested_changes(
    subscription: Subscription, body: dict[str, Any], if_match: str | None, now: datetime
) -> dict[str, Any]:
    """Return what a PATCH would change, by attribute of Subscription; VendorFault for what the vendor refuses."""
    wanted = {name[:1].lower() + name[1:]: value for name, value in body.items()}
    _check_shape(subscription, wanted)
    _check_etag(subscription, wanted, if_match)
    _check_updatable(subscription)
    changes = _changes(subscription, wanted)
    if "status" in changes:
        return _with_status(subscription, changes, now)
    if subscription.status == "suspended" and changes:
        raise VendorFault("2001" if "quantity" in changes else "800091")
    return _without_status(subscription, changes)


def check_parent(subscription: Subscription, parent: Subscription | None, changes: dict[str, Any]) -> None:
    """Refuse to enable an add-on before its parent."""
    if changes.get("status") == "active" and subscription.parent and (parent is None or parent.status != "active"):
        raise VendorFault("27009")


def suspended_with_parent(child: Subscription) -> dict[str, Any]:
    """Return what suspending a parent does to one of its active add-ons."""
    return {"status": "suspended"} | ({"auto_renew": False, "scheduled": None} if child.nce else {})


def _check_shape(subscription: Subscription, wanted: dict[str, Any]) -> None:
    required = REQUIRED if subscription.legacy else REQUIRED + REQUIRED_NEW
    for name in required:
        if wanted.get(name) is None:
            raise VendorFault("3000", f"{name} is missing; send the whole resource")
    for name, kinds in _TYPES.items():
        if name in wanted and (
            not isinstance(wanted[name], kinds) or (type(wanted[name]) is bool and bool not in kinds)
        ):
            raise VendorFault("3000", f"{name} has the wrong type")
    current = subscription_body(subscription)
    for name in READ_ONLY:
        if name in wanted and wanted[name] is not None and wanted[name] != current.get(name):
            raise VendorFault("3000", f"{name} is read-only")
    if wanted.get("billingCycle", current.get("billingCycle")) != current.get("billingCycle"):
        raise VendorFault("2054")


def _check_etag(subscription: Subscription, wanted: dict[str, Any], if_match: str | None) -> None:
    """If-Match decides where it is sent, else the body's own ETag; new commerce has neither."""
    if not subscription.legacy:
        return
    current = etag(subscription)
    attributes = {name.lower(): value for name, value in wanted["attributes"].items()}
    given = attributes.get("etag") if if_match is None else if_match
    if given is not None and given != (current if if_match is None else f'"{current}"'):
        raise VendorFault("2055")


def _check_updatable(subscription: Subscription) -> None:
    if subscription.pending:
        raise VendorFault("800082")
    if subscription.status == "deleted":
        raise VendorFault("2011", subscription.id)
    if subscription.status in ("expired", "disabled"):
        raise VendorFault("900279")


def _changes(subscription: Subscription, wanted: dict[str, Any]) -> dict[str, Any]:
    """Return the writable properties that differ."""
    asked = {
        "status": wanted["status"],
        "auto_renew": wanted.get("autoRenewEnabled", False),
        "quantity": wanted["quantity"],
        "nickname": wanted["friendlyName"],
        "scheduled": wanted.get("scheduledNextTermInstructions"),
    }
    current = {name: getattr(subscription, name) for name in asked}
    current["nickname"] = subscription.nickname or subscription.name
    return {name: value for name, value in asked.items() if value != current[name]}


def _without_status(subscription: Subscription, changes: dict[str, Any]) -> dict[str, Any]:
    if not 1 <= changes.get("quantity", 1) <= MAX_SEATS:
        raise VendorFault("2002", changes["quantity"])
    if changes.get("auto_renew") and subscription.kind in ("azure_plan", "legacy_azure", "perpetual"):
        raise VendorFault("800093")
    renews = changes.get("auto_renew", subscription.auto_renew)
    if changes.get("scheduled") and not renews:
        raise VendorFault("800093")
    # A change within the term, and the end of renewal, both drop what was scheduled for the next term.
    if subscription.scheduled and ("quantity" in changes or not renews):
        changes["scheduled"] = None
    return changes


def _with_status(subscription: Subscription, changes: dict[str, Any], now: datetime) -> dict[str, Any]:
    if "quantity" in changes:
        raise VendorFault("2001")
    match subscription.status, changes["status"]:
        case ("active", "suspended"):
            _check_suspendable(subscription)
        case ("suspended", "active"):
            pass
        case ("active" | "suspended", "deleted") if subscription.nce:
            if now > subscription.starts + CANCEL_WINDOW:
                raise VendorFault("900117", CANCEL_WINDOW.days)
        case (was, wanted):
            raise VendorFault("800040", wanted, was)
    if subscription.nce:
        # Suspension ends renewal and drops scheduled changes; resuming leaves both as they are, whatever the body says.
        return changes | {"auto_renew": False, "scheduled": None}
    return changes


def _check_suspendable(subscription: Subscription) -> None:
    if subscription.kind in ("software", "perpetual") or not subscription.suspendable:
        raise VendorFault("800096")
    if any(entitlement.status == "active" for entitlement in subscription.entitlements.values()):
        raise VendorFault("900115")
