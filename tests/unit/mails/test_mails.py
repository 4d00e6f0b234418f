"""The words of notices: what a reader must learn from each, and that given texts stay texts."""

import re
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from quittance.adapters.formats import LANGUAGES
from quittance.adapters.mails import NextStep, NoticeContent, OpenInvoice, Payment, Sender, render_mail
from quittance.adapters.mails.content import KINDS
from quittance.adapters.mails.words import WORDS

INVOICES = (
    OpenInvoice(
        number="ACME-2026-000001", issued=date(2026, 10, 9), due=date(2026, 11, 8), open_amount=Decimal("1568.23")
    ),
    OpenInvoice(
        number="ACME-2026-000014", issued=date(2026, 11, 9), due=date(2026, 12, 9), open_amount=Decimal("297.44")
    ),
)
FINAL = NoticeContent(
    kind="final",
    locale="en",
    sender=Sender(
        name="ACME Cloud GmbH",
        email="billing@acme-cloud.example",
        phone="+49 30 5550 1200",
        address=("Lindenstraße 14, 10969 Berlin",),
    ),
    account_name="Contoso AG",
    contact_name="Ms Weber",
    currency="EUR",
    invoices=INVOICES,
    total=Decimal("1865.67"),
    pay_by=date(2026, 12, 7),
    next_step=NextStep(kind="suspend", at=date(2026, 12, 8)),
    services=("Microsoft 365 E3", "Exchange Online (Plan 1)"),
    payment=Payment(
        reference="ACME-2026-000001",
        iban="DE89370400440532013000",
        bic="COBADEFFXXX",
        url="https://pay.acme-cloud.example/i/1",
    ),
    policy_name="Standard",
    policy_url="https://billing.acme-cloud.example/public/acme/collections",
    attached=True,
    notes=("A note of our own.",),
)
VOID = {"meta", "br", "img", "hr", "link", "input"}


class Reader(HTMLParser):
    """Reads a page as a person does, and complains about tags that do not close."""

    def __init__(self):
        super().__init__()
        self.words, self.open, self.links, self.tags = [], [], [], set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.links += [value for name, value in attrs if name in {"href", "src"}]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


def read(html):
    reader = Reader()
    reader.feed(html)
    assert reader.open == []
    return reader


def flat(text):
    return " ".join(text.replace("\xa0", " ").split())


def words_of(html):
    return flat(" ".join(read(html).words))


@pytest.mark.parametrize(
    "said",
    [
        "This is our final notice. 1,865.67 EUR for Contoso AG is still unpaid",
        "Please pay the full amount so that it reaches us by 7 December 2026.",
        "we will disable access to Microsoft 365 E3, Exchange Online (Plan 1) on 8 December 2026",
        "Disabling access deletes nothing: your data stays in place",
        "not before 90 days have passed",
        "DE89 3704 0044 0532 0130 00",
        "ACME-2026-000001",
        "+49 30 5550 1200 or billing@acme-cloud.example",
        "A note of our own.",
    ],
)
def test_the_final_notice_says_in_both_bodies(said):
    mail = render_mail(FINAL)
    assert said in flat(mail.text)
    assert said in words_of(mail.html)


