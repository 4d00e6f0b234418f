"""PayPal: webhooks signed with its certificate (developer.paypal.com/api/rest/webhooks/rest/#link-selfverification).

Only a CRC32 of the body is signed, and anybody can make another body with the same. A good signature therefore proves
that PayPal sent something at that time, not that it sent this: whatever moves money is read again before it is booked.
Account and invoice are named in `custom_id`, as `account/invoice`; `invoice_id` is kept as the reference.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from quittance.adapters.providers import paypal_certificates, paypal_resources, reading
from quittance.domain.errors import NotFound, Unverified
from quittance.domain.payment_event import Kind, ProviderEvent

NAME = "paypal"
PROOF = "secrets"  # the ids of the webhooks at PayPal

SIMULATED = "WEBHOOK_ID"
"""What PayPal's simulator signs with for everybody, so that it proves nothing."""

_ALGORITHM = "SHA256withRSA"
_TRANSMISSION = r"[A-Za-z0-9-]{1,64}"
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z"
_KINDS: dict[str, Kind] = {
    "PAYMENT.CAPTURE.COMPLETED": "succeeded",
    "PAYMENT.CAPTURE.PENDING": "pending",
    "PAYMENT.CAPTURE.DECLINED": "failed",
    "PAYMENT.CAPTURE.DENIED": "failed",
    "PAYMENT.CAPTURE.REFUNDED": "refunded",
    "PAYMENT.CAPTURE.REVERSED": "chargeback",
    "PAYMENT.SALE.COMPLETED": "succeeded",
    "PAYMENT.SALE.PENDING": "pending",
    "PAYMENT.SALE.DENIED": "failed",
    "PAYMENT.SALE.REFUNDED": "refunded",
    "PAYMENT.SALE.REVERSED": "chargeback",
}
_AFTER = frozenset(("refunded", "chargeback"))
_READ = frozenset(("succeeded", "refunded", "chargeback"))


def verify(headers: Mapping[str, str], raw_body: bytes, secrets: Sequence[str], _now: datetime) -> None:
    """Check the signature for one of our webhook ids; NotFound where only the simulator's is set. No age is limited."""
    ids = [one for one in secrets if one != SIMULATED]
    if not ids:
        raise NotFound("no such webhook", code="no_secret")
    check(headers, raw_body, ids)


def check(headers: Mapping[str, str], raw_body: bytes, ids: Sequence[str]) -> None:
    """Check `transmission id|time|webhook id|CRC32 of the body` under PayPal's key; Unverified, or Transient."""
    name, time = headers.get("paypal-transmission-id", ""), headers.get("paypal-transmission-time", "")
    if not re.fullmatch(_TRANSMISSION, name) or not re.fullmatch(_TIME, time):
        raise Unverified("paypal-transmission-id and -time are needed as PayPal writes them", code="header")
    if headers.get("paypal-auth-algo") != _ALGORITHM:
        raise Unverified(f"paypal-auth-algo: only {_ALGORITHM} is accepted", code="header")
    signature = _decoded(headers.get("paypal-transmission-sig", ""))
    key = paypal_certificates.key(headers.get("paypal-cert-url", ""), at=reading.timestamp(time, "time"))
    texts = (f"{name}|{time}|{one}|{zlib.crc32(raw_body)}".encode() for one in ids)
    if not any(paypal_certificates.signed(key, signature, text) for text in texts):
        raise Unverified("paypal-transmission-sig: does not match the body", code="signature")


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii", "replace"), validate=True)
    except binascii.Error:
        raise Unverified("paypal-transmission-sig: is not base64", code="header") from None


def parse(
    raw_body: bytes, _headers: Mapping[str, str] | None = None, _settings: Mapping[str, Any] | None = None
) -> list[ProviderEvent]:
    """Read the one event of a body; what it says about money is only where to look."""
    event = reading.json_object(raw_body)
    kind = reading.reference(event.get("event_type")) or "unknown"
    event_id = reading.identifier(event.get("id"), "id")
    told = ProviderEvent(event_id=event_id, payment_id=event_id, type=kind, kind=_KINDS.get(kind, "other"))
    if told.kind == "other":
        return [told._replace(kind="told") if kind.startswith("CUSTOMER.DISPUTE.") else told]
    return [_moving(told, reading.member(event, "resource"))]


def _moving(told: ProviderEvent, resource: dict[str, Any]) -> ProviderEvent:
    own = paypal_resources.own_name(resource)
    amount = paypal_resources.money(resource.get("amount"), "resource.amount")
    account, invoice = reading.named(resource.get("custom_id"))
    return told._replace(
        payment_id=_payment(told, resource, own),
        movement_id=own if told.kind in _AFTER else None,
        kind=amount.kind(told.kind),
        amount=amount.minor,
        currency=amount.currency,
        account=account,
        invoice=invoice,
        reference=reading.reference(resource.get("invoice_id")),
        reason=amount.reason,
        read_again=told.kind in _READ,
    )


def _payment(told: ProviderEvent, resource: dict[str, Any], own: str) -> str:
    """Return the payment that an event is about; a reversed sale does not say, until it is read it stands for it."""
    if told.type == "PAYMENT.SALE.REVERSED" and not paypal_resources.names_payment(resource):
        return own
    return paypal_resources.captured(resource) if told.kind in _AFTER else own
