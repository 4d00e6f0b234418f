"""An account's past, read from its partition in one query: what was invoiced, paid and decided, each at its moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from quittance.domain.account import AccountFile, OpenInvoice
from quittance.domain.arrears import NONPAYMENT
from quittance.domain.dry_run import Change
from quittance.domain.money import Money
from quittance.domain.policy import PolicyRef
from quittance.domain.transfers import own
from quittance.runtime.clock import parse_iso
from quittance.store import keys
from quittance.store.accounts import Policies
from quittance.store.models import DecisionItem, InvoiceItem, Item, MovementItem, PaymentItem
from quittance.store.transact import unavailable_is_transient
from quittance.usecases.dry_run import History


class Histories:
    """Reads histories; never writes."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies

    def read(self, file: AccountFile) -> tuple[AccountFile, History]:
        """Return the file with every policy its invoices pin, and its past."""
        pk = keys.account_pk(file.partner, file.profile.id)
        with unavailable_is_transient():
            items = list(Item.query(pk, consistent_read=True))
        changes = tuple(sorted((change for item in items for change in _changes(item)), key=lambda one: one.at))
        access = tuple(entry for item in items if isinstance(item, DecisionItem) for entry in _access(item))
        return self._with_policies(file, changes), History(changes=changes, access=access)

    def _with_policies(self, file: AccountFile, changes: Iterable[Change]) -> AccountFile:
        refs = {one.opened.policy for one in changes if one.opened} - file.policies.keys()
        found = {ref: self._policies.get(file.partner, ref, file.profile.currency) for ref in refs}
        known = {ref: policy for ref, policy in found.items() if policy}
        return replace(file, policies={**file.policies, **known})


def _changes(item: Any) -> Iterator[Change]:
    if isinstance(item, InvoiceItem) and item.state == "issued" and item.issued_at:
        at = parse_iso(item.issued_at)
        if int(item.gross) < 0:
            yield _credited(item, at)
        else:
            yield Change(at=at, opened=_opened(item))
    elif isinstance(item, PaymentItem):
        yield Change(at=parse_iso(item.received_at), shares=_shares(item), credit=int(item.to_credit))
    elif isinstance(item, MovementItem):
        yield Change(at=parse_iso(item.booked_at), shares=_shares(item), credit=int(item.to_credit))


def _credited(item: Any, at: datetime) -> Change:
    """A credit note settles what it corrects; the rest, but for what had been written off, is credit."""
    shares = _shares(item)
    rest = -int(item.gross) - sum(shares.values()) - sum(int(minor) for minor in (item.recovered or {}).values())
    return Change(at=at, shares=shares, credit=rest)


def _shares(item: Any) -> dict[str, int]:
    return own({name: int(minor) for name, minor in (item.allocations or {}).items()})


def _opened(item: Any) -> OpenInvoice:
    gross = Money(int(item.gross), item.currency)
    return OpenInvoice(
        id=item.sk.removeprefix("INV#"),
        number=item.number,
        issued=date.fromisoformat(item.issued),
        due=date.fromisoformat(item.due),
        gross=gross,
        remaining=gross,
        policy=PolicyRef(item.policy, int(item.policy_version)),
        products=_products((item.body or {}).get("lines", ())),
    )


def _products(lines: Iterable[dict[str, Any]]) -> frozenset[str] | None:
    """Return the products billed; None where a person wrote the lines and nobody recorded them."""
    listed = list(lines)
    if not any(line.get("charges") for line in listed):
        return None
    return frozenset(line["product"] for line in listed if line.get("product"))


def _access(item: Any) -> Iterator[tuple[datetime, str, bool]]:
    at = parse_iso(item.decided_at)
    for one in item.body.get("access", ()):
        yield at, one["subscription"], NONPAYMENT in one["reasons"]
