"""Bad input at the API's door: a clear answer, and nothing changed."""

from __future__ import annotations

import json

import pytest

from quittance.domain.roles import ROLES, Permission
from quittance.runtime.api.routes import PARTNER_API
from tests.functional.api.conftest import ACCOUNT, PARTNER

EVERYWHERE = [("GET", "/v1/partner"), ("PUT", "/v1/accounts/contoso"), ("GET", "/v1/accounts/contoso")]


@pytest.mark.parametrize(("method", "path"), EVERYWHERE)
def test_without_a_token_there_is_nothing(book, items, method, path):
    before = items()
    refused = book(method, path, ACCOUNT, partner=None)
    assert (refused.status, refused.headers["www-authenticate"], items()) == (401, "Bearer", before)
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("claim", ["", "a#A#b", "acme/globex", "a" * 65])
def test_a_token_cannot_forge_a_key(book, items, claim):
    before = items()
    assert book("PUT", "/v1/partner", PARTNER, partner=claim).status in (401, 422)
    assert items() == before


def test_another_partners_token_sees_nothing_and_changes_nothing(book, items):
    before = items()
    assert book("GET", "/v1/partner", partner="globex").status == 404
    assert book("GET", "/v1/accounts/contoso", partner="globex").status == 404
    assert book("GET", "/v1/accounts", partner="globex").body["accounts"] == []
    assert book("PUT", "/v1/partner", PARTNER, partner="globex").status == 422
    assert book("PUT", "/v1/accounts/contoso", ACCOUNT, partner="globex").status == 404
    assert items() == before


@pytest.mark.parametrize("role", ["root", "", "ADMIN_AGENT"])
def test_an_unknown_role_is_nobody(book, role):
    assert book("GET", "/v1/partner", role=role).status == 401


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("{", 400),
        ("", 400),
        ("NaN", 400),
        ('{"a": Infinity}', 400),
        ("null", 422),
        ("[]", 422),
        ('"text"', 422),
        ("[" * 100_000, 400),
        (json.dumps({**ACCOUNT, "name": "x" * 300_000}), 413),
    ],
)
def test_a_body_that_cannot_be_read_is_told_so(book, items, raw, status):
    before = items()
    assert (book("PUT", "/v1/accounts/contoso", raw=raw).status, items()) == (status, before)


def test_another_content_type_is_not_read(book):
    assert book("PUT", "/v1/partner", PARTNER, headers={"content-type": "text/xml"}).status == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/nowhere", 404),
        ("GET", "/v1/accounts/contoso/secrets", 404),
        ("DELETE", "/v1/accounts/contoso", 405),
        ("GET", "/v1/accounts/a%23b", 422),
        ("GET", "/v1/accounts/unknown", 404),
        ("GET", "/v1/policies/unknown", 404),
        ("GET", "/v1/support-plans/unknown", 404),
        ("GET", "/v1/accounts/unknown/status", 404),
        ("GET", "/v1/accounts/unknown/timeline", 404),
    ],
)
def test_what_is_not_there_is_told_so(book, method, path, status):
    answer = book(method, path)
    assert (answer.status, answer.body["status"], answer.body["instance"]) == (status, status, path)


@pytest.mark.parametrize("limit", ["0", "-1", "1000", "ten", "1e2", "\u00b2"])
def test_a_page_has_a_sensible_size(book, limit):
    assert book("GET", "/v1/accounts", query={"limit": limit}).status == 400


def test_every_role_may_do_what_the_matrix_says_and_nothing_else(book, items):
    before = items()
    for route in PARTNER_API:
        path = "/".join("zzz" if part.startswith("{") else part for part in route.address.split("/"))
        for role, permissions in ROLES.items():
            if route.permission is None or route.permission in permissions:
                continue
            refused = book(route.method, path, raw="{", role=role)
            assert (refused.status, refused.body["title"]) == (403, "Not allowed"), (role, route)
    assert items() == before
    assert {route.permission for route in PARTNER_API} >= set(Permission)


def test_a_sales_agent_only_looks():
    assert ROLES["sales_agent"] == {Permission.READ}
    assert all(route.method == "GET" for route in PARTNER_API if route.permission is Permission.READ)
    assert all(route.permission is not Permission.READ for route in PARTNER_API if route.method != "GET")
