"""Fees and interest for paying late in the table: written once, named by a draft invoice, read when that is issued."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import tzinfo
from typing import Any

from quittance.domain.errors import Conflict, Poison
from quittance.domain.late_charges import LateCharge, Move
from quittance.domain.periods import shifted
from quittance.store import keys
from quittance.store.models import BillableItem, InvoiceItem, Item, LateChargeItem, NoticeItem
from quittance.store.transact import Transaction, unavailable_is_transient

_MOST_LATER = 24  # months; as for the vendor's charges
_GIVEN = ("sent", "delivered")


class _Charged(Conflict):
    """It is charged already, or its notice is not given any more."""


class _Closed(Conflict):
    """The draft takes no more charges."""


_CHARGED = _Charged("the late charge is taken already, or its notice is not given any more")
_CLOSED = _Closed("the draft takes no more charges")


def moves(partner: str, account: str, invoice: str, zone: tzinfo) -> list[Move]:
    """Return what settled an invoice, in the order of booking, from the account's journal: one query."""
    from quittance.store import journal  # noqa: PLC0415  # only interest asks: issuing starts faster

    entries = sorted(journal.entries(partner, account, zone), key=lambda entry: entry.booked_at)
    return [
        Move(entry.kind, entry.day, entry.shares[invoice], -entry.recovered.get(invoice, 0))
        for entry in entries
        if entry.shares.get(invoice)
    ]


def charge(partner: str, account: str, owed: LateCharge, *, period: str) -> bool:
    """Put a late charge into the account's first draft from a period on that is not issued; False when it is in one.

    One transaction writes the charge (it must not exist), names it in the draft, lists the draft for the period's run,
    and marks the notice, which must still be given. So it is charged once, however often and wherever this stops.
    """
    for months in range(_MOST_LATER):
        slot = shifted(period, months)
        transaction = Transaction()
        _take(transaction, partner, account, owed, slot)
        try:
            transaction.commit()
        except _Charged:
            return False
        except _Closed:
            continue
        return True
    raise Poison(f"account {account!r}: no draft is open from {period} on; look at its invoices")


def _take(transaction: Transaction, partner: str, account: str, owed: LateCharge, slot: str) -> None:
    key, line = keys.late_charge(partner, account, owed.id), keys.billable(partner, slot, account)
    item = LateChargeItem(key.pk, key.sk, currency=owed.amount.currency, slot=slot, body=owed.to_mapping())
    transaction.put(item, LateChargeItem.pk.does_not_exist(), _CHARGED)
    transaction.put(BillableItem(line.pk, line.sk, account=account, period=slot))
    if owed.notice:
        notice = keys.notice(partner, account, owed.notice)
        given = NoticeItem.state.is_in(*_GIVEN) & NoticeItem.charged.does_not_exist()
        transaction.update(NoticeItem(notice.pk, notice.sk), [NoticeItem.charged.set(slot)], given, _CHARGED)
    draft = keys.invoice(partner, account, slot)
    actions = [
        InvoiceItem.kind.set(InvoiceItem),
        InvoiceItem.state.set("draft"),
        InvoiceItem.period.set(slot),
        InvoiceItem.currency.set(owed.amount.currency),
        InvoiceItem.chunks.set((InvoiceItem.chunks | []).append([key.sk])),
    ]
    open_slot = InvoiceItem.state.does_not_exist() | (InvoiceItem.state == "draft")
    transaction.update(InvoiceItem(draft.pk, draft.sk), actions, open_slot, _CLOSED)


def is_late(ref: str) -> bool:
    """Tell whether an invoice names a late charge, not a chunk of the vendor's charges."""
    return ref.startswith(keys.LATE_PREFIX)


def read(partner: str, account: str, refs: Iterable[str]) -> list[LateCharge]:
    """Return the late charges that a draft names, without fees of notices that turned out not to be given."""
    named = [keys.chunk_key(partner, account, ref) for ref in refs if is_late(ref)]
    if not named:
        return []
    found = list(_charges(_items(named)))
    notices = [keys.notice(partner, account, one.notice) for one in found if one.notice]
    given = {item.notice for item in _items(notices) if item.state in _GIVEN}
    return [one for one in found if not one.notice or one.notice in given]


def _charges(items: Iterable[Any]) -> Iterator[LateCharge]:
    for item in items:
        yield LateCharge.from_mapping(item.sk.removeprefix(keys.LATE_PREFIX), item.body, item.currency)


def _items(wanted: list[keys.Key]) -> list[Any]:
    with unavailable_is_transient():
        return list(Item.batch_get([(key.pk, key.sk) for key in wanted], consistent_read=True)) if wanted else []
