"""Imports a vendor's reconciliation file: its charges reach the accounts' drafts, whole or not at all, exactly once.

The file is validated to its end before anything is kept. Then the record pins what a retry must not decide again
(which customers were known, how chunks are cut); each chunk is one transaction under a key that follows from the file,
so whatever stopped an import, doing it again completes it.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO, Any, BinaryIO, cast

from quittance.domain.charges import Charge, Chunk, ChunkLimits, chunked
from quittance.domain.errors import Conflict
from quittance.domain.money import Money
from quittance.domain.periods import billing_period
from quittance.domain.reconciliation import BrokenFile, read
from quittance.runtime.clock import iso
from quittance.store.keys import parked
from quittance.usecases.charge_files import (
    IMPORTED,
    IMPORTING,
    REFUSED,
    FileRecord,
    Files,
    OpenChunk,
    Parking,
    Payable,
    Slots,
)
from quittance.usecases.messages import AdoptCharges

MAX_BYTES = 64 * 2**20
MAX_CUSTOMERS = 3_000  # their pinned accounts fit the file's record with room to spare
NET_DAYS = 60  # the vendor's terms: net 60 from its invoice date
_IN_MEMORY = 8 * 2**20
_PIECE = 2**20
_TOLERANCE = Decimal("0.02")


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorFile:
    """A file to import: whose, which vendor invoice it reconciles, and that invoice's date (None: not given)."""

    partner: str
    vendor_invoice: str
    filename: str
    dated: date | None
    size: int = 0


@dataclass(slots=True)
class Summary:
    """What a whole file amounts to, in major units of its currency."""

    currency: str = ""
    rows: int = 0
    subtotal: Decimal = Decimal(0)
    tax: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    differing: int = 0
    customers: Counter[str] = field(default_factory=Counter)
    names: dict[str, str] = field(default_factory=dict)

    def add(self, charge: Charge) -> None:
        """Count one charge; `differing` counts lines whose total is not subtotal and tax (kept as given)."""
        self.currency = charge.currency
        self.rows += 1
        self.subtotal += charge.subtotal
        self.tax += charge.tax
        self.total += charge.total
        self.differing += abs(charge.subtotal + charge.tax - charge.total) > _TOLERANCE
        self.customers[charge.vendor_customer] += 1
        self.names.setdefault(charge.vendor_customer, charge.customer_name)


def import_file(
    file: VendorFile, stream: BinaryIO, *, now: datetime, files: Files, slots: Slots, parking: Parking
) -> str:
    """Import a file and return its record's state: imported, or refused with the reason in the record.

    Raises Transient or Conflict when it should be tried again; trying again is always safe.
    """
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        try:
            sha256 = _copy(stream, spool, file.size)
            earlier = files.find(file.partner, file.vendor_invoice)
            if earlier and earlier.sha256 == sha256 and earlier.state == IMPORTED:
                return IMPORTED
            if earlier and earlier.sha256 != sha256 and earlier.state != REFUSED:
                return _refuse_other_bytes(file, earlier, sha256, now, parking)
            if earlier is None or earlier.state == REFUSED:
                earlier = _begin(file, spool, sha256, files)
        except BrokenFile as broken:
            return _refuse(file, broken, now, files)
        _distribute(file, spool, earlier, files, slots)
        _finish(file, earlier, now, files)
    return IMPORTED


def _copy(stream: BinaryIO, spool: IO[bytes], size: int) -> str:
    """Keep the bytes at hand, since they are read twice, and return their SHA-256; BrokenFile when too large."""
    digest, seen = hashlib.sha256(), 0
    if size <= MAX_BYTES:
        while piece := stream.read(_PIECE):
            seen += len(piece)
            if seen > MAX_BYTES:
                break
            digest.update(piece)
            spool.write(piece)
    if max(size, seen) > MAX_BYTES:
        raise BrokenFile(0, "", f"the file is larger than {MAX_BYTES // 2**20} MiB; split it by customer")
    return digest.hexdigest()


