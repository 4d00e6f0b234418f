"""The vendor's resources as JSON, with the keys its documentation shows for each kind of subscription."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from infra.local.vendor.model import Customer, Entitlement, ServiceRequest, Subscription

NO_DATE = "0001-01-01T00:00:00"
ENDLESS = "9999-12-10T00:00:00Z"
_PRODUCT_TYPES = {
    "nce_license": "OnlineServicesNCE",
    "azure_plan": "Azure",
    "software": "SoftwareSubscriptions",
    "perpetual": "Perpetual",
    "marketplace": "SaaS",
}
JsonObject = dict[str, Any]


def stamp(moment: datetime | None) -> str:
    """Write a moment as the API does, the endless date where there is none."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ENDLESS


def link(uri: str) -> JsonObject:
    """Return a resource link."""
    return {"uri": uri, "method": "GET", "headers": []}


def collection(items: list[Any], **more: Any) -> JsonObject:
    """Return a page of items."""
    return {**more, "totalCount": len(items), "items": items, "attributes": {"objectType": "Collection"}}


def etag(subscription: Subscription) -> str:
    """Return the ETag of a legacy subscription, without its quotes."""
    text = json.dumps({"id": subscription.id.lower(), "version": subscription.version}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def subscription_path(subscription: Subscription) -> str:
    """Return the path of a subscription below /v1."""
    return f"/customers/{subscription.customer}/subscriptions/{subscription.id}"


def subscription_body(subscription: Subscription) -> JsonObject:
    """Return the whole resource."""
    body = _common(subscription)
    body |= _legacy(subscription) if subscription.legacy else _modern(subscription)
    if subscription.parent:
        body["parentSubscriptionId"] = subscription.parent
        uri = f"/customers/{subscription.customer}/subscriptions/{subscription.parent}"
        body["links"]["parentSubscription"] = link(uri)
    if subscription.status == "suspended":
        body["suspensionReasons"] = ["CustomerCancellation"]
    if subscription.scheduled:
        body["scheduledNextTermInstructions"] = subscription.scheduled
    return body


def _common(subscription: Subscription) -> JsonObject:
    usage = subscription.kind in ("legacy_azure", "azure_plan")
    return {
        "id": subscription.id,
        "offerId": subscription.offer,
        "offerName": subscription.name,
        "friendlyName": subscription.nickname or subscription.name,
        "quantity": subscription.quantity,
        "unitType": "Usage-based" if usage else "Licenses",
        "creationDate": stamp(subscription.starts),
        "effectiveStartDate": stamp(subscription.starts),
        "commitmentEndDate": stamp(subscription.term_ends),
        "status": subscription.status,
        "autoRenewEnabled": subscription.auto_renew,
        "billingType": "usage" if usage else "license",
        "contractType": "subscription",
        "orderId": subscription.order,
        "attributes": {"objectType": "Subscription"},
    }


def _legacy(subscription: Subscription) -> JsonObject:
    country_offer = f"/offers/{subscription.offer}?country=DE"
    extra: JsonObject = {
        "links": {"offer": link(country_offer), "self": link(subscription_path(subscription))},
        "attributes": {"etag": etag(subscription), "objectType": "Subscription"},
    }
    if subscription.parent:
        extra["commitmentEndDateTime"] = stamp(subscription.term_ends)
    else:
        extra["entitlementId"] = subscription.id
    return extra


def _modern(subscription: Subscription) -> JsonObject:
    product, sku, availability = (*subscription.offer.split(":"), "0001", "0001")[:3]
    product_type = _PRODUCT_TYPES[subscription.kind]
    base = f"/products/{product}"
    return {
        "productType": {"id": product_type, "displayName": product_type},
        "hasPurchasableAddons": False,
        "commitmentEndDateTime": stamp(subscription.term_ends),
        "isTrial": False,
        "billingCycle": subscription.cycle,
        "termDuration": subscription.term,
        "renewalTermDuration": subscription.term if subscription.auto_renew else "",
        "refundOptions": [{"type": "Full", "expiresAt": stamp(subscription.starts + timedelta(days=7))}],
        "isMicrosoftProduct": subscription.kind != "marketplace",
        "partnerId": "",
        "attentionNeeded": False,
        "actionTaken": False,
        "publisherName": "Microsoft Corporation" if subscription.kind != "marketplace" else "Another publisher",
        "refundableQuantity": {"totalQuantity": 0, "details": []},
        "links": {
            "product": link(f"{base}?country=DE"),
            "sku": link(f"{base}/skus/{sku}?country=DE"),
            "availability": link(f"{base}/skus/{sku}/availabilities/{availability}?country=DE"),
            "self": link(subscription_path(subscription)),
        },
    }


def entitlement_body(plan: Subscription, entitlement: Entitlement) -> JsonObject:
    """Return an Azure entitlement as it stands in a list."""
    return {
        "id": entitlement.id,
        "friendlyName": entitlement.name,
        "status": entitlement.status,
        "subscriptionId": plan.id,
    }


def customer_body(customer: Customer) -> JsonObject:
    """Return a customer as it stands in a list."""
    profile = {
        "tenantId": customer.id,
        "domain": customer.domain or f"{customer.id}.onmicrosoft.example",
        "companyName": customer.name,
        "attributes": {"objectType": "CustomerCompanyProfile"},
    }
    return {
        "id": customer.id,
        "companyProfile": profile,
        "relationshipToPartner": "reseller",
        "attributes": {"objectType": "Customer"},
    }


def service_request_body(request: ServiceRequest) -> JsonObject:
    """Return one service request, severity and status as words."""
    return {
        "title": request.title,
        "description": request.description,
        "severity": request.severity,
        "supportTopicId": "32444667",
        "supportTopicName": "Partner Center",
        "id": request.id,
        "status": request.status,
        "organization": {"id": request.tenant, "name": request.tenant},
        "productId": request.product,
        "createdDate": stamp(request.created),
        "lastModifiedDate": stamp(request.modified),
        "lastClosedDate": stamp(request.closed) if request.closed else NO_DATE,
        "notes": request.notes,
        "attributes": {"objectType": "ServiceRequest"},
    }


def service_request_row(request: ServiceRequest) -> JsonObject:
    """Return a service request as lists give it: severity and status as numbers, dates without a zone."""
    return {
        "title": request.title,
        "severity": ("critical", "moderate", "minimal").index(request.severity),
        "id": request.id,
        "status": ("none", "open", "closed", "attention_needed").index(request.status),
        "primaryContact": {"lastName": "Contact", "firstName": "Partner"},
        "createdDate": stamp(request.created).removesuffix("Z"),
        "lastModifiedDate": stamp(request.modified).removesuffix("Z"),
        "lastClosedDate": stamp(request.closed).removesuffix("Z") if request.closed else NO_DATE,
        "attributes": {"objectType": "ServiceRequest"},
    }
