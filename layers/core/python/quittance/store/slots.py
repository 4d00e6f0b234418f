"""Draft invoices that collect chunks of charges: one slot for an account and period, closed by its issue.

Each change of a slot is one transaction with the chunk it takes and with the account's line in the list of what a run
of the period has to bill, so that a chunk is in exactly one slot and no slot is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from quittance.domain.charges import Charge, Chunk
from quittance.domain.errors import Conflict, Poison
from quittance.domain.periods import shifted
from quittance.store import keys
from quittance.store.models import BillableItem, ChargesItem, InvoiceItem
from quittance.store.transact import Transaction, unavailable_is_transient
from quittance.usecases.charge_files import OpenChunk
from quittance.usecases.issue_invoice import DRAFT

_MOST_LATER = 24  # months; an account whose next two years are all invoiced is a mistake


class _Placed(Conflict):
    """The chunk is in a slot already."""


class _Closed(Conflict):
    """The slot takes no more charges."""


_PLACED = _Placed("the chunk is in a slot already")
_CLOSED = _Closed("the slot takes no more charges")


def place(partner: str, account: str, chunk: Chunk, *, period: str) -> str | None:
    """Put a chunk into the account's first slot from a period on that is not issued; None when it was placed before."""
    key = keys.charges(partner, account, chunk.charges[0].vendor_invoice, chunk.number)

    def take(transaction: Transaction, slot: str) -> None:
        item = _item(key, chunk, slot)
        transaction.put(item, ChargesItem.pk.does_not_exist(), _PLACED)
        _add_to_slot(transaction, partner, account, slot, item)

    return _first_open(take, account, period)


def adopt(partner: str, account: str, chunk: OpenChunk) -> str | None:
    """Move an open chunk into the account's first open slot from its period on; None when it was adopted before."""
    key = keys.open_charges(partner, chunk.vendor_customer, chunk.vendor_invoice, chunk.number)
    item = ChargesItem(key.pk, key.sk, currency=chunk.currency)

    def take(transaction: Transaction, slot: str) -> None:
        still_open = ChargesItem.pk.exists() & ChargesItem.slot.does_not_exist()
        mark = [ChargesItem.slot.set(f"{account}/{slot}")]
        transaction.update(ChargesItem(item.pk, item.sk), mark, still_open, _PLACED)
        _add_to_slot(transaction, partner, account, slot, item)

    return _first_open(take, account, chunk.period)


def _first_open(take: Callable[[Transaction, str], None], account: str, period: str) -> str | None:
    for months in range(_MOST_LATER):
        slot = shifted(period, months)
        transaction = Transaction()
        take(transaction, slot)
        try:
            transaction.commit()
        except _Placed:
            return None
        except _Closed:
            continue
        return slot
    raise Poison(f"account {account!r}: no slot is open from {period} on; look at its invoices")


def keep_open(partner: str, chunk: Chunk, *, period: str) -> None:
    """Keep a chunk whose customer no account claims; nothing happens when it is kept already."""
    first = chunk.charges[0]
    item = _item(keys.open_charges(partner, chunk.vendor_customer, first.vendor_invoice, chunk.number), chunk, None)
    item.period = period
    transaction = Transaction()
    transaction.put(item, ChargesItem.pk.does_not_exist(), _PLACED)
    with suppress(_Placed):
        transaction.commit()


def open_chunks(partner: str, vendor_customer: str) -> list[OpenChunk]:
    """Return the chunks of a vendor customer that no account has, in the order of their vendor invoices."""
    pk = keys.open_charges(partner, vendor_customer, "any", 0).pk
    with unavailable_is_transient():
        found = ChargesItem.query(pk, consistent_read=True, filter_condition=ChargesItem.slot.does_not_exist())
        return [_open_chunk(item) for item in found]


def _open_chunk(item: ChargesItem) -> OpenChunk:
    return OpenChunk(
        vendor_customer=item.vendor_customer,
        vendor_invoice=item.vendor_invoice,
        number=int(item.sk.rpartition("#")[2]),
        period=item.period,
        currency=item.currency,
        charges=tuple(charges_of(item)),
    )


def read_charges(partner: str, account: str, refs: list[str]) -> list[Charge]:
    """Return the charges of the chunks an invoice names; Poison when one is missing."""
    wanted = [keys.chunk_key(partner, account, ref) for ref in refs]
    with unavailable_is_transient():
        found = list(ChargesItem.batch_get([(key.pk, key.sk) for key in wanted], consistent_read=True))
    if len(found) != len(wanted):
        raise Poison(f"account {account!r}: {len(wanted) - len(found)} chunks of charges are missing; restore them")
    found.sort(key=lambda item: (item.vendor_invoice, item.sk, item.pk))
    return [charge for item in found for charge in charges_of(item)]


def charges_of(item: ChargesItem) -> list[Charge]:
    """Return the charges of one chunk."""
    shared = {
        "vendor_invoice": item.vendor_invoice,
        "vendor_customer": item.vendor_customer,
        "currency": item.currency,
    }
    return [Charge.from_mapping(data, **shared) for data in item.body]


def billable(partner: str, period: str) -> list[str]:
    """Return the accounts that have or had a draft for a period, in order: one query, whatever the book's size."""
    with unavailable_is_transient():
        return [item.account for item in BillableItem.query(keys.billable_pk(partner, period), consistent_read=True)]


def _item(key: keys.Key, chunk: Chunk, slot: str | None) -> ChargesItem:
    first = chunk.charges[0]
    return ChargesItem(
        key.pk,
        key.sk,
        vendor_invoice=first.vendor_invoice,
        vendor_customer=chunk.vendor_customer,
        period=slot or "",
        currency=first.currency,
        slot=slot,
        body=[charge.to_mapping() for charge in chunk.charges],
    )


def _add_to_slot(transaction: Transaction, partner: str, account: str, slot: str, item: ChargesItem) -> None:
    line, draft = keys.billable(partner, slot, account), keys.invoice(partner, account, slot)
    transaction.put(BillableItem(line.pk, line.sk, account=account, period=slot))
    ref = keys.chunk_ref(keys.Key(item.pk, item.sk))
    actions = [
        InvoiceItem.kind.set(InvoiceItem),
        InvoiceItem.state.set(DRAFT),
        InvoiceItem.period.set(slot),
        InvoiceItem.currency.set(item.currency),
        InvoiceItem.chunks.set((InvoiceItem.chunks | []).append([ref])),
    ]
    open_slot = InvoiceItem.state.does_not_exist() | (InvoiceItem.state == DRAFT)
    transaction.update(InvoiceItem(draft.pk, draft.sk), actions, open_slot, _CLOSED)
