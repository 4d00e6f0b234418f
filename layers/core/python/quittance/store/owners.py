"""Whose a payment is, and what was told of it before it came; the relay keeps this, so booking pays nothing for it."""

from __future__ import annotations

from pynamodb.exceptions import PutError

from quittance.store import keys
from quittance.store.models import Item, ParkedItem, PaymentOwnerItem
from quittance.store.transact import unavailable_is_transient


def note_owner(partner: str, account: str, provider: str, payment_id: str) -> None:
    """Write whose payment it is; the first that says so stays."""
    key = keys.payment_owner(partner, provider, payment_id)
    try:
        with unavailable_is_transient():
            PaymentOwnerItem(key.pk, key.sk, account=account).save(PaymentOwnerItem.pk.does_not_exist())
    except PutError as problem:
        if problem.cause_response_code != "ConditionalCheckFailedException":
            raise


def kept(partner: str, provider: str, payment_id: str) -> list[ParkedItem]:
    """Return the movements that wait for a payment."""
    pk = keys.payment_owner(partner, provider, payment_id).pk
    with unavailable_is_transient():
        items = list(Item.query(pk, Item.sk.startswith("PARKED#"), consistent_read=True))
    return [item for item in items if isinstance(item, ParkedItem)]
