"""The register of document numbers: which invoice of which account a number is.

The relay keeps it, one write unit for an issued invoice, a moment after the invoice: issuing itself pays nothing.
"""

from __future__ import annotations

from collections.abc import Collection

from quittance.domain.claim import Claim
from quittance.domain.money import Money
from quittance.domain.names import compact
from quittance.store import keys
from quittance.store.models import NumberItem
from quittance.store.transact import unavailable_is_transient

_MOST = 64  # characters that a key takes


def register(partner: str, claim: Claim) -> None:
    """Keep which invoice a number is; the same again changes nothing. A number no key can hold is not looked up."""
    if not 0 < len(compact(claim.number)) <= _MOST:
        return
    key = keys.number(partner, claim.number)
    item = NumberItem(
        key.pk,
        key.sk,
        account=claim.account,
        invoice=claim.invoice,
        number=claim.number,
        currency=claim.gross.currency,
        gross=claim.gross.minor,
    )
    with unavailable_is_transient():
        item.save()


def claims(partner: str, numbers: Collection[str]) -> dict[str, Claim]:
    """Return which invoices compact numbers are; unknown ones are left out."""
    wanted = [keys.number(partner, number) for number in numbers if 0 < len(number) <= _MOST]
    with unavailable_is_transient():
        found = list(NumberItem.batch_get([(key.pk, key.sk) for key in wanted], consistent_read=True))
    return {item.pk.rpartition("#")[2]: _claim(item) for item in found}


def _claim(item: NumberItem) -> Claim:
    gross = Money(int(item.gross), item.currency)
    return Claim(account=item.account, invoice=item.invoice, number=item.number, gross=gross)
