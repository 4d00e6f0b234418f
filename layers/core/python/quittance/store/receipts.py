"""Receipts in the table: what one is made of, and the record from which it can be printed again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from quittance.domain.errors import Conflict, Transient
from quittance.domain.settlement import Settlement, settlement
from quittance.runtime.clock import iso
from quittance.store import documents, journal, keys
from quittance.store.models import ReceiptItem
from quittance.store.packed import pack
from quittance.store.transact import Transaction, unavailable_is_transient
from quittance.usecases.messages import RenderReceipt
from quittance.usecases.render_receipt import KeptReceipt, ReceiptFacts, receipt_name

_MOST_PRINTED = 4096  # bytes: with a logo the record would cost as much as the object that it saves


def facts(partner: str, account: str, invoice: str) -> ReceiptFacts | None:
    """Return what a receipt is made of; None while the invoice is not settled by payment."""
    document = documents.facts(partner, account, invoice)
    if document is None:
        return None
    zone = ZoneInfo(str(document.account.get("timezone") or document.partner.get("timezone") or "UTC"))
    found = settlement(invoice, journal.entries(partner, account, zone))
    if found is None:
        return None
    return ReceiptFacts(settlement=found, settled_on=found.settled_at.astimezone(zone).date(), document=document)


def find(partner: str, account: str, name: str) -> ReceiptItem | None:
    """Return the record of a receipt by the name that messages give it."""
    key = keys.receipt_named(partner, account, name)
    try:
        with unavailable_is_transient():
            return ReceiptItem.get(key.pk, key.sk, consistent_read=True)
    except ReceiptItem.DoesNotExist:
        return None


def recorded(partner: str, account: str, invoice: str, times: int) -> bool:
    """Tell whether the receipt of a settlement is made."""
    return find(partner, account, receipt_name(invoice, times)) is not None


def fits(form: Mapping[str, Any]) -> bool:
    """Tell whether a record takes the JSON form; one with a large logo is stored as an object instead."""
    return len(pack(form)) <= _MOST_PRINTED


def kept(partner: str, account: str, name: str) -> KeptReceipt | None:
    """Return a receipt as its record tells; None where there is none."""
    found = find(partner, account, name)
    return KeptReceipt(form=found.printed, sha256=found.sha256, location=found.location) if found else None


def stored(partner: str, account: str, name: str, location: str) -> None:
    """Record where a receipt's bytes are stored now; Transient where its record is gone meanwhile."""
    key = keys.receipt_named(partner, account, name)
    transaction = Transaction()
    gone = Transient(f"receipt {name!r} of account {account!r} is not there; try again", retry_after=1)
    transaction.update(ReceiptItem(key.pk, key.sk), [ReceiptItem.location.set(location)], ReceiptItem.pk.exists(), gone)
    transaction.commit()


def latest(partner: str, account: str, invoice: str) -> tuple[str, str | None] | None:
    """Return the name of an invoice's latest receipt, and where it is stored if it is; None where there is none."""
    prefix = ReceiptItem.sk.startswith(keys.receipts_prefix(invoice))
    pk = keys.account_pk(partner, account)
    with unavailable_is_transient():
        found = next(iter(ReceiptItem.query(pk, prefix, scan_index_forward=False, limit=1, page_size=1)), None)
    return (found.sk.removeprefix(keys.RECEIPT_PREFIX), found.location) if found else None


def record(command: RenderReceipt, found: Settlement, made: KeptReceipt, *, at: str, fate: Mapping[str, Any]) -> bool:
    """Store the record of a receipt, and what became of its mail, unless there is one; False then."""
    key = keys.receipt(command.partner, command.account, command.invoice, found.times)
    shares = [[share.kind, share.reference, share.amount.minor] for share in found.shares]
    item = ReceiptItem(
        key.pk,
        key.sk,
        invoice=command.invoice,
        number=found.number,
        settled_at=iso(found.settled_at),
        sha256=made.sha256,
        location=made.location,
        printed=made.form,
        rendered_at=at,
        body={"shares": shares},
        **fate,
    )
    transaction = Transaction()
    transaction.put(item, ReceiptItem.pk.does_not_exist())
    try:
        transaction.commit()
    except Conflict:
        return False
    return True
