"""The hand-over package: everything the vendor's form asks for, ready to paste; complete, or refused with the gaps.

The vendor takes new requests in its own portals only, so a person opens the case and enters its number here. The
contact is the partner's, never the customer's: all contact with the customer goes through the partner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from quittance.domain.account import Subscription
from quittance.domain.errors import Rejected
from quittance.domain.partner import Partner
from quittance.domain.ticket import Ticket

_IMPACT = {
    "A": "critical: the customer's business stands still or data is lost",
    "B": "moderate: the customer's business is impaired, work goes on with difficulty",
    "C": "minimal: the customer's business is hardly impaired",
}
_RESPONSE_HOURS = {"A": 2, "B": 4, "C": 8}


def hand_over(
    ticket: Ticket,
    partner: Partner,
    *,
    vehicle: str,
    where: str,
    vendor_customer: str | None,
    subscriptions: Sequence[Subscription],
) -> dict[str, Any]:
    """Return the package; Rejected lists what is missing.

    The business impact is what was written about it, else what the severity means.
    """
    package = {
        "title": ticket.subject,
        "severity": ticket.severity,
        "business_impact": _impact(ticket),
        "service": ticket.service,
        "kind": ticket.kind,
        "description": ticket.events[0].data.get("description"),
        "began": ticket.opened_at.isoformat(),
        "diagnosis": ticket.diagnosis,
        "steps_taken": _steps(ticket),
        "cloud": partner.cloud,
        "customer_tenant": vendor_customer,
        "subscriptions": [_subscription(subscription) for subscription in subscriptions],
        "contact": _contact(partner),
        "vehicle": vehicle,
        "where_to_open": where,
        "vendor_response_hours": _RESPONSE_HOURS[ticket.severity],
    }
    needed = ("title", "severity", "business_impact", "diagnosis", "contact", "where_to_open")
    if missing := [name for name in needed if not package[name]]:
        raise Rejected(f"the hand-over is not complete: {', '.join(missing)} missing", code="incomplete")
    return {name: value for name, value in package.items() if value not in (None, [])}


def _impact(ticket: Ticket) -> str:
    request = ticket.last("escalation_requested")
    written = request.data.get("business_impact") if request else None
    return str(written or ticket.events[0].data.get("business_impact") or _IMPACT[ticket.severity])


def _steps(ticket: Ticket) -> list[str]:
    """What was found on the way; the conversation with the customer stays with the partner."""
    return [event.data["finding"] for event in ticket.events if event.kind == "diagnosed"]


def _subscription(subscription: Subscription) -> dict[str, Any]:
    return {
        "id": subscription.vendor_subscription or subscription.id,
        "product": subscription.product,
        "name": subscription.name,
    }


def _contact(partner: Partner) -> Mapping[str, str]:
    stated: Mapping[str, Any] = partner.definition
    contact = {name: stated[name] for name in ("support_contact", "email", "phone") if stated.get(name)}
    return {"company": partner.name, **contact}
