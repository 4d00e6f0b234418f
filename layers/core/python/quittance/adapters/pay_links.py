"""Addresses of payment pages: a token that names account and invoice, and proves that we gave it out.

`<names>.<proof>`: the names in base64url, the proof an HMAC-SHA256 over purpose, partner, account and invoice. Nobody
can make one up, change one or try them in turn, and nothing is stored for it. Secrets are rotated with two valid at a
time: the first makes new addresses, all of them open old ones.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Protocol

from quittance.domain.errors import NotFound, Rejected
from quittance.domain.names import checked

PROVIDER = "links"
"""The last part of the secret's name."""
_PURPOSE = "pay"
_PROOF_BYTES = 24
_MOST = 300  # characters; two names of 64 take less


class Secrets(Protocol):
    """Finds secrets (adapters.secrets)."""

    def of(self, partner: str, provider: str) -> tuple[str, ...]:
        """Return the secrets; NotFound when none is set or all are empty."""
        ...


class PayLinks:
    """Makes and reads the addresses of payment pages under the public address of the system."""

    def __init__(self, secrets: Secrets, *, base: str) -> None:
        self._secrets = secrets
        self._base = base.rstrip("/")

    def url(self, partner: str, account: str, invoice: str) -> str:
        """Return an invoice's address; empty where the partner has no secret for it or the system no address."""
        if not self._base:
            return ""
        try:
            secret = self._secrets.of(partner, PROVIDER)[0]
        except NotFound:
            return ""
        names = _encoded(f"{account}\n{invoice}".encode())
        proof = _encoded(_proof(secret, partner, account, invoice))
        return f"{self._base}/public/{partner}/pay/{names}.{proof}"

    def read(self, partner: str, token: str) -> tuple[str, str]:
        """Return account and invoice; NotFound, whatever is wrong."""
        names, _, given = token[:_MOST].partition(".")
        proof = _decoded(given)
        account, _, invoice = _decoded(names).decode("utf-8", "replace").partition("\n")
        proofs = [_proof(secret, partner, account, invoice) for secret in self._secrets.of(partner, PROVIDER)]
        if not any([hmac.compare_digest(proof, right) for right in proofs]):  # noqa: C419  # as long for each secret
            raise NotFound("no such page")
        try:
            return checked(account, "account"), checked(invoice, "invoice")
        except Rejected:
            raise NotFound("no such page") from None


def _proof(secret: str, partner: str, account: str, invoice: str) -> bytes:
    told = f"{_PURPOSE}\n{partner}\n{account}\n{invoice}"
    return hmac.digest(secret.encode(), told.encode("utf-8", "replace"), "sha256")[:_PROOF_BYTES]


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:  # not base64, or not even ASCII
        return b""
