"""The client's line to the vendor against scripted answers that no well-behaved vendor gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3

from quittance.adapters.partner_center import Credentials, PartnerCenter, cloud_for
from quittance.domain.errors import Poison, QuittanceError, Transient
from quittance.runtime.clock import FixedClock

TOKEN = (200, {"access_token": "t0ken", "expires_in": "3600"}, {})


@dataclass
class Got:
    status: int
    data: bytes
    headers: Mapping[str, str]


@dataclass
class ScriptedPool:
    """Gives one scripted answer after another; an exception in the script is raised."""

    script: list[Any]
    asked: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)

    def request(self, method: str, url: str, **how: Any) -> Got:
        self.asked.append((method, url, how))
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, body, headers = answer
        return Got(status, body if isinstance(body, bytes) else json.dumps(body).encode(), headers)


def client(*script: Any, credentials: Credentials | None = None) -> tuple[PartnerCenter, ScriptedPool]:
    pool = ScriptedPool(list(script))
    held = credentials or Credentials("acme-t", "app", "hush")
    clock = FixedClock(datetime(2026, 10, 1, 8, tzinfo=UTC))
    made = PartnerCenter(cloud=cloud_for("us-government"), credentials=lambda: held, clock=clock, pool=pool)  # type: ignore[arg-type]
    return made, pool


@pytest.mark.parametrize(
    ("script", "error"),
    [
        ([urllib3.exceptions.NewConnectionError(None, "refused")], Transient),  # type: ignore[arg-type]
        ([urllib3.exceptions.ReadTimeoutError(None, "/", "late")], Transient),  # type: ignore[arg-type]
        ([TOKEN, urllib3.exceptions.ProtocolError("gone")], Transient),
        ([TOKEN, (200, b"<html>", {})], Poison),
        ([TOKEN, (200, b"", {})], Poison),
        ([TOKEN, (302, b"", {"Location": "https://evil.example"})], Poison),
        ([TOKEN, (401, {"code": "400"}, {}), TOKEN, (401, {"code": "400"}, {})], Poison),
        ([(200, {"access_token": "t0ken"}, {})], Poison),
        ([(200, {"access_token": "t0ken", "expires_in": "soon"}, {})], Poison),
        ([(429, b"", {"Retry-After": "3"})], Transient),
    ],
)
def test_every_bad_answer_is_one_of_our_errors_and_tells_no_secret(script, error):
    made, _ = client(*script)
    with pytest.raises(QuittanceError) as caught:
        made.get_subscription("contoso", "seat")
    assert type(caught.value) is error
    assert not any(secret in str(caught.value) for secret in ("hush", "t0ken"))


def test_calls_go_to_the_clouds_own_hosts_within_time_limits_and_follow_nothing():
    body = {"id": "seat", "status": "active", "autoRenewEnabled": True}
    made, pool = client(TOKEN, (200, body, {}))
    made.get_subscription("con toso", "a/b")
    assert [url for _, url, _ in pool.asked] == [
        "https://login.microsoftonline.us/acme-t/oauth2/token",
        "https://api.partnercenter.microsoft.com/v1/customers/con%20toso/subscriptions/a%2Fb",
    ]
    for _, _, how in pool.asked:
        assert (how["timeout"].connect_timeout, how["timeout"].read_timeout, how["redirect"]) == (2.0, 10.0, False)


def test_an_acceptance_without_a_place_to_look_is_poison():
    body = {"id": "seat", "status": "active", "autoRenewEnabled": True}
    made, _ = client(TOKEN, (200, body, {}), (202, b"", {}))
    seat = made.get_subscription("contoso", "seat")
    with pytest.raises(Poison, match="Location"):
        made.set_status("contoso", seat, "suspended", auto_renew=True, request_id="r")


def test_what_the_client_does_not_know_is_sent_back_as_it_came():
    raw = {"id": "seat", "status": "active", "autoRenewEnabled": True, "novelty": {"depth": 1.25, "list": [1, "2"]}}
    made, pool = client(TOKEN, (200, raw, {}), (200, raw | {"status": "suspended"}, {}))
    made.set_status("contoso", made.get_subscription("contoso", "seat"), "suspended", auto_renew=True, request_id="r")
    assert json.loads(pool.asked[-1][2]["body"]) == raw | {"status": "suspended"}


@pytest.mark.parametrize(
    ("attributes", "sent"), [({"etag": "abc="}, '"abc="'), ({"etag": '"abc="'}, '"abc="'), ({}, None)]
)
def test_an_etag_is_sent_quoted_where_there_is_one(attributes, sent):
    raw = {"id": "seat", "status": "active", "autoRenewEnabled": True, "attributes": attributes}
    made, pool = client(TOKEN, (200, raw, {}), (200, raw, {}))
    made.set_status("contoso", made.get_subscription("contoso", "seat"), "suspended", auto_renew=True, request_id="r")
    assert pool.asked[-1][2]["headers"].get("If-Match") == sent


def test_a_secret_without_its_parts_says_which():
    with pytest.raises(Poison, match="client_secret, tenant missing"):
        Credentials.from_secret({"client_id": "app"})
    assert Credentials.from_secret({"tenant": "t", "client_id": "c", "client_secret": "s"}).refresh_token is None
