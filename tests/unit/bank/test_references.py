"""What payers write, and which invoice number is read out of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iban, iso11649
from stdnum.be import ogm_vcs
from stdnum.ch import esr

from quittance.domain.names import compact
from quittance.domain.payment_reference import (
    BARE,
    BARE_SHORT,
    BLURRED,
    DOCUMENT,
    FULL,
    SHORT,
    STRUCTURED,
    creditor_reference,
    is_belgian_reference,
    is_creditor_reference,
    is_iban,
    is_swiss_reference,
    numbers_in,
)

SEVEN = "ACME2026000007"
DIGITS = st.text("0123456789", min_size=10, max_size=10)


def read(*texts, structured=(), prefix="ACME"):
    return [(found.number, found.strength) for found in numbers_in(structured, texts, prefix)]


@pytest.mark.parametrize(
    ("texts", "strength"),
    [
        (["ACME-2026-000007"], FULL),
        (["Rechnung ACME-2026-000007 vom 12.10.2026"], FULL),
        (["acme/2026/000007"], FULL),
        (["ACME2026000007"], FULL),
        (["RE:ACME - 2026 - 000007."], FULL),
        (["RG ACME-2026-0000", "07 DANKE"], FULL),
        (["RECHNUNG ACME-20", "26-000007"], FULL),
        (["ACME-2026-7"], SHORT),
        (["ACME 2026 0007, danke"], SHORT),
        (["ACME-2026-00OOO7"], BLURRED),
        (["ACME-2O26-000007"], BLURRED),
        (["ACME-2026-000 007"], BLURRED),
        (["invoice 2026-000007"], BARE),
        (["2026 / 7"], BARE_SHORT),
    ],
)
def test_a_number_is_read_however_it_is_written(texts, strength):
    assert (SEVEN, strength) in read(*texts)
    assert read(*texts)[0][0] == SEVEN


@pytest.mark.parametrize(
    "texts",
    [
        ["danke"],
        ["XACME-2026-000007"],
        ["ACME-2026-0000071"],
        ["ACME-1999-000007"],
        ["12.10.2026"],
        ["2026"],
        [""],
        [],
    ],
)
def test_what_is_no_number_of_ours_is_not_read(texts):
    assert SEVEN not in [number for number, _ in read(*texts)]


def test_a_number_cut_by_a_line_break_is_not_taken_for_a_shorter_one():
    assert read("ACME-2026-00001", "2 DANKE") == [("ACME2026000012", FULL)]


def test_prefixes_that_look_like_digits_are_read_with_care():
    assert read("B0B1-2026-000007", prefix="BOB1")[0] == ("BOB12026000007", BLURRED)
    assert read("BOB1-2026-000007", prefix="BOB1")[0] == ("BOB12026000007", FULL)


@pytest.mark.parametrize(
    ("reference", "strength"),
    [
        (creditor_reference("ACME-2026-000007"), STRUCTURED),
        (f"{creditor_reference('ACME-2026-000007')[:4]} ACME 2026 0000 07", STRUCTURED),
        ("+++202/6000/00701+++", STRUCTURED),
        ("0" * 16 + "2026000007" + esr.calc_check_digit("0" * 16 + "2026000007"), STRUCTURED),
        ("ACME-2026-000007", DOCUMENT),
        ("ACME-2026-7", FULL),
    ],
)
def test_structured_references_are_read_first(reference, strength):
    assert read("nothing here", structured=[reference]) == [(SEVEN, strength)]


@pytest.mark.parametrize("text", [f"bill {creditor_reference('ACME-2026-000007')}", "***202/6000/00701***"])
def test_structured_references_are_found_in_free_text(text):
    assert read(text)[0] == (SEVEN, STRUCTURED)


def test_a_reference_with_wrong_check_digits_is_no_reference():
    right = creditor_reference("ACME-2026-000007")
    wrong = f"RF{(int(right[2:4]) + 1) % 100:02d}{right[4:]}"
    assert (SEVEN, STRUCTURED) not in read(structured=[wrong])


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=1, max_size=21))
def test_creditor_references_are_those_of_the_standard(body):
    made = creditor_reference(body)
    assert iso11649.is_valid(made)
    assert is_creditor_reference(made)


@given(st.text("RF0123456789ABCZ", max_size=27))
def test_creditor_references_agree_with_the_oracle(text):
    assert is_creditor_reference(text) == (iso11649.is_valid(text) and iso11649.compact(text) == text and len(text) > 4)


@given(DIGITS, st.integers(0, 99))
def test_belgian_references_agree_with_the_oracle(body, check):
    for digits in (f"{body}{check:02d}", f"{body}{int(body) % 97 or 97:02d}"):
        assert is_belgian_reference(digits) == ogm_vcs.is_valid(digits)


@given(st.text("0123456789", min_size=26, max_size=26), st.integers(0, 9))
def test_swiss_references_agree_with_the_oracle(body, check):
    for digits in (f"{body}{check}", f"{body}{esr.calc_check_digit(body)}"):
        assert is_swiss_reference(digits) == esr.is_valid(digits)


@pytest.mark.parametrize("text", ["DE89370400440532013000", "NL91ABNA0417164300", "CH9300762011623852957"])
def test_ibans(text):
    assert is_iban(text)
    assert iban.is_valid(text)
    assert not is_iban(text[:-1] + str((int(text[-1]) + 1) % 10))


@given(st.lists(st.text(max_size=60), max_size=5), st.lists(st.text(max_size=40), max_size=3))
def test_any_text_can_be_read(texts, structured):
    for found in numbers_in(structured, texts, "ACME"):
        assert 0 <= found.strength <= 100
        assert found.number == compact(found.number)


@given(st.integers(1, 999_999), st.sampled_from(["-", " ", "/", "", " - ", "_", "."]), st.text("abc. ", max_size=9))
def test_a_full_number_is_found_between_any_words(number, separator, words):
    text = f"{words} ACME{separator}2026{separator}{number:06d} {words}"
    assert (f"ACME2026{number:06d}", FULL) in read(text)
