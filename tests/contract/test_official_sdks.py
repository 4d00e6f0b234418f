"""Where a provider's official SDK is installed: it takes what our stand-in sends and refuses what we refuse.

The SDKs are locked for the tests alone, no function carries one; where one is missing its test is skipped. Their known
gaps, where we are stricter, are among the vectors.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from infra.local.providers import adyen, gocardless, mollie, standardwebhooks, stripe
from infra.local.providers.sent import Order
from quittance.domain.money import Money

# The SDKs have no clock to hand in, so what they are given is sent now.
NOW = datetime.now(UTC)
ORDER = Order(payment="P1", account="contoso", invoice="I1", amount=Money(29744, "EUR"), at=NOW)


def test_stripe():
    sdk = pytest.importorskip("stripe")
    headers, body = stripe.signed_event(payment="P1", account="a", amount=ORDER.amount, secret="whsec_x", at=NOW)
    signature = headers["Stripe-Signature"]
    sdk.WebhookSignature.verify_header(body.decode(), signature, "whsec_x", 300)
    with pytest.raises(sdk.SignatureVerificationError):
        sdk.WebhookSignature.verify_header(body.decode() + " ", signature, "whsec_x", 300)


def test_adyen():
    sdk = pytest.importorskip("Adyen.util")
    item: dict[str, Any] = json.loads(adyen.signed_event(ORDER).body)["notificationItems"][0]["NotificationRequestItem"]
    key = adyen.SECRET["secrets"][0]
    assert sdk.is_valid_hmac_notification({"notificationItems": [{"NotificationRequestItem": dict(item)}]}, key)
    changed = {**item, "success": "false"}
    assert not sdk.is_valid_hmac_notification({"notificationItems": [{"NotificationRequestItem": changed}]}, key)


def test_gocardless():
    webhooks = pytest.importorskip("gocardless_pro.webhooks")
    errors = pytest.importorskip("gocardless_pro.errors")
    sent, secret = gocardless.signed_event(ORDER), gocardless.SECRET["secrets"][0]
    webhooks.parse(sent.body, secret, sent.headers["Webhook-Signature"])
    with pytest.raises(errors.InvalidSignatureError):
        webhooks.parse(sent.body + b" ", secret, sent.headers["Webhook-Signature"])


def test_mollie():
    sdk = pytest.importorskip("mollie.webhooks.signature_validator")
    sent, secret = mollie.signed_event(ORDER), mollie.SECRET["secrets"][0]
    validator = sdk.SignatureValidator(secret)
    assert validator.validate_payload(sent.body.decode(), sent.headers["X-Mollie-Signature"])
    with pytest.raises(Exception, match="signature"):
        validator.validate_payload(sent.body.decode() + " ", sent.headers["X-Mollie-Signature"])


def test_standard_webhooks():
    sdk = pytest.importorskip("standardwebhooks")
    sent, secret = standardwebhooks.signed_event(ORDER), standardwebhooks.SECRET["secrets"][0]
    sdk.Webhook(secret).verify(sent.body.decode(), sent.headers)
    with pytest.raises(sdk.WebhookVerificationError):
        sdk.Webhook(secret).verify(sent.body.decode() + " ", sent.headers)
