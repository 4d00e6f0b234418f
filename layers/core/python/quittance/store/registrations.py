"""Accounts as they are registered: who they are, their subscriptions, and which vendor customer is whose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from quittance.domain.account import Profile, Subscription
from quittance.domain.errors import Conflict, Rejected
from quittance.domain.registration import Registration
from quittance.domain.transfers import MOST_PAID_FOR
from quittance.store import keys
from quittance.store.models import (
    AccountEntryItem,
    AccountItem,
    CustomerItem,
    HeadItem,
    Item,
    PolicyItem,
    SubscriptionItem,
    SupportPlanItem,
)
from quittance.store.transact import Transaction, unavailable_is_transient

_PROFILE = (
    "name address country vat_id timezone currency locale email second_email policy support_plan vendor_customer "
    "parent rates next_policy".split()
)
_SUBSCRIPTION = "product name kind quantity vendor_customer vendor_subscription auto_renew".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    profile: dict[str, Any]
    head: HeadItem
    subscriptions: dict[str, SubscriptionItem]


def read_account(partner: str, account: str) -> dict[str, Any] | None:
    """Return an account's definition, as it can be put again; None when it is not registered."""
    stored = _read(partner, account)
    if stored is None:
        return None
    listed = [{"id": name, **item.body} for name, item in sorted(stored.subscriptions.items())]
    return {"id": account, **stored.profile, "subscriptions": listed}


def write_account(partner: str, registration: Registration) -> None:
    """Write an account in one transaction; money and access of one that exists stay as they are.

    Rejected when its policy or plan is not published, Conflict when its vendor customer is another account's or
    somebody else registered it meanwhile.
    """
    before = _read(partner, registration.profile.id)
    transaction = Transaction()
    _refer(transaction, partner, registration.profile)
    _profile(transaction, partner, registration.profile, before)
    _payer(transaction, partner, registration.profile, before)
    _customer(transaction, partner, registration.profile, before)
    for subscription in registration.subscriptions:
        _subscription(transaction, partner, registration.profile.id, subscription, before)
    _forget(transaction, registration, before)
    transaction.commit()


def _read(partner: str, account: str) -> _Stored | None:
    pk = keys.account_pk(partner, account)
    with unavailable_is_transient():
        items = list(Item.query(pk, Item.sk.startswith(keys.COLLECTIONS_PREFIX), consistent_read=True))
    profile = next((item.body for item in items if isinstance(item, AccountItem)), None)
    if profile is None:
        return None
    return _Stored(
        profile=profile,
        head=next(item for item in items if isinstance(item, HeadItem)),
        subscriptions={item.subscription: item for item in items if isinstance(item, SubscriptionItem)},
    )


def profile_body(profile: Profile) -> dict[str, Any]:
    """Return a profile as the account's item holds it: what is not given is left out."""
    return _given({name: getattr(profile, name) for name in _PROFILE} | {"address": list(profile.address)})


def subscription_body(subscription: Subscription) -> dict[str, Any]:
    """Return a subscription as its item holds it, without its access."""
    body = {name: getattr(subscription, name) for name in _SUBSCRIPTION}
    ends = subscription.term_ends
    return _given(body | {"term_ends": ends.isoformat() if ends else None})


def _given(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value not in (None, [], {})}


def _refer(transaction: Transaction, partner: str, profile: Profile) -> None:
    policy = keys.policy(partner, profile.policy, 1)
    unknown = Rejected(f"policy: {profile.policy!r} is not published; publish it first", field="policy")
    transaction.check(PolicyItem, policy, PolicyItem.pk.exists(), unknown)
    if profile.next_policy and (following := profile.next_policy["policy"]) != profile.policy:
        unknown = Rejected(f"next_policy.policy: {following!r} is not published", field="next_policy.policy")
        transaction.check(PolicyItem, keys.policy(partner, following, 1), PolicyItem.pk.exists(), unknown)
    if profile.support_plan:
        plan = keys.support_plan(partner, profile.support_plan)
        unknown = Rejected(f"support_plan: {profile.support_plan!r} is not published", field="support_plan")
        transaction.check(SupportPlanItem, plan, SupportPlanItem.pk.exists(), unknown)


