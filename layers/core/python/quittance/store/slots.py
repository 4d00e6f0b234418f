"""Draft invoices that collect chunks of charges: one slot for an account and period, closed by its issue.

A chunk is placed by writes of one item each, at half the price of a transaction: the charges, then the slot, which
names the chunk. Before the first of a file's chunks the file is listed for its period; only where a later slot takes a
chunk is the account listed by itself. Whatever stops in between is
completed by doing it again: each step finds itself done. A slot once issued stays so and still names its chunks, so
whoever looks from the same period on meets the slot that took a chunk before any that is open: a chunk is in exactly
one slot, and no slot is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from quittance.domain.charges import Charge, Chunk
from quittance.domain.errors import Conflict, Poison
from quittance.domain.periods import shifted
from quittance.store import keys
from quittance.store.models import BillableItem, ChargesItem, InvoiceItem, VendorFileItem
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
_OPEN_SLOT = InvoiceItem.state.does_not_exist() | (InvoiceItem.state == DRAFT)


def list_file(partner: str, period: str, vendor_invoice: str) -> None:
    """List a file's accounts for its period by one line, before the first of its chunks is placed."""
    line = keys.billable_file(partner, period, vendor_invoice)
    with unavailable_is_transient():
        BillableItem(line.pk, line.sk, period=period).save()


def place(partner: str, account: str, chunk: Chunk, *, period: str) -> str | None:
    """Put a chunk into the account's first slot from a period on that is not issued; None when it was placed before."""
    key = keys.charges(partner, account, chunk.charges[0].vendor_invoice, chunk.number)
    item = _item(key, chunk)
    transaction = Transaction()
    transaction.put(item, ChargesItem.pk.does_not_exist(), _PLACED)
    with suppress(_Placed):  # perhaps by a try that went no further: the slot tells
        transaction.commit()

    def take(slot: str) -> None:
        if slot != period:  # for the period itself the file is listed
            _list(partner, account, slot)
        _enter(partner, account, slot, item)

    return _first_open(take, account, period)


def adopt(partner: str, account: str, chunk: OpenChunk) -> str | None:
    """Move an open chunk into the account's first open slot from its period on; None when it was adopted before.

    Two accounts may claim it at once, so here charges and slot change in one transaction.
    """
    key = keys.open_charges(partner, chunk.vendor_customer, chunk.vendor_invoice, chunk.number)
    item = ChargesItem(key.pk, key.sk, currency=chunk.currency)

    def take(slot: str) -> None:
        _list(partner, account, slot)
        still_open = ChargesItem.pk.exists() & ChargesItem.slot.does_not_exist()
        mark = [ChargesItem.slot.set(f"{account}/{slot}")]
        transaction = Transaction()
        transaction.update(ChargesItem(item.pk, item.sk), mark, still_open, _PLACED)
        transaction.update(*_entry(partner, account, slot, item), _OPEN_SLOT, _CLOSED)
        transaction.commit()

    return _first_open(take, account, chunk.period)


def _first_open(take: Callable[[str], None], account: str, period: str) -> str | None:
    for months in range(_MOST_LATER):
        slot = shifted(period, months)
        try:
            take(slot)
        except _Placed:
            return None
        except _Closed:
            continue
        return slot
    raise Poison(f"account {account!r}: no slot is open from {period} on; look at its invoices")


def keep_open(partner: str, chunk: Chunk, *, period: str) -> None:
    """Keep a chunk whose customer no account claims; nothing happens when it is kept already."""
    first = chunk.charges[0]
    item = _item(keys.open_charges(partner, chunk.vendor_customer, first.vendor_invoice, chunk.number), chunk)
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
        lines = list(BillableItem.query(keys.billable_pk(partner, period), consistent_read=True))
    found = {line.account for line in lines if line.account}
    for line in lines:
        if not line.account:
            found |= _accounts_of(partner, line.sk.removeprefix("FILE#"))
    return sorted(found)


def _accounts_of(partner: str, vendor_invoice: str) -> set[str]:
    """Return the accounts that a file's record pins: those that its chunks are placed with."""
    key = keys.vendor_file(partner, vendor_invoice)
    with unavailable_is_transient():
        record: Any = VendorFileItem.get(key.pk, key.sk, consistent_read=True)
    return set((record.body or {}).get("customers", {}).values())


def _item(key: keys.Key, chunk: Chunk) -> ChargesItem:
    first = chunk.charges[0]
    return ChargesItem(
        key.pk,
        key.sk,
        vendor_invoice=first.vendor_invoice,
        vendor_customer=chunk.vendor_customer,
        currency=first.currency,
        body=[charge.to_mapping() for charge in chunk.charges],
    )


def _list(partner: str, account: str, slot: str) -> None:
    """List the account for the period before its slot opens; a line whose slot never opens is passed over."""
    line = keys.billable(partner, slot, account)
    with unavailable_is_transient():
        BillableItem(line.pk, line.sk, account=account, period=slot).save()


def _enter(partner: str, account: str, slot: str, item: ChargesItem) -> None:
    """Name the chunk in the slot; _Placed where it is named already, _Closed where the slot takes no more."""
    draft, actions = _entry(partner, account, slot, item)
    named = InvoiceItem.chunks.contains(_ref(item))
    transaction = Transaction()
    transaction.update(draft, actions, _OPEN_SLOT & ~named, _CLOSED)
    try:
        transaction.commit()
    except _Closed:
        if _ref(item) in _named(draft):
            raise _PLACED from None
        raise


def _named(draft: InvoiceItem) -> list[str]:
    """Return the chunks that a slot has taken."""
    with unavailable_is_transient():
        found = InvoiceItem.get(
            draft.pk, draft.sk, consistent_read=True, attributes_to_get=["pk", "sk", "kind", "chunks"]
        )
    return list(found.chunks or ())


def _entry(partner: str, account: str, slot: str, item: ChargesItem) -> tuple[InvoiceItem, list[Any]]:
    draft = keys.invoice(partner, account, slot)
    actions = [
        InvoiceItem.kind.set(InvoiceItem),
        InvoiceItem.state.set(DRAFT),
        InvoiceItem.period.set(slot),
        InvoiceItem.currency.set(item.currency),
        InvoiceItem.chunks.set((InvoiceItem.chunks | []).append([_ref(item)])),
    ]
    return InvoiceItem(draft.pk, draft.sk), actions


def _ref(item: ChargesItem) -> str:
    return keys.chunk_ref(keys.Key(item.pk, item.sk))
