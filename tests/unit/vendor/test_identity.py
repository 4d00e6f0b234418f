from __future__ import annotations

import pytest


def test_a_token_comes_with_its_times_as_text(desk):
    reply = desk.token_call(grant_type="client_credentials")
    assert reply.body["expires_in"] == "3600"
    assert reply.body["expires_on"] == "1790845200"  # 2026-10-01T09:00:00Z
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("tenant", "form", "http", "error"),
    [
        ("acme-t", {"client_secret": "wrong"}, 401, "invalid_client"),
        ("acme-t", {"client_id": "unknown"}, 400, "unauthorized_client"),
        ("nobody", {}, 400, "invalid_request"),
        ("acme-t", {"grant_type": "password"}, 400, "unsupported_grant_type"),
        ("acme-t", {"resource": ""}, 400, "invalid_resource"),
        ("acme-t", {"grant_type": "refresh_token", "refresh_token": "stolen"}, 400, "invalid_grant"),
    ],
)
def test_a_refused_sign_in_has_the_directorys_shape(desk, tenant, form, http, error):
    reply = desk.token_call(tenant, **({"grant_type": "client_credentials"} | form))
    assert (reply.status, reply.body["error"]) == (http, error)
    assert set(reply.body) == {
        "error", "error_description", "error_codes", "timestamp", "trace_id", "correlation_id",
    }  # fmt: skip


@pytest.mark.parametrize("authorization", ["", "Bearer nothing", "Basic abc"])
def test_every_call_needs_a_bearer(desk, authorization):
    reply = desk.get("/customers", authorization=authorization)
    assert (reply.status, reply.code) == (401, "400")


def test_a_token_ends_with_its_hour(desk):
    desk.at("2026-10-01T09:00:00Z")
    assert desk.get("/customers").status == 200
    desk.at("2026-10-01T09:00:01Z")
    assert desk.get("/customers").status == 401


def test_the_retired_audience_is_refused(desk):
    desk.token = desk.sign_in(resource="https://graph.windows.net")
    reply = desk.get("/customers")
    assert (reply.status, reply.code) == (401, "900420")
