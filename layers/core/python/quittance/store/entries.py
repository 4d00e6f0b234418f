"""An unsettled invoice as the head's `open` lists it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from quittance.domain.account import OpenInvoice
from quittance.domain.money import Money
from quittance.domain.policy import Order, PolicyRef


def open_invoice(name: str, entry: Mapping[str, Any], currency: str) -> OpenInvoice:
    """Read an entry of the head's `open`."""
    disputed, products = int(entry.get("disputed") or 0), entry.get("products")
    return OpenInvoice(
        id=name,
        number=entry["number"],
        issued=date.fromisoformat(entry["issued"]),
        due=date.fromisoformat(entry["due"]),
        gross=Money(int(entry["gross"]), currency),
        remaining=Money(int(entry["remaining"]), currency),
        policy=PolicyRef(entry["policy"], int(entry["policy_version"])),
        disputed=Money(disputed, currency) if disputed else None,
        reopened=int(entry.get("reopened") or 0),
        products=None if products is None else frozenset(products),
        order=entry.get("order") or "oldest_due",
    )


def order_entry(order: Order) -> dict[str, Any]:
    """Return what an entry says of its policy's order of payments: nothing where it is the usual one."""
    return {} if order == "oldest_due" else {"order": order}


def entry_of(one: OpenInvoice) -> dict[str, Any]:
    """Return an invoice as the head's `open` lists it."""
    products = {} if one.products is None else {"products": sorted(one.products)}
    return (
        order_entry(one.order)
        | products
        | {
            "number": one.number,
            "issued": one.issued.isoformat(),
            "due": one.due.isoformat(),
            "gross": one.gross.minor,
            "remaining": one.remaining.minor,
            "disputed": one.disputed.minor if one.disputed else 0,
            "policy": one.policy.name,
            "policy_version": one.policy.version,
            "reopened": one.reopened,
        }
    )
