"""What importing a vendor's file keeps, and what it asks of the table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.charges import Charge, Chunk
from quittance.store.keys import Key

IMPORTING, IMPORTED, REFUSED = "importing", "imported", "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRecord:
    """What is kept of a vendor invoice's file: its hash, its state, and its totals or its refusal."""

    vendor_invoice: str
    sha256: str
    state: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Payable:
    """What the partner owes the vendor for one invoice; `amount` in minor units, dates as ISO text."""

    vendor_invoice: str
    currency: str
    amount: int
    dated: str
    due: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChunk:
    """A chunk of charges that no account has."""

    vendor_customer: str
    vendor_invoice: str
    number: int
    period: str
    currency: str
    charges: tuple[Charge, ...]


class Files(Protocol):
    """The records of files and who a vendor's customers are (store.vendor_files)."""

    def find(self, partner: str, vendor_invoice: str) -> FileRecord | None:
        """Return the record of a vendor invoice's file, None before its first import."""
        ...

    def record(self, partner: str, record: FileRecord) -> bool:
        """Store what is known of a file unless one is being or was imported; False then."""
        ...

    def finish(self, partner: str, record: FileRecord, payable: Payable) -> None:
        """Mark a file imported and keep the payable, together and once."""
        ...

    def accounts_of(self, partner: str, customers: Iterable[str]) -> dict[str, str]:
        """Return which vendor customers are which accounts."""
        ...

    def currencies(self, partner: str, accounts: Iterable[str]) -> dict[str, str]:
        """Return the currency of each account that is set up."""
        ...

    def files(self, partner: str) -> list[FileRecord]:
        """Return the records of all files of a partner."""
        ...


class Slots(Protocol):
    """The drafts that collect chunks of charges, and the open ones (store.slots)."""

    def list_file(self, partner: str, period: str, vendor_invoice: str) -> None:
        """List a file's accounts for its period, before the first of its chunks is placed."""
        ...

    def place(self, partner: str, account: str, chunk: Chunk, *, period: str) -> str | None:
        """Put a chunk of a listed file into the account's first open slot from a period on; None when it was before."""
        ...

    def keep_open(self, partner: str, chunk: Chunk, *, period: str) -> None:
        """Keep a chunk whose customer no account claims."""
        ...

    def adopt(self, partner: str, account: str, chunk: OpenChunk) -> str | None:
        """Move an open chunk into the account's first open slot; None when it was adopted before."""
        ...

    def open_chunks(self, partner: str, vendor_customer: str) -> list[OpenChunk]:
        """Return the chunks of a vendor customer that no account has."""
        ...


class Parking(Protocol):
    """Keeps what waits for a person (store.parking)."""

    def park(self, key: Key, *, reason: str, body: Any, at: datetime) -> bool:
        """Store a parked item once; False when it was there already."""
        ...
