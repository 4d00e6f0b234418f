"""What the object store says about an upload: which vendor file or bank statement it is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from quittance.domain.bank import digest
from quittance.domain.errors import Poison, Rejected
from quittance.domain.names import checked
from quittance.usecases.exchange import STATEMENTS
from quittance.usecases.import_charges import VendorFile
from quittance.usecases.messages import ImportFiles

_PARTS = 3


def as_messages(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the batch with the object store's notifications in the form of our own messages; others as they are."""
    records = [{**record, "body": _body(record["body"])} for record in event["Records"]]
    return {"Records": records}


def _body(body: str) -> str:
    try:
        told = json.loads(body)
    except ValueError:
        return body
    if not isinstance(told, dict) or (told.get("Event") != "s3:TestEvent" and "Records" not in told):
        return body
    try:
        objects = [
            [entry["s3"]["bucket"]["name"], unquote_plus(entry["s3"]["object"]["key"])]
            for entry in told.get("Records", ())
        ]
    except (KeyError, TypeError):
        return body
    return ImportFiles(objects=objects).to_json()


class StatementFile(NamedTuple):
    """A bank statement's file: whose, and the name of its record."""

    partner: str
    name: str


def statement_file(name: str) -> StatementFile | None:
    """Read `<partner>/bank-statements/<any folders>/<file name>`, None for any other name; Poison where it is no name.

    What a bank's program drops there may be called anything; a name that no address can carry becomes a digest.
    """
    partner, _, rest = name.partition("/")
    folder, *path = rest.split("/")
    if folder != STATEMENTS or not path or not path[-1]:
        return None
    try:
        owner = checked(partner, "partner")
    except Rejected as problem:
        raise Poison(f"object {name[:200]!r}: {problem.message}") from problem
    try:
        return StatementFile(owner, checked(".".join(path), "filename"))
    except Rejected:
        return StatementFile(owner, f"file-{digest(*path)}")


def vendor_file(name: str, metadata: Mapping[str, str], size: int) -> VendorFile:
    """Read `<partner>/<vendor invoice>/<file name>` and the metadata `dated`; Poison for any other name."""
    parts = name.split("/")
    if len(parts) != _PARTS or not all(parts):
        raise Poison(f"object {name[:200]!r} is not <partner>/<vendor invoice>/<file name>; upload it by POST /imports")
    try:
        partner, invoice = checked(parts[0], "partner"), checked(parts[1], "vendor_invoice")
    except Rejected as problem:
        raise Poison(f"object {name[:200]!r}: {problem.message}") from problem
    return VendorFile(
        partner=partner, vendor_invoice=invoice, filename=parts[2], dated=_day(metadata.get("dated")), size=size
    )


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
