"""An issued document goes to its customer by mail, once."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes
from email.policy import default

import pytest

from quittance.adapters.mailer import SesMailer
from quittance.domain.account import Profile
from quittance.domain.errors import Poison, Rejected, Transient
from quittance.domain.money import Money
from quittance.domain.partner import parse_partner
from quittance.usecases.deliver_invoice import Outcome, Parcel, deliver_invoice
from quittance.usecases.messages import DeliverInvoice

NOW = datetime(2026, 10, 9, 6, 0, 30, tzinfo=UTC)
MESSAGE = DeliverInvoice(partner="acme", account="contoso", invoice="2026-09")
PARTNER = parse_partner(
    "acme",
    {
        "name": "ACME Cloud GmbH",
        "country": "DE",
        "timezone": "Europe/Berlin",
        "currency": "EUR",
        "locale": "de-DE",
        "email": "rechnung@acme.example",
        "bank": {"iban": "DE89370400440532013000", "bic": "COBADEFFXXX", "holder": "ACME Cloud GmbH"},
    },
)
PARCEL = Parcel(
    partner="acme",
    profile=Profile(
        id="contoso",
        name="Contoso AG",
        country="DE",
        timezone="Europe/Berlin",
        currency="EUR",
        email="billing@contoso.example",
        policy="standard",
        locale="de-DE",
    ),
    invoice="2026-09",
    number="ACME-2026-000002",
    issued=date(2026, 10, 9),
    due=date(2026, 11, 8),
    gross=Money(163924, "EUR"),
    policy="standard",
    location="acme/contoso/2026-09/x.pdf",
    attempt=3,
)


class Documents:
    def __init__(self, parcel=PARCEL):
        self.parcel = parcel
        self.said = []

    def unsent(self, partner, account, invoice):
        assert (partner, account, invoice) == ("acme", "contoso", "2026-09")
        return self.parcel

    def sent(self, parcel, at):
        self.parcel = None
        self.said.append(("sent", at))

    def postpone(self, parcel, until):
        self.said.append(("postponed", until))

    def give_up(self, parcel, reason, at):
        self.parcel = None
        self.said.append(("given up", reason))


class Files:
    def read(self, location):
        assert location == PARCEL.location
        return b"%PDF-1.7"


class Gone:
    def read(self, location):
        raise Poison(f"object {location!r} is gone")


class Mails:
    def __init__(self, problem=None):
        self.problem = problem
        self.sent = []

    def send_email(self, **request):
        self.sent.append(request)

    def send_parcel(self, parcel, partner, content, at):
        if self.problem:
            raise self.problem
        self.sent.append((parcel.number, content))


def delivered(documents, mails, files=None):
    return deliver_invoice(
        MESSAGE, documents=documents, files=files or Files(), partners=lambda _: PARTNER, mailer=mails, now=NOW
    )


def test_it_is_sent_once():
    documents, mails = Documents(), Mails()
    assert [delivered(documents, mails) for _ in range(2)] == [Outcome.SENT, Outcome.NOTHING]
    assert mails.sent == [("ACME-2026-000002", b"%PDF-1.7")]
    assert documents.said == [("sent", NOW)]


def test_it_waits_while_mail_is_down_longer_each_time():
    documents = Documents()
    assert delivered(documents, Mails(Transient("mail is down"))) == Outcome.LATER
    assert documents.said == [("postponed", NOW + timedelta(minutes=4))]
    assert delivered(documents, Mails()) == Outcome.SENT


@pytest.mark.parametrize(("mails", "files"), [(Mails(Rejected("no such address")), Files()), (Mails(), Gone())])
def test_what_nobody_takes_is_left_to_a_person(mails, files):
    documents = Documents()
    assert delivered(documents, mails, files) == Outcome.REFUSED
    assert documents.said[0][0] == "given up"
    assert delivered(documents, mails, files) == Outcome.NOTHING


def written(parcel):
    client = Mails()
    SesMailer(client, sender="billing@quittance.example", public_base="https://pay.example").send_parcel(
        parcel, PARTNER, b"%PDF-1.7", NOW
    )
    return message_from_bytes(client.sent[0]["Content"]["Raw"]["Data"], policy=default)


def test_the_mail_says_what_to_pay_and_carries_the_document():
    mail = written(PARCEL)
    text = mail.get_body(("plain",)).get_content()
    assert mail["To"] == "billing@contoso.example"
    assert "ACME-2026-000002" in mail["Subject"]
    assert "1.639,24" in text
    assert "DE89 3704 0044 0532 0130 00" in text
    assert "https://pay.example/public/acme/collections" in text
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "ACME-2026-000002.pdf"
    assert attached.get_content() == b"%PDF-1.7"


def test_the_same_parcel_has_the_same_identity():
    assert (
        written(PARCEL)["Message-ID"]
        == written(PARCEL)["Message-ID"]
        != written(replace(PARCEL, invoice="I1"))["Message-ID"]
    )


def test_a_credit_note_is_announced_as_one():
    mail = written(replace(PARCEL, gross=Money(-5000, "EUR"), number="ACME-CN-2026-000001"))
    assert "ACME-CN-2026-000001" in mail["Subject"]
    assert "Rechnungskorrektur" in mail.get_body(("plain",)).get_content()
