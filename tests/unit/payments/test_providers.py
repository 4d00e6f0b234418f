"""Signatures of every provider but Stripe, and what its events mean beyond the payloads on record."""

from __future__ import annotations

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from infra.local.providers import adyen as adyen_sender
from infra.local.providers import gocardless as gocardless_sender
from infra.local.providers import mollie as mollie_sender
from infra.local.providers import paypal as paypal_sender
from infra.local.providers import standardwebhooks as standard_sender
from infra.local.providers.sent import Order, Sent
from quittance.adapters.providers import adyen, paypal, paypal_certificates, provider
from quittance.domain.errors import NotFound, Rejected, Unverified
from quittance.domain.money import Money

NOW = datetime(2026, 12, 20, 21, 0, tzinfo=UTC)
ORDER = Order(payment="P1", account="contoso", invoice="I1", amount=Money(29744, "EUR"), at=NOW)
HMAC = {
    "adyen": adyen_sender,
    "gocardless": gocardless_sender,
    "mollie": mollie_sender,
    "standardwebhooks": standard_sender,
}


def lowered(sent: Sent) -> dict[str, str]:
    return {name.lower(): value for name, value in sent.headers.items()}


def item_of(sent: Sent) -> dict[str, Any]:
    item: dict[str, Any] = json.loads(sent.body)["notificationItems"][0]["NotificationRequestItem"]
    return item


def body_of(*items: dict[str, Any]) -> bytes:
    return json.dumps({"notificationItems": [{"NotificationRequestItem": item} for item in items]}).encode()


def resigned(**changes: Any) -> dict[str, Any]:
    item = {**item_of(adyen_sender.signed_event(ORDER)), **changes}
    return {**item, "additionalData": {"hmacSignature": adyen_sender.sign(item, KEY)}}


KEY = str(adyen_sender.SECRET["secrets"][0])


@pytest.mark.parametrize("name", HMAC)
def test_a_body_is_proven_by_any_of_the_secrets(name):
    sender: Any = HMAC[name]
    sent = sender.signed_event(ORDER)
    other = "00" * 32 if name == "adyen" else base64.b64encode(b"other").decode()
    provider(name).verify(lowered(sent), sent.body, [other, sender.SECRET["secrets"][0]], NOW)
    with pytest.raises(Unverified):
        provider(name).verify(lowered(sent), sent.body, [other], NOW)


@pytest.mark.parametrize("name", HMAC)
@pytest.mark.parametrize("secrets", [[], [""], ["whsec_"], ["not a key: ä"]])
def test_no_secret_proves_nothing_even_when_the_sender_signs_with_none(name, secrets):
    body = HMAC[name].signed_event(ORDER).body  # type: ignore[attr-defined]
    signed = hmac.digest(b"", body, "sha256")
    seconds = str(int(NOW.timestamp()))
    empty = base64.b64encode(hmac.digest(b"", f"msg_1.{seconds}.".encode() + body, "sha256")).decode()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": seconds,
        "webhook-signature": f"v1,{empty}" if name == "standardwebhooks" else signed.hex(),
        "x-mollie-signature": signed.hex(),
    }
    with pytest.raises(Unverified):
        provider(name).verify(headers, body, secrets, NOW)


@pytest.mark.parametrize("name", HMAC)
def test_a_changed_byte_is_refused(name):
    sender: Any = HMAC[name]
    sent = sender.signed_event(ORDER)
    changed = sent.body.replace(b"EUR", b"USD") if b"EUR" in sent.body else sent.body.replace(b"20", b"21", 1)
    assert changed != sent.body
    with pytest.raises(Unverified):
        provider(name).verify(lowered(sent), changed, sender.SECRET["secrets"], NOW)


@pytest.mark.parametrize("name", ["gocardless", "mollie", "standardwebhooks"])
def test_a_header_that_is_sent_twice_is_refused_for_nobody_can_tell_which_counts(name):
    sender: Any = HMAC[name]
    sent = sender.signed_event(ORDER)
    doubled = {key: f"{value},{value}" for key, value in lowered(sent).items()}  # as an HTTP API joins them
    with pytest.raises(Unverified):
        provider(name).verify(doubled, sent.body, sender.SECRET["secrets"], NOW)


