"""Bad input at every door of the deployed system: a clear answer, and nothing is changed."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path

import pytest
import urllib3

from infra.local.providers import stripe
from infra.local.providers.senders import STRIPE_SECRET
from infra.local.scenario.api import ApiError, PartnerApi
from infra.local.scenario.embedded import deployed
from infra.local.scenario.format import load
from infra.local.scenario.play import Listener, Play
from infra.local.scenario.stack_world import StackWorld
from quittance.domain.money import Money

pytestmark = pytest.mark.stack

ROOT = Path(__file__).parents[2]
SCENARIO = ROOT / "events" / "scenarios" / "partial_payer.yaml"
HTTP = urllib3.PoolManager(retries=False)


@pytest.fixture(scope="module")
def world():
    """Contoso owes one invoice."""
    scenario = load(SCENARIO)
    del scenario.steps[1:]
    scenario.observe.clear()
    with deployed(scenario.start) as (stack, vendor):
        world = StackWorld(stack, vendor)
        Play(scenario, world, Listener()).run()
        yield world


@pytest.fixture
def unchanged(world):
    """The table, the queues, the mails and the vendor are after a test as they were before."""
    before = everything(world)
    yield
    world.stack.wait_idle()
    assert everything(world) == before


def everything(world):
    stack = world.stack
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["TableName"])
    items = sorted(json.dumps(item, sort_keys=True, default=repr) for page in pages for item in page["Items"])
    return items, stack.queue_depths(), len(stack.mails()), world.vendor.state()


def webhook(
    world, *, partner="acme", provider="stripe", secret=STRIPE_SECRET, ago=timedelta(), body=None, headers=None
):
    signed, content = stripe.signed_event(
        payment="P9",
        account="contoso",
        invoice="I1",
        amount=Money(100, "EUR"),
        secret=secret,
        at=world.now - ago,
    )
    address = f"{world.stack.api_url}/webhooks/{provider}/{partner}"
    return HTTP.request("POST", address, body=body or content, headers=headers or signed)


@pytest.mark.parametrize(
    ("call", "status", "says"),
    [
        ({"secret": "whsec_somebody_else"}, 401, "no v1 signature matches"),
        ({"ago": timedelta(minutes=6)}, 401, "300 seconds"),
        ({"ago": -timedelta(minutes=6)}, 401, "300 seconds"),
        ({"partner": "nobody"}, 404, "no such webhook"),
        ({"provider": "unheard-of"}, 404, "no such webhook"),
        ({"body": b"x" * 2_000_000}, 413, "1048576 bytes"),
        ({"headers": {"content-type": "application/json"}}, 401, "Stripe-Signature"),
    ],
    ids=["wrong secret", "too old", "too new", "wrong partner", "unknown provider", "2 MB", "no signature"],
)
@pytest.mark.usefixtures("unchanged")
def test_a_webhook_that_is_not_the_providers_changes_nothing(world, call, status, says):
    answer = webhook(world, **call)
    assert answer.status == status
    problem = json.loads(answer.data)
    assert problem["status"] == status
    assert says in problem["detail"]


@pytest.mark.usefixtures("unchanged")
def test_the_api_wants_a_token(world):
    for headers in ({}, {"authorization": "Bearer forged"}):
        answer = HTTP.request("GET", f"{world.stack.api_url}/v1/accounts/contoso/status", headers=headers)
        assert answer.status == 401


@pytest.mark.usefixtures("unchanged")
def test_another_partners_token_sees_and_touches_nothing(world):
    stranger = PartnerApi(world.stack.api_url, world.stack.tokens.issue_token("stranger", "admin_agent"))
    for path in ("/accounts/contoso", "/accounts/contoso/status", "/accounts/contoso/invoices/I1/document", "/partner"):
        with pytest.raises(ApiError, match="404"):
            stranger.get(path)
    assert stranger.get("/accounts")["accounts"] == []
    with pytest.raises(ApiError, match=r": (404|409|422) "):
        stranger.post("/accounts/contoso/invoices", {"id": "I9", "lines": [{"text": "x", "net": "1.00"}]})


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("put", "/accounts/contoso", {"name": 7}, "name"),
        ("put", "/accounts/contoso", [], "an object with fields"),
        (
            "post",
            "/policies/strict",
            {"stages": [{"name": "a", "when": {"days": "soon"}, "do": [{"notice": "a"}]}]},
            "stages[0].when.days",
        ),
        ("post", "/accounts/contoso/invoices", {"id": "I2", "lines": [{"text": "x", "net": 1.5}]}, "lines[0].net"),
        ("post", "/billing-runs", {"period": "October"}, "period"),
        ("post", "/accounts/contoso/tickets", {"id": "T1", "service": "toaster"}, "service"),
        ("put", "/price-rules", [{"kind": "magic", "markup_percent": "1"}], "price_rules[0].kind"),
    ],
)
@pytest.mark.usefixtures("unchanged")
def test_wrong_types_are_named_by_their_field(world, method, path, body, says):
    with pytest.raises(ApiError) as refused:
        getattr(world.api, method)(path, body)
    assert says in refused.value.message
    assert any(f": {status} " in refused.value.message for status in (400, 422))


def test_a_broken_file_is_refused_whole_with_its_place(world):
    rows = list(csv.reader((ROOT / "events/scenarios/nce_2026-09.csv").read_text(encoding="utf-8-sig").splitlines()))
    rows[7][rows[0].index("OrderDate")] = "30.9.2026"
    broken = io.StringIO()
    csv.writer(broken).writerows(rows)
    order = {"vendor_invoice": "G012345678", "filename": "broken.csv", "dated": "2026-10-08"}
    world.api.upload(world.api.post("/imports", order), broken.getvalue().encode())
    world.stack.wait_idle()
    outcome = world.api.get("/imports/G012345678")
    assert outcome["state"] == "refused"
    assert (outcome["refusal"]["row"], outcome["refusal"]["column"]) == (8, "OrderDate")
    assert "M/D/YYYY" in outcome["refusal"]["reason"]
    assert world.api.get("/payables")["payables"] == []


def test_a_webhook_before_the_document_is_rendered_pays_and_the_document_follows(world):
    mapping = documents_mapping(world.stack)
    world.stack.client("lambda").update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    lines = [{"text": "Setup", "net": "100.00", "vat_percent": "19"}]
    world.api.post("/accounts/contoso/invoices", {"id": "I3", "lines": lines, "due": "2026-12-24"})
    assert eventually(lambda: "I3" in invoices(world))
    headers, body = stripe.signed_event(
        payment="P3",
        account="contoso",
        invoice="I3",
        amount=Money(11900, "EUR"),
        secret=STRIPE_SECRET,
        at=world.now,
    )
    assert HTTP.request("POST", f"{world.stack.api_url}/webhooks/stripe/acme", body=body, headers=headers).status == 200
    assert eventually(lambda: invoices(world)["I3"]["status"] == "paid")
    with pytest.raises(ApiError, match="404"):
        world.api.get("/accounts/contoso/invoices/I3/document")
    world.stack.client("lambda").update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)
    world.stack.wait_idle()
    stored = HTTP.request("GET", world.api.get("/accounts/contoso/invoices/I3/document")["url"])
    assert stored.data.startswith(b"%PDF-")
    assert invoices(world)["I3"]["status"] == "paid"


def invoices(world):
    return world.api.get("/accounts/contoso/status")["invoices"]


def eventually(holds, tries=500):
    return any(holds() for _ in range(tries))


def documents_mapping(stack):
    mappings = stack.client("lambda").list_event_source_mappings(FunctionName=stack.function_name("document_rendering"))
    return mappings["EventSourceMappings"][0]
