"""Access converges on what collections want: what to do next about one subscription, and when to try again.

The vendor's own state is the truth; what is kept here is the last word heard of it. A subscription is settled when
that is what is wanted and nothing is under way or due. Suspending a new-commerce seat loses its renewal settings at
the vendor, so they are kept first and put back on restoring (facts: the vendor's pages on suspending).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from quittance.domain.account import Profile, Subscription
from quittance.domain.arrears_terms import NONPAYMENT, business_calendar
from quittance.domain.policy import Policy, PolicyRef

LOOK_AFTER = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=60)
# From here on a person is told; tries go on, so nothing hangs and a vendor that comes back after days is found.
ATTEMPTS_TO_TASK = 10
# A change that the vendor took on but shows nowhere for this many looks is forgotten and asked for anew.
MOST_LOOKS = 60
AFTER_REFUSAL = timedelta(hours=24)
NOT_SUSPENDABLE = {
    "perpetual": "perpetual licences cannot be suspended at the vendor",
    "software": "software subscriptions cannot be suspended at the vendor",
    "marketplace": "marketplace offers are not known to be suspendable",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """One subscription's access as it is kept.

    `operation` is where a change under way is looked up, `attempts` counts tries since something was last achieved,
    `snapshot` is what restoring has to put back, `due` tells that it is not settled. `looks_at` is when a suspension
    that came about is looked at again, `asked` the generation for which a person has a task, `warned` the last warning
    given of its term's end.
    """

    partner: str
    profile: Profile
    subscription: Subscription
    attempts: int = 0
    operation: str | None = None
    snapshot: Mapping[str, Any] | None = None
    due: bool = False
    looks_at: datetime | None = None
    asked: int | None = None
    warned: str | None = None

    @property
    def is_settled(self) -> bool:
        """Tell whether there is nothing to do: wanted and kept agree and nothing is under way."""
        return self.subscription.actual == self.subscription.desired and not self.operation and not self.due

    @property
    def customer(self) -> str | None:
        """The vendor's customer that the subscription belongs to."""
        return self.subscription.vendor_customer or self.profile.vendor_customer

    @property
    def vendor_id(self) -> str:
        """The vendor's id of the subscription."""
        return self.subscription.vendor_subscription or self.subscription.id

    @property
    def intent(self) -> str:
        """Name what is wanted, the same over all tries: the vendor's idempotency rests on it."""
        one = self.subscription
        return f"{self.partner}/{self.profile.id}/{one.id}/{one.generation}/{one.desired}"

    def renewal(self, *, current: bool) -> bool:
        """Return whether restoring turns renewal on: as it was before, else as registered, else as it is."""
        if self.snapshot is not None:
            return bool(self.snapshot["auto_renew"])
        registered = self.subscription.auto_renew
        return current if registered is None else registered


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorState:
    """What the vendor says of a subscription; `handle` is the vendor's resource, for the adapter only."""

    status: str
    auto_renew: bool
    scheduled: Mapping[str, Any] | None = None
    entitlements: tuple[str, ...] = ()
    quantity: int | None = None
    term_ends: date | None = None
    handle: object = None

    def snapshot(self) -> dict[str, Any]:
        """Return what suspending loses, in JSON types."""
        kept: dict[str, Any] = {"auto_renew": self.auto_renew}
        if self.quantity is not None:
            kept["quantity"] = self.quantity
        if self.scheduled:
            kept["scheduled"] = dict(self.scheduled)
        if self.entitlements:
            kept["entitlements"] = list(self.entitlements)
        return kept


@dataclass(frozen=True, slots=True)
class Underway:
    """The vendor took a change on and will have made it later; `location` is where to look."""

    location: str


def backoff(attempt: int) -> timedelta:
    """Return the pause after a failed try: 1, 2, 4, ... minutes, 60 at most."""
    return min(timedelta(minutes=2 ** min(attempt - 1, 10)), LONGEST_PAUSE)


def next_try(now: datetime, attempt: int, retry_after: int | None) -> datetime:
    """Return when to try again: after the pause of this attempt, and not before the vendor asks for it."""
    asked = timedelta(seconds=retry_after or 0)
    return now + max(backoff(attempt), asked)


def pinned_policy(subscription: Subscription) -> PolicyRef | None:
    """Return the policy behind a suspension that has to keep business hours, None where it has not (as with a hold)."""
    why = subscription.why
    if subscription.reasons - {NONPAYMENT}:
        return None
    if subscription.desired != "suspended" or not why or not why.get("business_hours"):
        return None
    return PolicyRef(why["policy"], int(why["version"]))


def may_suspend_from(policy: Policy, profile: Profile, now: datetime) -> datetime:
    """Return when a suspension bound to business hours may be carried out: now, or when business next opens."""
    return business_calendar(policy, profile).next_opening(now)
