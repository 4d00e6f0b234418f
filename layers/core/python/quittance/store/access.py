"""The access of one subscription: read with its account, written in at most three units a change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pynamodb.exceptions import DoesNotExist, UpdateError

from quittance.domain.access import Switch
from quittance.domain.errors import Conflict, NotFound
from quittance.domain.watching import CHANGED, WARN_DAYS_BEFORE
from quittance.runtime.clock import iso, parse_iso
from quittance.store import keys, parking
from quittance.store.accounts import profile_of, subscription_of
from quittance.store.models import AccountItem, ParkedItem, SubscriptionItem
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
        """Record that what is wanted has come about; what was kept for restoring is used up by it.

        A suspension stays where it is in the due index: what was a try is a look at it from now on, at no write more.
        """
        actions = [
            SubscriptionItem.actual.set(actual),
            SubscriptionItem.attempts.set(0),
            SubscriptionItem.changed_at.set(iso(now)),
            _told(now, actual),
            SubscriptionItem.operation.remove(),
            SubscriptionItem.drift.remove(),
            SubscriptionItem.asked.remove(),
        ]
        if actual == "suspended" and switch.due:
            actions.append(SubscriptionItem.watched_since.set(iso(now)))
        else:
            gone = (SubscriptionItem.due_lane, SubscriptionItem.due_at, SubscriptionItem.watched_since)
            actions += [one.remove() for one in (*gone, SubscriptionItem.snapshot, SubscriptionItem.warned)]
        self._update(switch, actions)

    def watch(
        self, switch: Switch, until: datetime | None, *, drift: tuple[str, ...], warned: str | None, now: datetime
    ) -> None:
        """Record what a look found, and when the next one is; None leaves that as it is."""
        actions = [SubscriptionItem.due_at.set(iso(until))] if until else []
        if drift != switch.subscription.drift:
            actions.append(SubscriptionItem.drift.set(list(drift)) if drift else SubscriptionItem.drift.remove())
            actions.append(_told(now, f"drift: {'; '.join(drift) or 'none any more'}"))
        if warned:
            actions.append(SubscriptionItem.warned.set(warned))
        self._update(switch, actions)

    def ask_look(self, partner: str, account: str, subscription: str, now: datetime) -> None:
        """Note that somebody asked to look; the relay makes a message of it. NotFound when it left the book."""
        key = keys.subscription(partner, account, subscription)
        try:
            with unavailable_is_transient():
                SubscriptionItem(key.pk, key.sk).update(
                    [SubscriptionItem.look_asked.set(iso(now))], condition=SubscriptionItem.pk.exists()
                )
        except UpdateError as problem:
            if problem.cause_response_code == "ConditionalCheckFailedException":
                raise NotFound(f"account {account!r} has no subscription {subscription!r}") from None
            raise

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
        if switch.asked not in (None, switch.subscription.generation):
            self.clear_tasks(switch)
        new = self.leave_task(switch, "access", str(switch.subscription.generation), reason, now)
        if switch.asked != switch.subscription.generation:
            self._update(switch, [SubscriptionItem.asked.set(switch.subscription.generation)])
        return new

    def leave_task(
        self, switch: Switch, about: str, name: str, reason: str, now: datetime, more: Mapping[str, Any] | None = None
    ) -> bool:
        """Leave a task of a kind under a name, once; True when it is new."""
        one = switch.subscription
        body = {
            **(more or {}),
            "account": switch.profile.id,
            "subscription": one.id,
            "name": one.name,
            "wanted": one.desired,
            "vendor_customer": switch.customer,
            "attempts": switch.attempts,
        }
        with unavailable_is_transient():
            return parking.park(_task(switch, about, name), reason=reason, body=body, at=now)

    def clear_tasks(self, switch: Switch, *, drift_only: bool = False) -> None:
        """Take away the tasks that a subscription has left: what they asked for has come about."""
        names = [] if drift_only else [_task(switch, "access", str(switch.asked))] if switch.asked is not None else []
        names += [_task(switch, "drift", CHANGED)] if switch.subscription.drift else []
        if switch.warned and not drift_only:
            ends = switch.warned.partition("#")[0]
            names += [_task(switch, "term_end", f"{ends}#{days:02d}") for days in WARN_DAYS_BEFORE]
        with unavailable_is_transient():
            for key in names:
                ParkedItem(key.pk, key.sk).delete()

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


def _told(now: datetime, what: str) -> Any:
    return SubscriptionItem.history.set((SubscriptionItem.history | []).append([f"{iso(now)} {what}"]))


def _task(switch: Switch, about: str, name: str) -> keys.Key:
    return keys.parked(switch.partner, about, f"{switch.profile.id}#{switch.subscription.id}#{name}")


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
        due=item.due_lane is not None and not item.watched_since,
        looks_at=parse_iso(item.due_at) if item.watched_since and item.due_at else None,
        asked=int(item.asked) if item.asked is not None else None,
        warned=item.warned,
    )
