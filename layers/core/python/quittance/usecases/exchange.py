"""Files in and out: where to put a vendor's file, where to fetch an invoice's document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from quittance.domain.errors import NotFound
from quittance.domain.reading import Fields
from quittance.usecases.messages import PrintReceipt
from quittance.usecases.ports import Outgoing

VALID_SECONDS = 900
STATEMENTS = "bank-statements"
"""The folder of a partner in the imports bucket where statements are dropped; no vendor invoice may be called so."""


class Files(Protocol):
    """Addresses of objects in a bucket, valid for a while (adapters.files)."""

    def upload(self, key: str, metadata: Mapping[str, str], seconds: int) -> tuple[str, dict[str, str]]:
        """Return where to PUT an object and with which headers."""
        ...

    def download(self, key: str, filename: str, seconds: int) -> str:
        """Return where to GET an object, to be saved as `filename`."""
        ...


def order_upload(partner: str, definition: object, *, files: Files) -> dict[str, Any]:
    """Return where to put the reconciliation file of a vendor invoice; it is imported as soon as it is there."""
    fields = Fields(definition)
    vendor_invoice, filename = fields.name("vendor_invoice"), fields.name("filename")
    dated = fields.day("dated")
    fields.done()
    if vendor_invoice == STATEMENTS:
        raise fields.refuse("vendor_invoice", f"{STATEMENTS!r} is the folder of bank statements")
    url, headers = files.upload(f"{partner}/{vendor_invoice}/{filename}", {"dated": dated.isoformat()}, VALID_SECONDS)
    return {
        "vendor_invoice": vendor_invoice,
        "method": "PUT",
        "url": url,
        "headers": headers,
        "expires_in": VALID_SECONDS,
    }


def order_statement(partner: str, definition: object, *, files: Files) -> dict[str, Any]:
    """Return where to put a bank statement; it is read as soon as it is there."""
    fields = Fields(definition)
    filename = fields.name("filename")
    fields.done()
    url, headers = files.upload(f"{partner}/{STATEMENTS}/{filename}", {}, VALID_SECONDS)
    return {"statement": filename, "method": "PUT", "url": url, "headers": headers, "expires_in": VALID_SECONDS}


def document_address(location: str | None, number: str | None, *, files: Files) -> dict[str, Any]:
    """Return where an invoice's document can be fetched; NotFound until it is made."""
    if location is None or number is None:
        raise NotFound("the document is not there yet; it is made when the invoice is issued: ask again in a moment")
    return {"url": files.download(location, f"{number}.pdf", VALID_SECONDS), "expires_in": VALID_SECONDS}


def receipt_address(
    command: PrintReceipt | None, location: str | None, number: str, *, files: Files, outgoing: Outgoing
) -> dict[str, Any] | None:
    """Return where an invoice's receipt can be fetched; None while it is printed again; NotFound where there is none.

    Asking twice has it printed once: it is stored then.
    """
    if command is None:
        raise NotFound("there is no receipt; one is made a moment after the invoice is settled by payment")
    if location is None:
        outgoing.send([command])
        return None
    return {"url": files.download(location, f"{number}-receipt.pdf", VALID_SECONDS), "expires_in": VALID_SECONDS}
