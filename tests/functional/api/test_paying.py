"""The payment page: its address is its only key, and it shows what is open now."""

import json
import re
from importlib import import_module

import pytest

from quittance.runtime import links
from tests.functional.api.conftest import PARTNER, Context, event_of
from tests.functional.api.test_books import invoice, pay

BASE = "https://billing.acme.example"
BANK = {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "holder": "ACME Cloud GmbH"}
SETTINGS = {**PARTNER, "email": "billing@acme.example", "phone": "+49 89 1234567", "bank": BANK}


class Vault:
    """Secrets Manager's one call; what is not there is not found."""

    def __init__(self, **secrets):
        self.secrets = secrets

    def get_secret_value(self, *, SecretId):  # noqa: N803  # AWS's own name
        return {"SecretString": json.dumps({"secrets": self.secrets.get(SecretId.split("/")[1], [])})}


@pytest.fixture
def issued(book, at, monkeypatch):
    monkeypatch.setenv("PUBLIC_BASE_URL", BASE)
    monkeypatch.setattr(links, "SecretsManager", lambda: Vault(acme=["key of acme"], other=["key of other"]))
    links.pay_links.cache_clear()
    book("PUT", "/v1/partner", {**SETTINGS, "payment_url": "https://pay.example/{number}?amount={amount}"})
    at("2026-10-01T08:00:00Z")
    invoice(book, "contoso", "I1", "2026-10-01", "2026-10-31", "249.95")
    yield book
    links.pay_links.cache_clear()


def link(call, invoice="I1"):
    return call("GET", f"/v1/accounts/contoso/invoices/{invoice}/payment-link")


def page(path, **more):
    handler = import_module("functions.partner_api.app").handler  # reads the environment when imported
    return handler(event_of("GET", path.removeprefix(BASE), partner=None, **more), Context())


def seen(text):
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(r"<(style|svg).*?</\1>", "", text)).replace("\u00a0", " ").split())


def test_the_page_shows_what_is_open_and_how_to_pay(issued):
    answer = page(link(issued).body["url"])
    text = seen(answer["body"])
    assert answer["statusCode"] == 200
    assert "Rechnung ACME-2026-000001 bezahlen" in text
    assert "Noch offen 297,44 EUR Fällig am 31. Oktober 2026" in text
    assert "IBAN DE89 3704 0044 0532 0130 00" in text
    assert 'href="https://pay.example/ACME-2026-000001?amount=297.44"' in answer["body"]
    assert "<svg role=" in answer["body"]
    assert "Contoso" not in answer["body"]


def test_a_part_payment_shows_at_once_and_a_paid_invoice_asks_for_nothing(issued):
    url = link(issued).body["url"]
    pay("contoso", 10000, name="I1")
    assert "Noch offen 197,44 EUR" in seen(page(url)["body"])
    pay("contoso", 19744, name="I1")
    text = page(url)["body"]
    assert "nichts mehr zu zahlen" in text
    assert "IBAN" not in text
    assert "https://pay.example" not in text


@pytest.mark.parametrize(("lang", "title"), [("en", "Pay invoice"), ("de", "bezahlen"), ("xx", "Pay invoice")])
def test_the_page_speaks_the_readers_language(issued, lang, title):
    assert title in seen(page(link(issued).body["url"], query={"lang": lang})["body"])


def test_the_page_is_kept_by_nobody_and_carries_no_script(issued):
    answer = page(link(issued).body["url"])
    assert answer["headers"]["cache-control"] == "private, no-store"
    assert answer["headers"]["x-robots-tag"] == "noindex, nofollow"
    assert answer["headers"]["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer["headers"]["content-security-policy"]
    assert "<script" not in answer["body"]


def test_every_wrong_address_gives_the_same_answer(issued):
    good = link(issued).body["url"]
    of_none = links.pay_links().url("acme", "contoso", "I9")
    other = good.replace("/acme/", "/other/")
    answers = [
        page(wrong) for wrong in (good[:-2], of_none, other, f"{BASE}/public/acme/pay/x", f"{BASE}/public/nix/pay/x")
    ]
    assert {answer["statusCode"] for answer in answers} == {404}
    assert len({answer["body"] for answer in answers}) == 1
    assert "text/html" in answers[0]["headers"]["content-type"]


def test_links_are_for_issued_invoices_of_the_callers_own(issued):
    assert link(issued, "I9").status == 404
    call = issued("GET", "/v1/accounts/contoso/invoices/I1/payment-link", partner="other")
    assert call.status == 404


def test_without_a_secret_there_are_no_links(issued, monkeypatch):
    monkeypatch.setattr(links, "SecretsManager", Vault)
    links.pay_links.cache_clear()
    assert link(issued).status == 404


def test_an_address_of_the_provider_is_checked_when_it_is_put(book):
    refused = book("PUT", "/v1/partner", {**SETTINGS, "payment_url": "http://pay.example/{number}"})
    assert refused.status == 422
