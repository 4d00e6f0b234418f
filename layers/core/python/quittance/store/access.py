"""The access of one subscription: read with its account, written in at most three units a change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pynamodb.exceptions import DoesNotExist, UpdateError

from quittance.domain.access import Switch
from quittance.domain.errors import Conflict, NotFound
from quittance.runtime.clock import iso
from quittance.store import keys, parking
from quittance.store.accounts import profile_of, subscription_of
from quittance.store.models import AccountItem, SubscriptionItem
from quittance.store.transact import unavailable_is_transient

_CHANGED = Conflict("what is wanted of the subscription changed meanwhile; read it again")


class AccessStore:
    """Keeps switches; every write holds only for the generation that was read."""

    def load(self, partner: str, account: str, subscription: str) -> Switch:
        """Return a subscription's switch; NotFound when it left the book."""
        wanted, who = keys.subscription(partner, account, subscription), keys.account(partner, account)
        try:
            with unavailable_is_transient():
                item = SubscriptionItem.get(wanted.pk, wanted.sk, consistent_read=True)
                profile = AccountItem.get(who.pk, who.sk, consistent_read=True)
        except DoesNotExist:
            raise NotFound(f"account {account!r} has no subscription {subscription!r}", field="subscription") from None
        return _switch(partner, account, item, profile)

    def keep(self, switch: Switch, snapshot: Mapping[str, Any]) -> None:
        """Keep what suspending is about to lose."""
        self._update(switch, [SubscriptionItem.snapshot.set(dict(snapshot))])

    def settle(self, switch: Switch, actual: str, now: datetime) -> None:
        """Record that what is wanted has come about; what was kept for restoring is used up by it."""
        actions = [
            SubscriptionItem.actual.set(actual),
            SubscriptionItem.attempts.set(0),
            SubscriptionItem.changed_at.set(iso(now)),
            SubscriptionItem.history.set((SubscriptionItem.history | []).append([f"{iso(now)} {actual}"])),
            SubscriptionItem.operation.remove(),
            SubscriptionItem.due_lane.remove(),
            SubscriptionItem.due_at.remove(),
        ]
        if actual == "active":
            actions.append(SubscriptionItem.snapshot.remove())
        self._update(switch, actions)

    def postpone(self, switch: Switch, until: datetime, *, attempts: int, operation: str | None) -> None:
        """Record when to try again, and where a change under way is looked up."""
        key = _key(switch)
        self._update(
            switch,
            [
                SubscriptionItem.attempts.set(attempts),
                SubscriptionItem.operation.set(operation) if operation else SubscriptionItem.operation.remove(),
                SubscriptionItem.due_lane.set(keys.due_lane("access", key)),
                SubscriptionItem.due_at.set(iso(until)),
            ],
        )

    def ask_person(self, switch: Switch, reason: str, now: datetime) -> bool:
        """Leave a task for a person, once for a generation; True when it is new."""
        one = switch.subscription
        name = f"{switch.profile.id}#{one.id}#{one.generation}"
        body = {
            "account": switch.profile.id,
            "subscription": one.id,
            "name": one.name,
            "wanted": one.desired,
            "vendor_customer": switch.customer,
            "attempts": switch.attempts,
        }
        with unavailable_is_transient():
            return parking.park(keys.parked(switch.partner, "access", name), reason=reason, body=body, at=now)

    def _update(self, switch: Switch, actions: list[Any]) -> None:
        key = _key(switch)
        same = SubscriptionItem.generation == switch.subscription.generation
        try:
            with unavailable_is_transient():
                SubscriptionItem(key.pk, key.sk).update(actions, condition=same)
        except UpdateError as problem:
            if problem.cause_response_code == "ConditionalCheckFailedException":
                raise _CHANGED from problem
            raise


def _key(switch: Switch) -> keys.Key:
    return keys.subscription(switch.partner, switch.profile.id, switch.subscription.id)


def _switch(partner: str, account: str, item: SubscriptionItem, who: AccountItem) -> Switch:
    return Switch(
        partner=partner,
        profile=profile_of(account, who.body),
        subscription=subscription_of(item),
        attempts=int(item.attempts),
        operation=item.operation,
        snapshot=item.snapshot,
        due=item.due_lane is not None,
    )
