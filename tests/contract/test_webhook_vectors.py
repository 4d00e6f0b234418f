"""Signed bodies of the providers, byte for byte, through the real handler with the clock frozen at each one's moment.

Ours are in tests/data/webhooks. Another file of the same shape is taken from QUITTANCE_WEBHOOK_VECTORS, or from
shared/data beside the checkout where there is one.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from quittance.adapters.providers import NAMES
from tests.functional.payments import cloud

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "tests" / "data" / "webhooks" / "vectors.json"
OTHERS = Path(os.environ.get("QUITTANCE_WEBHOOK_VECTORS") or ROOT.parent / "shared" / "data" / "webhook_vectors.json")


def vectors() -> Iterator[Any]:
    for path in (OURS, OTHERS):
        if not path.exists():
            yield pytest.param(None, id=path.name, marks=pytest.mark.skip(f"there is no {path.name} at {path.parent}"))
            continue
        for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]:
            later = f"{vector['provider']} is not among the providers yet: {', '.join(sorted(NAMES))}"
            marks = () if vector["provider"] in NAMES else (pytest.mark.skip(later),)
            yield pytest.param(vector, id=f"{path.parent.name}-{vector['id']}", marks=marks)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("vectors")
    with pytest.MonkeyPatch.context() as patch, cloud.cloud(patch, folder):
        yield folder


@pytest.mark.parametrize("vector", list(vectors()))
def test_a_vector_gets_the_verdict_it_should(world, vector):
    from functions.payment_webhooks import app  # noqa: PLC0415  # reads the environment when first asked

    cloud.set_clock(world, datetime.fromtimestamp(vector["now"], UTC))
    secret = vector["secret"]
    cloud.put_secrets("acme", vector["provider"], secret if isinstance(secret, list) else [secret])
    app._adapters.cache_clear()
    queue = os.environ["QUEUE_PAYMENTS_URL"]
    try:
        answer = app.handler(event_of(vector), None)
    finally:
        for adapter in app._adapters():
            adapter._client.close()
    enqueued = cloud.queued(queue)
    if vector["expected"] == "valid":
        assert answer["statusCode"] == 200
    else:
        assert answer["statusCode"] in (400, 401, 404)
        assert enqueued == []
    assert [message["amount"] for message in enqueued] == vector.get("enqueued", [m["amount"] for m in enqueued])


def event_of(vector: dict[str, Any]) -> dict[str, Any]:
    """The vector as the HTTP API hands it over; bytes that are no text come as base64."""
    encoded = "body_b64" in vector
    if encoded:
        base64.b64decode(vector["body_b64"], validate=True)
    return {
        "version": "2.0",
        "headers": vector["headers"],
        "pathParameters": {"provider": vector["provider"], "partner": "acme"},
        "body": vector["body_b64"] if encoded else vector["body"],
        "isBase64Encoded": encoded,
    }
