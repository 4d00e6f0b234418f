"""S3: addresses that let somebody put or fetch one object for a while, without an AWS account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class S3Files:
    """Presigns for one bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def upload(self, key: str, metadata: Mapping[str, str], seconds: int) -> tuple[str, dict[str, str]]:
        """Return where to PUT an object and the headers that are part of the signature."""
        wanted = {"Bucket": self._bucket, "Key": key, "Metadata": dict(metadata)}
        url = self._client.generate_presigned_url("put_object", Params=wanted, ExpiresIn=seconds)
        return url, {f"x-amz-meta-{name}": value for name, value in metadata.items()}

    def download(self, key: str, filename: str, seconds: int) -> str:
        """Return where to GET an object, to be saved as `filename`."""
        disposition = f'attachment; filename="{filename}"'
        wanted = {"Bucket": self._bucket, "Key": key, "ResponseContentDisposition": disposition}
        url: str = self._client.generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds)
        return url
