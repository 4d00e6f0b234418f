"""Webhook secrets from Secrets Manager: `<prefix>/<partner>/<provider>` holds {"secrets": ["current", "previous"]}.

What else stands there are the partner's settings for the provider, and the keys of its API.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from quittance.domain.errors import NotFound

_KEPT = 300.0  # seconds that secrets are believed
_ABSENT = 30.0  # seconds that their absence is
_AGAIN = 60.0  # seconds between two fetches that failed signatures may cause
_NOTHING: Mapping[str, Any] = MappingProxyType({})
_MOST = 1000  # addresses remembered; strangers can make up any number of them


class _Entry(NamedTuple):
    stored: Mapping[str, Any]
    fetched: float
    asked_again: float

    def secrets(self, member: str) -> tuple[str, ...]:
        listed = self.stored.get(member)
        # Signing secrets are always a list, so that there is room for a second one; a key of an API may stand alone.
        found = listed if isinstance(listed, list) else [listed] if member != "secrets" else []
        return tuple(one for one in found if isinstance(one, str) and one.strip())


class CachedSecrets:
    """Caches the secrets of each partner and provider in this process; `ticks` counts seconds and never goes back.

    `client` has botocore's get_secret_value, but raises NotFound for what is not there or not ours to read.
    """

    def __init__(self, client: Any, *, prefix: str, ticks: Callable[[], float]) -> None:
        self._client = client
        self._prefix = prefix
        self._ticks = ticks
        self._entries: dict[tuple[str, str], _Entry] = {}

    def of(self, partner: str, provider: str, member: str = "secrets") -> tuple[str, ...]:
        """Return the secrets; NotFound when none is set or all are empty, for an empty key signs anything."""
        entry = self._entries.get((partner, provider))
        if entry is None or self._stale(entry):
            entry = self._fetch(partner, provider, asked_again=entry.asked_again if entry else float("-inf"))
        if not entry.secrets(member):
            raise NotFound("no such webhook", code="no_secret")
        return entry.secrets(member)

    def newer(self, partner: str, provider: str, member: str = "secrets") -> tuple[str, ...] | None:
        """Fetch again, at most once a minute; None when that brings nothing new."""
        before, now = self._entries[partner, provider], self._ticks()
        if now - before.asked_again < _AGAIN:
            return None
        after = self._fetch(partner, provider, asked_again=now).secrets(member)
        return after if after and after != before.secrets(member) else None

    def settings(self, partner: str, provider: str) -> Mapping[str, Any]:
        """Return what the secret holds; nothing where there is none or it has not been fetched."""
        entry = self._entries.get((partner, provider))
        return entry.stored if entry else _NOTHING

    def _stale(self, entry: _Entry) -> bool:
        return self._ticks() - entry.fetched > (_KEPT if entry.stored else _ABSENT)

    def _fetch(self, partner: str, provider: str, *, asked_again: float) -> _Entry:
        try:
            text = self._client.get_secret_value(SecretId=f"{self._prefix}/{partner}/{provider}").get("SecretString")
        except NotFound:
            text = None
        if len(self._entries) >= _MOST:
            self._entries.pop(next(iter(self._entries)))
        entry = _Entry(_stored(text), self._ticks(), asked_again)
        self._entries[partner, provider] = entry
        return entry


def _stored(text: str | None) -> Mapping[str, Any]:
    try:
        stored = json.loads(text or "{}")
    except ValueError:
        return _NOTHING
    return MappingProxyType(stored) if isinstance(stored, dict) else _NOTHING