def _payer(transaction: Transaction, partner: str, profile: Profile, before: _Stored | None) -> None:
    """Who pays for an account is an account itself, in its currency, and one that nobody pays for."""
    old, new = before.head.paid_by if before else None, profile.parent
    if old == new:
        return
    if new:
        _paid_for(transaction, partner, profile, new)
    if old:
        key = keys.head(partner, old)
        actions = [HeadItem.pays_for.delete({profile.id}), HeadItem.version.add(1)]
        transaction.update(HeadItem(key.pk, key.sk), actions, HeadItem.pk.exists())
    if before:
        head = keys.head(partner, profile.id)
        paid_by = HeadItem.paid_by.set(new) if new else HeadItem.paid_by.remove()
        both = Rejected("parent: the account pays for others itself; nobody can pay for it as well", field="parent")
        alone = HeadItem.pays_for.does_not_exist()
        transaction.update(HeadItem(head.pk, head.sk), [paid_by, HeadItem.version.add(1)], alone, both)


def _paid_for(transaction: Transaction, partner: str, profile: Profile, payer: str) -> None:
    """Add an account to those that another pays for; Rejected where that one cannot."""
    found = _read(partner, payer)
    if found is None:
        raise Rejected(f"parent: there is no account {payer!r}; register it first", field="parent")
    if found.head.paid_by:
        raise Rejected(f"parent: {payer!r} is paid for by {found.head.paid_by!r} itself; name that one", field="parent")
    if found.head.currency != profile.currency:
        raise Rejected(
            f"parent: {payer!r} is kept in {found.head.currency}, this account in {profile.currency}; who pays for an "
            "account needs its currency",
            field="parent",
        )
    if len(found.head.pays_for or ()) >= MOST_PAID_FOR:
        raise Rejected(
            f"parent: {payer!r} pays for {MOST_PAID_FOR} accounts already, which is the most", field="parent"
        )
    key = keys.head(partner, payer)
    actions = [HeadItem.pays_for.add({profile.id}), HeadItem.version.add(1)]
    # No other registration slipped in: neither one account too many, nor one who pays for the payer.
    transaction.update(HeadItem(key.pk, key.sk), actions, HeadItem.version == found.head.version)


def _profile(transaction: Transaction, partner: str, profile: Profile, before: _Stored | None) -> None:
    key, entry, head = (make(partner, profile.id) for make in (keys.account, keys.account_entry, keys.head))
    transaction.put(AccountEntryItem(entry.pk, entry.sk, name=profile.name))
    expected = AccountItem.pk.exists() if before else AccountItem.pk.does_not_exist()
    transaction.put(AccountItem(key.pk, key.sk, body=profile_body(profile)), expected)
    if before is None:
        item = HeadItem(head.pk, head.sk, currency=profile.currency, calm=1, paid_by=profile.parent)
        transaction.put(item, HeadItem.pk.does_not_exist())


def _customer(transaction: Transaction, partner: str, profile: Profile, before: _Stored | None) -> None:
    old, new = before.profile.get("vendor_customer") if before else None, profile.vendor_customer
    if new and new != old:
        key = keys.customer(partner, new)
        free = CustomerItem.pk.does_not_exist() | (CustomerItem.account == profile.id)
        taken = Conflict(f"vendor_customer: {new!r} belongs to another account already", field="vendor_customer")
        transaction.put(CustomerItem(key.pk, key.sk, account=profile.id), free, taken)
    if old and new != old:
        key = keys.customer(partner, old)
        transaction.delete(CustomerItem(key.pk, key.sk), CustomerItem.account == profile.id)


def _subscription(
    transaction: Transaction, partner: str, account: str, subscription: Subscription, before: _Stored | None
) -> None:
    key = keys.subscription(partner, account, subscription.id)
    body, stored = subscription_body(subscription), before.subscriptions.get(subscription.id) if before else None
    if stored is None:
        item = SubscriptionItem(key.pk, key.sk, subscription=subscription.id, body=body)
        transaction.put(item, SubscriptionItem.pk.does_not_exist())
    elif stored.body != body:
        transaction.update(stored, [SubscriptionItem.body.set(body)], SubscriptionItem.pk.exists())


def _forget(transaction: Transaction, registration: Registration, before: _Stored | None) -> None:
    """Take subscriptions that are no longer listed off the book, as long as nobody holds their access."""
    kept = {subscription.id for subscription in registration.subscriptions}
    for name, stored in before.subscriptions.items() if before else ():
        if name in kept:
            continue
        settled = (SubscriptionItem.desired == "active") & (SubscriptionItem.actual == "active")
        held = Conflict(f"subscriptions: {name!r} is suspended; it can leave the book when it is active again")
        transaction.delete(stored, settled, held)
