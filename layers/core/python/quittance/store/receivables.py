"""What all customers owe: profile and head of every account on the partner's list, fetched in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from quittance.domain.account import AccountFile
from quittance.domain.charges import Charge
from quittance.domain.exposure import Figures
from quittance.domain.ledger import is_cash
from quittance.domain.money import Money
from quittance.store import keys
from quittance.store.accounts import open_invoice, profile_of
from quittance.store.models import AccountEntryItem, AccountItem, ChargesItem, HeadItem, InvoiceItem, Item
from quittance.store.slots import charges_of
from quittance.store.transact import unavailable_is_transient

_PAIRS = 50


def files(partner: str) -> list[AccountFile]:
    """Return every account's profile, credit and open invoices, in the order of their ids."""
    with unavailable_is_transient():
        names = [item.sk for item in AccountEntryItem.query(keys.accounts_pk(partner))]
        batches = [names[start : start + _PAIRS] for start in range(0, len(names), _PAIRS)]
        return [file for batch in batches for file in _batch(partner, batch)]


def _batch(partner: str, names: list[str]) -> Iterator[AccountFile]:
    wanted = [(key.pk, key.sk) for n in names for key in (keys.account(partner, n), keys.head(partner, n))]
    heads: dict[str, Any] = {}
    people: dict[str, Any] = {}
    for item in Item.batch_get(wanted):
        (heads if isinstance(item, HeadItem) else people)[item.pk] = item
    for name in names:
        pk = keys.account_pk(partner, name)
        if pk in heads and isinstance(people.get(pk), AccountItem):
            yield _file(partner, name, people[pk], heads[pk])


def _file(partner: str, name: str, who: Any, head: Any) -> AccountFile:
    profile = profile_of(name, who.body)
    currency = profile.currency
    opened = {id_: open_invoice(id_, entry, currency) for id_, entry in head.open.as_dict().items()}
    return AccountFile(
        partner=partner,
        profile=profile,
        balance=Money(int(head.balance), currency),
        credit=Money(int(head.credit), currency),
        open=opened,
        stage=head.stage,
    )


def charges(partner: str, account: str) -> list[Charge]:
    """Return everything the vendor charged for an account."""
    pk = f"{keys.account_pk(partner, account)}#CHARGES"
    with unavailable_is_transient():
        return [charge for item in ChargesItem.query(pk) for charge in charges_of(item)]


def figures(partner: str, account: str) -> Figures:
    """Return what an account's invoices and payments add up to; cash is what the postings of all its items say."""
    with unavailable_is_transient():
        items = list(Item.query(keys.account_pk(partner, account)))
    issued = [item for item in items if isinstance(item, InvoiceItem) and item.state == "issued"]
    return Figures(
        net=sum(int(item.net) for item in issued),
        gross=sum(int(item.gross) for item in issued),
        cash=sum(int(minor) for item in items for ledger, minor in _postings(item) if is_cash(str(ledger))),
    )


def _postings(item: Any) -> list[list[Any]]:
    return getattr(item, "postings", None) or []
