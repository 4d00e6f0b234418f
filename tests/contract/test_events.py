"""Every sample event is taken by its deployed function: in its own role's layers, on a book that it can be about."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from infra.local.providers import senders
from infra.local.scenario.embedded import deployed
from infra.local.scenario.format import load
from infra.local.scenario.play import Listener, Play
from infra.local.scenario.stack_world import StackWorld
from tests.functional.payments.test_samples import CERTIFICATE

pytestmark = pytest.mark.stack

ROOT = Path(__file__).parents[2]
SAMPLES = sorted(file for file in (ROOT / "events").glob("*/*.json"))
SAMPLE_SECRET = "whsec_quittance_sample"
NOBODYS = {
    "partner": "acme",
    "provider": "stripe",
    "event_id": "evt_3Q0001",
    "payment_id": "pi_3Q0001",
    "kind": "succeeded",
    "amount": 10000,
    "currency": "EUR",
    "received_at": "2026-09-30T08:00:00Z",
}
FIRST_STEPS = 2  # the vendor's file is in, its invoices are out


@pytest.fixture(scope="module")
def stack():
    scenario = load(ROOT / "events" / "scenarios" / "first_month.yaml")
    del scenario.steps[FIRST_STEPS:]
    scenario.observe.clear()
    with deployed(scenario.start) as (stack, vendor):
        Play(scenario, StackWorld(stack, vendor), Listener()).run()
        stack.seed_secrets("acme", providers={**senders.secrets(), "stripe": {"secrets": [SAMPLE_SECRET]}})
        stack.providers.files[f"/paypal{CERTIFICATE.path}"] = CERTIFICATE.pem
        put_the_uploaded_file(stack)
        leave_to_a_person(stack, "notice#contoso#I1-reminder", {"account": "contoso", "notice": "I1-reminder"})
        leave_to_a_person(stack, "payment#stripe#pi_3Q0001", NOBODYS)
        stack.wait_idle()  # some samples are about what is read from it
        yield stack


def leave_to_a_person(stack, name, body):
    """What two of the samples close."""
    at = "2026-09-30T08:00:00Z"
    item = {
        "pk": "P#acme",
        "sk": f"PARKED#{name}",
        "kind": "parked",
        "reason": "for a person",
        "body": json.dumps(body),
    }
    item |= {"parked_at": at, "due_lane": "task#acme", "due_at": at}
    told = {attribute: {"S": value} for attribute, value in item.items()}
    stack.client("dynamodb").put_item(TableName=stack.outputs["TableName"], Item=told)


def sample(file, stack):
    text = file.read_text(encoding="utf-8")
    for name in ("imports", "documents"):
        text = text.replace(f'\\"quittance-{name}\\"', f'\\"{stack.outputs[f"{name.capitalize()}BucketName"]}\\"')
    return json.loads(text)


def put_the_uploaded_file(stack):
    stack.client("s3").put_object(
        Bucket=stack.outputs["ImportsBucketName"],
        Key="acme/G012345678/nce_2026-09 (1).csv",
        Body=(ROOT / "events" / "scenarios" / "nce_2026-09.csv").read_bytes(),
        Metadata={"dated": "2026-10-08"},
    )
    stack.client("s3").put_object(
        Bucket=stack.outputs["ImportsBucketName"],
        Key="acme/bank-statements/2026-11-12.xml",
        Body=(ROOT / "events" / "scenarios" / "bank_2026-11-12.xml").read_bytes(),
    )


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_sample_is_taken(stack, file):
    event = sample(file, stack)
    put_the_uploaded_file(stack)
    if moment := event.get("requestContext", {}).get("timeEpoch"):
        stack.set_clock(datetime.fromtimestamp(moment / 1000, UTC))
    answer = stack.invoke(file.parent.name, event)
    if "requestContext" in event:
        assert answer["statusCode"] in ({403} if "forbidden" in file.stem else {200, 201, 202})
    elif "Records" in event:
        assert answer == {"batchItemFailures": []}
    stack.wait_idle()


def test_every_function_has_a_sample():
    functions = {file.parent.name for file in (ROOT / "functions").glob("*/app.py")}
    assert {file.parent.name for file in SAMPLES} == functions
