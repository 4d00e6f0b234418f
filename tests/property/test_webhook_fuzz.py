"""Whatever is sent to a webhook: it is taken, or refused with a reason, and nothing else happens."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.providers import adyen as adyen_sender
from infra.local.providers import gocardless as gocardless_sender
from infra.local.providers import mollie as mollie_sender
from infra.local.providers import paypal as paypal_sender
from infra.local.providers import standardwebhooks as standard_sender
from infra.local.providers import stripe as stripe_sender
from infra.local.providers.sent import Order
from quittance.adapters.provider_api import mollie as mollie_api
from quittance.adapters.provider_api import paypal as paypal_api
from quittance.adapters.providers import NAMES, paypal_certificates, provider
from quittance.domain.errors import Rejected
from quittance.domain.money import Money, exponent
from quittance.usecases.payment_message import ApplyPayment

NOW = datetime(2026, 12, 20, 21, 0, tzinfo=UTC)
MOST = 10**15

HEADERS = (
    "stripe-signature",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "svix-id",
    "hmacsignature",
    "x-mollie-signature",
    "paypal-transmission-id",
    "paypal-transmission-time",
    "paypal-transmission-sig",
    "paypal-cert-url",
    "paypal-auth-algo",
)
LIKELY = (
    *("t=1,v1=", "v1,", "sha256=", "SHA256withRSA"),
    *(paypal_sender.CERTIFICATE_URL, "2026-12-20T21:00:00Z", "1797800400"),
)
SECRETS = ["whsec_AAAA", adyen_sender.SECRET["secrets"][0]]

texts = st.one_of(st.text(max_size=60), st.sampled_from(LIKELY), st.text("0123456789abcdef=,.v-", max_size=80))
headers = st.dictionaries(st.sampled_from(HEADERS), texts)

WORDS = """
    id type event_type data object amount amount_received currency metadata status payment_intent charge refunds
    balance_transactions fee notificationItems NotificationRequestItem pspReference eventCode success value
    events resource_type action links payment refund entityId resource custom_id amount_remaining available
    previous_attributes created created_at additionalData hmacSignature originalReference merchantReference
""".split()
VALUES = """
    EUR JPY XXX true false succeeded lost paid failed payments refunds confirmed CAPTURE CHARGEBACK tr_1 pl_1
    payment_intent.succeeded charge.refunded refund.updated charge.dispute.funds_withdrawn payment.succeeded
    payment_intent.partially_funded cash_balance.funds_available charge.dispute.closed insufficient_funds
    PAYMENT.CAPTURE.COMPLETED PAYMENT.CAPTURE.REFUNDED PAYMENT.SALE.COMPLETED payment-link.paid 12.50 -1
