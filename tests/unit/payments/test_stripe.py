"""Stripe's signatures and what its events mean."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local.providers import stripe as sender
from quittance.adapters.providers import stripe
from quittance.domain.errors import Rejected, Unverified
from quittance.domain.money import Money

NOW = datetime(2026, 12, 20, 21, 0, tzinfo=UTC)
BODY = b'{"id":"evt_1"}'


def header(*secrets: str, at: datetime = NOW, body: bytes = BODY) -> str:
    return sender.sign(body, secrets, at)


@pytest.mark.parametrize(
    ("value", "secrets"),
    [
        (header("whsec_a"), ["whsec_a"]),
        (header("whsec_old", "whsec_a"), ["whsec_a"]),
        (header("whsec_old"), ["whsec_a", "whsec_old"]),
        (header("whsec_a") + ",v0=abc", ["whsec_a"]),
        (header("whsec_a", at=NOW - timedelta(seconds=300)), ["whsec_a"]),
        (header("whsec_a", at=NOW + timedelta(seconds=300)), ["whsec_a"]),
        (header("whsec_a").replace(",", ", "), ["whsec_a"]),
    ],
)
def test_a_body_is_proven_by_any_signature_of_any_valid_secret(value, secrets):
    stripe.verify({"stripe-signature": value}, BODY, secrets, NOW)


@pytest.mark.parametrize(
    ("value", "secrets", "code"),
    [
        (header("whsec_a"), ["whsec_b"], "signature"),
        (header("whsec_a"), [], "signature"),
        (header(""), [""], "signature"),
        (header("whsec_a", body=b"{}"), ["whsec_a"], "signature"),
        (header("whsec_a").replace("v1=", "v0="), ["whsec_a"], "signature"),
        (header("whsec_a").upper().replace("T=", "t=").replace("V1=", "v1="), ["whsec_a"], "signature"),
        (header("whsec_a") + "é", ["whsec_a"], "signature"),
        ("t=1797800400,v1=ünïcode\ud800", ["whsec_a"], "signature"),
        (header("whsec_a", at=NOW - timedelta(seconds=301)), ["whsec_a"], "timestamp"),
        (header("whsec_a", at=NOW + timedelta(seconds=301)), ["whsec_a"], "timestamp"),
        (f"t={int(NOW.timestamp()) - 1}," + header("whsec_a"), ["whsec_a"], "header"),
        (header("whsec_a").replace("t=", "t=+"), ["whsec_a"], "header"),
        (header("whsec_a").replace("t=1", "t=\u0661"), ["whsec_a"], "header"),
        ("t=" + "9" * 5000 + ",v1=a", ["whsec_a"], "header"),
        ("", ["whsec_a"], "header"),
    ],
)
def test_anything_else_is_refused(value, secrets, code):
    with pytest.raises(Unverified) as refused:
        stripe.verify({"stripe-signature": value}, BODY, secrets, NOW)
    assert refused.value.code == code


@given(value=st.text(max_size=200), body=st.binary(max_size=200))
def test_no_header_is_more_than_a_clean_refusal(value, body):
    with pytest.raises(Unverified):
        stripe.verify({"stripe-signature": value}, body, ["whsec_a"], NOW)


@given(
    body=st.one_of(
        st.binary(max_size=300),
        st.recursive(st.integers() | st.text() | st.none(), st.lists).map(
            lambda value: json.dumps(
                {"id": value, "type": "payment_intent.succeeded", "data": {"object": value}}
            ).encode()
        ),
    )
)
def test_no_body_is_more_than_a_clean_refusal_or_events(body):
    with suppress(Rejected):
        assert len(stripe.parse(body)) == 1


def event(kind: str = "payment_intent.succeeded", **thing: object) -> bytes:
    data = {"object": {"id": "pi_1", "currency": "eur", "amount_received": 100, **thing}}
    return json.dumps({"id": "evt_1", "type": kind, "created": 1_797_800_400, "data": data}).encode()


@pytest.mark.parametrize(
    ("currency", "sent", "minor"),
    [
        ("eur", 4620, 4620),
        ("clp", 5000, 5000),
        ("jpy", 5000, 5000),
        ("kwd", 1230, 1230),
        ("isk", 50000, 500),
        ("ugx", 50000, 500),
        ("mga", 500, 50000),
        ("huf", 500000, 500000),
    ],
)
def test_amounts_are_read_in_stripes_own_units(currency, sent, minor):
    (told,) = stripe.parse(event(amount_received=sent, currency=currency))
    assert (told.kind, told.amount, told.currency) == ("succeeded", minor, currency.upper())


@pytest.mark.parametrize(("currency", "sent"), [("isk", 50001), ("xyz", 100)])
def test_an_amount_we_cannot_express_is_told_on_with_its_reason(currency, sent):
    (told,) = stripe.parse(event(amount_received=sent, currency=currency))
    assert (told.kind, told.amount) == ("unclear", sent)
    assert told.reason


@pytest.mark.parametrize("amount", [True, 1.5, "100", -1, None, 10**15])
def test_an_amount_that_is_no_whole_number_is_refused(amount):
    with pytest.raises(Rejected, match="amount_received"):
        stripe.parse(event(amount_received=amount))


@pytest.mark.parametrize(
    ("kind", "means"),
    [
        ("payment_intent.succeeded", "succeeded"),
        ("payment_intent.payment_failed", "failed"),
        ("payment_intent.processing", "pending"),
        ("payment_intent.canceled", "cancelled"),
        ("charge.succeeded", "told"),
        ("invoice.paid", "told"),
        ("customer.created", "other"),
    ],
)
def test_only_the_intents_own_success_books_and_all_of_a_payment_share_its_key(kind, means):
    _, body = sender.signed_event(
        payment="P1", account="contoso", amount=Money(100, "EUR"), secret="whsec_a", at=NOW, type=kind
    )
    (told,) = stripe.parse(body)
    assert told.kind == means
    assert told.payment_id == "pi_P1" or means == "other"


def test_a_charge_without_an_intent_is_the_payment_itself():
    body = event("charge.succeeded", id="ch_1", amount=700, captured=True, metadata={"quittance_account": "contoso"})
    (told,) = stripe.parse(body)
    assert (told.kind, told.payment_id, told.amount, told.account) == ("succeeded", "ch_1", 700, "contoso")
    (authorised,) = stripe.parse(event("charge.succeeded", id="ch_1", amount=700, captured=False))
    assert authorised.kind == "pending"


@pytest.mark.parametrize("metadata", [None, [], {"quittance_account": 5}, {"quittance_account": "  "}])
def test_metadata_that_names_nobody_names_nobody(metadata):
    (told,) = stripe.parse(event(metadata=metadata))
    assert told.account is None


@pytest.mark.parametrize("name", ["", "pi#1", "pi 1", "pi\n1", "ü", "x" * 129, 5, None])
def test_ids_that_could_forge_a_key_are_refused(name):
    with pytest.raises(Rejected, match=r"data\.object\.id"):
        stripe.parse(event(id=name))