@pytest.mark.parametrize("off", [timedelta(seconds=301), timedelta(seconds=-301)])
def test_a_standard_webhook_from_another_time_is_refused(off):
    sent = standard_sender.signed_event(ORDER)
    with pytest.raises(Unverified, match="five minutes"):
        provider("standardwebhooks").verify(lowered(sent), sent.body, standard_sender.SECRET["secrets"], NOW + off)


# --- Adyen ---


def test_adyen_every_item_is_verified_not_only_the_first():
    good = item_of(adyen_sender.signed_event(ORDER))
    forged = {**good, "pspReference": "FORGED"}
    adyen.verify({}, body_of(good, good), [KEY], NOW)
    with pytest.raises(Unverified):
        adyen.verify({}, body_of(good, forged), [KEY], NOW)


@pytest.mark.parametrize("field", ["pspReference", "originalReference", "merchantAccountCode", "eventCode", "success"])
def test_adyen_a_colon_may_stand_only_in_our_own_reference(field):
    adyen.verify({}, body_of(resigned(merchantReference="a:b:c")), [KEY], NOW)
    with pytest.raises(Unverified, match="colon"):
        adyen.verify({}, body_of(resigned(**{field: "a:b"})), [KEY], NOW)


@pytest.mark.parametrize("value", [1.5, True, None, "1e3", [], "\uff11"])
def test_adyen_an_amount_is_a_whole_number(value):
    item = {**item_of(adyen_sender.signed_event(ORDER)), "amount": {"currency": "EUR", "value": value}}
    with pytest.raises(Unverified):
        adyen.verify({}, body_of(item), [KEY], NOW)


def test_adyen_unsigned_fields_change_nothing():
    item = item_of(adyen_sender.signed_event(ORDER))
    told = adyen.parse(body_of(item))
    item |= {"eventDate": "1999-01-01T00:00:00Z", "reason": "x", "paymentMethod": "y"}
    item["additionalData"] |= {"metadata.quittance_account": "somebody-else"}
    assert adyen.parse(body_of(item)) == told
    assert told[0].occurred_at is None


def test_adyen_a_bad_item_takes_no_good_one_with_it():
    good, bad = resigned(), resigned(pspReference="spaces are no id")
    first, second = adyen.parse(body_of(bad, good))
    assert (first.kind, second.kind, second.amount) == ("unclear", "succeeded", 29744)
    assert "pspReference" in (first.reason or "")


@pytest.mark.parametrize(
    ("currency", "sent", "kind", "minor"),
    [
        ("CLP", 100000, "succeeded", 1000),
        ("ISK", 100000, "succeeded", 1000),
        ("CVE", 1000, "succeeded", 100000),
        ("IDR", 1000, "succeeded", 100000),
        ("JPY", 1000, "succeeded", 1000),
        ("KWD", 1000, "succeeded", 1000),
        ("ISK", 100001, "unclear", 100001),
        ("XXX", 5, "unclear", 5),
    ],
)
def test_adyen_counts_in_its_own_minor_units(currency, sent, kind, minor):
    (event,) = adyen.parse(body_of(resigned(amount={"currency": currency, "value": sent})))
    assert (event.kind, event.amount, event.currency) == (kind, minor, currency)


@pytest.mark.parametrize(
    ("code", "immediate", "kind"),
    [
        ("AUTHORISATION", False, "pending"),
        ("AUTHORISATION", True, "succeeded"),
        ("CAPTURE", False, "succeeded"),
        ("CAPTURE", True, "told"),
        ("SOMETHING_NEW", False, "other"),
        ("CANCEL_OR_REFUND", False, "unclear"),
    ],
)
def test_adyen_what_counts_as_paid_depends_on_who_captures(code, immediate, kind):
    (event,) = adyen.parse(body_of(resigned(eventCode=code)), {}, {"immediate_capture": immediate})
    assert event.kind == kind


