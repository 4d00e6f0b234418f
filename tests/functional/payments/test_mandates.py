"""What GoCardless tells of a mandate shows on the account that has it: once, and in the order of its moments."""

from __future__ import annotations

import json

import pytest

from infra.local.providers import gocardless
from quittance.adapters.providers import provider
from quittance.domain.payment_method import Method
from quittance.runtime.clock import iso
from quittance.store import keys
from quittance.store import payment_methods as shelf
from quittance.store.models import HeadItem
from quittance.usecases.payment_message import ApplyPayment
from quittance.usecases.payment_methods import put_method
from tests.functional.payments.conftest import NOW
from tests.functional.payments.test_movements import handle

MANDATE = {
    "provider": "gocardless",
    "kind": "sepa_mandate",
    "reference": "MD1",
    "mandate": {"reference": "M-1", "signed_on": "2026-09-14"},
    "default": True,
}


@pytest.fixture(autouse=True)
def mandates(table):
    for account in ("contoso", "fabrikam"):
        key = keys.head("acme", account)
        HeadItem(key.pk, key.sk, currency="EUR").save()
        put_method("acme", account, "sepa", MANDATE, shelf=shelf, now=NOW.replace(month=10))


def told(action: str, at: str, mandate: str = "MD1") -> ApplyPayment:
    event = {"id": f"EV{action}", "created_at": at, "resource_type": "mandates", "action": action}
    body = json.dumps({"events": [{**event, "links": {"mandate": mandate}}]}).encode()
    secret = str(gocardless.SECRET["secrets"][0])
    provider("gocardless").verify({"webhook-signature": gocardless.sign(body, secret)}, body, [secret], NOW)
    (found,) = provider("gocardless").parse(body, {}, {})
    return ApplyPayment(
        partner="acme",
        provider="gocardless",
        event_id=found.event_id,
        payment_id=found.payment_id,
        kind=found.kind,
        amount=0,
        currency="",
        received_at=iso(NOW),
        reason=found.reason,
        occurred_at=iso(found.occurred_at),
    )


def held(account: str = "contoso") -> Method:
    return shelf.load("acme", account)[0].known["sepa"]


def test_a_cancelled_mandate_is_shown_and_is_the_default_no_more():
    for _ in range(2):
        assert handle(told("cancelled", "2026-12-01T10:00:00Z")) == []
    for account in ("contoso", "fabrikam"):
        methods, version = shelf.load("acme", account)
        assert (held(account).state, methods.default, version) == ("cancelled", None, 2)
        assert methods.history[-1]["text"] == "Payment method sepa (sepa_mandate at gocardless) is cancelled."


def test_late_news_does_not_undo_later_news():
    handle(told("reinstated", "2026-12-03T10:00:00Z"), told("cancelled", "2026-12-05T10:00:00Z"))
    handle(told("active", "2026-12-04T10:00:00Z"))
    assert (held().state, held().state_at) == ("cancelled", "2026-12-05T10:00:00Z")


def test_news_of_what_nobody_has_or_nobody_knows_is_nothing():
    handle(told("failed", "2026-12-01T10:00:00Z", "MD9"))
    assert held().state == "active"
    body = json.dumps({"events": [{"id": "EV1", "resource_type": "mandates", "action": "replaced"}]}).encode()
    assert [one.kind for one in provider("gocardless").parse(body, {}, {})] == ["other"]
