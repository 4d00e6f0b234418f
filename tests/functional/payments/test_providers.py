"""Every provider's webhook through the real handlers: proven, enqueued, read again where it must be, booked once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.local.providers import adyen, gocardless, mollie, paypal, senders
from infra.local.providers.apis import ProviderApis
from infra.local.providers.sent import VIA, Order
from quittance.adapters.provider_api import line
from quittance.adapters.provider_api import paypal as paypal_api
from quittance.adapters.providers import paypal_certificates
from quittance.domain.money import Money
from tests.functional.payments import cloud
from tests.functional.payments.conftest import NOW

ORDER = Order(payment="P1", account="contoso", invoice="I1", amount=Money(29744, "EUR"), at=NOW)
Post = Callable[..., tuple[int, list[dict[str, Any]]]]


@pytest.fixture
def apis(monkeypatch: pytest.MonkeyPatch) -> Iterator[ProviderApis]:
    started = ProviderApis()
    monkeypatch.setenv("PROVIDER_API_BASE", started.base_url)
    paypal_certificates.forget()
    paypal_api._tokens.clear()
    yield started
    started.close()


@pytest.fixture
def posted(door: cloud.Door, apis: ProviderApis) -> Iterator[Post]:
    """Post to a provider's address; the status and what is in the queue afterwards."""
    from functions.payment_application import app as consumer  # noqa: PLC0415  # reads the environment when first asked
    from functions.payment_webhooks import app  # noqa: PLC0415  # as above

    consumer._secrets.cache_clear()
    for name, held in senders.secrets().items():
        cloud.put_secret("acme", name, held)

    def _posted(
        name: str, headers: dict[str, str], body: bytes, request: str = "r1"
    ) -> tuple[int, list[dict[str, Any]]]:
        event = {
            "version": "2.0",
            "headers": headers,
            "pathParameters": {"provider": name, "partner": "acme"},
            "requestContext": {"requestId": request},
            "body": body.decode(),
            "isBase64Encoded": False,
        }
        answer = app.handler(event, None)
        return answer["statusCode"], cloud.queued(os.environ["QUEUE_PAYMENTS_URL"])

    yield _posted
    consumer._secrets()._client.close()
    line._POOL.clear()


@pytest.fixture
def applied(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[dict[str, Any], list[Any], list[Any]]]:
    """Hand messages to the consumer; its answer, what it would book, and what was parked."""
    from functions.payment_application import app  # noqa: PLC0415  # reads the environment when first asked
    from quittance.runtime import batch  # noqa: PLC0415  # as above

    booked: list[Any] = []
    parked: list[Any] = []
    monkeypatch.setattr(app, "_book", booked.append)
    monkeypatch.setattr(batch, "park", lambda *_, **told: parked.append(told["reason"]))

    def _applied(messages: list[dict[str, Any]]) -> tuple[dict[str, Any], list[Any], list[Any]]:
        records = [{"messageId": str(at), "body": json.dumps(body)} for at, body in enumerate(messages)]
        return app.handler({"Records": records}, None), booked, parked

    return _applied


@pytest.mark.parametrize("via", VIA)
def test_a_payment_by_any_provider_ends_as_the_same_booking(posted, applied, apis, via):
    sent = senders.send(via, ORDER, apis)
    status, messages = posted(via, sent.headers, sent.body)
    assert status == 200
    answer, booked, parked = applied(messages)
    assert answer == {"batchItemFailures": []}
    assert parked == []
    (payment,) = booked
    told = (payment.kind, payment.amount, payment.currency, payment.account, payment.invoice, payment.read_again)
    assert told == ("succeeded", 29744, "EUR", "contoso", "I1", False)
    assert payment.provider == ("mollie" if via == "mollie_classic" else via)


def test_both_webhooks_of_mollie_book_one_payment(posted, applied, apis):
    keys = set()
    for via in ("mollie", "mollie_classic"):
        sent = senders.send(via, ORDER, apis)
        _, booked, _ = applied(posted(via, sent.headers, sent.body)[1])
        keys |= {(payment.provider, payment.payment_id) for payment in booked}
    assert len(keys) == 1


def test_an_id_that_mollie_does_not_know_is_acknowledged_and_forgotten(posted, applied):
    status, messages = posted("mollie_classic", {}, b"id=tr_stranger")
    assert status == 200
    assert applied(messages) == ({"batchItemFailures": []}, [], [])


def test_two_looks_at_one_payment_are_two_messages(posted):
    told = [posted("mollie_classic", {}, b"id=tr_1", request)[1][0]["event_id"] for request in ("r1", "r2")]
    assert told == ["tr_1:r1", "tr_1:r2"]  # so that the queue does not take the second for a copy of the first


