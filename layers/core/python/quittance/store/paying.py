"""What is left to pay of an issued invoice, read for its payment page in one request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from quittance.domain.errors import NotFound
from quittance.domain.money import Money
from quittance.store import keys
from quittance.store.models import HeadItem, InvoiceItem, Item
from quittance.store.transact import unavailable_is_transient


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """An issued invoice and what is open on it now."""

    number: str
    issued: date
    due: date
    gross: Money
    remaining: Money


def payable(partner: str, account: str, invoice: str) -> Payable:
    """Return what can be paid; NotFound for what is not issued, and for a credit note."""
    wanted = (keys.invoice(partner, account, invoice), keys.head(partner, account))
    with unavailable_is_transient():
        found: dict[type[Item], Any] = {
            type(item): item for item in Item.batch_get([(key.pk, key.sk) for key in wanted], consistent_read=True)
        }
    item, head = found.get(InvoiceItem), found.get(HeadItem)
    if item is None or head is None or item.state != "issued" or int(item.gross) <= 0:
        raise NotFound(f"invoice {invoice!r} of account {account!r} is not issued")
    entry = head.open.as_dict().get(invoice, {})
    return Payable(
        number=item.number,
        issued=date.fromisoformat(item.issued),
        due=date.fromisoformat(item.due),
        gross=Money(int(item.gross), item.currency),
        remaining=Money(int(entry.get("remaining", 0)), item.currency),
    )