def _charges(file: VendorFile, spool: IO[bytes]) -> Iterator[Charge]:
    spool.seek(0)
    return read(cast("BinaryIO", spool), vendor_invoice=file.vendor_invoice)


def _begin(file: VendorFile, spool: IO[bytes], sha256: str, files: Files) -> FileRecord:
    """Validate the whole file, pin what follows from this moment, and claim the vendor invoice for these bytes."""
    if file.dated is None:
        raise BrokenFile(0, "", "the object has no metadata `dated`; upload it with the vendor invoice's date")
    summary = Summary()
    for charge in _charges(file, spool):
        summary.add(charge)
    if len(summary.customers) > MAX_CUSTOMERS:
        raise BrokenFile(0, "CustomerId", f"names more than {MAX_CUSTOMERS:,} customers; split the file by customer")
    body = _body(file, file.dated, summary, files)
    record = FileRecord(vendor_invoice=file.vendor_invoice, sha256=sha256, state=IMPORTING, body=body)
    if not files.record(file.partner, record):
        raise Conflict(f"vendor_invoice: {file.vendor_invoice} is being imported by another delivery")
    return record


def _body(file: VendorFile, dated: date, summary: Summary, files: Files) -> dict[str, Any]:
    period, derived = billing_period(dated)
    accounts, open_customers = _resolve(file.partner, summary, files)
    return {
        "filename": file.filename,
        "dated": dated.isoformat(),
        "period": period,
        "period_derived": derived,
        "currency": summary.currency,
        "rows": summary.rows,
        "subtotal": format(summary.subtotal, "f"),
        "tax": format(summary.tax, "f"),
        "total": format(summary.total, "f"),
        "totals_differing": summary.differing,
        "customers": accounts,
        "open": open_customers,
        "limits": asdict(ChunkLimits()),
    }


def _resolve(partner: str, summary: Summary, files: Files) -> tuple[dict[str, str], dict[str, Any]]:
    """Tell which customers are which accounts, and why the others' charges stay open."""
    found = files.accounts_of(partner, summary.customers)
    money = files.currencies(partner, found.values())
    billed, left = {}, {}
    for customer, rows in summary.customers.items():
        account = found.get(customer)
        if account is not None and money.get(account) == summary.currency:
            billed[customer] = account
        else:
            reason = _reason(account, money, summary.currency)
            left[customer] = {"name": summary.names[customer], "rows": rows, "reason": reason}
    return billed, left


def _reason(account: str | None, money: dict[str, str], currency: str) -> str:
    if account is None:
        return "no account has this vendor customer"
    return f"charged in {currency}, account {account} is billed in {money.get(account, 'no currency yet')}"


def _distribute(file: VendorFile, spool: IO[bytes], record: FileRecord, files: Files, slots: Slots) -> None:
    body = record.body
    if body["customers"]:
        slots.list_file(file.partner, body["period"], file.vendor_invoice)
    for chunk in chunked(_charges(file, spool), ChunkLimits(**body["limits"])):
        _keep(file.partner, chunk, body, slots)
    for customer, account in files.accounts_of(file.partner, body["open"]).items():
        # Registered while this import ran: its own message may have come before the charges were here.
        command = AdoptCharges(partner=file.partner, account=account, vendor_customer=customer)
        adopt_charges(command, files=files, slots=slots)


def _keep(partner: str, chunk: Chunk, body: dict[str, Any], slots: Slots) -> None:
    account = body["customers"].get(chunk.vendor_customer)
    if account is None:
        slots.keep_open(partner, chunk, period=body["period"])
    else:
        slots.place(partner, account, chunk, period=body["period"])