def test_what_mollie_tells_of_a_payment_is_booked_with_what_was_taken_from_it(posted, applied, apis):
    refund = {"id": "re_1", "status": "refunded", "amount": {"value": "5.95", "currency": "EUR"}}
    back = {"id": "chb_1", "amount": {"value": "1.00", "currency": "EUR"}, "reversedAt": "2026-12-01T00:00:00Z"}
    apis.hold(mollie.resources(ORDER, _embedded={"refunds": [refund], "chargebacks": [back]}))
    sent = mollie.classic_event(ORDER)
    _, booked, _ = applied(posted("mollie_classic", sent.headers, sent.body)[1])
    assert [(one.kind, one.amount, one.movement_id) for one in booked] == [
        ("succeeded", 29744, None),
        ("refunded", 595, "re_1"),
        ("chargeback", 100, "chb_1"),
        ("chargeback_reversed", 100, "chb_1:reversed"),
    ]


def test_what_paypal_says_counts_and_not_what_was_sent(posted, applied, apis):
    sent = senders.send("paypal", ORDER, apis)
    ((path, capture),) = sent.resources.items()
    read = {**capture, "amount": {"currency_code": "EUR", "value": "1.00"}, "custom_id": "fabrikam/I9"}
    read["seller_receivable_breakdown"] = {"paypal_fee": {"currency_code": "EUR", "value": "0.35"}}
    apis.hold({path: read})
    _, booked, _ = applied(posted("paypal", sent.headers, sent.body)[1])
    assert [(one.kind, one.amount, one.account, one.invoice) for one in booked] == [
        ("succeeded", 100, "fabrikam", "I9"),
        ("fee", 35, "fabrikam", "I9"),
    ]


def test_a_capture_that_paypal_does_not_know_is_parked(posted, applied, apis):
    sent = senders.send("paypal", ORDER, apis)
    apis.resources.clear()
    answer, booked, parked = applied(posted("paypal", sent.headers, sent.body)[1])
    assert answer == {"batchItemFailures": []}
    assert booked == []
    assert parked == ["PayPal: knows nothing by this id"]


@pytest.mark.parametrize(("type", "kind"), [("REFUNDED", "refunded"), ("REVERSED", "chargeback")])
def test_a_refund_at_paypal_is_read_with_its_capture(applied, apis, posted, type, kind):  # noqa: A002  # PayPal's name
    sent = senders.send("paypal", ORDER, apis)
    capture = next(iter(sent.resources.values()))
    up = {"rel": "up", "href": f"https://api.paypal.com/v2/payments/captures/{capture['id']}"}
    refund = {"id": "R1", "amount": {"currency_code": "EUR", "value": "0.99"}, "status": "COMPLETED", "links": [up]}
    body = json.dumps({"id": "WH-9", "event_type": f"PAYMENT.CAPTURE.{type}", "resource": refund}).encode()
    apis.hold({"/paypal/v2/payments/refunds/R1": refund})
    _, messages = posted("paypal", paypal.sign(body, "5EMBEDDEDSTACK", "t-1", NOW), body)
    _, ((one,)), _ = applied(messages)
    told = (one.kind, one.amount, one.payment_id, one.movement_id, one.account)
    assert told == (kind, 99, capture["id"], "R1", "contoso")


def test_a_reversed_sale_of_paypals_old_api_is_read_with_its_sale(applied, apis, posted):
    amount = {"total": "-0.49", "currency": "EUR"}
    own = {"rel": "self", "href": "https://api.paypal.com/v1/payments/refund/REV1"}
    event = {"id": "TELLS-NOTHING", "amount": amount, "state": "completed", "links": [own]}
    body = json.dumps({"id": "WH-8", "event_type": "PAYMENT.SALE.REVERSED", "resource": event}).encode()
    sale = {"id": "SALE1", "amount": {"total": "20.00", "currency": "EUR"}, "state": "completed", "custom": "contoso"}
    apis.hold({"/paypal/v1/payments/refund/REV1": {**event, "id": "REV1", "sale_id": "SALE1"}})
    apis.hold({"/paypal/v1/payments/sale/SALE1": sale})
    apis.files[f"/paypal{paypal.CERTIFICATE_PATH}"] = paypal.certificate()
    _, messages = posted("paypal", paypal.sign(body, "5EMBEDDEDSTACK", "t-2", NOW), body)
    _, ((one,)), parked = applied(messages)
    told = (one.kind, one.amount, one.payment_id, one.movement_id, one.of, one.account)
    assert (told, parked) == (("chargeback", 49, "SALE1", "REV1", "REV1", "contoso"), [])


