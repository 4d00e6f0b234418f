"""Requests to the vendor: tokens, headers, time limits, and answers turned into values or errors."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

from quittance.adapters.partner_center_clouds import Cloud
from quittance.adapters.partner_center_errors import refusal
from quittance.domain.errors import Poison, Transient
from quittance.runtime.clock import Clock

_TIMEOUT = urllib3.Timeout(connect=2.0, read=10.0)
_RENEW_BEFORE = timedelta(minutes=5)
_UNAUTHORIZED, _REDIRECT, _REFUSED = 401, 300, 400
_BAD_CREDENTIALS = (400, 401, 403, 404)
_REQUEST_IDS = uuid.UUID("a2b54e4e-7f0c-4bb6-8b0e-5a3c6ed0f3b9")


@dataclass(frozen=True, slots=True)
class Credentials:
    """A partner's application at the vendor; with a refresh token calls are made as app+user. Never shown."""

    tenant: str
    client_id: str
    client_secret: str
    refresh_token: str | None = None

    @classmethod
    def from_secret(cls, secret: Mapping[str, str]) -> Credentials:
        """Read the secret `quittance/<partner>/vendor`; Poison names what is missing, never what is there."""
        if missing := {"tenant", "client_id", "client_secret"} - set(secret):
            raise Poison(f"vendor secret: {', '.join(sorted(missing))} missing", field=min(missing))
        return cls(secret["tenant"], secret["client_id"], secret["client_secret"], secret.get("refresh_token"))

    def __repr__(self) -> str:
        return f"Credentials(tenant={self.tenant!r})"


@dataclass(frozen=True, slots=True)
class Answer:
    """A 2xx answer; `body` is None where there was none."""

    status: int
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    renew_at: datetime


class PartnerCenterHttp:
    """One partner's line to the vendor. It never retries by itself but for one fresh token after a 401."""

    def __init__(
        self,
        *,
        cloud: Cloud,
        credentials: Callable[[], Credentials],
        clock: Clock,
        locale: str = "en-US",
        pool: urllib3.PoolManager | None = None,
    ) -> None:
        self._cloud = cloud
        self._credentials = credentials
        self._clock = clock
        self._locale = locale
        self._pool = pool or urllib3.PoolManager(retries=False, timeout=_TIMEOUT)
        self._tokens: dict[bool, _Token] = {}

    def call(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        request_id: str | None = None,
        headers: Mapping[str, str] | None = None,
        as_user: bool = False,
    ) -> Answer:
        """Make one call below /v1; `request_id` is the intent's and stays the same over its retries.

        Raises Rejected, Conflict, Transient or Poison as partner_center_errors has it.
        """
        text = None if body is None else json.dumps(body, default=_number, sort_keys=True).encode()
        named = self._headers(request_guid(request_id, text)) | dict(headers or {})
        if body is not None:
            named["Content-Type"] = "application/json"
        answer = self._send(method, path, text, named, self._token(as_user=as_user))
        if answer.status == _UNAUTHORIZED:
            self._tokens.pop(as_user, None)
            answer = self._send(method, path, text, named, self._token(as_user=as_user))
        return self._checked(answer, f"{method} {urlsplit(path).path}")

    def local_path(self, location: str) -> str:
        """Return a Location as a path below /v1; Poison when it leads to another host."""
        parts = urlsplit(location)
        if parts.netloc and parts.netloc != urlsplit(self._cloud.api_base).netloc:
            raise Poison("vendor answer: Location leads to another host", field="Location")
        return parts.path.removeprefix("/v1") + (f"?{parts.query}" if parts.query else "")

    def _headers(self, request_id: str) -> dict[str, str]:
        return {
            "Accept": "application/json",
            "MS-RequestId": request_id,
            "MS-CorrelationId": str(uuid.uuid4()),
            "X-Locale": self._locale,
        }

    def _token(self, *, as_user: bool) -> str:
        held = self._tokens.get(as_user)
        if held is None or held.renew_at <= self._clock.now():
            held = self._tokens[as_user] = self._sign_in(as_user=as_user)
        return held.text

    def _sign_in(self, *, as_user: bool) -> _Token:
        """Fetch a token; Poison when the credentials do not hold: somebody has to mend the partner's secret."""
        credentials = self._credentials()
        url = f"{self._cloud.authority}/{credentials.tenant}/oauth2/token"
        form = urlencode(self._form(credentials, as_user=as_user)).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        asked_at = self._clock.now()
        answer = self._exchange("POST", url, form, headers)
        if answer.status in _BAD_CREDENTIALS:
            problem = answer.body.get("error", "") if isinstance(answer.body, dict) else ""
            raise Poison(
                f"vendor sign-in refused for tenant {credentials.tenant}: {problem}; check its secret", code=problem
            )
        body = self._checked(answer, "sign-in").body
        try:
            lifetime = timedelta(seconds=int(body["expires_in"]))
            return _Token(str(body["access_token"]), asked_at + max(lifetime - _RENEW_BEFORE, lifetime / 2))
        except (KeyError, TypeError, ValueError) as problem:
            raise Poison("vendor sign-in: access_token or expires_in is missing", field="expires_in") from problem

    def _form(self, credentials: Credentials, *, as_user: bool) -> dict[str, str]:
        form = {
            "resource": self._cloud.resource,
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
        if not as_user:
            return form | {"grant_type": "client_credentials"}
        if credentials.refresh_token is None:
            raise Poison(f"tenant {credentials.tenant}: this call needs app+user; put a refresh_token into its secret")
        return form | {"grant_type": "refresh_token", "refresh_token": credentials.refresh_token, "scope": "openid"}

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str], token: str) -> Answer:
        url = f"{self._cloud.api_base}/v1{path}"
        return self._exchange(method, url, body, headers | {"Authorization": f"Bearer {token}"})

    def _exchange(self, method: str, url: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        where = f"{method} {urlsplit(url).path}"
        try:
            got = self._pool.request(method, url, body=body, headers=headers, redirect=False, timeout=_TIMEOUT)
        except urllib3.exceptions.HTTPError as problem:
            raise Transient(
                f"vendor not reached for {where}: {type(problem).__name__}", code="unreachable"
            ) from problem
        return Answer(got.status, _decode(got.data, ok=got.status < _REDIRECT, where=where), got.headers)

    @staticmethod
    def _checked(answer: Answer, call: str) -> Answer:
        if answer.status < _REDIRECT:
            return answer
        if answer.status < _REFUSED:
            raise Poison(f"vendor answered {call} with a redirect, which is never followed", code=str(answer.status))
        raise refusal(answer.status, answer.body, answer.headers, call)


def request_guid(request_id: str | None, body: bytes | None) -> str:
    """Return the MS-RequestId, a GUID: the same for the same intent and body for ever, a new one without an intent.

    The body counts because the vendor answers a repeated id with its first answer: a retry that found the
    resource changed in between asks for something else and must not be told of the past.
    """
    if request_id is None:
        return str(uuid.uuid4())
    return str(uuid.uuid5(_REQUEST_IDS, f"{request_id}\n{hashlib.sha256(body or b'').hexdigest()}"))


def _decode(data: bytes, *, ok: bool, where: str) -> Any:
    """Read JSON with exact numbers; a refusal may carry anything, a success may not."""
    if not data.strip():
        return None
    try:
        return json.loads(data.decode("utf-8-sig"), parse_float=Decimal)
    except ValueError as problem:
        if ok:
            raise Poison(f"vendor answered {where} with something that is not JSON") from problem
        return None


def _number(value: object) -> float:
    """Write a Decimal read from the vendor back as the number it was."""
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")
