"""The certificates PayPal signs webhooks with: fetched from PayPal alone, kept, and asked for one thing."""

from __future__ import annotations

import http.client
import os
import re
import ssl
from datetime import datetime
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from quittance.domain.errors import Rejected, Transient, Unverified

HOSTS = frozenset(("api.paypal.com", "api-m.paypal.com", "api.sandbox.paypal.com", "api-m.sandbox.paypal.com"))
_ADDRESS = r"https://([a-z.-]+)(/v1/notifications/certs/[A-Za-z0-9-]{1,100})"
_LOCAL = r"http://127\.0\.0\.1:[0-9]{1,5}"
_COMMON_NAME = "messageverificationcerts"
_TIMEOUT = 3.0  # seconds
_LARGEST = 64 * 1024  # bytes
_SHORTEST = 2048  # bits of a key
_MOST = 64  # certificates kept
_kept: dict[str, x509.Certificate] = {}


def key(url: str, *, at: datetime) -> RSAPublicKey:
    """Return the public key of the certificate at an address of PayPal's, valid when the webhook was sent.

    Raises Unverified for an address, a certificate or a key that is not to be believed, and Transient when PayPal does
    not answer.
    """
    host, path = allowed(url)
    certificate = _kept.get(url) or _keep(url, _fetch(host, path))
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        raise Unverified("paypal-cert-url: the certificate was not valid when the webhook was sent", code="certificate")
    return _public_key(certificate)


def allowed(url: str) -> tuple[str, str]:
    """Return host and path of an address that may be fetched; Unverified for any other, which is never asked."""
    found = re.fullmatch(_ADDRESS, url)
    if found is None or found[1] not in HOSTS:
        raise Unverified("paypal-cert-url: is not a certificate of PayPal's", code="certificate")
    return found[1], found[2]


def signed(public_key: RSAPublicKey, signature: bytes, text: bytes) -> bool:
    """Tell whether the key's owner signed the text with RSA and SHA-256 (PKCS #1 v1.5)."""
    try:
        public_key.verify(signature, text, PKCS1v15(), SHA256())
    except InvalidSignature:
        return False
    return True


def forget() -> None:
    """Drop what is kept, for tests."""
    _kept.clear()


def _keep(url: str, pem: bytes) -> x509.Certificate:
    try:
        certificate = x509.load_pem_x509_certificate(pem)
    except ValueError:
        raise Unverified("paypal-cert-url: holds no certificate", code="certificate") from None
    names = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    if not any(re.fullmatch(rf"{_COMMON_NAME}(\.sandbox)?\.paypal\.com", str(name.value)) for name in names):
        raise Unverified("paypal-cert-url: the certificate is not the one for webhooks", code="certificate")
    if len(_kept) >= _MOST:
        _kept.pop(next(iter(_kept)))
    _kept[url] = certificate
    return certificate


def _public_key(certificate: x509.Certificate) -> RSAPublicKey:
    found = certificate.public_key()
    if not isinstance(found, RSAPublicKey) or found.key_size < _SHORTEST:
        raise Unverified("paypal-cert-url: the certificate's key is not RSA of 2048 bits", code="certificate")
    return found


def _fetch(host: str, path: str) -> bytes:
    """Read an address; redirects are not followed, for they could lead anywhere."""
    connection, prefix = _connection(host)
    try:
        connection.request("GET", prefix + path, headers={"accept": "application/x-pem-file, text/plain"})
        response = connection.getresponse()
        body = response.read(_LARGEST + 1)
    except (OSError, http.client.HTTPException) as problem:
        raise Transient(f"PayPal does not give its certificate: {type(problem).__name__}", retry_after=30) from None
    finally:
        connection.close()
    if response.status >= http.client.INTERNAL_SERVER_ERROR or response.status == http.client.TOO_MANY_REQUESTS:
        raise Transient(f"PayPal does not give its certificate: {response.status}", retry_after=30)
    if response.status != http.client.OK or len(body) > _LARGEST:
        raise Unverified(f"paypal-cert-url: answers {response.status}", code="certificate")
    return body


def _connection(host: str) -> tuple[http.client.HTTPConnection, str]:
    """Connect to PayPal, or to the stand-in on this machine where the embedded stack names one."""
    if base := os.environ.get("PROVIDER_API_BASE"):
        if not re.fullmatch(_LOCAL, base):
            raise Rejected("PROVIDER_API_BASE: may only name a stand-in on this machine", field="PROVIDER_API_BASE")
        return http.client.HTTPConnection(urlsplit(base).netloc, timeout=_TIMEOUT), "/paypal"
    return http.client.HTTPSConnection(host, timeout=_TIMEOUT, context=ssl.create_default_context()), ""
