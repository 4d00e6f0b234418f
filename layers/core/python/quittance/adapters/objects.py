"""S3: uploaded files in, documents out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from quittance.domain.errors import Poison

_PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Upload:
    """An object as it is read: its size in bytes, its metadata (lower case) and its stream."""

    size: int
    metadata: dict[str, str]
    stream: Any


class S3Objects:
    """Objects of one bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, name: str, content: bytes, kind: str = _PDF) -> None:
        """Store an object under its name, a PDF unless another content type is given; again changes nothing."""
        self._client.put_object(Bucket=self._bucket, Key=name, Body=content, ContentType=kind)

    def read(self, name: str) -> bytes:
        """Return all bytes of an object; Poison when it is gone."""
        content: bytes = self.open(name).stream.read()
        return content

    def open(self, name: str) -> Upload:
        """Open an object for reading as a stream; Poison when it is gone, since asking again brings nothing."""
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=name)
        except self._client.exceptions.NoSuchKey:
            raise Poison(f"object {name[:200]!r} is gone; upload it again") from None
        return Upload(size=found["ContentLength"], metadata=found["Metadata"], stream=found["Body"])
