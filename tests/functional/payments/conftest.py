"""Fixtures of the payment functions."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.dynamo import door as dynamo_door
from tests.dynamo.engine import Dynamo
from tests.functional.payments import cloud

NOW = datetime(2026, 12, 20, 21, 0, tzinfo=UTC)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[cloud.Door]:
    with cloud.cloud(monkeypatch, tmp_path) as opened:
        cloud.set_clock(tmp_path, NOW)
        cloud.put_secrets("acme", "stripe", ["whsec_current"])
        from functions.payment_webhooks import app  # noqa: PLC0415  # reads the environment when first asked

        app._adapters.cache_clear()
        yield opened
        secrets, outgoing = app._adapters()
        secrets._client.close()
        outgoing._client.close()
        app._adapters.cache_clear()


@pytest.fixture
def post(door: cloud.Door) -> Callable[..., dict[str, Any]]:
    """Post a webhook to the handler as the HTTP API hands it over."""
    from functions.payment_webhooks import app  # noqa: PLC0415  # as above

    def _post(given: dict[str, str], body: bytes | str, *, partner: str = "acme", **more: Any) -> dict[str, Any]:
        event = {
            "version": "2.0",
            "headers": {name.lower(): value for name, value in given.items()},
            "pathParameters": {"provider": "stripe", "partner": partner},
            "body": body.decode() if isinstance(body, bytes) else body,
            "isBase64Encoded": False,
            **more,
        }
        return app.handler(event, None)

    return _post


@pytest.fixture
def queued(door: cloud.Door) -> Callable[[], list[dict[str, Any]]]:
    return lambda: cloud.queued(os.environ["QUEUE_PAYMENTS_URL"])


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Any]:
    with cloud.cloud(monkeypatch, tmp_path), dynamo_door.at_the_wire(Dynamo()):
        cloud.set_clock(tmp_path, NOW)
        cloud.forget_connections()
        yield cloud.create_table()
    cloud.forget_connections()
