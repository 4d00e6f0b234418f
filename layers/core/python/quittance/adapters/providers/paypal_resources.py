"""What PayPal's resources say, whether they come in a webhook or are read: amounts, and what a refund is of."""

from __future__ import annotations

from typing import Any

from quittance.adapters.providers import reading
from quittance.domain.errors import Rejected


def money(amount: object, field: str) -> reading.Amount:
    """Read an amount as either version of PayPal's API writes it, a decimal string in major units."""
    given = amount if isinstance(amount, dict) else {}
    value, currency = given.get("value", given.get("total")), given.get("currency_code", given.get("currency"))
    # The old API writes what went back as less than nothing; here the kind says which way it went.
    return reading.decimal(value.removeprefix("-") if isinstance(value, str) else value, currency, field)


def own_name(resource: dict[str, Any]) -> str:
    """Return a resource's id; that of a reversed sale is the refund that its own link names."""
    link = _link(resource, "self")
    named = link.rpartition("/")[2] if "/payments/refund/" in link else resource.get("id")
    return reading.identifier(named, "resource.id")


def names_payment(refund: dict[str, Any]) -> bool:
    """Tell whether a refund says of what it is."""
    return bool(refund.get("sale_id") or refund.get("capture_id") or _link(refund, "up"))


def captured(refund: dict[str, Any]) -> str:
    """Return the id of the capture or sale that a refund belongs to: a member of the old API, a link of the new."""
    if sale := refund.get("sale_id") or refund.get("capture_id"):
        return reading.identifier(sale, "resource.sale_id")
    if link := _link(refund, "up"):
        return reading.identifier(link.rpartition("/")[2], "resource.links.up")
    raise Rejected("resource.links: the refund does not say of what", code="unreadable", field="resource.links")


def _link(resource: dict[str, Any], relation: str) -> str:
    listed = resource.get("links")
    links = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return next((str(one.get("href")) for one in links if one.get("rel") == relation), "")