""".split()
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(allow_nan=False),
    st.sampled_from(VALUES),
    st.text(max_size=20),
)
trees: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(WORDS), st.text(max_size=5)), inner, max_size=8),
    ),
    max_leaves=40,
)
bodies = st.one_of(st.binary(max_size=300), trees.map(lambda tree: json.dumps(tree).encode()))


@pytest.fixture(autouse=True)
def _no_fetch(monkeypatch):
    paypal_certificates.forget()
    monkeypatch.setattr(paypal_certificates, "_fetch", lambda *_: paypal_sender.certificate())


@pytest.mark.parametrize("name", sorted(NAMES))
def test_verifying_ends_well_or_with_a_reason(name):
    @settings(max_examples=200, deadline=None)
    @given(given_headers=headers, body=bodies)
    def check(given_headers, body):
        with suppress(Rejected):
            provider(name).verify(given_headers, body, SECRETS, NOW)

    check()


@pytest.mark.parametrize("name", sorted(NAMES))
def test_parsing_ends_well_or_with_a_reason(name):
    @settings(max_examples=400, deadline=None)
    @given(given_headers=headers, body=bodies)
    def check(given_headers, body):
        with suppress(Rejected):
            for event in provider(name).parse(body, given_headers, {}):
                sound(event)

    check()


def sound(event: Any) -> None:
    """What gets past a parser can be booked: ids that fit keys, amounts that are whole and not negative."""
    "|".join(map(str, event)).encode("utf-8")
    assert 0 < len(event.event_id) <= 300
    assert 0 < len(event.payment_id) <= 200
    assert isinstance(event.amount, int)
    if event.kind in ("succeeded", "refunded", "chargeback", "chargeback_reversed", "fee") and not event.read_again:
        assert 0 <= event.amount < MOST * 100
        exponent(event.currency)


@settings(max_examples=400, deadline=None)
@given(resource=st.dictionaries(st.sampled_from([*WORDS, "_embedded", "chargebacks", "amountRefunded"]), trees))
def test_what_an_api_answers_is_read_or_refused(resource):
    told = ApplyPayment(
        partner="acme",
        provider="paypal",
        event_id="WH-1",
        payment_id="1",
        kind="succeeded",
        amount=0,
        currency="",
        received_at="2026-12-20T21:00:00Z",
    )
    with suppress(Rejected):
        for event in (*mollie_api.movements_of(resource), *paypal_api.capture_of(told, resource)):
            sound(event)


NASTY = {
    "deep nesting": b"[" * 200_000,
    "deep objects": b'{"a":' * 200_000,
    "a megabyte": b'{"id":"' + b"a" * 1_000_000 + b'"}',
    "endless digits": b'{"id":"x","amount":' + b"9" * 100_000 + b"}",
    "not a number": b'{"id":"x","created":NaN}',
    "UTF-16": '{"id":"x"}'.encode("utf-16"),
    "latin-1": '{"id":"ä"}'.encode("latin-1"),
    "lone surrogate": b'{"id":"\\ud800","type":"\\ud800"}',
    "zero bytes": b"\x00" * 1000,
    "a byte order mark": b"\xef\xbb\xbf{}",
    "base64 of itself": base64.b64encode(b'{"id":"x"}'),
}


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize("kind", NASTY)
def test_nasty_bodies_are_refused_or_mean_nothing(name, kind):
    with suppress(Rejected):
        provider(name).verify({}, NASTY[kind], SECRETS, NOW)
    with suppress(Rejected):
        assert [event for event in provider(name).parse(NASTY[kind], {}, {}) if event.kind == "succeeded"] == []


ORDER = Order(payment="P1", account="contoso", invoice="I1", amount=Money(29744, "EUR"), at=NOW)
SENDERS = {
    "gocardless": gocardless_sender,
    "mollie": mollie_sender,
    "standardwebhooks": standard_sender,
    "paypal": paypal_sender,
}


def signed(name: str) -> tuple[str, dict[str, str], bytes]:
    """A webhook as its sender sends it: the secret, the headers in lower case, the body."""
    if name == "stripe":
        return "whsec_current", {"stripe-signature": stripe_sender.sign(b"{}", ["whsec_current"], NOW)}, b"{}"
    sender: Any = SENDERS[name]
    sent = sender.signed_event(ORDER)
    secret = str(sender.SECRET["secrets"][0])
    return secret, {header.lower(): value for header, value in sent.headers.items()}, sent.body


@pytest.mark.parametrize("between", [",", ", "])
@pytest.mark.parametrize("name", ["stripe", *SENDERS])
def test_a_proof_that_comes_twice_is_refused(name, between):
    """An HTTP API joins repeated headers: which of two values counts must not be the sender's choice."""
    secret, given_headers, body = signed(name)
    provider(name).verify(given_headers, body, [secret], NOW)
    for header, value in given_headers.items():
        if header == "content-type" or (header == "webhook-signature" and " " in between):
            continue  # signs nothing; is a list with blanks between, of which one signature has to be right
        other = value[:-1] + ("0" if value[-1] != "0" else "1")
        for pair in ((value, other), (other, value), (value, value)):
            with pytest.raises(Rejected):
                provider(name).verify({**given_headers, header: between.join(pair)}, body, [secret], NOW)


@pytest.mark.parametrize("name", sorted(NAMES))
@pytest.mark.parametrize("kind", ["bad", "odd", "mixed"])
def test_a_body_of_250_events_is_read_or_refused_whole(name, kind):
    """As many events as the largest sender puts into a body, of which some or all are no events."""
    some = {"bad": [None, 1, "x", []], "odd": [{}, {"id": "EV1"}], "mixed": [{"id": "EV1"}, None]}[kind]
    items = (some * 250)[:250]
    for body in ({"events": items}, {"notificationItems": [{"NotificationRequestItem": one} for one in items]}, items):
        with suppress(Rejected):
            for event in provider(name).parse(json.dumps(body).encode(), {}, {}):
                sound(event)
