"""What the stand-in knows: partners, their customers, subscriptions, invoices, service requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

KINDS = ("nce_license", "legacy_license", "legacy_azure", "azure_plan", "software", "perpetual", "marketplace")
CLOUDS = ("global", "us-government", "china")


@dataclass(slots=True)
class Partner:
    """A tenant of the vendor: its directory, its application and the cloud it lives in."""

    tenant: str
    client_id: str
    client_secret: str
    refresh_token: str | None = None
    cloud: str = "global"
    name: str = ""


@dataclass(slots=True)
class Customer:
    """A customer of one partner."""

    id: str
    tenant: str
    name: str
    country: str = "DE"
    domain: str = ""


@dataclass(slots=True)
class Entitlement:
    """An Azure subscription under an Azure plan; its status follows a change with a lag."""

    id: str
    name: str = "Microsoft Azure"
    status: str = "active"
    becomes: str | None = None
    becomes_at: datetime | None = None


@dataclass(slots=True)
class Pending:
    """A change that was answered with 202 and takes effect at `due`."""

    due: datetime
    changes: dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Subscription:
    """One subscription; `starts` and `term_ends` bound its current term, `since` dates its status."""

    id: str
    customer: str
    kind: str
    name: str
    offer: str
    quantity: int
    starts: datetime
    term_ends: datetime | None
    since: datetime
    status: str = "active"
    auto_renew: bool = True
    term: str = "P1Y"
    cycle: str = "monthly"
    parent: str | None = None
    nickname: str = ""
    order: str = ""
    scheduled: dict[str, Any] | None = None
    entitlements: dict[str, Entitlement] = field(default_factory=dict)
    suspendable: bool = True
    cancel_at_term_end: bool = False
    version: int = 1
    updates: int = 0
    extended: bool = False
    pending: Pending | None = None

    @property
    def nce(self) -> bool:
        """True for a seat of the new commerce experience."""
        return self.kind == "nce_license"

    @property
    def legacy(self) -> bool:
        """True where the resource carries an ETag."""
        return self.kind.startswith("legacy_")


@dataclass(slots=True, kw_only=True)
class Invoice:
    """A vendor invoice with its lines as the API gives them; amounts are decimal text in `currency`."""

    id: str
    tenant: str
    date: datetime
    currency: str
    total: str
    paid: str = "0"
    type: str = "OneTime"
    document_type: str = "invoice"
    amends: str | None = None
    lines: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class ServiceRequest:
    """A ticket at the vendor, opened by hand in its portal."""

    id: str
    tenant: str
    title: str
    created: datetime
    modified: datetime
    customer: str | None = None
    description: str = ""
    severity: str = "moderate"
    status: str = "open"
    product: str = "15960"
    closed: datetime | None = None
    notes: list[dict[str, str]] = field(default_factory=list)


@dataclass(slots=True)
class Limits:
    """Figures that tests and benches may change; the vendor publishes only the first."""

    requests_per_minute: int = 500
    updates_per_subscription: int = 200
    entitlement_lag_seconds: int = 600
    token_seconds: int = 3600


@dataclass(slots=True)
class State:
    """Everything in one place, guarded by the application's lock."""

    partners: dict[str, Partner] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    subscriptions: dict[tuple[str, str], Subscription] = field(default_factory=dict)
    invoices: dict[str, Invoice] = field(default_factory=dict)
    service_requests: dict[str, ServiceRequest] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
