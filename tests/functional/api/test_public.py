"""The public pages through their real handler: readable without a token, and nothing else is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.functional.api.conftest import PLAN, POLICY, Context, event_of


@pytest.fixture
def page(book: Any) -> Any:
    from functions.public_pages.app import handler  # noqa: PLC0415  # reads the environment when imported

    def _page(path: str, **options: Any) -> dict[str, Any]:
        return handler(event_of("GET", path, partner=None, **options), Context())

    return _page


@pytest.mark.parametrize("path", ["/public/acme/collections", "/public/acme/support"])
@pytest.mark.parametrize(("query", "lang"), [({}, "de"), ({"lang": "en"}, "en"), ({"lang": "tlh"}, "en")])
def test_a_page_is_safe_cached_and_in_the_language_asked_for(page, path, query, lang):
    answer = page(path, query=query)
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer["headers"]["content-language"] == lang
    assert answer["headers"]["content-security-policy"].startswith("default-src 'none'")
    assert answer["headers"]["cache-control"] == "public, max-age=300"
    assert f'<html lang="{lang}"' in answer["body"]
    assert "ACME Cloud GmbH" in answer["body"]
    assert "<script" not in answer["body"]


def test_the_browsers_language_comes_before_the_partners(page):
    assert (
        page("/public/acme/support", headers={"accept-language": "en-GB,de;q=0.5"})["headers"]["content-language"]
        == "en"
    )


@pytest.mark.parametrize(
    ("path", "kind"), [("/public/acme/collections", "collections_policy"), ("/public/acme/support", "support_plan")]
)
def test_machines_get_json(page, path, kind):
    answer = page(path, headers={"accept": "application/json"})
    body = json.loads(answer["body"])
    assert (answer["headers"]["content-type"], body["kind"], bool(body["sentences"])) == (
        "application/json",
        kind,
        True,
    )


def test_a_named_plan_is_shown(book, page):
    book("PUT", "/v1/support-plans/always", {**PLAN, "contact": "support@acme.example"})
    assert "always" in page("/public/acme/support", query={"plan": "always"})["body"]
    assert "basic" in page("/public/acme/support", query={"plan": "basic"})["body"]


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/public/globex/collections", {}),
        ("/public/a%23b/support", {}),
        ("/public/acme/support", {"plan": "secret"}),
        ("/public/acme/collections", {"policy": "a#b"}),
        ("/public/acme/accounts", {}),
        ("/public/acme/support", {"plan": "<script>"}),
    ],
)
def test_what_is_not_published_is_one_and_the_same_page(page, items, path, query):
    before = items()
    answer = page(path, query={**query, "lang": "en"})
    assert (answer["statusCode"], answer["headers"]["content-type"]) == (404, "text/html; charset=utf-8")
    assert "Nothing is published." in answer["body"]
    assert items() == before


def test_the_policy_page_shows_the_version_in_force(book, page, at):
    changed = {**POLICY, "payment_days": 14, "promise": {"restores": True}}
    book("PUT", "/v1/policies/standard/draft", changed)
    book("POST", "/v1/policies/standard/draft/publish", {"starts": "2026-11-01T00:00:00+01:00"})

    def version() -> str:
        body = page("/public/acme/collections", headers={"accept": "application/json"})["body"]
        return str(json.loads(body)["version"])

    assert version() == "1"
    at("2026-10-31T23:00:00Z")
    assert version() == "2"
