"""What lies outside the table: the documents' hashes, stored or printed again, and what waits in the queues."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from infra.local.verify.table import Record, Table

_DEAD = "-dead"
_PIECE = 2**20
_MOST_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Parked:
    """What waits for a person: a message of a dead-letter queue, or an item that was parked with its reason."""

    place: str
    what: str

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


@dataclass(frozen=True, slots=True)
class Outside:
    """`hashes` maps a document's place (see `place_of`) to its bytes' SHA-256, None where there is no object.

    `queued` tells how many messages wait or are worked on, by the queue's name in the template (`documents`,
    `payments`, ...).
    """

    hashes: Mapping[str, str | None] = field(default_factory=dict)
    queued: Mapping[str, int] = field(default_factory=dict)


def look(table: Table, s3: Any, sqs: Any, outputs: Mapping[str, str]) -> Outside:
    """Hash the documents that the table names and count what the queues hold."""
    bucket = outputs.get("DocumentsBucketName", "")
    made = (*table.of("document"), *table.of("receipt"))
    stored = sorted({place_of(record) for record in made if record.get("location")})
    hashes = {place: _sha256(s3, bucket, place) for place in stored} if bucket else {}
    hashes |= {place_of(record): _printed_again(record) for record in made if not record.get("location")}
    return Outside(hashes, {name: _waiting(sqs, url) for name, url in _queues(outputs).items()})


def place_of(record: Record) -> str:
    """Return where a document is stored; of a receipt that is not, its own key."""
    return str(record.get("location") or f"{record.pk} {record.sk}")


def _printed_again(receipt: Record) -> str | None:
    """Hash what its record prints; None where the record keeps nothing to print."""
    from quittance_documents import ReceiptDocument, print_receipt  # noqa: PLC0415  # fonts: only where there is one

    if not (form := receipt.get("printed")):
        return None
    return hashlib.sha256(print_receipt(ReceiptDocument.from_mapping(form))).hexdigest()


def _sha256(s3: Any, bucket: str, location: str) -> str | None:
    try:
        content = s3.get_object(Bucket=bucket, Key=location)["Body"]
    except ClientError as problem:
        if problem.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise
    digest = hashlib.sha256()
    for piece in content.iter_chunks(_PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _queues(outputs: Mapping[str, str]) -> dict[str, str]:
    """Return the working queues by name: `PaymentsQueueUrl` is `payments`."""
    ending = "QueueUrl"
    return {name.removesuffix(ending).lower(): url for name, url in outputs.items() if name.endswith(ending)}


def _waiting(sqs: Any, url: str) -> int:
    names = [f"ApproximateNumberOfMessages{which}" for which in ("", "NotVisible", "Delayed")]
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found.get(name, 0)) for name in names)


def dead_letters(sqs: Any, outputs: Mapping[str, str]) -> list[Parked]:
    """List what is in the dead-letter queues of the stack, without taking it away."""
    prefixes = {url.rpartition("/")[2].rpartition("-")[0] for url in _queues(outputs).values()}
    found = []
    for url in sqs.list_queues().get("QueueUrls", ()):
        name = url.rpartition("/")[2]
        if name.removesuffix(".fifo").endswith(_DEAD) and any(name.startswith(prefix) for prefix in prefixes):
            found += [Parked(name, body) for body in _bodies(sqs, url)]
    return found


def _bodies(sqs: Any, url: str) -> list[str]:
    """Look at messages; they become visible again at once."""
    bodies: dict[str, str] = {}
    while len(bodies) < _MOST_SHOWN:
        page = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        new = {one["MessageId"]: one["Body"] for one in page.get("Messages", ()) if one["MessageId"] not in bodies}
        if not new:
            break
        bodies.update(new)
    return list(bodies.values())
