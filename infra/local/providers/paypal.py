"""PayPal's side of a webhook: signed with a certificate that can be fetched; the capture is to be read."""

from __future__ import annotations

import base64
import json
import zlib
from datetime import UTC, datetime
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from infra.local.providers.sent import Order, Sent

SECRET = {"secrets": ["5EMBEDDEDSTACK"], "client_id": "embedded", "client_secret": "stack"}
CERTIFICATE_PATH = "/v1/notifications/certs/CERT-00000000-00000000-00000000"
CERTIFICATE_URL = f"https://api.sandbox.paypal.com{CERTIFICATE_PATH}"
_COMMON_NAME = "messageverificationcerts.sandbox.paypal.com"


def signed_event(
    order: Order,
    *,
    secret: dict[str, Any] | None = None,
    type: str = "PAYMENT.CAPTURE.COMPLETED",  # noqa: A002  # PayPal's name for it
) -> Sent:
    """Return the webhook about a capture, and the capture."""
    capture = {
        "id": order.name(17),
        "amount": {"currency_code": order.amount.currency, "value": str(order.amount)},
        "custom_id": order.reference,
        "final_capture": True,
        "status": "COMPLETED",
    }
    event = {
        "id": f"WH-{order.name(17)}-{order.name(10)}",
        "event_version": "1.0",
        "create_time": f"{order.at:%Y-%m-%dT%H:%M:%S.000Z}",
        "resource_type": "capture",
        "event_type": type,
        "resource": capture,
    }
    body = json.dumps(event).encode()
    headers = sign(body, (secret or SECRET)["secrets"][0], order.name(16).lower(), order.at)
    return Sent(headers, body, {f"/paypal/v2/payments/captures/{capture['id']}": capture})


def sign(body: bytes, webhook_id: str, transmission: str, at: datetime) -> dict[str, str]:
    """Return the headers of a body sent at a moment."""
    time = f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    text = f"{transmission}|{time}|{webhook_id}|{zlib.crc32(body)}".encode()
    return {
        "content-type": "application/json",
        "paypal-transmission-id": transmission,
        "paypal-transmission-time": time,
        "paypal-transmission-sig": base64.b64encode(_key().sign(text, PKCS1v15(), SHA256())).decode(),
        "paypal-cert-url": CERTIFICATE_URL,
        "paypal-auth-algo": "SHA256withRSA",
    }


def certificate(public_key: rsa.RSAPublicKey | None = None, common_name: str = _COMMON_NAME) -> bytes:
    """Return the stand-in's certificate as PEM, for its own key or one that is given."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name)])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=public_key or _key().public_key(),
        serial_number=1,
        not_valid_before=datetime(2010, 1, 1, tzinfo=UTC),
        not_valid_after=datetime(2099, 1, 1, tzinfo=UTC),
    )
    return builder.sign(_key(), SHA256()).public_bytes(Encoding.PEM)


@cache
def _key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)
