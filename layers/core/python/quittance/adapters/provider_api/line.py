"""Requests to a provider's API: where they may go, how long they may take, and answers turned into values or errors."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import urllib3

from quittance.adapters.providers import reading
from quittance.adapters.secrets import CachedSecrets
from quittance.domain.errors import NotFound, Rejected, Transient

_LOCAL = r"http://127\.0\.0\.1:[0-9]{1,5}"
_POOL = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(connect=1.5, read=3.0))
_LARGEST = 1024 * 1024  # bytes
_ABSENT = frozenset((HTTPStatus.NOT_FOUND, HTTPStatus.GONE))
_BUSY = frozenset((HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS))
_REDIRECT = 300


def base(provider: str, address: str) -> str:
    """Return a provider's own address, or that of its stand-in on this machine where the embedded stack names one."""
    if not (given := os.environ.get("PROVIDER_API_BASE")):
        return address
    if not re.fullmatch(_LOCAL, given):
        raise Rejected("PROVIDER_API_BASE: may only name a stand-in on this machine", field="PROVIDER_API_BASE")
    return f"{given}/{provider}"


def get(url: str, headers: Mapping[str, str], provider: str) -> dict[str, Any]:
    """Read a resource; NotFound where the provider knows none, Transient where asking again may help."""
    return _asked("GET", url, headers, provider)


def post(url: str, headers: Mapping[str, str], provider: str, body: bytes) -> dict[str, Any]:
    """Send a form; errors as in `get`."""
    return _asked("POST", url, headers, provider, body)


def credential(secrets: CachedSecrets, partner: str, provider: str, member: str) -> str:
    """Return what the partner's secret holds; Rejected says what to set, and never what is set."""
    try:
        return secrets.of(partner, provider, member)[0]
    except NotFound:
        raise Rejected(
            f"secret {partner}/{provider}: set {member}; payments cannot be read without it", field=member
        ) from None


def _asked(
    method: str, url: str, headers: Mapping[str, str], provider: str, body: bytes | None = None
) -> dict[str, Any]:
    try:
        # Redirects are not followed: they would carry the partner's key to wherever they lead.
        answer = _POOL.request(method, url, headers=dict(headers), body=body, redirect=False, preload_content=False)
        data = answer.read(_LARGEST + 1)
        answer.release_conn()
    except urllib3.exceptions.HTTPError as problem:
        raise Transient(f"{provider}: does not answer ({type(problem).__name__})", retry_after=30) from None
    _refusal(answer.status, provider)
    if len(data) > _LARGEST:
        raise Rejected(f"{provider}: answers with more than {_LARGEST} bytes", code="unreadable")
    return reading.json_object(data)


def _refusal(status: int, provider: str) -> None:
    if status in _ABSENT:
        raise NotFound(f"{provider}: knows nothing by this id", code="absent")
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        # The key may be in rotation; if it is not, the message ends with the dead letters and their alarm.
        raise Transient(f"{provider}: refuses the partner's key ({status}); set a valid one", code="credentials")
    if (
        status in (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
        or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        raise Transient(f"{provider}: answers {status}", retry_after=30)
    if status >= _REDIRECT:
        raise Rejected(f"{provider}: answers {status} to a read", code="refused")
