"""Our signed HTTP is what AWS expects; botocore is the oracle."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st

from quittance.adapters import aws_json
from quittance.domain.errors import Transient


@given(body=st.binary(max_size=200), token=st.sampled_from([None, "token/+="]))
def test_signatures_are_botocores(body, token):
    with pytest.MonkeyPatch.context() as patch:
        _role(patch, token)
        given = {
            "content-type": "application/x-amz-json-1.0",
            "host": "sqs.eu-central-1.amazonaws.com",
            "x-amz-target": "A.B",
        }
        moment = datetime(2026, 12, 20, 21, 0, tzinfo=UTC)
        headers = aws_json.signed(given, body, service="sqs", region="eu-central-1", at=moment)
    proof = headers.pop("authorization")
    request = AWSRequest("POST", f"https://{headers['host']}/", data=body, headers=headers)
    request.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials("AKID", "SECRET", token), "sqs", "eu-central-1")
    wanted = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert proof.endswith(f"Signature={wanted}")
    assert f"SignedHeaders={';'.join(sorted(headers))}," in proof


def test_a_service_that_does_not_answer_is_tried_three_times(monkeypatch):
    _role(monkeypatch, None)
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    pauses: list[int] = []
    with pytest.raises(Transient, match="SendMessageBatch"):
        aws_json.Sqs(pause=pauses.append).send_message_batch(QueueUrl="q", Entries=[])
    assert pauses == [0, 1]


@pytest.mark.parametrize(
    ("region", "host"),
    [("eu-central-1", "sqs.eu-central-1.amazonaws.com"), ("cn-north-1", "sqs.cn-north-1.amazonaws.com.cn")],
)
def test_the_endpoint_is_the_regions(monkeypatch, region, host):
    monkeypatch.setenv("AWS_REGION", region)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL_SQS", raising=False)
    assert aws_json.Sqs()._url.geturl() == f"https://{host}"


def _role(patch: pytest.MonkeyPatch, token: str | None) -> None:
    patch.setenv("AWS_ACCESS_KEY_ID", "AKID")
    patch.setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
    if token:
        patch.setenv("AWS_SESSION_TOKEN", token)
    else:
        patch.delenv("AWS_SESSION_TOKEN", raising=False)