@pytest.mark.parametrize(
    ("content", "subject", "said"),
    [
        (FINAL, "Final notice: 1,865.67 EUR is overdue for Contoso AG", "Hello Ms Weber,"),
        (
            replace(FINAL, locale="de-DE", contact_name=""),
            "Letzte Mahnung: 1.865,67 EUR überfällig für Contoso AG",
            "sperren wir am 8. Dezember 2026 oder kurz danach den Zugang zu: Microsoft 365 E3",
        ),
        (
            replace(FINAL, kind="reminder", next_step=NextStep(kind="final", at=date(2026, 11, 22))),
            "Payment reminder: 1,865.67 EUR is overdue for Contoso AG",
            "If the amount is still open on 22 November 2026, we will send you a final notice.",
        ),
        (
            replace(FINAL, kind="second_reminder", next_step=None, pay_by=None),
            "Payment reminder: 1,865.67 EUR is overdue for Contoso AG",
            "Please pay the full amount now.",
        ),
        (
            replace(FINAL, kind="suspended", services=()),
            "Access disabled: 1,865.67 EUR is overdue for Contoso AG",
            "We start restoring access as soon as we see your payment, day and night",
        ),
        (
            replace(FINAL, kind="suspended", locale="de", services=()),
            "Zugang gesperrt: 1.865,67 EUR überfällig für Contoso AG",
            "gesperrt: alle Dienste dieses Kontos",
        ),
        (
            replace(FINAL, kind="restored"),
            "Thank you: access restored for Contoso AG",
            "We are restoring access to Microsoft 365 E3, Exchange Online (Plan 1) for Contoso AG now",
        ),
        (
            replace(FINAL, kind="invoice_issued", invoices=INVOICES[:1], total=Decimal("1568.23")),
            "Invoice ACME-2026-000001 from ACME Cloud GmbH: 1,568.23 EUR",
            "The amount of 1,568.23 EUR is due on 8 November 2026.",
        ),
        (
            replace(FINAL, kind="invoice_issued", invoices=(replace(INVOICES[0], due=None),)),
            "Invoice ACME-2026-000001 from ACME Cloud GmbH: 1,865.67 EUR",
            "is due on receipt.",
        ),
        (
            replace(FINAL, kind="credit_note_issued", locale="de"),
            "Rechnungskorrektur ACME-2026-000001 von ACME Cloud GmbH: 1.865,67 EUR",
            "wird Ihrem Konto gutgeschrieben; Sie müssen nichts veranlassen.",
        ),
        (
            replace(FINAL, next_step=NextStep(kind="suspend_unpaid", at=date(2026, 12, 8))),
            "Final notice: 1,865.67 EUR is overdue for Contoso AG",
            "the unpaid services (Microsoft 365 E3, Exchange Online (Plan 1)) on 8 December 2026",
        ),
        (replace(FINAL, sender=Sender(name="ACME")), None, "Just answer this mail"),
        (replace(FINAL, payment=Payment(reference="R-1")), None, "Please quote the payment reference R-1."),
    ],
)
def test_each_notice_tells_its_matter(content, subject, said):
    mail = render_mail(content)
    assert subject is None or flat(mail.subject) == subject
    assert said in flat(mail.text)
    assert said in words_of(mail.html)


@pytest.mark.parametrize("kind", ["restored", "credit_note_issued"])
def test_who_owes_nothing_is_asked_for_nothing(kind):
    assert "IBAN" not in render_mail(replace(FINAL, kind=kind)).text


def test_many_invoices_are_summed_up():
    many = replace(FINAL, invoices=tuple(replace(INVOICES[0], number=f"N-{index:03}") for index in range(40)))
    text = flat(render_mail(many).text)
    assert "N-029" in text
    assert "N-030" not in text
    assert "+ 10" in text
    assert "1,865.67" in text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["de-DE", "en-GB", "fr-FR"])
def test_the_text_body_reads_in_a_terminal(kind, locale):
    text = render_mail(replace(FINAL, kind=kind, locale=locale)).text
    assert max(len(line) for line in text.splitlines() if "://" not in line) <= 72
    assert all(line.isprintable() for line in text.splitlines())
    assert re.search(r"\{\w+\}", text) is None


HOSTILE = "<script>alert(\"x\")</script>{total} & 'q'\r\nBcc: all@victim.example\x1b[31m"
TEXT_FIELDS = [
    "sender.name",
    "sender.email",
    "sender.phone",
    "sender.address",
    "account_name",
    "contact_name",
    "invoices.number",
    "services",
    "payment.reference",
    "payment.account_holder",
    "payment.iban",
    "payment.bic",
    "payment.url",
    "policy_name",
    "policy_url",
    "notes",
]


