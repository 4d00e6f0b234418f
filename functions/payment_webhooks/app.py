"""POST /webhooks/{provider}/{partner}: proves a provider's webhook and enqueues its payments; knows no table."""

from __future__ import annotations

import base64
import binascii
import json
import os
from functools import cache
from http import HTTPStatus
from time import monotonic
from typing import Any

from quittance.adapters.aws_json import SecretsManager, Sqs
from quittance.adapters.providers import provider
from quittance.adapters.queues import SqsOutgoing
from quittance.adapters.secrets import CachedSecrets
from quittance.domain.errors import NotFound, QuittanceError, Rejected, Transient, Unverified
from quittance.domain.names import checked
from quittance.runtime.clock import clock_from_env
from quittance.runtime.log import logger, metrics, note, one_line
from quittance.usecases.receive_webhook import DAMAGED, Delivery, receive

LARGEST = 1024 * 1024  # bytes; the largest bodies of providers, 250 events, stay below a quarter of it


class TooLarge(Rejected):
    """A body beyond what any provider sends."""


_STATUS: tuple[tuple[type[QuittanceError], HTTPStatus], ...] = (
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (NotFound, HTTPStatus.NOT_FOUND),
    (Unverified, HTTPStatus.UNAUTHORIZED),
    (Rejected, HTTPStatus.BAD_REQUEST),
    (Transient, HTTPStatus.SERVICE_UNAVAILABLE),
)


@one_line
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer 200 once the payments are in the queue or there are none; anything else makes the provider try again."""
    try:
        delivery = _delivery(event)
        secrets, outgoing = _adapters()
        source = provider(delivery.provider)
        receipt = receive(delivery, provider=source, secrets=secrets, outgoing=outgoing, now=clock_from_env().now())
    except (Rejected, Transient) as problem:
        return _refusal(problem)
    for told in (*receipt.enqueued, *receipt.ignored):
        note("webhook", event=told.event_id, type=told.type, kind=told.kind)
    metrics.add_metric("WebhookEventsEnqueued", "Count", len(receipt.enqueued))
    metrics.add_metric("WebhookEventsIgnored", "Count", len(receipt.ignored))
    metrics.add_metric("WebhookEventsUnreadable", "Count", receipt.unreadable)
    return _answer(HTTPStatus.OK, {"enqueued": len(receipt.enqueued), "ignored": len(receipt.ignored)})


@cache
def _adapters() -> tuple[CachedSecrets, SqsOutgoing]:
    prefix = os.environ.get("SECRET_PREFIX", "quittance")
    return CachedSecrets(SecretsManager(), prefix=prefix, ticks=monotonic), SqsOutgoing(Sqs())


def _delivery(event: dict[str, Any]) -> Delivery:
    """Read an HTTP API event (payload format 2.0)."""
    path = event.get("pathParameters") or {}
    try:
        partner = checked(path.get("partner", ""), "partner")
    except Rejected:
        raise NotFound("no such webhook", field="partner") from None
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    request = (event.get("requestContext") or {}).get("requestId") or ""
    return Delivery(path.get("provider", ""), partner, headers, _body(event), request)


def _body(event: dict[str, Any]) -> bytes:
    text = event.get("body") or ""
    encoded = bool(event.get("isBase64Encoded"))
    if len(text) > LARGEST * (4 / 3 if encoded else 1) + 4:
        raise TooLarge(f"body: more than {LARGEST} bytes; send fewer events at once", field="body")
    try:
        body = base64.b64decode(text, validate=True) if encoded else text.encode("utf-8", "surrogatepass")
    except binascii.Error:
        raise Rejected("body: is marked as base64 but is not", field="body") from None
    if len(body) > LARGEST:
        raise TooLarge(f"body: more than {LARGEST} bytes; send fewer events at once", field="body")
    return body


def _refusal(problem: QuittanceError) -> dict[str, Any]:
    status = next(status for kind, status in _STATUS if isinstance(problem, kind))
    if isinstance(problem, NotFound):
        detail = "no such webhook: check provider and partner in the address, and that the signing secret is set"
    else:
        detail = problem.message
    logger.warning("webhook refused", extra={"status": status.value, "code": problem.code, "field": problem.field})
    metrics.add_metric("WebhookEventsUnreadable", "Count", int(problem.code == DAMAGED))
    metrics.add_metric("WebhookUnavailable" if isinstance(problem, Transient) else "WebhookRefused", "Count", 1)
    return _answer(status, {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail})


def _answer(status: HTTPStatus, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"content-type": "application/json" if status == HTTPStatus.OK else "application/problem+json"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = "30"
    return {"statusCode": status.value, "headers": headers, "body": json.dumps(body, separators=(",", ":"))}
