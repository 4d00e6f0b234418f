"""The three functions through their handlers: a file in, an invoice issued, its document stored once."""

import importlib.util
import json
from io import BytesIO
from types import SimpleNamespace

import boto3
import pytest
from pypdf import PdfReader

from infra.local.samples import CUSTOMERS, content
from quittance.domain.errors import Rejected
from quittance.runtime import compose, links
from quittance.store import billing_runs, documents, invoices, vendor_files
from quittance.store.models import ParkedItem
from quittance.usecases import billing
from quittance.usecases.messages import RenderDocument
from quittance.usecases.render_document import render_document
from tests.functional.billing.conftest import NOW, REGION, ROOT, everything, register

CONTEXT = SimpleNamespace(
    function_name="f", memory_limit_in_mb=128, invoked_function_arn="arn:aws:lambda:x", aws_request_id="1"
)
NAME = "acme/G012345678/nce_2026-09 (1).csv"


class Vault:
    """Secrets Manager's one call: the key of payment links."""

    def get_secret_value(self, *, SecretId):  # noqa: N803  # AWS's own name
        return {"SecretString": '{"secrets": ["key"]}'}


def load(function):
    spec = importlib.util.spec_from_file_location(f"{function}_app", ROOT / "functions" / function / "app.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def event(name):
    return json.loads((ROOT / "events" / f"{name}.json").read_text())


@pytest.fixture
def stack(table, monkeypatch, tmp_path):
    clock = tmp_path / "clock"
    clock.write_text(NOW.isoformat())
    s3, sqs = boto3.client("s3", region_name=REGION), boto3.client("sqs", region_name=REGION)
    place = {"LocationConstraint": REGION}
    for bucket in ("quittance-imports", "documents"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
    queue = sqs.create_queue(QueueName="invoices.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
    for name, value in {
        "QUITTANCE_CLOCK_FILE": str(clock),
        "DOCUMENTS_BUCKET": "documents",
        "QUEUE_INVOICES_URL": queue,
        "PUBLIC_BASE_URL": "https://billing.acme.example",
        "POWERTOOLS_SERVICE_NAME": "test",
        "POWERTOOLS_METRICS_NAMESPACE": "Quittance",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(links, "SecretsManager", Vault)
    for made in (compose.client, compose._session, compose.clock, compose.outgoing, links.pay_links):
        made.cache_clear()
    for name in set(CUSTOMERS) - {"wideworld"}:
        register(name)
    s3.put_object(Bucket="quittance-imports", Key=NAME, Body=content(), Metadata={"dated": "2026-10-08"})
    sent = []
    mailer = SimpleNamespace(send_parcel=lambda parcel, _partner, content, _at: sent.append((parcel, content)))
    monkeypatch.setattr("quittance.runtime.printed.mailer", lambda: mailer)
    yield SimpleNamespace(s3=s3, sqs=sqs, queue=queue, table=table, sent=sent)
    links.pay_links.cache_clear()


def call(function, name):
    answer = load(function).handler(event(name), CONTEXT)
    assert answer.get("batchItemFailures", []) == []
    return answer


def test_from_an_upload_to_a_stored_document(stack):
    call("vendor_import", "vendor_import/upload")
    assert vendor_files.find("acme", "G012345678").state == "imported"
    billing.request_run("acme", "2026-09", now=NOW, runs=billing_runs)
    call("invoice_generation", "invoice_generation/plan")
    sent = stack.sqs.receive_message(QueueUrl=stack.queue, MaxNumberOfMessages=10)["Messages"]
    assert [json.loads(message["Body"])["type"] for message in sent] == ["issue"] * 6 + ["plan"]
    call("invoice_generation", "invoice_generation/issue")
    call("document_rendering", "document_rendering/render")
    stored = documents.find("acme", "contoso", "2026-09")
    content_ = stack.s3.get_object(Bucket="documents", Key=stored.location)["Body"].read()
    assert content_.startswith(b"%PDF")
    notes = [note.get_object() for page in PdfReader(BytesIO(content_)).pages for note in page.get("/Annots", [])]
    pages = [note["/A"]["/URI"] for note in notes if "/pay/" in note["/A"]["/URI"]]
    assert [links.pay_links().read("acme", page.rpartition("/")[2]) for page in pages] == [("contoso", "2026-09")]
    assert stored.location == f"acme/contoso/2026-09/{stored.sha256}.pdf"
    ((parcel, mailed),) = stack.sent
    assert (parcel.kind, parcel.number, mailed) == ("invoice_issued", "ACME-2026-000001", content_)
    assert stored.sent_at == "2026-10-09T06:00:00Z"


def test_an_issued_document_is_never_made_again(stack):
    call("vendor_import", "vendor_import/upload")
    call("invoice_generation", "invoice_generation/issue")
    call("document_rendering", "document_rendering/render")
    before = everything(stack.table)
    command = RenderDocument(partner="acme", account="contoso", invoice="2026-09")
    assert render_document(command, now=NOW, archive=documents, printer=None, objects=None, post=None) is None
    assert everything(stack.table) == before
    assert len(stack.sent) == 1


def test_a_draft_has_no_document(stack):
    call("vendor_import", "vendor_import/upload")
    command = RenderDocument(partner="acme", account="contoso", invoice="2026-09")
    with pytest.raises(Rejected, match="is not issued"):
        render_document(command, now=NOW, archive=documents, printer=None, objects=None, post=None)


def test_an_account_gets_its_open_charges(stack):
    call("vendor_import", "vendor_import/upload")
    register("wideworld")
    call("vendor_import", "vendor_import/adopt")
    assert invoices.read_invoice("acme", "wideworld", "2026-09").state == "draft"


def test_the_object_stores_test_event_is_done(stack):
    call("vendor_import", "vendor_import/storage_test")


def test_the_schedule_takes_up_what_is_due(stack):
    assert call("invoice_generation", "invoice_generation/schedule") == {"taken": 0}


@pytest.mark.parametrize("name", ["somewhere.csv", "acme/G1", "acme//f.csv", "ac me/G1/f.csv"])
def test_an_upload_nobody_can_place_is_parked(stack, name):
    stack.s3.put_object(Bucket="quittance-imports", Key=name, Body=b"x")
    told = event("vendor_import/upload")
    body = json.loads(told["Records"][0]["body"])
    body["Records"][0]["s3"]["object"]["key"] = name
    told["Records"][0]["body"] = json.dumps(body)
    assert load("vendor_import").handler(told, CONTEXT) == {"batchItemFailures": []}
    (parked,) = list(ParkedItem.query("PARKED"))
    assert "object" in parked.reason
