"""What all tests share: botocore's descriptions of services are read once in a process, and not once a session."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore import loaders

_read = cache(loaders.JSONFileLoader().load_file)


def _load_file(_self: loaders.JSONFileLoader, file_path: str) -> Any:
    """Read megabytes of JSON for the first client, and find them for the next; botocore only reads in them."""
    return _read(file_path)


loaders.JSONFileLoader.load_file = _load_file
