"""Reads what is kept of an account beside what collections decide on: invoices, tickets, the whole story."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from quittance.domain.explanation import Decided
from quittance.domain.money import Money
from quittance.domain.observation import Bill
from quittance.domain.ticket import Ticket
from quittance.domain.timeline import Fact
from quittance.runtime.clock import iso, parse_iso
from quittance.store import invoices, keys, positions
from quittance.store import payment_methods as shelf
from quittance.store import tickets as ticket_store
from quittance.store.models import DecisionItem, InvoiceItem, Item
from quittance.store.transact import unavailable_is_transient

_ATTRIBUTES = tuple(
    "number issued_at due currency net vat gross provider payment_id amount to_credit received_at allocations notice "
    "recovered lines movement payer booked_at reason status charged "
    "notice_kind state decided_at sent_at history invoice sha256 settled_at rendered_at task done_at done_by "
    "note body".split()
)


def bills(partner: str, account: str) -> list[Bill]:
    """Return the figures of the account's invoices, drafts included."""
    befell = positions.all_aftermath(partner, account)
    found = [bill_of(item) for item in invoices.read_invoices(partner, account)]
    return [replace(bill, ended=befell[bill.id].ended) if bill.id in befell else bill for bill in found]


def bill_of(item: InvoiceItem) -> Bill:
    """Return the figures of an invoice."""
    return Bill(
        id=item.sk.removeprefix("INV#"),
        number=item.number,
        net=_money(item.net, item.currency),
        vat=_money(item.vat, item.currency),
        gross=_money(item.gross, item.currency),
        due=date.fromisoformat(item.due) if item.due else None,
    )


def _money(minor: Any, currency: str | None) -> Money | None:
    return None if minor is None or currency is None else Money(int(minor), currency)


def tickets(partner: str, account: str) -> list[Ticket]:
    """Return the account's tickets in the order of their ids."""
    return ticket_store.read_tickets(partner, account)


def payment_methods(partner: str, account: str) -> list[dict[str, Any]]:
    """Return the account's payment methods as they are shown."""
    return shelf.load(partner, account)[0].listed()


def decisions(partner: str, account: str, *, until: datetime) -> list[Decided]:
    """Return the collections decisions up to a moment, the oldest first."""
    pk = keys.account_pk(partner, account)
    within = DecisionItem.sk.between("DEC#", f"DEC#{iso(until)}#~")
    with unavailable_is_transient():
        found = list(DecisionItem.query(pk, within, consistent_read=True))
    return [Decided(parse_iso(item.decided_at), item.body) for item in found]


def facts(partner: str, account: str, *, after: str | None, limit: int) -> tuple[list[Fact], str | None]:
    """Return a page of the partition's items by their keys, and the key after which the next page begins."""
    pk = keys.account_pk(partner, account)
    beyond = Item.sk > after if after else None
    with unavailable_is_transient():
        items = list(Item.query(pk, beyond, limit=limit, page_size=limit))
    following = items[-1].sk if len(items) == limit else None
    return [_fact(item) for item in items], following


def _fact(item: Item) -> Fact:
    values = {name: getattr(item, name) for name in _ATTRIBUTES if getattr(item, name, None) is not None}
    return Fact(kind=str(Item.kind.get_discriminator(type(item))), name=item.sk.rpartition("#")[2], values=values)
