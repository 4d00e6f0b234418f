"""From the last payment to the receipt in the mail: real handlers, the relay's rules, a table in memory."""

from importlib import import_module
from types import SimpleNamespace

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from infra.local.verify import documents as document_rules
from infra.local.verify.outside import Outside
from infra.local.verify.table import read_table
from quittance.adapters.mailer import SesMailer
from quittance.adapters.objects import S3Objects
from quittance.runtime import compose
from quittance.runtime.clock import iso, parse_iso
from quittance.store import journal, receipts
from quittance.store.mailing import ReceiptPost
from quittance.store.models import Item
from quittance.store.partners import read_partner
from quittance.usecases.deliver_invoice import Outcome, deliver_receipt
from quittance.usecases.messages import DeliverReceipt, RenderReceipt
from quittance.usecases.relay import Change, messages_for
from tests.functional.api.conftest import (  # noqa: F401  # fixtures
    PARTNER,
    REGION,
    Context,
    at,
    book,
    call,
    cloud,
    items,
    table,
)
from tests.functional.api.test_books import invoice, pay


def rendering():
    """The function; imported late, for it reads the environment then."""
    return import_module("functions.document_rendering.app")


class Post:
    """SES, by hand: keeps what it was given, or is down."""

    def __init__(self):
        self.sent = []
        self.down = False

    def send_email(self, **request):
        if self.down:
            raise ClientError({"Error": {"Code": "TooManyRequestsException"}}, "SendEmail")
        self.sent.append(request["Content"]["Raw"]["Data"].decode())


