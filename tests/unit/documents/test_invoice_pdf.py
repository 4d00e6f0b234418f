"""An invoice's document: what it says, in which form, and that nothing in the data can break it."""

import hashlib
import io
import re
import struct
import unicodedata
import zlib
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import page
import pytest
from pypdf import PdfReader

from quittance.adapters.formats import LANGUAGES
from quittance_documents import Buyer, render_invoice
from quittance_documents.words import WORDS
from tests.unit.documents.samples import (
    BUYER,
    CREDIT_NOTE,
    ENGLISH,
    EXPORT,
    GERMAN,
    LINES,
    MANY_LINES,
    PAY_URL,
    REVERSE_CHARGE,
    SAMPLES,
    SELLER,
)


def faults(pdf, profile=page.ValidationProfile.PDF_A_3A):
    """What a validator finds; lengths of streams are checked here instead.

    The validator takes a stream whose last byte happens to be a carriage return, before the line feed that
    ends every stream, for one byte too long.
    """
    streams = list(re.finditer(rb"/Length (\d+)[^\n]*\nstream\n", pdf))
    assert streams
    assert all(pdf[found.end() + int(found[1]) :].startswith(b"\nendstream") for found in streams)
    report = page.validate_pdf_bytes(pdf, profile=profile)
    return [fault.message for fault in report.failures if "STREAM-LENGTH" not in fault.rule_id]


def pages_of(pdf):
    return [page.extract_text().replace("\xa0", " ") for page in PdfReader(io.BytesIO(pdf)).pages]


def text_of(document):
    return " ".join(" ".join(pages_of(render_invoice(document))).split())


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("profile", [page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1])
def test_every_document_is_archivable_and_accessible(name, profile):
    assert faults(render_invoice(SAMPLES[name]), profile) == []


def test_same_input_gives_same_bytes_and_another_input_others():
    digests = {hashlib.sha256(render_invoice(replace(GERMAN))).hexdigest() for _ in range(3)}
    render_invoice(ENGLISH)
    assert {hashlib.sha256(render_invoice(GERMAN)).hexdigest()} == digests
    assert render_invoice(replace(GERMAN, number="ACME-2026-000010")) != render_invoice(GERMAN)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        (GERMAN, "Rechnung ACME-2026-000001"),
        (GERMAN, "Rechnungsdatum 09.10.2026"),
        (GERMAN, "Fällig am 08.11.2026"),
        (GERMAN, "Leistungszeitraum 01.09.2026 – 30.09.2026"),
        (GERMAN, "Kundennummer K-10027"),
        (GERMAN, "Ihre USt-IdNr. DE987654321"),
        (GERMAN, "USt-IdNr. DE123456788"),
        (GERMAN, "96,0177823311 0,0734 19 % 7,05"),
        (GERMAN, "−2 14,00 19 % −28,00"),
        (GERMAN, "19 % 1.317,84 250,39"),
        (GERMAN, "Gesamtbetrag 1.568,23 EUR"),
        (GERMAN, "IBAN DE89 3704 0044 0532 0130 00"),
        (GERMAN, "Bitte überweisen Sie 1.568,23 EUR bis zum 8. November 2026"),
        (GERMAN, "Zahlungs- und Mahnregelung „Standard“"),
        (ENGLISH, "Date of issue 9 Oct 2026"),
        (ENGLISH, "1,284.3391045 0.0176 19% 22.60"),
        (ENGLISH, "Already paid −500.00 EUR"),
        (ENGLISH, "Amount due 1,068.23 EUR"),
        (ENGLISH, "Please pay 1,068.23 EUR by 8 November 2026"),
        (REVERSE_CHARGE, "Steuerschuldnerschaft des Leistungsempfängers (Reverse Charge, Art. 196 MwStSystRL)."),
        (REVERSE_CHARGE, "Ihre USt-IdNr. ATU12345675"),
        (EXPORT, "VAT-exempt export outside the European Union (Article 146"),
        (SAMPLES["zero_tax"], "0% (zero rate) 1,317.84 0.00"),
        (SAMPLES["yen"], "Total 162,906 JPY"),
        (SAMPLES["yen"], "株式会社サンプル商事"),
        (SAMPLES["dinar"], "Total 292.445 KWD"),
        (CREDIT_NOTE, "Rechnungskorrektur ACME-G-2026-000001"),
        (CREDIT_NOTE, "Zu Rechnung ACME-2026-000001"),
        (CREDIT_NOTE, "Der Betrag von 1.076,95 EUR wird Ihrem Konto gutgeschrieben"),
        (replace(GERMAN, already_paid=GERMAN.gross), "Zu dieser Rechnung ist nichts mehr zu zahlen."),
        (replace(GERMAN, due=None), "Bitte überweisen Sie 1.568,23 EUR sofort nach Erhalt"),
        (replace(GERMAN, payment_terms="Zahlbar per Lastschrift."), "Zahlbar per Lastschrift."),
        (replace(GERMAN, period_start=None), "Wir stellen Ihnen die folgenden Leistungen in Rechnung."),
        (replace(GERMAN, locale="nl-NL"), "Invoice ACME-2026-000001"),
    ],
)
def test_a_document_says(document, said):
    assert said in text_of(document)


@pytest.mark.parametrize("document", [CREDIT_NOTE, replace(GERMAN, already_paid=Decimal(5000))])
def test_nothing_to_pay_shows_no_payment_details(document):
    assert "Zahlungsangaben" not in text_of(document)


