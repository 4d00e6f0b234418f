"""Makes the documents of issued invoices and the receipts of settled ones, and stores each once, under its hash."""

from __future__ import annotations

import os
from typing import Any

from quittance.adapters.invoice_document import document_mapping
from quittance.adapters.objects import S3Objects
from quittance.adapters.receipt_document import receipt_mapping
from quittance.runtime import compose
from quittance.runtime.batch import run_batch
from quittance.runtime.log import logger, metrics
from quittance.store import documents, receipts
from quittance.usecases.messages import RenderDocument, RenderReceipt
from quittance.usecases.render_document import DocumentFacts, render_document
from quittance.usecases.render_receipt import ReceiptFacts, render_receipt
from quittance_documents import InvoiceDocument, ReceiptDocument, print_receipt, render_invoice


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the messages of a batch."""
    return run_batch(event, {RenderDocument: _render, RenderReceipt: _render_receipt})


def _render(message: RenderDocument) -> None:
    objects = S3Objects(compose.client("s3"), os.environ["DOCUMENTS_BUCKET"])
    now = compose.clock().now()
    location = render_document(message, now=now, archive=documents, printer=_print, objects=objects)
    metrics.add_metric("DocumentsStored", "Count", 1 if location else 0)
    logger.info("document", extra={"account": message.account, "invoice": message.invoice, "new": bool(location)})


def _render_receipt(message: RenderReceipt) -> None:
    bucket = S3Objects(compose.client("s3"), os.environ["DOCUMENTS_BUCKET"])
    now = compose.clock().now()
    location = render_receipt(message, now=now, archive=receipts, printer=_print_receipt, objects=bucket)
    metrics.add_metric("ReceiptsStored", "Count", 1 if location else 0)
    logger.info("receipt", extra={"account": message.account, "invoice": message.invoice, "new": bool(location)})


def _print_receipt(facts: ReceiptFacts) -> bytes:
    return print_receipt(ReceiptDocument.from_mapping(receipt_mapping(facts)))


def _print(facts: DocumentFacts) -> bytes:
    from quittance.runtime.links import pay_links  # noqa: PLC0415  # receipts need no secrets

    base, invoice = os.environ.get("PUBLIC_BASE_URL", "").rstrip("/"), facts.invoice
    policy_url = f"{base}/public/{invoice.partner}/collections" if base else ""
    pay_url = pay_links().url(invoice.partner, invoice.account, invoice.invoice)
    return render_invoice(InvoiceDocument.from_mapping(document_mapping(facts, policy_url=policy_url, pay_url=pay_url)))