def with_text(path, text):
    head, _, field = path.partition(".")
    if head == "invoices":
        return replace(FINAL, invoices=(replace(INVOICES[0], number=text),))
    if field:
        part = getattr(FINAL, head)
        value = (text,) if isinstance(getattr(part, field), tuple) else text
        return replace(FINAL, **{head: replace(part, **{field: value})})
    return replace(FINAL, **{head: (text,) if isinstance(getattr(FINAL, head), tuple) else text})


@pytest.mark.parametrize("path", TEXT_FIELDS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_hostile_text_stays_text(path, kind):
    mail = render_mail(replace(with_text(path, HOSTILE), kind=kind))
    assert "script" not in read(mail.html).tags
    assert "<script" not in mail.html
    assert "\n" not in mail.subject
    assert "\r" not in mail.subject
    assert "\x1b" not in mail.text


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x", "https://x\r\nBcc: y", "https://x y"],
)
def test_only_web_addresses_become_links(url):
    mail = render_mail(replace(FINAL, payment=replace(FINAL.payment, url=url), policy_url=url))
    assert read(mail.html).links == []
    assert url not in mail.text


def test_nothing_is_fetched_when_the_mail_is_opened():
    html = render_mail(FINAL).html
    assert read(html).tags.isdisjoint({"img", "link", "script", "iframe"})
    assert "url(" not in html
    assert "@import" not in html


def test_languages_have_the_same_words():
    assert set(WORDS) == set(LANGUAGES)
    reference = WORDS["en"]
    for words in WORDS.values():
        assert set(words.subjects) == set(KINDS)
        for field in fields(words):
            mine, other = getattr(words, field.name), getattr(reference, field.name)
            assert mine, field.name
            if isinstance(other, dict):
                assert mine.keys() == other.keys(), field.name
            assert placeholders(mine) == placeholders(other), field.name


def placeholders(texts):
    if isinstance(texts, dict):
        return {key: placeholders(text) for key, text in texts.items()}
    return set(re.findall(r"\{\w+\}", " ".join((texts,) if isinstance(texts, str) else texts)))


@pytest.mark.parametrize(
    ("locale", "title", "soon"),
    [
        ("en", "What paying late costs", "Due soon"),
        ("de", "Was die Verspätung kostet", "Demnächst fällig"),
        ("fr", "Ce que coûte le retard", "Bientôt à échéance"),
    ],
)
def test_a_mail_tells_what_late_payment_costs_and_what_is_due_soon_only_where_there_is_any(locale, title, soon):
    told = replace(FINAL, locale=locale, fee=Decimal("5.00"), interest=Decimal("11.27"), ahead=INVOICES[1:])
    mail, plain = render_mail(told), render_mail(replace(FINAL, locale=locale))
    for words in (title, soon):
        assert words.upper() in flat(mail.text)
        assert words in words_of(mail.html)
        assert words not in words_of(plain.html)
    figures = ("5.00", "11.27") if locale == "en" else ("5,00", "11,27")
    assert all(figure in words_of(mail.html) for figure in figures)


@pytest.mark.parametrize(
    ("locale", "formal", "friendly"),
    [
        ("de", ("Guten Tag,", "Mit freundlichen Grüßen"), ("Hallo,", "Viele Grüße")),
        ("en", ("Hello,", "Kind regards"), ("Hi,", "Best wishes")),
        ("fr", ("Bonjour,", "Cordialement"), ("Bonjour,", "Bien à vous")),
    ],
)
def test_the_tone_shows_in_greeting_and_leave(locale, formal, friendly):
    for tone, said in (("formal", formal), ("friendly", friendly)):
        mail = render_mail(replace(FINAL, locale=locale, contact_name="", tone=tone))
        assert all(words in flat(mail.text) and words in words_of(mail.html) for words in said)
