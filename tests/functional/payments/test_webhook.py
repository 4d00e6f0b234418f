"""The webhook's door: what is proven is enqueued once, everything else is refused in words and leaves no trace."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from infra.local.providers import stripe
from quittance.domain.money import Money
from quittance.usecases.payment_message import ApplyPayment
from tests.functional.payments import cloud
from tests.functional.payments.conftest import NOW


def payment(**changes: Any) -> tuple[dict[str, str], bytes]:
    """A webhook of Stripe about 297.44 EUR that Contoso paid on I1."""
    fields = {
        "payment": "P1",
        "account": "contoso",
        "invoice": "I1",
        "amount": Money(29744, "EUR"),
        "secret": "whsec_current",
        "at": NOW,
    }
    return stripe.signed_event(**{**fields, **changes})


def test_a_payment_is_enqueued_in_our_own_words(post, queued):
    answer = post(*payment())
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"enqueued": 1, "ignored": 0})
    (body,) = queued()
    message = ApplyPayment.from_mapping(body)
    assert (message.partner, message.provider, message.payment_id) == ("acme", "stripe", "pi_P1")
    assert (message.account, message.invoice, message.amount, message.currency) == ("contoso", "I1", 29744, "EUR")
    assert (message.kind, message.received_at) == ("succeeded", "2026-12-20T21:00:00Z")


def test_header_names_have_any_case_and_bodies_may_be_base64(post, queued):
    headers, body = payment()
    shouted = {name.upper(): value for name, value in headers.items()}
    answer = post(headers, base64.b64encode(body).decode(), isBase64Encoded=True, headers=shouted)
    assert answer["statusCode"] == 200
    assert len(queued()) == 1


@pytest.mark.parametrize("kind", ["charge.succeeded", "invoice.paid", "customer.created"])
def test_events_that_book_nothing_are_acknowledged_and_not_enqueued(post, queued, kind):
    answer = post(*payment(type=kind))
    assert (answer["statusCode"], json.loads(answer["body"])) == (200, {"enqueued": 0, "ignored": 1})
    assert queued() == []


@pytest.mark.parametrize("secrets", [["whsec_next", "whsec_current"], ["whsec_current", "whsec_next"]])
def test_two_secrets_are_valid_during_rotation(post, queued, secrets):
    cloud.put_secrets("acme", "stripe", secrets)
    assert post(*payment())["statusCode"] == 200
    assert len(queued()) == 1


def test_a_rotated_secret_is_fetched_once_when_a_signature_fails(post, door):
    assert post(*payment())["statusCode"] == 200
    cloud.put_secrets("acme", "stripe", ["whsec_rotated"])
    door.seen.clear()
    assert post(*payment(secret="whsec_rotated"))["statusCode"] == 200
    assert post(*payment(secret="whsec_forged"))["statusCode"] == 401
    assert post(*payment(secret="whsec_forged"))["statusCode"] == 401
    assert door.seen.count("GetSecretValue") == 1


DEEP = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


def signed(body: bytes) -> tuple[dict[str, str], bytes]:
    return {"Stripe-Signature": stripe.sign(body, ["whsec_current"], NOW)}, body


@pytest.mark.parametrize(
    ("name", "delivery", "partner", "status", "says"),
    [
        ("wrong secret", payment(secret="whsec_other"), "acme", 401, "no v1 signature matches"),
        ("old", payment(at=NOW - timedelta(seconds=301)), "acme", 401, "more than 300 seconds"),
        ("from the future", payment(at=NOW + timedelta(seconds=301)), "acme", 401, "more than 300 seconds"),
        ("no signature", ({}, b"{}"), "acme", 401, "t=<Unix seconds>"),
        ("unknown partner", payment(), "nobody", 404, "no such webhook"),
        ("partner of another shape", payment(), "acme/../x", 404, "no such webhook"),
        ("2 MB", signed(b"x" * 2 * 1024 * 1024), "acme", 413, "more than 1048576 bytes"),
    ],
)
def test_bad_input_gets_a_clear_error_and_enqueues_nothing(post, queued, name, delivery, partner, status, says):
    answer = post(*delivery, partner=partner)
    problem = json.loads(answer["body"])
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (status, "application/problem+json")
    assert says in problem["detail"]
    assert problem["status"] == status
    assert queued() == []


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b'{"id":"evt_1","type":"payment_intent.succeeded"}', "amount_received"),
        (b'{"type":"customer.created"}', "id is not"),
        (b'{"id":"evt_1","type":"charge.dispute.funds_withdrawn","created":1}', "dispute.id"),
    ],
    ids=["no amount", "no id", "no dispute"],
)
def test_what_is_well_signed_but_unreadable_is_acknowledged_and_put_before_a_person(post, queued, capsys, body, says):
    headers, _ = signed(body)
    sent = base64.b64encode(body).decode()
    assert post(headers, sent, isBase64Encoded=True)["statusCode"] == 200
    (message,) = queued()
    assert (message["kind"], says in message["reason"]) == ("unclear", True)
    assert message["raw"].startswith(body[:2].decode("utf-8", "replace"))
    assert len(message["raw"]) <= 8000
    assert '"WebhookEventsUnreadable":[1.0]' in "".join(capsys.readouterr())
    refused = post({**headers, "Stripe-Signature": headers["Stripe-Signature"] + "0"}, sent, isBase64Encoded=True)
    assert (refused["statusCode"], queued()) == (401, [])


@pytest.mark.parametrize(
    ("name", "delivery", "says"),
    [
        ("not JSON", signed(b"paid"), "is not JSON"),
        ("a list", signed(b"[]"), "is not a JSON object"),
        ("deep nesting", signed(DEEP), "is not JSON"),
        ("not a number", signed(b'{"a":NaN}'), "is not JSON"),
    ],
)
def test_what_was_damaged_on_its_way_is_refused_until_it_comes_whole(post, queued, capsys, name, delivery, says):
    answer = post(*delivery)
    assert (answer["statusCode"], says in json.loads(answer["body"])["detail"]) == (400, True)
    assert queued() == []
    assert '"WebhookEventsUnreadable":[1.0]' in "".join(capsys.readouterr())


def test_an_unknown_provider_looks_like_an_unknown_partner(post):
    nobody = post(*payment(), partner="nobody")
    provider = post(*payment(), pathParameters={"provider": "paypal-ish", "partner": "acme"})
    assert nobody == provider


@pytest.mark.parametrize("stored", [[], [""], None, "whsec_current"])
def test_an_empty_or_malformed_secret_opens_nothing(post, queued, stored):
    cloud.put_secrets("acme", "stripe", stored)
    assert post(*payment(secret=""))["statusCode"] == 404
    assert queued() == []


def test_a_body_that_is_not_base64_is_refused(post):
    assert post({}, "%%%", isBase64Encoded=True)["statusCode"] == 400


@pytest.mark.parametrize("service", ["sqs", "secretsmanager"])
def test_without_queue_or_secrets_the_provider_is_asked_to_come_back(post, queued, door, service, monkeypatch):
    from quittance.adapters import aws_json  # noqa: PLC0415  # its pauses are cut short

    monkeypatch.setattr(aws_json, "sleep", lambda _: None)
    door.closed.add(service)
    answer = post(*payment())
    assert (answer["statusCode"], answer["headers"]["retry-after"]) == (503, "30")
    door.closed.clear()
    assert post(*payment())["statusCode"] == 200
    assert len(queued()) == 1


def test_nothing_personal_is_logged(post, capsys):
    post(*payment(account="contoso-ag", invoice="INV-SECRET"))
    post(*payment(secret="whsec_other"))
    logged = "".join(capsys.readouterr())
    assert "pi_P1" not in logged
    assert not any(word in logged for word in ("contoso-ag", "INV-SECRET", "29744", "whsec_"))
