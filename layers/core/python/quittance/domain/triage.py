"""Triage of a support ticket: who usually solves it, what to find out first, and where the vendor takes it.

Sources: the vendor's partner documentation on support responsibilities (the partner supports its customers and hands
over what only the vendor can solve) and on where each kind of request is opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from quittance.domain.errors import Rejected

AZURE, M365, DYNAMICS = "azure", "microsoft-365", "dynamics-365"
MARKETPLACE, PARTNER_CENTER = "marketplace", "partner-center"
CLOUD_SERVICES = (AZURE, M365, DYNAMICS)
SERVICES = (*CLOUD_SERVICES, MARKETPLACE, PARTNER_CENTER)
COMMERCIAL, TECHNICAL = "commercial", "technical"
KINDS = (COMMERCIAL, TECHNICAL)
_SPELLINGS = {service.replace("-", ""): service for service in SERVICES} | {
    "m365": M365,
    "office365": M365,
    "o365": M365,
    "d365": DYNAMICS,
    "dynamics": DYNAMICS,
    "azuremarketplace": MARKETPLACE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """Where a ticket goes if the partner cannot solve it, what the partner itself is to solve, what to find out."""

    where: str
    baseline: str
    checklist: tuple[str, ...]

    def as_mapping(self) -> dict[str, Any]:
        """Return it as items and answers hold it."""
        return {"where": self.where, "baseline": self.baseline, "checklist": list(self.checklist)}


def normal_service(name: object, field: str = "service") -> str:
    """Return the one spelling of a service ("Microsoft 365" and "m365" are microsoft-365); Rejected if unknown."""
    bare = "".join(c for c in name.lower() if c.isalnum()) if isinstance(name, str) else ""
    if bare not in _SPELLINGS:
        raise Rejected(f"{field}: {name!r} is not one of {', '.join(SERVICES)}", field=field)
    return _SPELLINGS[bare]


_WHERE: Mapping[tuple[str, str], str] = {
    (AZURE, TECHNICAL): "Azure portal, on behalf of the customer's subscription",
    (M365, TECHNICAL): "Microsoft 365 admin center of the customer, by delegated administration",
    (DYNAMICS, TECHNICAL): "Power Platform admin center of the customer, by delegated administration",
    (MARKETPLACE, TECHNICAL): "the offer's publisher; its support contact is on the offer's page",
    (PARTNER_CENTER, TECHNICAL): "Partner Center, support requests",
    (MARKETPLACE, COMMERCIAL): "Partner Center for the bill; the offer's publisher for price and contract",
}
_CHINA = "21Vianet, which operates this cloud; Partner Center takes no service requests for it"

_BASELINE: Mapping[str, str] = {
    COMMERCIAL: (
        "The partner explains its own invoice, prices, terms and changes of seats, and corrects its own mistakes. The "
        "vendor takes what differs between its bill and what was ordered."
    ),
    TECHNICAL: (
        "The partner solves set-up, use, permissions, known errors and everything its documentation answers. "
        "The vendor takes undocumented faults, outages, bugs of a service and failures of a region or of many tenants."
    ),
}

_ALWAYS = (
    "What exactly happens, what was expected, and since when (with the time zone)?",
    "Who and how many are affected, and what can they not do?",
)
_KIND: Mapping[str, tuple[str, ...]] = {
    COMMERCIAL: (
        "Which invoice and which of its lines are meant?",
        "Which lines of the vendor's reconciliation stand behind them, and what do they say?",
        "What was ordered, by whom and when; is there a change of seats or a cancellation in the period?",
    ),
    TECHNICAL: (
        "Does it happen again, and with which steps?",
        "What changed before it began?",
        "Does the vendor's service health show an incident or an advisory?",
    ),
}
_CHECKS: Mapping[tuple[str, str], tuple[str, ...]] = {
    (AZURE, TECHNICAL): (
        "Subscription, resource group, resource and region?",
        "Does resource health, the activity log or a quota explain it?",
        "Correlation ids and the exact error text?",
    ),
    (M365, TECHNICAL): (
        "Tenant, licences assigned and the apps concerned?",
        "Do the message centre, sign-in log or a conditional access rule explain it?",
        "Browser or app version, and does a second device show it too?",
    ),
    (DYNAMICS, TECHNICAL): (
        "Environment, its version and region, and the app concerned?",
        "Are customisations or plug-ins involved; does it happen without them?",
    ),
    (MARKETPLACE, TECHNICAL): ("Which publisher, offer and plan; what does its own support page say?",),
    (PARTNER_CENTER, TECHNICAL): ("Which workspace and page or API call, with correlation id and account role?",),
    (AZURE, COMMERCIAL): ("Which meter, day and quantity; does the usage file show it under another subscription?",),
    (M365, COMMERCIAL): ("Which seats, term and renewal; is it a refund and charge pair of one change?",),
    (DYNAMICS, COMMERCIAL): ("Which seats, term and renewal; is it a refund and charge pair of one change?",),
    (MARKETPLACE, COMMERCIAL): ("Which publisher, offer, plan and custom meter?",),
    (PARTNER_CENTER, COMMERCIAL): ("Which payment, credit or invoice of the partner's own account is meant?",),
}


def triage(*, service: str, kind: str, cloud: str = "global") -> Triage:
    """Return the triage of a ticket by service and kind; the cloud decides where it can be opened at all."""
    where = _CHINA if cloud == "china" else _WHERE.get((service, kind), "Partner Center, billing and account matters")
    checks = (*_ALWAYS, *_KIND[kind], *_CHECKS[service, kind])
    return Triage(where=where, baseline=_BASELINE[kind], checklist=checks)
