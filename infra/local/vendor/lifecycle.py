"""What time alone does to a subscription: renewal, expiry, extended terms, deletion, changes on their way.

Applied lazily whenever a subscription is looked at, so the virtual clock may jump by months. The order
expired -> disabled -> deleted after a term is our reading: the vendor's pages do not agree on it.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta

from infra.local.vendor.model import Entitlement, Pending, Subscription

LEGACY_DELETED_AFTER = timedelta(days=90)
DISABLED_AFTER = timedelta(days=30)
DELETED_AFTER = timedelta(days=90)
EXTENDED_TERMS_FROM = datetime(2026, 5, 4, tzinfo=UTC)
EXTENDED_TERMS_BOUGHT_FROM = datetime(2025, 4, 1, tzinfo=UTC)
_MONTHS = {"P1M": 1, "P1Y": 12, "P3Y": 36}


def settle(subscription: Subscription, now: datetime) -> tuple[Subscription, Pending] | None:
    """Bring a subscription to what it is at `now`; return the change that arrived on the way, if one did."""
    for entitlement in subscription.entitlements.values():
        _settle_entitlement(entitlement, now)
    arrived = None
    if (pending := subscription.pending) and pending.due <= now:
        subscription.pending = None
        apply(subscription, pending.changes, pending.due)
        arrived = (subscription, pending)
    while _step(subscription, now):
        pass
    return arrived


def apply(subscription: Subscription, changes: dict[str, object], at: datetime) -> None:
    """Write accepted changes; each counts as one update and one version."""
    if "status" in changes and changes["status"] != subscription.status:
        subscription.since = at
    for name, value in changes.items():
        setattr(subscription, name, value)
    subscription.version += 1
    subscription.updates += 1


def add_months(moment: datetime, months: int) -> datetime:
    """Return the same day so many months on, or the last day of a shorter month."""
    years, month = divmod(moment.month - 1 + months, 12)
    year = moment.year + years
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)


def _settle_entitlement(entitlement: Entitlement, now: datetime) -> None:
    if entitlement.becomes and entitlement.becomes_at and entitlement.becomes_at <= now:
        entitlement.status, entitlement.becomes, entitlement.becomes_at = entitlement.becomes, None, None


def _step(subscription: Subscription, now: datetime) -> bool:
    """Do the next thing that time brings, if it has come."""
    match subscription.status:
        case "active":
            return _end_of_term(subscription, now)
        case "suspended" if subscription.legacy:
            return _become(subscription, "deleted", subscription.since + LEGACY_DELETED_AFTER, now)
        case "suspended":
            return _become(subscription, "expired", subscription.term_ends, now)
        case "expired":
            return _become(subscription, "disabled", subscription.since + DISABLED_AFTER, now)
        case "disabled":
            return _become(subscription, "deleted", subscription.since + DELETED_AFTER, now)
        case _:
            return False


def _become(subscription: Subscription, status: str, at: datetime | None, now: datetime) -> bool:
    if at is None or at > now:
        return False
    subscription.status, subscription.since = status, at
    subscription.version += 1
    return True


def _end_of_term(subscription: Subscription, now: datetime) -> bool:
    end = subscription.term_ends
    if end is None or end > now:
        return False
    if subscription.auto_renew:
        _renew(subscription, end)
        return True
    if _extends(subscription, end):
        subscription.term_ends, subscription.extended = add_months(end, 1), True
        return True
    return _become(subscription, "expired", end, now)


def _renew(subscription: Subscription, end: datetime) -> None:
    """Start the next term, with what was scheduled for it."""
    scheduled = subscription.scheduled or {}
    subscription.term = scheduled.get("product", {}).get("termDuration") or subscription.term
    subscription.quantity = scheduled.get("quantity") or subscription.quantity
    subscription.scheduled = None
    subscription.starts, subscription.term_ends = end, add_months(end, _MONTHS[subscription.term])
    subscription.version += 1


def _extends(subscription: Subscription, end: datetime) -> bool:
    """Tell whether the paid extended service term applies (seats in scope, not set to end with the term)."""
    return (
        subscription.nce
        and not subscription.cancel_at_term_end
        and end >= EXTENDED_TERMS_FROM
        and subscription.starts >= EXTENDED_TERMS_BOUGHT_FROM
    )