@pytest.fixture
def world(book, at, items, monkeypatch):  # noqa: F811  # fixtures
    # Read when first imported, by whichever test.
    monkeypatch.setattr("quittance.runtime.log.metrics.provider.namespace", "Quittance")
    boto3.client("s3", region_name=REGION).create_bucket(
        Bucket="documents", CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    book("PUT", "/v1/partner", {**PARTNER, "email": "billing@acme.example"})
    at("2026-10-01T08:00:00Z")
    invoice(book, "contoso", "I1", "2026-10-01", "2026-10-31", "249.95")
    post = Post()
    monkeypatch.setattr("quittance.runtime.printed.mailer", lambda: SesMailer(post, sender="billing@mail.example"))
    yield SimpleNamespace(call=book, at=at, items=items, post=post)
    s3 = boto3.resource("s3", region_name=REGION).Bucket("documents")
    s3.objects.all().delete()
    s3.delete()


def head(world):
    return world.items()["P#acme#A#contoso", "C#HEAD"]


def paid(world, minor):
    """Pay, and return what the relay makes of the head's change."""
    before = head(world)
    pay("contoso", minor, name="I1")
    assert head(world)["change"] == {"S": "money"}  # what the stream's filter asks for
    return [one for one in messages_for(Change(old=before, new=head(world))) if isinstance(one, RenderReceipt)]


def render(*messages):
    records = [{"messageId": str(n), "body": one.to_json()} for n, one in enumerate(messages)]
    assert rendering().handler({"Records": records}, Context()) == {"batchItemFailures": []}


def deliver(post, name="I1#0001"):
    return deliver_receipt(
        DeliverReceipt(partner="acme", account="contoso", receipt=name),
        receipts=ReceiptPost(),
        files=S3Objects(compose.client("s3"), "documents"),
        partners=read_partner,
        mailer=SesMailer(post, sender="billing@mail.example"),
        now=compose.clock().now(),
    )


def test_the_last_payment_gives_a_receipt_and_its_mail(world):
    assert paid(world, 10000) == []
    asked = paid(world, 19744)
    render(*asked)
    stored = receipts.find("acme", "contoso", "I1#0001")
    assert stored.location == f"acme/contoso/I1/receipt-0001/{stored.sha256}.pdf"
    (mail,) = world.post.sent
    assert "Quittung" in mail.replace("=\r\n", "")
    assert "ACME-2026-000001-receipt.pdf" in mail
    assert stored.sent_at == iso(compose.clock().now())
    assert deliver(world.post) is Outcome.NOTHING


def test_while_mail_is_down_the_receipt_waits_for_the_sweep(world):
    world.post.down = True
    render(*paid(world, 29744))
    stored = receipts.find("acme", "contoso", "I1#0001")
    assert (stored.sent_at, stored.attempts) == (None, 1)
    assert stored.due_at > iso(compose.clock().now())
    assert deliver(world.post) is Outcome.LATER
    world.post.down = False
    assert deliver(world.post) is Outcome.SENT
    assert receipts.find("acme", "contoso", "I1#0001").due_at is None
    assert len(world.post.sent) == 1


def test_told_twice_it_is_made_once(world):
    asked = paid(world, 29744)
    render(*asked, *asked)
    before = world.items()
    render(*asked)
    assert world.items() == before
    assert [one for one in before if one[1].startswith("RCP#")] == [("P#acme#A#contoso", "RCP#I1#0001")]
    assert len(world.post.sent) == 1


def test_what_is_not_settled_gets_none(world):
    paid(world, 10000)
    render(RenderReceipt(partner="acme", account="contoso", invoice="I1"))
    assert receipts.latest("acme", "contoso", "I1") is None
    assert deliver(Post()) is Outcome.NOTHING


def test_the_api_tells_where_it_is_and_the_timeline_tells_of_it(world):
    path = "/v1/accounts/contoso/invoices/I1/receipt"
    assert world.call("GET", path).status == 404
    render(*paid(world, 29744))
    assert "receipt-0001" in world.call("GET", path).body["url"]
    assert world.call("GET", path, partner="other").status == 404
    told = [entry["text"] for entry in world.call("GET", "/v1/accounts/contoso/timeline").body["entries"]]
    assert "Invoice ACME-2026-000001 is settled." in told
    assert "Receipt of invoice ACME-2026-000001 sent by mail." in told


@pytest.mark.parametrize("calls", range(1, 9))
def test_a_crash_at_any_request_ends_the_same(world, monkeypatch, calls):
    asked = paid(world, 29744)
    whole = BaseClient._make_api_call
    fails_at(monkeypatch, calls)
    try:
        rendering()._render_receipt(*asked)
    except ConnectionError:
        pass
    finally:
        monkeypatch.setattr(BaseClient, "_make_api_call", whole)
    render(*asked)
    found = [one for one in world.items() if one[1].startswith("RCP#")]
    assert found == [("P#acme#A#contoso", "RCP#I1#0001")]
    stored = receipts.find("acme", "contoso", "I1#0001")
    assert compose.client("s3").get_object(Bucket="documents", Key=stored.location)["ContentLength"] > 1000


def fails_at(monkeypatch, number):
    """Let the process die at its n-th request to AWS."""
    original, made = BaseClient._make_api_call, []

    def call_(self, operation, arguments):
        made.append(operation)
        if len(made) == number:
            raise ConnectionError("the process died")
        return original(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", call_)


def test_verify_holds_receipts_to_their_hash(world):
    render(*paid(world, 29744))
    stored = receipts.find("acme", "contoso", "I1#0001")
    found = read_table(boto3.client("dynamodb", region_name=REGION), Item.Meta.table_name)
    sound = Outside(hashes={stored.location: stored.sha256}, queued={"documents": 1})
    torn = Outside(hashes={stored.location: "00"}, queued={"documents": 1})
    assert list(document_rules.check(found, sound)) == []
    assert [violation.rule for violation in document_rules.check(found, torn)] == ["stored bytes match their hash"]


def test_a_journal_is_read_with_one_query(world, monkeypatch):
    paid(world, 29744)
    asked = []
    original = Item.query.__func__

    def query(cls, *arguments, **options):
        asked.append(arguments[0])
        return original(cls, *arguments, **options)

    monkeypatch.setattr(Item, "query", classmethod(query))
    found = list(journal.entries("acme", "contoso", parse_iso("2026-10-01T00:00:00Z").tzinfo))
    assert [entry.kind for entry in found] == ["invoice", "payment"]
    assert asked == ["P#acme#A#contoso"]
