"""Two AWS calls over signed HTTPS with the standard library alone, for the function that must start fast.

botocore costs nine tenths of a stock client's start (decision 0008); the webhook needs one operation each of SQS and
Secrets Manager. Signature Version 4 is AWS's published scheme; the tests hold it against botocore's own signer.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import os
import ssl
from collections.abc import Callable
from datetime import datetime
from time import sleep
from typing import Any
from urllib.parse import urlsplit

from quittance.domain.errors import NotFound, Transient
from quittance.runtime.clock import SystemClock

_TRIES = 3
_TIMEOUT = 2.5  # seconds, so that three tries end before the function's own time-out
# A role limited to names with a suffix is denied, not told, what does not exist; a secret being deleted is invalid.
_NO_SECRET = frozenset(("ResourceNotFoundException", "AccessDeniedException", "InvalidRequestException"))


class AwsJson:
    """One service that speaks AWS's JSON protocol; keeps its connection and tries again when that has died."""

    def __init__(
        self,
        service: str,
        *,
        target: str,
        version: str,
        absent: frozenset[str] = frozenset(),
        pause: Callable[[int], None] | None = None,
    ) -> None:
        self._service = service
        self._target = target
        self._type = f"application/x-amz-json-{version}"
        self._absent = absent
        self._pause = pause or _jitter
        self._region = os.environ["AWS_REGION"]
        self._url = urlsplit(_endpoint(service, self._region))
        self._connection: http.client.HTTPConnection | None = None

    def call(self, operation: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the answer; NotFound for what is not there (for us), Transient when the service does not answer."""
        body = json.dumps(payload).encode()
        for attempt in range(_TRIES):
            status, answer = self._post(operation, body)
            if status == http.client.OK:
                return answer
            code = str(answer.get("__type", "")).rpartition("#")[2]
            if code in self._absent:
                raise NotFound(f"{self._service}: {code}", code=code)
            if attempt + 1 < _TRIES:
                self._pause(attempt)
        raise Transient(f"{self._service}: {operation} was answered {status} {code}", code=code)

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
        try:
            connection = self._connection = self._connection or self._connect()
            connection.request("POST", "/", body, self._headers(operation, body))
            response = connection.getresponse()
            return response.status, _decoded(response.read())
        except (OSError, http.client.HTTPException) as problem:
            # A connection that slept with the environment is dead at its next use; a new one follows.
            self.close()
            return 0, {"__type": type(problem).__name__}

    def _connect(self) -> http.client.HTTPConnection:
        host = self._url.netloc
        if self._url.scheme == "http":
            return http.client.HTTPConnection(host, timeout=_TIMEOUT)
        context = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
        return http.client.HTTPSConnection(host, timeout=_TIMEOUT, context=context)

    def _headers(self, operation: str, body: bytes) -> dict[str, str]:
        headers = {"content-type": self._type, "host": self._url.netloc, "x-amz-target": f"{self._target}.{operation}"}
        return signed(headers, body, service=self._service, region=self._region, at=SystemClock().now())


class Sqs(AwsJson):
    """SendMessageBatch, by the name that botocore's client gives it."""

    def __init__(self, *, pause: Callable[[int], None] | None = None) -> None:
        super().__init__("sqs", target="AmazonSQS", version="1.0", pause=pause)

    def send_message_batch(self, **payload: Any) -> dict[str, Any]:
        """Send up to ten messages; the answer lists those that were not taken."""
        return self.call("SendMessageBatch", payload)


class SecretsManager(AwsJson):
    """GetSecretValue, by the name that botocore's client gives it."""

    def __init__(self, *, pause: Callable[[int], None] | None = None) -> None:
        super().__init__("secretsmanager", target="secretsmanager", version="1.1", absent=_NO_SECRET, pause=pause)

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:  # noqa: N803  # AWS's own name
        """Return a secret's current version."""
        return self.call("GetSecretValue", {"SecretId": SecretId})


def signed(headers: dict[str, str], body: bytes, *, service: str, region: str, at: datetime) -> dict[str, str]:
    """Return the headers, named in lower case, with Signature Version 4 for a POST to `/` by the environment's role."""
    stamp = at.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{region}/{service}/aws4_request"
    headers = {**headers, "x-amz-date": stamp}
    if token := os.environ.get("AWS_SESSION_TOKEN"):
        headers["x-amz-security-token"] = token
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    request = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(_key(scope), text.encode(), hashlib.sha256).hexdigest()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    proof = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    return {**headers, "authorization": proof}


def _key(scope: str) -> bytes:
    key = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def _endpoint(service: str, region: str) -> str:
    suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
    named = {"sqs": "SQS", "secretsmanager": "SECRETS_MANAGER"}[service]
    given = os.environ.get(f"AWS_ENDPOINT_URL_{named}") or os.environ.get("AWS_ENDPOINT_URL")
    return given or f"https://{service}.{region}.{suffix}"


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body or b"{}")
    except ValueError:
        return {"__type": "not JSON"}
    return answer if isinstance(answer, dict) else {}


def _jitter(attempt: int) -> None:
    sleep(int.from_bytes(os.urandom(2)) / 0xFFFF * 0.1 * 2**attempt)
