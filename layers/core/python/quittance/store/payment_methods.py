"""An account's payment methods: few and small, so that all of them are one item with a version."""

from __future__ import annotations

from typing import Any

from quittance.domain.errors import Conflict, NotFound
from quittance.domain.payment_method import Methods, from_stored, stored
from quittance.store import keys
from quittance.store.models import HeadItem, Item, MethodOwnerItem, PaymentMethodsItem
from quittance.store.transact import Transaction, unavailable_is_transient

_CHANGED = Conflict("the account's payment methods changed meanwhile; read them again")


def load(partner: str, account: str) -> tuple[Methods, int]:
    """Return the methods and their version, in one request; NotFound when there is no such account."""
    key, head = keys.payment_methods(partner, account), keys.head(partner, account)
    with unavailable_is_transient():
        found: list[Any] = list(Item.batch_get([(key.pk, key.sk), (head.pk, head.sk)], consistent_read=True))
    if not any(isinstance(one, HeadItem) for one in found):
        raise NotFound(f"account {account!r}: there is none of that id", field="account")
    item: Any = next((one for one in found if isinstance(one, PaymentMethodsItem)), None)
    return (from_stored(item.body), int(item.version)) if item else (Methods(), 0)


def save(partner: str, account: str, methods: Methods, *, version: int) -> None:
    """Write the methods; Conflict when somebody else changed them since the version was read."""
    key = keys.payment_methods(partner, account)
    item = PaymentMethodsItem(key.pk, key.sk, version=version + 1, body=stored(methods))
    new, same = PaymentMethodsItem.pk.does_not_exist(), PaymentMethodsItem.version == version
    transaction = Transaction()
    transaction.put(item, same if version else new, _CHANGED)
    for provider, reference in sorted({(one.provider, one.reference) for one in methods.known.values()}):
        place = keys.method_owner(partner, provider, reference, account)
        transaction.put(MethodOwnerItem(place.pk, place.sk, account=account))
    transaction.commit()


def owners(partner: str, provider: str, reference: str) -> list[str]:
    """Return the accounts that have, or had, a payment method of a reference at its provider."""
    pk = keys.method_owner(partner, provider, reference, "any").pk
    with unavailable_is_transient():
        return [item.account for item in MethodOwnerItem.query(pk, consistent_read=True)]
