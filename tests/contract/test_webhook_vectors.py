"""Signed bodies of the providers, byte for byte, through the real handler with the clock frozen at each one's moment.

Ours are in tests/data/webhooks. Another file of the same shape is taken from QUITTANCE_WEBHOOK_VECTORS, or from
shared/data beside the checkout where there is one.

Verdicts: `valid` is taken (200); `invalid` is refused and nothing is enqueued; `fetch` is taken, what it names is to be
read before anything is booked; `valid_signature_but_forged` has a signature that nobody can tell from a good one, so
nothing that it says about money may be booked unread.
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
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from infra.local.providers import paypal as sender
from infra.local.providers.apis import ProviderApis
from quittance.adapters.providers import NAMES, paypal, paypal_certificates, provider
from tests.functional.payments import cloud

ROOT = Path(__file__).resolve().parents[2]
OURS = ROOT / "tests" / "data" / "webhooks" / "vectors.json"
OTHERS = Path(os.environ.get("QUITTANCE_WEBHOOK_VECTORS") or ROOT.parent / "shared" / "data" / "webhook_vectors.json")
REFUSED = (400, 401, 404)
BOOKING = ("succeeded", "refunded", "chargeback", "chargeback_reversed", "refund_failed", "fee")


def vectors() -> Iterator[Any]:
    for path in (OURS, OTHERS):
        if not path.exists():
            yield pytest.param(None, id=path.name, marks=pytest.mark.skip(f"there is no {path.name} at {path.parent}"))
            continue
        for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]:
            later = f"{vector['provider']} is not among the providers: {', '.join(sorted(NAMES))}"
            marks = () if vector["provider"] in NAMES else (pytest.mark.skip(later),)
            yield pytest.param(vector, id=f"{path.parent.name}-{vector['id']}", marks=marks)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, ProviderApis]]:
    folder, apis = tmp_path_factory.mktemp("vectors"), ProviderApis()
    with pytest.MonkeyPatch.context() as patch, cloud.cloud(patch, folder):
        patch.setenv("PROVIDER_API_BASE", apis.base_url)
        yield folder, apis
    apis.close()


@pytest.mark.parametrize("vector", list(vectors()))
def test_a_vector_gets_the_verdict_it_should(world, vector):
    folder, apis = world
    cloud.set_clock(folder, datetime.fromtimestamp(vector["now"], UTC))
    certify(apis, vector)
    status, enqueued = posted(vector, vector["provider"])
    simulated = vector.get("params", {}).get("webhook_id") == paypal.SIMULATED
    if simulated and vector["expected"] != "invalid":
        # What anybody can have signed is refused where money is told, and shown to be well signed where none is.
        assert status == 404
        assert enqueued == []
        status, enqueued = posted(vector, "paypal_simulator")
        assert enqueued == []
    if vector["expected"] == "valid":
        assert status == 200
    elif vector["expected"] == "fetch":
        assert status == 200
        assert [message["read_again"] for message in enqueued] == [True]
    elif vector["expected"] == "valid_signature_but_forged":
        assert status in (200, *REFUSED)
        assert [message for message in enqueued if message["kind"] in BOOKING and not message["read_again"]] == []
    else:
        assert vector["expected"] == "invalid"
        assert status in REFUSED
        assert enqueued == []
    assert [message["amount"] for message in enqueued] == vector.get("enqueued", [m["amount"] for m in enqueued])


def posted(vector: dict[str, Any], name: str) -> tuple[int, list[dict[str, Any]]]:
    """Configure the partner, post the vector to a provider's address; the answer's status and what was enqueued."""
    from functions.payment_webhooks import app  # noqa: PLC0415  # reads the environment when first asked

    cloud.put_secret("acme", provider(name).NAME, {"secrets": configured(vector), "api_key": "test_key"})
    app._adapters.cache_clear()
    try:
        answer = app.handler(event_of(vector, name), None)
    finally:
        for adapter in app._adapters():
            adapter._client.close()
    return answer["statusCode"], cloud.queued(os.environ["QUEUE_PAYMENTS_URL"])


def configured(vector: dict[str, Any]) -> list[str]:
    """What the partner has set: signing secrets, or the id of its webhook where that is what is signed."""
    secret = vector.get("params", {}).get("webhook_id", vector["secret"])
    return secret if isinstance(secret, list) else [secret]


def certify(apis: ProviderApis, vector: dict[str, Any]) -> None:
    """Let the stand-in give the certificate that the vector comes with, or one for the bare key that it comes with."""
    params, headers = vector.get("params", {}), {name.lower(): text for name, text in vector["headers"].items()}
    paypal_certificates.forget()
    apis.files.clear()
    if pem := params.get("cert_pem") or certified(params):
        path = "/v1/notifications/" + headers.get("paypal-cert-url", "").rpartition("/v1/notifications/")[2]
        apis.files[f"/paypal{path}"] = pem.encode()


def certified(params: dict[str, Any]) -> str | None:
    if not (pem := params.get("public_key_pem")):
        return None
    key = load_pem_public_key(pem.encode())
    assert isinstance(key, RSAPublicKey)
    return sender.certificate(key).decode()


def event_of(vector: dict[str, Any], name: str) -> dict[str, Any]:
    """The vector as the HTTP API hands it over; bytes that are no text come as base64."""
    encoded = "body_b64" in vector
    if encoded:
        base64.b64decode(vector["body_b64"], validate=True)
    return {
        "version": "2.0",
        "headers": vector["headers"],
        "pathParameters": {"provider": name, "partner": "acme"},
        "requestContext": {"requestId": "request-1"},
        "body": vector["body_b64"] if encoded else vector["body"],
        "isBase64Encoded": encoded,
    }
