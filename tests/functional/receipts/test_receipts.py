"""From the last payment to the receipt in the mail: real handlers, the relay's rules, a table in memory."""

from base64 import b64encode
from email import message_from_string
from hashlib import sha256
from importlib import import_module
from types import SimpleNamespace

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from infra.local.verify import documents as document_rules
from infra.local.verify.outside import look
from infra.local.verify.table import read_table
from quittance.adapters.mailer import SesMailer
from quittance.adapters.objects import S3Objects
from quittance.runtime import compose
from quittance.runtime.clock import iso, parse_iso
from quittance.store import journal, receipts
from quittance.store.mailing import ReceiptPost
from quittance.store.models import Item, ReceiptItem
from quittance.store.partners import read_partner
from quittance.usecases.deliver_invoice import Outcome, deliver_receipt
from quittance.usecases.messages import DeliverReceipt, PrintReceipt, RenderReceipt
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

LOGO = b64encode(
    b"<svg xmlns='http://www.w3.org/2000/svg'>" + b"".join(sha256(bytes([n])).digest() for n in range(150))
).decode()
"""One that is no picture, so it is left out of the print, and that no packing makes small."""


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


@pytest.fixture
def queue(monkeypatch):
    """The documents queue, as the API sends to it."""
    taken = []
    monkeypatch.setattr("quittance.runtime.compose.outgoing", lambda: SimpleNamespace(send=taken.extend))
    return SimpleNamespace(taken=taken)


def objects():
    bucket = boto3.resource("s3", region_name=REGION).Bucket("documents")
    return {one.key: one.get()["Body"].read() for one in bucket.objects.all()}


def attached(mail):
    """The PDF of a mail."""
    parts = message_from_string(mail).walk()
    return next(part.get_payload(decode=True) for part in parts if part.get_content_type() == "application/pdf")


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
    assert stored.location is None
    assert objects() == {}
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
    assert stored.location == f"acme/contoso/I1/receipt-0001/{stored.sha256}.pdf"
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


def test_whoever_asks_gets_the_bytes_that_were_mailed(world, queue):
    path = "/v1/accounts/contoso/invoices/I1/receipt"
    assert world.call("GET", path).status == 404
    render(*paid(world, 29744))
    assert world.call("GET", path, partner="other").status == 404
    change_all_that_may_change(world)
    asked = [world.call("GET", path) for _ in range(2)]
    assert [(one.status, one.headers["retry-after"]) for one in asked] == [(202, "2")] * 2
    assert queue.taken == [PrintReceipt(partner="acme", account="contoso", receipt="I1#0001")] * 2
    render(*queue.taken)
    assert list(objects().values()) == [attached(world.post.sent[0])]
    assert "receipt-0001" in world.call("GET", path).body["url"]
    assert len(queue.taken) == 2
    assert len(world.post.sent) == 1


def change_all_that_may_change(world):
    """A partner that moves to another bank prints the old receipt as it was."""
    world.call("PUT", "/v1/partner", {**PARTNER, "email": "other@acme.example", "website": "https://acme.example"})


def test_a_receipt_that_prints_otherwise_is_not_given_out(world):
    render(*paid(world, 29744))
    stored = receipts.find("acme", "contoso", "I1#0001")
    stored.update(actions=[ReceiptItem.printed.set({**stored.printed, "settled": "2026-10-02"})])
    render(PrintReceipt(partner="acme", account="contoso", receipt="I1#0001"))
    assert objects() == {}
    (parked,) = [item for key, item in world.items().items() if "print_receipt" in key[1]]
    assert "recorded is" in parked["reason"]["S"]


def test_one_that_nobody_made_is_not_printed(world):
    render(PrintReceipt(partner="acme", account="contoso", receipt="I1#0001"))
    assert objects() == {}


def test_one_with_a_large_logo_is_stored_at_once(world):
    world.call("PUT", "/v1/partner", {**PARTNER, "email": "billing@acme.example", "logo": LOGO})
    render(*paid(world, 29744))
    stored = receipts.find("acme", "contoso", "I1#0001")
    assert stored.printed is None
    assert list(objects()) == [stored.location]


def test_the_timeline_tells_of_it(world):
    render(*paid(world, 29744))
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
    again = PrintReceipt(partner="acme", account="contoso", receipt="I1#0001")
    fails_at(monkeypatch, calls)
    try:
        rendering()._print_again(again)
    except ConnectionError:
        pass
    finally:
        monkeypatch.setattr(BaseClient, "_make_api_call", whole)
    render(again)
    stored = receipts.find("acme", "contoso", "I1#0001")
    assert list(objects()) == [stored.location]


def fails_at(monkeypatch, number):
    """Let the process die at its n-th request to AWS."""
    original, made = BaseClient._make_api_call, []

    def call_(self, operation, arguments):
        made.append(operation)
        if len(made) == number:
            raise ConnectionError("the process died")
        return original(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", call_)


@pytest.mark.parametrize("mail_down", [False, True], ids=["printed again", "stored"])
def test_verify_holds_receipts_to_their_hash(world, mail_down):
    world.post.down = mail_down
    render(*paid(world, 29744))
    assert [one for one in broken_documents() if one.sk.startswith("RCP#")] == []
    receipts.find("acme", "contoso", "I1#0001").update(actions=[ReceiptItem.sha256.set("00")])
    (found,) = [one for one in broken_documents() if one.sk.startswith("RCP#")]
    assert found.rule == "stored bytes match their hash"


def broken_documents():
    found = read_table(boto3.client("dynamodb", region_name=REGION), Item.Meta.table_name)
    beyond = look(found, compose.client("s3"), None, {"DocumentsBucketName": "documents"})
    return list(document_rules.check(found, beyond))


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
