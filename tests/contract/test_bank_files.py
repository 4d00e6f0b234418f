"""Statements as banks write them: what each sample says, and nothing but a clean refusal for everything else."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from quittance.adapters.bank_files import MAX_BYTES, read_statements
from quittance.domain.bank import BrokenStatement

DATA = Path(__file__).parents[1] / "data" / "bank"
SAMPLES = sorted(DATA.iterdir())
CONTOSO, FABRIKAM = "DE02120300000000202051", "DE75512108001245126199"


def sample(name):
    return (DATA / name).read_bytes()


def lines(name):
    return [line for statement in read_statements(sample(name)) for line in statement.lines]


def told(name):
    return [("+" if one.incoming else "-") + str(one.amount) for one in lines(name)]


@pytest.mark.parametrize(
    ("name", "bank", "adds_up", "amounts"),
    [
        (
            "camt053_v02_german_bank.xml",
            "DE89370400440532013000",
            [True],
            ["+297.44", "+150.00", "+200.00", "+59.00", "+59.00", "-0.30"],
        ),
        ("camt053_v04_swiss_bank.xml", "CH9300762011623852957", [None], ["+100.00", "+20.50", "+75.00"]),
        ("camt053_v08_returns.xml", "DE89370400440532013000", [True], ["-150.00", "-297.44"]),
        (
            "mt940_german_bank.sta",
            "370400440532013000",
            [True, True],
            ["+297.44", "+59.00", "+59.00", "-0.30", "-150.00", "-297.44", "+350.00"],
        ),
        ("mt940_plain.sta", "AT611904300234573201", [True], ["+100.00"]),
        ("mt940_slashes.sta", "NL91ABNA0417164300", [True], ["+297.44", "-20.00"]),
    ],
)
def test_what_a_sample_says(name, bank, adds_up, amounts):
    statements = read_statements(sample(name))
    assert {statement.bank for statement in statements} == {bank}
    assert [statement.adds_up for statement in statements] == adds_up
    assert told(name) == amounts


def test_every_sample_is_told():
    assert len(SAMPLES) == 6


def test_a_batch_is_split_into_its_parts():
    _, first, second, *_ = lines("camt053_v02_german_bank.xml")
    assert (first.reference, first.index, first.payer_iban) == ("2026111210000002", 0, FABRIKAM)
    assert (second.reference, second.index, second.payer_name) == ("2026111210000002", 1, "Tailspin Toys")
    assert first.structured == ("RF40ACME2026000002",)


def test_pending_entries_are_left_for_the_day_they_are_booked():
    assert "+999.00" not in told("camt053_v02_german_bank.xml")


@pytest.mark.parametrize("name", ["camt053_v04_swiss_bank.xml", "mt940_german_bank.sta"])
def test_a_batch_whose_parts_are_not_given_waits_for_a_person(name):
    assert "cannot be split" in (lines(name)[-1].doubt or "")


def test_parts_that_do_not_add_up_are_not_guessed():
    content = sample("camt053_v02_german_bank.xml").replace(b">200.00<", b">199.00<")
    (statement,) = read_statements(content)
    assert [str(one.amount) for one in statement.lines if one.doubt] == ["350.00"]


def test_the_ultimate_payer_counts_not_the_agent():
    assert lines("camt053_v04_swiss_bank.xml")[0].payer_name == "Northwind SA"


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("camt053_v08_returns.xml", ["MD06", "reversal"]),
        ("mt940_german_bank.sta", ["returned", "reversal"]),
        ("mt940_slashes.sta", ["AC04"]),
    ],
)
def test_returns_and_reversals_are_told_with_their_reason(name, reasons):
    assert [one.returned for one in lines(name) if one.returned] == reasons


def test_a_return_names_the_one_whose_money_it_was():
    first, second = lines("camt053_v08_returns.xml")
    assert (first.payer_iban, first.end_to_end) == (FABRIKAM, "FAB-77")
    assert second.payer_iban == CONTOSO


def test_the_booking_day_is_in_the_year_next_to_the_value_date():
    assert lines("mt940_plain.sta")[0].booked == date(2027, 1, 2)


def test_a_statement_that_does_not_add_up_says_so():
    (statement,) = read_statements(sample("mt940_plain.sta").replace(b"C261231EUR89,50", b"C261231EUR89,51"))
    assert statement.adds_up is False


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "cp1252", "utf-16"])
def test_encodings_of_xml(encoding):
    text = sample("camt053_v02_german_bank.xml").decode().replace("Tailspin", "Tülspin").replace("UTF-8", encoding)
    (statement,) = read_statements(text.encode(encoding))
    assert statement.lines[2].payer_name == "Tülspin Toys"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_encodings_of_mt940(encoding):
    content = sample("mt940_german_bank.sta").decode().replace("WINGTIP", "WÜRTH").encode(encoding)
    assert read_statements(content)[0].lines[1].payer_name == "WÜRTH"


def nested(depth):
    return b"<a>" * depth + b"</a>" * depth


def camt(body):
    return f"<Document><BkToCstmrStmt>{body}</BkToCstmrStmt></Document>".encode()


ENTRY = '<Amt Ccy="EUR">1.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-12</Dt></BookgDt>'


def statement(entry):
    return camt(f"<Stmt><Acct><Id><IBAN>DE1</IBAN></Id></Acct><Ntry>{entry}</Ntry></Stmt>")


def test_the_smallest_statement_is_read():
    assert len(read_statements(statement(ENTRY))[0].lines) == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "neither camt.053 nor MT940"),
        (b"hello", "line 1"),
        (b"\0\0\0\0", "bytes that no text has"),
        (b"<a", "not XML"),
        (b"<a/>", "no camt.053"),
        (b"<?xml version='1.0' encoding='x-none'?><a/>", ""),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "document type"),
        (nested(1000), "deeper nested"),
        (b"<a>" + b"x" * 20_000 + b"</a>", "characters"),
        (b"<a>" * 2 + b"</a>", "not XML"),
        (camt("<Rpt/>"), "no statement"),
        (camt("<Stmt/>"), "does not name its account"),
        (b"<Document><BkToCstmrAcctRpt/></Document>", "end-of-day"),
        (statement(""), "Amt is missing"),
        (statement(ENTRY.replace("1.00", "-1.00")), "not an amount"),
        (statement(ENTRY.replace("1.00", "1e9")), "not an amount"),
        (statement(ENTRY.replace("1.00", "1.001")), "decimal places"),
        (statement(ENTRY.replace("1.00", "9" * 14)), "not an amount"),
        (statement(ENTRY.replace("EUR", "EURO")), "ISO 4217"),
        (statement(ENTRY.replace("CRDT", "BOTH")), "neither CRDT nor DBIT"),
        (statement(ENTRY.replace("2026-11-12", "2026-13-12")), "not a date"),
        (b":20:A\n:25:B\n:60F:C261111EUR1,00\n", ":62F:"),
        (b":20:A\n:25:B\n:61:2611121112C1,00NTRFNONREF\n", "opening balance"),
        (b":20:A\n:25:B\n:60F:C261111EUR1,00\n:61:garbage\n", "not an entry"),
        (b":20:A\n:25:B\n:60F:C261111EUR1,00\n:61:2613121112C1,00NTRFX\n", "no date"),
        (b":20:A\n:25:B\n:60F:C261111EUR1.00\n", "not a balance"),
        (b":20:A\n:25:B\n:60F:C261111EURO1,00\n", "not a balance"),
        (b":20:A\n:25:B\n:60F:C261111XYZ1,00\n", "ISO 4217"),
        (b":20:A\n:99:B\n", ":99:"),
        (b":25:A\n", "begins with :20:"),
    ],
)
def test_what_cannot_be_read_is_refused_and_the_place_is_told(content, says):
    with pytest.raises(BrokenStatement) as refused:
        read_statements(content)
    assert says in refused.value.message


def test_files_beyond_the_limit_are_refused_unread():
    with pytest.raises(BrokenStatement, match="larger than"):
        read_statements(b" " * (MAX_BYTES + 1))


# --- fuzzing: nothing but a clean refusal -------------------------------------------------------------------------


def clean(content):
    """Read it, or refuse it; nothing else may happen."""
    try:
        statements = read_statements(content)
    except BrokenStatement as problem:
        refusal = problem.message
        statements = []
    else:
        refusal = "none"
    assert 0 < len(refusal) < 400
    for statement in statements:
        assert statement.bank
        for line in statement.lines:
            assert line.amount.minor >= 0


FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@FUZZ
@given(st.binary(max_size=400))
def test_any_bytes(content):
    clean(content)


@FUZZ
@given(st.sampled_from(SAMPLES), st.data())
def test_samples_with_bytes_cut_doubled_or_changed(path, data):
    content = path.read_bytes()
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(content)))
        end = min(len(content), start + data.draw(st.integers(0, 80)))
        middle = data.draw(st.one_of(st.just(b""), st.binary(max_size=20), st.just(content[start:end] * 2)))
        content = content[:start] + middle + content[end:]
    clean(content)


@FUZZ
@given(st.text(max_size=60), st.text(max_size=30), st.text(max_size=60))
def test_any_text_where_a_figure_is_expected(amount, day, reference):
    entry = ENTRY.replace("1.00", escape(amount)).replace("2026-11-12", escape(day))
    clean(statement(f"{entry}<AcctSvcrRef>{escape(reference)}</AcctSvcrRef>"))


FIELDS = st.sampled_from(["20", "25", "28C", "60F", "60M", "61", "86", "62F", "64", "1", "", "-"])
VALUES = st.one_of(
    st.text(max_size=40),
    st.from_regex(r"[CD]\d{6}EUR\d{1,4},\d{0,3}", fullmatch=True),
    st.from_regex(r"\d{10}R?[CD]R?\d{1,5},\d{0,2}NTRFNONREF(//[A-Z0-9]{0,16})?", fullmatch=True),
    st.from_regex(r"1(66|09|94)\?00X(\?(20|21|31|32)[A-Z+]{0,27}){0,4}", fullmatch=True),
    st.from_regex(r"(/(EREF|REMI|CNTP|RTRN)/[A-Z/]{0,12}){0,4}", fullmatch=True),
)


@FUZZ
@given(st.lists(st.tuples(FIELDS, VALUES), max_size=12))
def test_any_order_of_fields(fields):
    clean("\n".join(f":{tag}:{value}" for tag, value in fields).encode())


@pytest.mark.parametrize("text", ["/EREF" * 50_000, "?20" * 100_000, "EREF+" * 60_000, "1" * 300_000])
def test_long_fields_take_no_time_to_speak_of(text):
    clean(
        f":20:A\n:25:B\n:60F:C261111EUR1,00\n:61:2611121112C1,00NTRFX\n:86:166?00{text}\n:62F:C261112EUR2,00".encode()
    )


def test_a_megabyte_of_entries_is_read():
    body = f"<Ntry>{ENTRY}</Ntry>" * 9_000
    (found,) = read_statements(camt(f"<Stmt><Acct><Id><IBAN>DE1</IBAN></Id></Acct>{body}</Stmt>"))
    assert len(found.lines) == 9_000


DEEP = 20_000
ODD = {
    "deep nesting": b"<Document>" + b"<a>" * DEEP + b"</a>" * DEEP + b"</Document>",
    "deep and never closed": b"<Document>" + b"<a>" * DEEP,
    "UTF-16 without saying so": "<Document/>".encode("utf-16-le"),
    "another encoding than it says": b'<?xml version="1.0" encoding="UTF-8"?><Document>\xe4</Document>',
    "an encoding that nobody knows": b'<?xml version="1.0" encoding="x-none"?><Document/>',
    "entities of entities": b'<!DOCTYPE a [<!ENTITY b "xxxxxxxxxx"><!ENTITY c "&b;&b;&b;">]><Document>&c;</Document>',
    "a file from elsewhere": b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><Document>&b;</Document>',
    "a megabyte of one tag": b"<" + b"a" * 1_000_000,
    "a megabyte of one field": b":20:" + b"A" * 1_000_000,
    "MT940 in UTF-16": ":20:A\n:25:B\n".encode("utf-16"),
    "zero bytes": b"\x00" * 1_000,
    "nothing": b"",
}


@pytest.mark.parametrize("content", ODD.values(), ids=ODD)
def test_odd_files_are_refused_with_a_reason(content):
    with pytest.raises(BrokenStatement):
        read_statements(content)


def test_a_field_that_is_repeated_is_refused_or_read_as_the_bank_meant_it():
    """Each header field twice: nobody can tell which balance counts."""
    once = [":20:A", ":25:B", ":60F:C261111EUR1,00", ":61:2611121112C1,00NTRFX", ":62F:C261112EUR2,00"]
    for at in range(len(once)):
        clean("\n".join([*once[: at + 1], *once[at:]]).encode())
