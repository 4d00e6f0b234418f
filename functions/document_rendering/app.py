"""Makes an issued invoice's document and stores it once, under its hash."""

from __future__ import annotations

import os
from typing import Any

from quittance.adapters.invoice_document import document_mapping
from quittance.adapters.objects import S3Objects
from quittance.runtime import compose
from quittance.runtime.batch import run_batch
from quittance.runtime.log import logger, metrics
from quittance.store import documents
from quittance.usecases.messages import RenderDocument
from quittance.usecases.render_document import DocumentFacts, render_document
from quittance_documents import InvoiceDocument, render_invoice


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the messages of a batch."""
    return run_batch(event, {RenderDocument: _render})


def _render(message: RenderDocument) -> None:
    objects = S3Objects(compose.client("s3"), os.environ["DOCUMENTS_BUCKET"])
    now = compose.clock().now()
    location = render_document(message, now=now, archive=documents, printer=_print, objects=objects)
    metrics.add_metric("DocumentsStored", "Count", 1 if location else 0)
    logger.info("document", extra={"account": message.account, "invoice": message.invoice, "new": bool(location)})


def _print(facts: DocumentFacts) -> bytes:
    base = os.environ.get("PUBLIC_BASE_URL", "").rstrip("/")
    policy_url = f"{base}/public/{facts.invoice.partner}/collections" if base else ""
    return render_invoice(InvoiceDocument.from_mapping(document_mapping(facts, policy_url=policy_url)))
