"""Reads what is put into the imports bucket: vendor files and bank statements; gives accounts open charges."""

from __future__ import annotations

from typing import Any

from quittance.adapters.objects import S3Objects, Upload
from quittance.adapters.upload_events import StatementFile, as_messages, statement_file, vendor_file
from quittance.runtime import compose
from quittance.runtime.batch import run_batch
from quittance.runtime.log import logger, metrics, note, one_line
from quittance.store import parking, slots, vendor_files
from quittance.usecases.import_charges import adopt_charges, import_file
from quittance.usecases.messages import AdoptCharges, ImportFiles


@one_line
@logger.inject_lambda_context
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Work on the messages of a batch: uploads that the object store tells of, and accounts that claim charges."""
    return run_batch(as_messages(event), {ImportFiles: _import, AdoptCharges: _adopt})


def _import(message: ImportFiles) -> None:
    metrics.add_metric("FilesAnnounced", "Count", len(message.objects))
    for bucket, name in message.objects:
        if statement := statement_file(name):
            _read_statement(statement, S3Objects(compose.client("s3"), bucket).open(name))
            continue
        upload = S3Objects(compose.client("s3"), bucket).open(name)
        file = vendor_file(name, upload.metadata, upload.size)
        state = import_file(
            file, upload.stream, now=compose.clock().now(), files=vendor_files, slots=slots, parking=parking
        )
        metrics.add_metric("FilesImported" if state == "imported" else "FilesRefused", "Count", 1)
        note("vendor file", partner=file.partner, invoice=file.vendor_invoice, state=state)


def _read_statement(file: StatementFile, upload: Upload) -> None:
    from quittance.adapters.bank_files import MAX_BYTES, read_statements  # noqa: PLC0415  # only statements need them
    from quittance.store import bank  # noqa: PLC0415  # as above
    from quittance.usecases.read_statement import read_statement  # noqa: PLC0415  # as above

    content = upload.stream.read(MAX_BYTES + 1)
    record = read_statement(
        file.partner, file.name, content, parse=read_statements, book=bank, now=compose.clock().now()
    )
    metrics.add_metric("StatementsRead" if record.state == "read" else "StatementsRefused", "Count", 1)
    note("bank statement", partner=file.partner, statement=file.name, state=record.state)


def _adopt(message: AdoptCharges) -> None:
    taken = adopt_charges(message, files=vendor_files, slots=slots)
    metrics.add_metric("SlotsAdopted", "Count", len(taken))
    note("charges adopted", partner=message.partner, account=message.account, slots=taken)