def test_adyen_another_merchant_account_is_refused():
    settings = {"merchant_accounts": ["Another"]}
    with pytest.raises(Unverified, match="merchantAccountCode"):
        adyen.parse(body_of(resigned()), {}, settings)


def test_adyen_account_and_invoice_are_in_the_signed_reference():
    (event,) = adyen.parse(body_of(resigned()))
    assert (event.account, event.invoice, event.reference) == ("contoso", "I1", "contoso/I1")


# --- GoCardless ---


def test_gocardless_one_unreadable_event_of_250_loses_no_other():
    event = json.loads(gocardless_sender.signed_event(ORDER).body)["events"][0]
    events: list[Any] = [{**event, "id": f"EV{number}"} for number in range(250)]
    events[17] = {**event, "id": "EV17", "links": "none"}
    events[18] = "no event"
    read = provider("gocardless").parse(json.dumps({"events": events}).encode(), {}, {})
    assert len(read) == 250
    assert sum(one.kind == "succeeded" for one in read) == 248
    assert [read[17].kind, read[18].kind] == ["unclear", "unclear"]


# --- Mollie ---


@pytest.mark.parametrize(
    "body", [b"", b"id=", b"id=tr_1/../..", b"id=tr_1&id=tr_2", b"\xff", b"{}", b"id=tr_%00", b"id=xx_1", b"x=" * 99]
)
def test_mollie_only_an_id_that_may_stand_in_an_address_is_read(body):
    with pytest.raises(Rejected):
        provider("mollie_classic").parse(body, {}, {})


@pytest.mark.parametrize(("name", "read"), [("tr_1", True), ("pl_1", True), ("ord_1", False), ("chb_1", False)])
def test_mollie_a_bare_id_is_only_where_to_look(name, read):
    (event,) = provider("mollie_classic").parse(f"id={name}".encode(), {}, {})
    assert (event.read_again, event.kind) == (read, "pending" if read else "other")


def test_mollie_both_webhooks_book_under_one_name():
    assert provider("mollie").NAME == provider("mollie_classic").NAME == "mollie"


# --- PayPal ---


@pytest.fixture
def certified(monkeypatch):
    def fetch(host: str, path: str) -> bytes:
        assert (host, path) == ("api.sandbox.paypal.com", paypal_sender.CERTIFICATE_PATH)
        return paypal_sender.certificate()

    paypal_certificates.forget()
    monkeypatch.setattr(paypal_certificates, "_fetch", fetch)


@pytest.mark.usefixtures("certified")
def test_paypal_is_proven_for_our_webhook_ids_only():
    sent = paypal_sender.signed_event(ORDER)
    paypal.verify(lowered(sent), sent.body, ["OLD", "5EMBEDDEDSTACK"], NOW)
    with pytest.raises(Unverified):
        paypal.verify(lowered(sent), sent.body, ["ANOTHER"], NOW)


@pytest.mark.usefixtures("certified")
def test_paypal_the_simulators_id_is_no_secret():
    sent = paypal_sender.signed_event(ORDER, secret={"secrets": ["WEBHOOK_ID"]})
    with pytest.raises(NotFound):
        paypal.verify(lowered(sent), sent.body, ["WEBHOOK_ID"], NOW)
    with pytest.raises(Unverified):
        paypal.verify(lowered(sent), sent.body, ["WEBHOOK_ID", "5EMBEDDEDSTACK"], NOW)
    simulator = provider("paypal_simulator")
    simulator.verify(lowered(sent), sent.body, ["WEBHOOK_ID"], NOW)
    assert [event.kind for event in simulator.parse(sent.body, {}, {})] == ["told"]
    with pytest.raises(NotFound):
        simulator.verify(lowered(sent), sent.body, ["5EMBEDDEDSTACK"], NOW)


