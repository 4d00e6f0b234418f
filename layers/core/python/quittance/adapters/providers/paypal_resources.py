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


def captured(refund: dict[str, Any]) -> str:
    """Return the id of the capture or sale that a refund belongs to: a member of the old API, a link of the new."""
    if sale := refund.get("sale_id") or refund.get("capture_id"):
        return reading.identifier(sale, "resource.sale_id")
    listed = refund.get("links")
    for link in listed if isinstance(listed, list) else []:
        if isinstance(link, dict) and link.get("rel") == "up":
            return reading.identifier(str(link.get("href")).rpartition("/")[2], "resource.links.up")
    raise Rejected("resource.links: the refund does not say of what", code="unreadable", field="resource.links")
