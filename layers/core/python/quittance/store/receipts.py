"""Receipts in the table: what one is made of, and the record of its bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from quittance.domain.errors import Conflict
from quittance.domain.settlement import Settlement, settlement
from quittance.runtime.clock import iso
from quittance.store import documents, journal, keys
from quittance.store.models import ReceiptItem
from quittance.store.transact import Transaction, unavailable_is_transient
from quittance.usecases.messages import RenderReceipt
from quittance.usecases.render_receipt import ReceiptFacts


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
    """Tell whether the receipt of a settlement is stored."""
    return (
        find(partner, account, keys.receipt(partner, account, invoice, times).sk[len(keys.RECEIPT_PREFIX) :])
        is not None
    )


def latest(partner: str, account: str, invoice: str) -> str | None:
    """Return where the bytes of an invoice's latest receipt are; None where there is none."""
    prefix = ReceiptItem.sk.startswith(keys.receipts_prefix(invoice))
    pk = keys.account_pk(partner, account)
    with unavailable_is_transient():
        found = next(iter(ReceiptItem.query(pk, prefix, scan_index_forward=False, limit=1, page_size=1)), None)
    return found.location if found else None


def record(
    command: RenderReceipt, found: Settlement, *, sha256: str, location: str, at: str, fate: Mapping[str, Any]
) -> bool:
    """Store the record of a receipt, and what became of its mail, unless there is one; False then."""
    key = keys.receipt(command.partner, command.account, command.invoice, found.times)
    shares = [[share.kind, share.reference, share.amount.minor] for share in found.shares]
    item = ReceiptItem(
        key.pk,
        key.sk,
        invoice=command.invoice,
        number=found.number,
        settled_at=iso(found.settled_at),
        sha256=sha256,
        location=location,
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