def test_a_long_invoice_repeats_its_headings_and_counts_its_pages():
    pages = pages_of(render_invoice(MANY_LINES))
    assert len(pages) == 3
    for index, shown in enumerate(pages, start=1):
        assert f"Seite {index} von 3" in shown
        assert "Nettobetrag" in shown
        assert "Beschreibung" in shown
    assert "Rechnung ACME-2026-000009" in pages[2]


def test_document_properties_name_it():
    properties = PdfReader(io.BytesIO(render_invoice(GERMAN))).metadata
    assert properties.title == "Rechnung ACME-2026-000001"
    assert properties.author == "ACME Cloud GmbH"
    assert properties.creation_date.date() == date(2026, 10, 9)


MARKUP = [
    '"quotes" \\backslash\\ #panic("no") $x^2$ @nobody <label> `raw` *bold* _it_ /* c */ // d',
    '"}) #read("invoice.typ") #sys.inputs',
    '#import "@preview/none:1.0.0" [*] ~ -- ---',
    "= Heading + list / term: [block] {code}",
]


def everywhere(text):
    """A document with one text at every place that takes a free one."""
    return replace(
        GERMAN,
        number=text,
        payment_reference=text,
        order_reference=text,
        payment_terms=text,
        policy_name=text,
        seller=replace(SELLER, name=text, address=(text,), email=text, register=text, account_holder=text),
        buyer=Buyer(name=text, address=(text, text), vat_id=text, customer_number=text),
        lines=(replace(LINES[0], position="1", text=text, detail=text),),
    )


@pytest.mark.parametrize("markup", MARKUP)
def test_markup_in_data_is_inert(markup):
    shown = text_of(replace(GERMAN, lines=(replace(LINES[0], text=markup),)))
    assert markup in shown
    assert render_invoice(everywhere(markup)).startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Emoji 😀 here", "Emoji □ here"),
        ("Family 👨‍👩‍👧", "Family □□□"),
        ("Flag 🇩🇪", "Flag □□"),
        ("नमस्ते", "□"),
        ("Private \ue000 use", "Private □ use"),
        ("lone \ud800 surrogate", "lone □ surrogate"),
        ("two\nlines\tand a bell\x07", "two lines and a bell"),
        ("turned\u202earound\u202c", "turnedaround"),
        ("漢字カナ한국어", "漢字カナ한국어"),
        ("Ελλάδα Київ Łódź İstanbul", "Ελλάδα Київ Łódź İstanbul"),
        ("e\u0301te\u0301", "été"),
        ("mixed 漢\u0301", "mixed 漢□"),
    ],
)
def test_what_no_font_draws_becomes_a_box_and_nothing_hides(text, shown):
    assert shown in text_of(replace(GERMAN, lines=(replace(LINES[0], text=text),)))


@pytest.mark.parametrize(
    "text", ["مرحبا بالعالم", "שלום עולם", "x" * 400, "中" * 200, "q\u0301" * 300, "", " \x00 ", "🎉" * 40]
)
def test_any_text_makes_an_archivable_document(text):
    assert faults(render_invoice(everywhere(text))) == []


@pytest.mark.parametrize("script", ["مرحبا", "שלום"])
def test_right_to_left_scripts_are_drawn_with_their_letters(script):
    shown = unicodedata.normalize("NFKC", text_of(replace(GERMAN, buyer=replace(BUYER, name=script))))
    assert set(script) <= set(shown)
    assert "□" not in shown


def png():
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 2, 1, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\x00\xff\x00\x00\x00\x00\xff")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><rect width="60" height="20" fill="#a00"/></svg>'


@pytest.mark.parametrize("logo", [png(), SVG])
def test_a_logo_takes_the_place_of_the_written_name(logo):
    plain, with_logo = render_invoice(GERMAN), render_invoice(replace(GERMAN, seller=replace(SELLER, logo=logo)))
    assert pages_of(plain)[0].count("ACME Cloud GmbH") == pages_of(with_logo)[0].count("ACME Cloud GmbH") + 1


@pytest.mark.parametrize("logo", [b"not a picture", b"\x89PNG\r\n\x1a\nbroken", b"<svg"])
def test_a_broken_logo_gives_way_to_the_written_name(logo):
    assert render_invoice(replace(GERMAN, seller=replace(SELLER, logo=logo))) == render_invoice(GERMAN)


def test_only_web_addresses_become_links():
    def links(url):
        reader = PdfReader(
            io.BytesIO(render_invoice(replace(GERMAN, policy_url=url, pay_url=url.replace("policy", ""))))
        )
        return [note.get_object()["/A"]["/URI"] for note in reader.pages[0].get("/Annots", [])]

    assert links("https://billing.example/policy") == ["https://billing.example/", "https://billing.example/policy"]
    assert links("javascript:alert(1)") == []


def test_the_payment_page_is_printed_beside_the_code_where_something_is_due():
    paid = replace(GERMAN, already_paid=GERMAN.gross)
    for document, shown in ((GERMAN, True), (replace(GERMAN, pay_url=""), False), (paid, False), (CREDIT_NOTE, False)):
        text = "".join(pages_of(render_invoice(document))).replace("\n", "").replace("\u200b", "")
        assert (PAY_URL in text.replace(" ", ""), "Online bezahlen" in text) == (shown, shown)


def test_languages_have_the_same_words():
    assert set(WORDS) == set(LANGUAGES)
    reference = WORDS["en"]
    for words in WORDS.values():
        for field in fields(words):
            mine, other = getattr(words, field.name), getattr(reference, field.name)
            assert mine, field.name
            if isinstance(other, dict):
                assert mine.keys() == other.keys(), field.name
