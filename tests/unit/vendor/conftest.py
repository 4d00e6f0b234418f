"""A desk in front of the stand-in without sockets: calls with a token, under a clock that the test moves."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from infra.local.vendor.app import VendorApp
from infra.local.vendor.clock import VendorClock
from infra.local.vendor.wire import Request, Response

PARTNER = {"tenant": "acme-t", "client_id": "app", "client_secret": "hush", "refresh_token": "again"}
SEAT = {"id": "seat", "product": "CFQ7TTC0LH18", "name": "Microsoft 365 E3", "kind": "nce_license", "quantity": 25}
AUDIENCE = "https://api.partnercenter.microsoft.com"


@dataclass
class Reply:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str | None:
        return self.body.get("code") if isinstance(self.body, dict) else None


class Desk:
    def __init__(self, clock_file: Path) -> None:
        self._clock_file = clock_file
        self.at("2026-10-01T08:00:00Z")
        self.app = VendorApp(VendorClock(clock_file))
        self.seed(partners=[PARTNER], customers=[{"id": "contoso", "name": "Contoso AG"}])
        self.token = self.sign_in()

    def at(self, moment: str) -> None:
        self._clock_file.write_text(moment, encoding="ascii")

    def seed(self, **data: Any) -> None:
        self.app.seed(data)

    def subscriptions(self, *rows: dict[str, Any]) -> None:
        self.seed(customers=[{"id": "contoso", "name": "Contoso AG", "subscriptions": list(rows)}])

    def sign_in(self, grant: str = "client_credentials", **form: str) -> str:
        reply = self.token_call(grant_type=grant, **form)
        return str(reply.body["access_token"])

    def token_call(self, tenant: str = "acme-t", **form: str) -> Reply:
        fields = {"resource": AUDIENCE, "client_id": "app", "client_secret": "hush"} | form
        return _read(self.app.handle(Request("POST", f"/{tenant}/oauth2/token", {}, urlencode(fields).encode())))

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        named = {"authorization": f"Bearer {self.token}", "ms-requestid": str(uuid.uuid4())}
        if body is not None:
            named["content-type"] = "application/json"
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = b"" if body is None else json.dumps(body).encode()
        return _read(self.app.handle(Request(method, f"/v1{path}", named, data)))

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, **headers)

    def resource(self, name: str = "seat", customer: str = "contoso") -> dict[str, Any]:
        body: dict[str, Any] = self.get(f"/customers/{customer}/subscriptions/{name}").body
        return body

    def patch(self, name: str = "seat", *, drop: tuple[str, ...] = (), headers: dict[str, str] | None = None,
              **changes: Any) -> Reply:  # fmt: skip
        body = {key: value for key, value in (self.resource(name) | changes).items() if key not in drop}
        return self.call("PATCH", f"/customers/contoso/subscriptions/{name}", body, **(headers or {}))

    def disturb(self, disturbance: Any) -> None:
        self.app.disturbance = disturbance


def _read(response: Response) -> Reply:
    is_json = "json" in response.headers.get("Content-Type", "")
    return Reply(response.status, json.loads(response.body) if is_json else None, response.headers)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "clock")


@pytest.fixture
def seat(desk: Desk) -> Desk:
    """A desk with one new-commerce seat subscription."""
    desk.subscriptions(SEAT | {"term_ends": "2027-03-31", "auto_renew": True})
    return desk
