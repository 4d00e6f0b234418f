"""Signatures made with a shared secret: HMAC-SHA256 over bytes, compared in constant time."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from quittance.domain.errors import Unverified


def digests(keys: Iterable[bytes], signed: bytes) -> list[bytes]:
    """Return the HMAC-SHA256 of what was signed under each key; an empty key is no key, for anybody has it."""
    return [hmac.digest(key, signed, "sha256") for key in keys if key]


def require(wanted: Iterable[str], given: Iterable[str], what: str) -> None:
    """Return when a given signature is a wanted one, both in their encoding; Unverified otherwise."""
    ours = [one.encode("ascii") for one in wanted]
    theirs = [one.encode("utf-8", "replace") for one in given]
    if not any(hmac.compare_digest(one, other) for one in ours for other in theirs):
        raise Unverified(f"{what} matches the body", code="signature")


def hexadecimal(secrets: Iterable[str]) -> list[bytes]:
    """Return the keys of secrets written in hexadecimal; what is not is left out, so that it opens nothing."""
    keys = []
    for secret in secrets:
        try:
            keys.append(bytes.fromhex(secret))
        except ValueError:
            continue
    return keys


def hex_digests(secrets: Iterable[str], signed: bytes) -> list[str]:
    """Return the signatures in lower-case hexadecimal under secrets that are text."""
    return [one.hex() for one in digests((secret.encode() for secret in secrets), signed)]
