"""Reads a reconciliation file as a stream and keeps its charges, whole or not at all; gives accounts open charges."""

from __future__ import annotations

from typing import Any

from quittance.adapters.objects import S3Objects
from quittance.adapters.upload_events import as_messages, vendor_file
from quittance.runtime import compose
from quittance.runtime.batch import run_batch
from quittance.runtime.log import logger, metrics
from quittance.store import parking, slots, vendor_files
from quittance.usecases.import_charges import adopt_charges, import_file
from quittance.usecases.messages import AdoptCharges, ImportFiles


@metrics.log_metrics
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the messages of a batch: uploads that the object store tells of, and accounts that claim charges."""
    return run_batch(as_messages(event), {ImportFiles: _import, AdoptCharges: _adopt})


def _import(message: ImportFiles) -> None:
    metrics.add_metric("FilesAnnounced", "Count", len(message.objects))
    for bucket, name in message.objects:
        upload = S3Objects(compose.client("s3"), bucket).open(name)
        file = vendor_file(name, upload.metadata, upload.size)
        state = import_file(
            file, upload.stream, now=compose.clock().now(), files=vendor_files, slots=slots, parking=parking
        )
        metrics.add_metric("FilesImported" if state == "imported" else "FilesRefused", "Count", 1)
        logger.info("vendor file", extra={"partner": file.partner, "invoice": file.vendor_invoice, "state": state})


def _adopt(message: AdoptCharges) -> None:
    taken = adopt_charges(message, files=vendor_files, slots=slots)
    metrics.add_metric("SlotsAdopted", "Count", len(taken))
    logger.info("charges adopted", extra={"partner": message.partner, "account": message.account, "slots": taken})