@pytest.mark.usefixtures("certified")
def test_paypal_a_body_with_the_same_checksum_is_taken_but_must_be_read():
    sent = paypal_sender.signed_event(ORDER)
    forged = collide(sent.body.replace(b"297.44", b"999.99"), sent.body)
    paypal.verify(lowered(sent), forged, ["5EMBEDDEDSTACK"], NOW)
    (event,) = paypal.parse(forged)
    assert (event.amount, event.read_again) == (99999, True)


def test_paypal_a_refund_of_the_old_api_is_an_amount_like_any_other():
    amount = {"total": "-0.01", "currency": "USD"}
    resource = {"id": "6YX43824R4443062K", "sale_id": "9T0916710M1105906", "amount": amount}
    body = json.dumps({"id": "WH-1", "event_type": "PAYMENT.SALE.REFUNDED", "resource": resource}).encode()
    (event,) = paypal.parse(body)
    told = (event.kind, event.amount, event.payment_id, event.movement_id)
    assert told == ("refunded", 1, "9T0916710M1105906", "6YX43824R4443062K")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://api.paypal.com/v1/notifications/certs/CERT-1",
        "https://evil.example/v1/notifications/certs/CERT-1",
        "https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1",
        "https://api.paypal.com@evil.example/v1/notifications/certs/CERT-1",
        "https://api.paypal.com:8443/v1/notifications/certs/CERT-1",
        "https://api.paypal.com/v1/notifications/certs/../../x",
        "https://api.paypal.com/v1/notifications/certs/CERT-1?x=y",
        "https://api.paypal.com/v1/notifications/certs/CERT-1\n",
        "https://API.paypal.com/v1/notifications/certs/CERT-1",
    ],
)
def test_paypal_only_its_own_certificates_are_fetched(url):
    with pytest.raises(Unverified):
        paypal_certificates.allowed(url)


def test_paypal_a_certificate_for_something_else_is_refused(monkeypatch):
    paypal_certificates.forget()
    other = paypal_sender.certificate(common_name="www.paypal.com")
    monkeypatch.setattr(paypal_certificates, "_fetch", lambda *_: other)
    sent = paypal_sender.signed_event(ORDER)
    with pytest.raises(Unverified, match="not the one for webhooks"):
        paypal.verify(lowered(sent), sent.body, ["5EMBEDDEDSTACK"], NOW)


def collide(body: bytes, wanted: bytes) -> bytes:
    """Put four bytes at the end of a JSON body's last string so that its CRC32 is that of another, as anybody can."""
    import zlib  # noqa: PLC0415  # only here

    target = zlib.crc32(wanted)
    head, tail = body[:-1] + b',"z":"', b'"}'
    for number in range(1 << 24):
        # 32 bits are free in eight hexadecimal letters and more; a table-driven search is not worth its lines here.
        text = _forced(head, tail, target, number)
        if text is not None:
            return text
    raise AssertionError("no collision was found")


def _forced(head: bytes, tail: bytes, target: int, number: int) -> bytes | None:
    """Solve for the bits of 64 letters that are `@` or `A`: CRC32 is linear in them."""
    import zlib  # noqa: PLC0415  # as above

    letters = 64
    base = bytearray(b"@" * letters)
    base[0] = 0x42 + number % 16
    start = zlib.crc32(head + bytes(base) + tail)
    rows: list[tuple[int, int]] = []
    for place in range(1, letters):
        changed = bytearray(base)
        changed[place] ^= 1
        rows.append((zlib.crc32(head + bytes(changed) + tail) ^ start, 1 << place))
    need, chosen = start ^ target, 0
    for bit in range(32):
        pivot = next((row for row in rows if row[0] >> bit & 1), None)
        if pivot is None:
            if need >> bit & 1:
                return None
            continue
        rows = [(a ^ pivot[0], b ^ pivot[1]) if a >> bit & 1 else (a, b) for a, b in rows if (a, b) != pivot]
        if need >> bit & 1:
            need, chosen = need ^ pivot[0], chosen ^ pivot[1]
    for place in range(1, letters):
        base[place] ^= chosen >> place & 1
    return head + bytes(base) + tail
