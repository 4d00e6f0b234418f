"""What of a scenario's accounts is the vendor's: its customer, with subscriptions as the vendor knows them.

`entitlements` (the Azure subscriptions under a plan) and `parent` (of an add-on) are known to the vendor only; the
book is registered without them.
"""

from __future__ import annotations

from typing import Any

from quittance.domain.errors import Rejected

PARTNER = {"tenant": "partner-tenant", "client_id": "quittance", "client_secret": "of-the-stand-in"}
"""The partner's application at the stand-in vendor."""
_KNOWN = ("id", "name", "kind", "quantity", "term_ends", "auto_renew", "product", "entitlements", "parent")
_ONLY_THERE = ("entitlements", "parent")


def seed_of(partner: dict[str, Any], accounts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what the stand-in is seeded with."""
    return {
        "partners": [{**PARTNER, "cloud": partner.get("cloud", "global")}],
        "customers": [_customer(account) for account in accounts if account.get("vendor_customer")],
    }


def registered(account: dict[str, Any]) -> dict[str, Any]:
    """Return an account as it is registered with us."""
    listed = account.get("subscriptions")
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        return account  # whoever reads it says what is wrong with it
    return {**account, "subscriptions": [{k: v for k, v in one.items() if k not in _ONLY_THERE} for one in listed]}


def place_of(accounts: list[dict[str, Any]], step: dict[str, Any]) -> tuple[str, str, dict[str, Any]]:
    """Return customer and id at the vendor of the subscription that a step changes there, and the changes."""
    account = next(one for one in accounts if one["id"] == step["account"])
    listed = account.get("subscriptions", ())
    found = next((one for one in listed if one["id"] == step["subscription"]), None)
    if found is None or not account.get("vendor_customer"):
        raise Rejected(f"account {account['id']!r} has no subscription {step['subscription']!r} at the vendor")
    changes = {name: value for name, value in step.items() if name not in ("account", "subscription")}
    return account["vendor_customer"], found.get("vendor_subscription", found["id"]), changes


def _customer(account: dict[str, Any]) -> dict[str, Any]:
    subscriptions = [
        {key: one[key] for key in _KNOWN if one.get(key) is not None}
        | {"id": one.get("vendor_subscription", one["id"])}
        for one in account.get("subscriptions", ())
    ]
    return {"id": account["vendor_customer"], "name": account["name"], "subscriptions": subscriptions}