def _finish(file: VendorFile, record: FileRecord, now: datetime, files: Files) -> None:
    body = {**record.body, "imported_at": iso(now)}
    dated = date.fromisoformat(body["dated"])
    payable = Payable(
        vendor_invoice=file.vendor_invoice,
        currency=body["currency"],
        amount=Money.rounded(Decimal(body["total"]), body["currency"]).minor,
        dated=dated.isoformat(),
        due=(dated + timedelta(days=NET_DAYS)).isoformat(),
        body={"period": body["period"], "rows": body["rows"], "subtotal": body["subtotal"], "tax": body["tax"]},
    )
    files.finish(file.partner, replace(record, body=body), payable)


def _refuse(file: VendorFile, broken: BrokenFile, now: datetime, files: Files) -> str:
    """Keep the refusal where the API shows it; an import under way or done is never overwritten."""
    refusal = {"row": broken.row, "column": broken.column, "reason": broken.reason}
    dated = file.dated.isoformat() if file.dated else None
    body = {"filename": file.filename, "dated": dated, "refused_at": iso(now), "refusal": refusal}
    record = FileRecord(vendor_invoice=file.vendor_invoice, sha256="-", state=REFUSED, body=body)
    files.record(file.partner, record)
    return REFUSED


def _refuse_other_bytes(file: VendorFile, earlier: FileRecord, sha256: str, now: datetime, parking: Parking) -> str:
    """Park other bytes of an invoice that is known: the vendor corrects by a new invoice, never by a new file."""
    what = "was imported from" if earlier.state == IMPORTED else "began to be imported from"
    reason = (
        f"vendor invoice {file.vendor_invoice} {what} a file with other content (SHA-256 {earlier.sha256[:12]}…); "
        "a credit and rebill arrives as a new vendor invoice, an interrupted import needs its own file again"
    )
    body = {"filename": file.filename, "vendor_invoice": file.vendor_invoice, "sha256": sha256}
    key = parked(file.partner, "import", f"{file.vendor_invoice}#{sha256[:16]}")
    parking.park(key, reason=reason, body=body, at=now)
    return REFUSED


def adopt_charges(command: AdoptCharges, *, files: Files, slots: Slots) -> list[str]:
    """Move the open charges of a vendor customer to its account; return the slots they went to, each charge once."""
    partner, account = command.partner, command.account
    if files.accounts_of(partner, [command.vendor_customer]).get(command.vendor_customer) != account:
        return []  # told of a registration that has changed since
    currency = files.currencies(partner, [account]).get(account)
    found = [item for item in slots.open_chunks(partner, command.vendor_customer) if item.currency == currency]
    moved = (slots.adopt(partner, account, item) for item in found)
    return sorted({slot for slot in moved if slot is not None})


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCharges:
    """Charges no account has: whose, from which vendor invoice, how much (Subtotal, major units), and why."""

    vendor_customer: str
    name: str
    vendor_invoice: str
    period: str
    currency: str
    rows: int
    subtotal: Decimal
    reason: str


def open_charges(partner: str, *, files: Files, slots: Slots) -> list[OpenCharges]:
    """List the charges that wait for an account, by vendor invoice and customer."""
    found: dict[tuple[str, str], OpenCharges] = {}
    told = {
        (record.vendor_invoice, customer): about
        for record in files.files(partner)
        for customer, about in record.body.get("open", {}).items()
    }
    for customer in sorted({customer for _, customer in told}):
        for item in slots.open_chunks(partner, customer):
            _count(found, item, told.get((item.vendor_invoice, customer), {}), customer)
    return [found[name] for name in sorted(found)]


def _count(found: dict[tuple[str, str], OpenCharges], item: OpenChunk, about: dict[str, Any], customer: str) -> None:
    name = (item.vendor_invoice, customer)
    here = found.get(name) or OpenCharges(
        vendor_customer=customer,
        name=about.get("name", ""),
        vendor_invoice=item.vendor_invoice,
        period=item.period,
        currency=item.currency,
        rows=0,
        subtotal=Decimal(0),
        reason=about.get("reason", ""),
    )
    subtotal = here.subtotal + sum((charge.subtotal for charge in item.charges), Decimal(0))
    found[name] = replace(here, rows=here.rows + len(item.charges), subtotal=subtotal)
