"""Writes the vectors of all providers but Stripe again: `python -m tests.data.webhooks.make` (with layers on the path).

Deterministic but for PayPal's key, which is made anew; the stand-in senders sign, and where an official SDK is
installed tests/contract/test_official_sdks.py holds their signatures against it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from infra.local.providers import adyen, gocardless, mollie, paypal, standardwebhooks
from infra.local.providers.sent import Order, Sent
from quittance.domain.money import Money

TARGET = Path(__file__).with_name("vectors.json")
NOW = datetime(2026, 12, 20, 21, 0, tzinfo=UTC)
ORDER = Order(payment="sample", account="contoso", invoice="I1", amount=Money(29744, "EUR"), at=NOW)


def vectors() -> list[dict[str, Any]]:
    """Return for each provider what is good, what was changed on the way, and what was signed with another secret."""
    made: list[dict[str, Any]] = []
    senders = (("adyen", adyen), ("gocardless", gocardless), ("mollie", mollie), ("standardwebhooks", standardwebhooks))
    for name, module in senders:
        sent, secret = module.signed_event(ORDER), str(module.SECRET["secrets"][0])
        other = secret[:-4] + ("0000" if name != "standardwebhooks" else "AAAA")
        changed = sent.body.replace(b'"success": "true"', b'"success": "false"').replace(b"2026", b"2027", 1)
        changed = changed if changed != sent.body else sent.body.replace(b"297.44", b"997.44")
        made += [
            _vector(name, "a payment as it is sent", [secret], sent, "valid"),
            _vector(name, "the previous of two secrets", [other, secret], sent, "valid"),
            _vector(name, "signed with another secret", [other], sent, "invalid"),
            _vector(name, "changed on its way", [secret], Sent(sent.headers, changed), "invalid"),
            _vector(name, "no secret is set", [""], sent, "invalid"),
        ]
    made.append(_vector("mollie_classic", "look at this payment", None, mollie.classic_event(ORDER), "fetch"))
    made.append(_vector("mollie_classic", "an id that is an address", None, Sent({}, b"id=tr_1/../2"), "invalid"))
    return [*made, *_paypal()]


def _paypal() -> list[dict[str, Any]]:
    sent = paypal.signed_event(ORDER)
    key = x509.load_pem_x509_certificate(paypal.certificate()).public_key()
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    ours = {"webhook_id": paypal.SECRET["secrets"][0], "public_key_pem": pem}
    changed = Sent(sent.headers, sent.body.replace(b"297.44", b"997.44"))
    return [
        {**_vector("paypal", "a capture as it is sent", None, sent, "valid"), "params": ours},
        {**_vector("paypal", "another webhook's", None, sent, "invalid"), "params": {**ours, "webhook_id": "OTHER"}},
        {**_vector("paypal", "changed on its way", None, changed, "invalid"), "params": ours},
    ]


def _vector(name: str, text: str, secret: list[str] | None, sent: Sent, expected: str) -> dict[str, Any]:
    return {
        "provider": name,
        "description": text,
        "secret": secret,
        "headers": sent.headers,
        "now": int(NOW.timestamp()),
        "expected": expected,
        "body": sent.body.decode(),
    }


def main() -> None:
    """Keep Stripe's vectors, which were made by hand, and write the others behind them."""
    stored = json.loads(TARGET.read_text(encoding="utf-8"))
    kept = [vector for vector in stored["vectors"] if vector["provider"] == "stripe"]
    made = [{"id": f"made-{number:02}", **vector} for number, vector in enumerate(vectors(), 1)]
    TARGET.write_text(json.dumps({**stored, "vectors": kept + made}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
