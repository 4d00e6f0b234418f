"""The records of imported vendor files, the payables they bring, and who a vendor's customers are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from quittance.domain.errors import Conflict
from quittance.domain.payable import next_alert
from quittance.runtime.clock import iso
from quittance.store import keys
from quittance.store.models import CustomerItem, HeadItem, PayableItem, VendorFileItem
from quittance.store.transact import Transaction, unavailable_is_transient
from quittance.usecases.charge_files import IMPORTED, IMPORTING, REFUSED, FileRecord, Payable


def find(partner: str, vendor_invoice: str) -> FileRecord | None:
    """Return the record of a vendor invoice's file, None before its first import."""
    key = keys.vendor_file(partner, vendor_invoice)
    try:
        with unavailable_is_transient():
            return _record(VendorFileItem.get(key.pk, key.sk, consistent_read=True))
    except VendorFileItem.DoesNotExist:
        return None


def _record(item: VendorFileItem) -> FileRecord:
    invoice = item.sk.removeprefix("FILE#")
    return FileRecord(vendor_invoice=invoice, sha256=item.sha256, state=item.state, body=item.body or {})


def _item(partner: str, record: FileRecord, state: str) -> VendorFileItem:
    key = keys.vendor_file(partner, record.vendor_invoice)
    return VendorFileItem(key.pk, key.sk, sha256=record.sha256, state=state, body=record.body)


def record(partner: str, record: FileRecord) -> bool:
    """Store what is known of a file unless one is being or was imported; False then."""
    free = VendorFileItem.pk.does_not_exist() | (VendorFileItem.state == REFUSED)
    transaction = Transaction()
    transaction.put(_item(partner, record, record.state), free)
    try:
        transaction.commit()
    except Conflict:
        return False
    return True


def finish(partner: str, record: FileRecord, payable: Payable) -> None:
    """Mark a file imported and keep the vendor's invoice as a payable, together and once."""
    importing = (VendorFileItem.state == IMPORTING) & (VendorFileItem.sha256 == record.sha256)
    key = keys.payable(partner, payable.vendor_invoice)
    owed = PayableItem(
        key.pk,
        key.sk,
        currency=payable.currency,
        amount=payable.amount,
        dated=payable.dated,
        due=payable.due,
        body=payable.body,
        **_first_alert(key, payable),
    )
    transaction = Transaction()
    transaction.put(_item(partner, record, IMPORTED), importing)
    transaction.put(owed)
    with suppress(Conflict):  # another delivery of the same event was faster
        transaction.commit()


def _first_alert(key: keys.Key, payable: Payable) -> dict[str, Any]:
    """Return when somebody is first told that it is unpaid; the vendor's credit needs nobody."""
    moment = next_alert(date.fromisoformat(payable.due)) if payable.amount > 0 else None
    return {"due_lane": keys.due_lane("billing", key), "due_at": iso(moment)} if moment else {}


def accounts_of(partner: str, customers: Iterable[str]) -> dict[str, str]:
    """Return which vendor customers are which accounts; those nobody claims are left out."""
    by_pk = {keys.customer(partner, customer).pk: customer for customer in customers}
    return {by_pk[item.pk]: item.account for item in _sure(CustomerItem, [(pk, "ACCOUNT") for pk in by_pk])}


def currencies(partner: str, accounts: Iterable[str]) -> dict[str, str]:
    """Return the currency of each account that is set up."""
    by_pk = {keys.head(partner, account).pk: account for account in set(accounts)}
    wanted = [(pk, keys.head(partner, account).sk) for pk, account in by_pk.items()]
    return {by_pk[item.pk]: item.currency for item in _sure(HeadItem, wanted)}


def _sure(model: type[Any], wanted: Sequence[tuple[str, str]]) -> list[Any]:
    """Read items that hardly ever change; what is not seen is read again for certain, at twice the price."""
    with unavailable_is_transient():
        found = list(model.batch_get(list(wanted)))
        seen = {(item.pk, item.sk) for item in found}
        missing = [key for key in wanted if key not in seen]
        return found + (list(model.batch_get(missing, consistent_read=True)) if missing else [])


def files(partner: str) -> list[FileRecord]:
    """Return the records of all files of a partner, in the order of their vendor invoices."""
    with unavailable_is_transient():
        found = VendorFileItem.query(keys.partner_pk(partner), VendorFileItem.sk.startswith("FILE#"))
        return [_record(item) for item in found]


def payables(partner: str) -> list[PayableItem]:
    """Return what the partner owes the vendor, in the order of the vendor invoices."""
    with unavailable_is_transient():
        return list(PayableItem.query(keys.partner_pk(partner), PayableItem.sk.startswith("PAYABLE#")))