@pytest.mark.parametrize("status", [429, 500, 503, 401])
def test_a_provider_that_cannot_answer_is_asked_again(posted, applied, apis, status):
    sent = senders.send("gocardless", ORDER, apis)
    _, messages = posted("gocardless", sent.headers, sent.body)
    apis.fail(status)
    answer, booked, parked = applied(messages)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert booked == parked == []
    assert len(applied(messages)[1]) == 1


@pytest.mark.parametrize(
    ("action", "status", "booked"),
    [
        ("confirmed", "confirmed", ["succeeded"]),
        ("confirmed", "failed", []),
        ("confirmed", "charged_back", ["succeeded"]),
        ("failed", "failed", ["failed"]),
        ("failed", "paid_out", []),
        ("failed", "submitted", ["failed"]),
        ("charged_back", "charged_back", ["chargeback"]),
    ],
)
def test_an_event_of_gocardless_that_comes_late_is_not_believed(posted, applied, apis, action, status, booked):
    sent = gocardless.signed_event(ORDER, type=action)
    ((path, held),) = sent.resources.items()
    apis.hold({path: {"payments": {**held["payments"], "status": status}}})
    _, found, _ = applied(posted("gocardless", sent.headers, sent.body)[1])
    assert [one.kind for one in found] == booked


def test_a_refund_at_gocardless_is_read_with_its_payment(posted, applied, apis):
    senders.send("gocardless", ORDER, apis)
    payment = next(iter(apis.resources.values()))["payments"]["id"]
    refund = {"id": "RF1", "amount": 500, "currency": "EUR", "links": {"payment": payment}}
    apis.hold({"/gocardless/refunds/RF1": {"refunds": refund}})
    event = {"id": "EV1", "resource_type": "refunds", "action": "paid", "links": {"refund": "RF1"}}
    body = json.dumps({"events": [{**event, "created_at": "2026-12-01T00:00:00Z"}]}).encode()
    _, messages = posted("gocardless", {"Webhook-Signature": gocardless.sign(body, "gocardless_embedded_stack")}, body)
    _, ((one,)), _ = applied(messages)
    assert (one.kind, one.amount, one.payment_id, one.movement_id) == ("refunded", 500, payment, "RF1")
    assert one.account == "contoso"


def test_without_a_key_of_the_api_the_payment_is_parked_with_what_to_set(posted, applied, apis):
    sent = senders.send("gocardless", ORDER, apis)
    _, messages = posted("gocardless", sent.headers, sent.body)
    cloud.put_secret("acme", "gocardless", {"secrets": ["x"]})
    _, booked, parked = applied(messages)
    assert booked == []
    assert parked == ["secret acme/gocardless: set access_token; payments cannot be read without it"]


def test_two_hundred_and_fifty_events_in_one_body_are_all_enqueued(posted):
    event = json.loads(gocardless.signed_event(ORDER).body)["events"][0]
    events = [{**event, "id": f"EV{at}", "links": {"payment": f"PM{at}"}} for at in range(249)]
    body = json.dumps({"events": [*events, {"id": "EV", "resource_type": "payments", "action": "failed"}]}).encode()
    status, messages = posted(
        "gocardless", {"webhook-signature": gocardless.sign(body, "gocardless_embedded_stack")}, body
    )
    assert status == 200
    assert sorted(message["kind"] for message in messages) == ["succeeded"] * 249 + ["unclear"]


def test_adyens_queue_is_not_blocked_by_an_event_nobody_can_read(posted):
    good = json.loads(adyen.signed_event(ORDER).body)["notificationItems"][0]["NotificationRequestItem"]
    bad = {**good, "amount": {"currency": "not a currency", "value": 5}}
    bad["additionalData"] = {"hmacSignature": adyen.sign(bad, str(adyen.SECRET["secrets"][0]))}
    body = json.dumps({"notificationItems": [{"NotificationRequestItem": item} for item in (bad, good)]}).encode()
    status, messages = posted("adyen", {}, body)
    assert status == 200
    assert sorted(message["kind"] for message in messages) == ["succeeded", "unclear"]


@pytest.mark.parametrize("name", ["adyen", "gocardless", "mollie", "paypal", "standardwebhooks"])
@pytest.mark.parametrize("secrets", [[], [""], ["  "], None])
def test_a_partner_that_has_set_no_secret_has_no_webhook(posted, apis, name, secrets):
    cloud.put_secret("acme", name, {"secrets": secrets})
    sent = senders.send(name, ORDER, apis)
    assert posted(name, sent.headers, sent.body) == (404, [])


def test_paypal_is_asked_to_come_back_when_its_certificate_cannot_be_had(posted, apis):
    sent = senders.send("paypal", ORDER, apis)
    apis.fail(503)
    assert posted("paypal", sent.headers, sent.body) == (503, [])
    assert posted("paypal", sent.headers, sent.body)[0] == 200
