"""Makes the documents of issued invoices and the receipts of settled ones, each once, and sends them by mail."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from quittance.adapters.invoice_document import document_mapping
from quittance.adapters.objects import S3Objects
from quittance.adapters.receipt_document import receipt_mapping
from quittance.runtime import compose
from quittance.runtime.batch import run_batch
from quittance.runtime.log import logger, metrics, note, one_line
from quittance.store import documents, keys, receipts
from quittance.usecases.messages import PrintReceipt, RenderDocument, RenderReceipt
from quittance.usecases.render_document import DocumentFacts, render_document
from quittance.usecases.render_receipt import ReceiptFacts, print_receipt, render_receipt
from quittance_documents import InvoiceDocument, ReceiptDocument, render_invoice
from quittance_documents import print_receipt as receipt_bytes


@one_line
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the messages of a batch."""
    return run_batch(event, {RenderDocument: _render, RenderReceipt: _render_receipt, PrintReceipt: _print_again})


def _render(message: RenderDocument) -> None:
    now = compose.clock().now()
    location = render_document(
        message, now=now, archive=documents, printer=_print, objects=_objects(), post=partial(_post, now=now)
    )
    metrics.add_metric("DocumentsStored", "Count", 1 if location else 0)
    note("document", account=message.account, invoice=message.invoice, new=bool(location))


def _render_receipt(message: RenderReceipt) -> None:
    now = compose.clock().now()
    made = render_receipt(
        message,
        now=now,
        archive=receipts,
        form=receipt_mapping,
        printer=_print_receipt,
        objects=_objects(),
        post=partial(_post_receipt, now=now),
    )
    metrics.add_metric("ReceiptsMade", "Count", 1 if made else 0)
    note("receipt", account=message.account, invoice=message.invoice, new=made)


def _print_again(message: PrintReceipt) -> None:
    stored = print_receipt(message, archive=receipts, printer=_print_receipt, objects=_objects())
    metrics.add_metric("ReceiptsStored", "Count", 1 if stored else 0)
    note("receipt stored", account=message.account, receipt=message.receipt, new=stored)


def _objects() -> S3Objects:
    return S3Objects(compose.client("s3"), os.environ["DOCUMENTS_BUCKET"])


def _post(facts: DocumentFacts, location: str, content: bytes, *, now: datetime) -> dict[str, Any]:
    from quittance.runtime.printed import send_printed  # noqa: PLC0415  # start-up is for printing

    what = facts.invoice
    record = keys.document(what.partner, what.account, what.invoice)
    return send_printed(facts, location, content, record=record, now=now)


def _post_receipt(facts: ReceiptFacts, location: str, content: bytes, *, now: datetime) -> dict[str, Any]:
    from quittance.runtime.printed import send_printed  # noqa: PLC0415  # as above

    what = facts.document.invoice
    record = keys.receipt(what.partner, what.account, what.invoice, facts.settlement.times)
    name = record.sk.removeprefix(keys.RECEIPT_PREFIX)
    return send_printed(facts.document, location, content, record=record, now=now, receipt=name)


def _print_receipt(form: Mapping[str, Any]) -> bytes:
    return receipt_bytes(ReceiptDocument.from_mapping(form))


def _print(facts: DocumentFacts) -> bytes:
    from quittance.runtime.links import pay_links  # noqa: PLC0415  # receipts need no secrets

    base, invoice = os.environ.get("PUBLIC_BASE_URL", "").rstrip("/"), facts.invoice
    policy_url = f"{base}/public/{invoice.partner}/collections" if base else ""
    pay_url = pay_links().url(invoice.partner, invoice.account, invoice.invoice)
    return render_invoice(InvoiceDocument.from_mapping(document_mapping(facts, policy_url=policy_url, pay_url=pay_url)))
