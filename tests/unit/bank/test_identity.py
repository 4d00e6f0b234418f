"""A line counts once: the same file, overlapping files, equal transfers, references that a bank uses twice."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quittance.domain.bank import BankLine, BrokenStatement, bank_name, identify, meaningful
from quittance.domain.money import Money

LINE = BankLine(
    booked=date(2026, 11, 12), amount=Money(5900, "EUR"), incoming=True, texts=("danke",), position="100.00"
)
WITH = replace(LINE, reference="REF1")


def names(*lines):
    return [named.name for named in identify(lines)]


def test_the_reference_and_the_index_name_a_line():
    assert names(WITH, replace(WITH, index=1)) == ["REF1.0", "REF1.1"]


def test_what_the_bank_rewords_changes_nothing_for_a_line_with_a_reference():
    (before,), (after,) = identify([WITH]), identify([replace(WITH, texts=("DANKE SEHR",), position="")])
    assert (before.name, before.content) == (after.name, after.content)


def test_two_equal_transfers_without_reference_are_two_and_none_is_in_doubt():
    named = list(identify([LINE, replace(LINE, position="159.00")]))
    assert len({one.name for one in named}) == 2
    assert [one.doubt for one in named] == [None, None]


def test_a_reference_used_twice_in_a_file_is_in_doubt():
    named = list(identify([WITH, replace(WITH, amount=Money(1, "EUR")), WITH]))
    assert len({one.name for one in named}) == 3
    assert [bool(one.doubt) for one in named] == [False, True, True]


def test_another_amount_under_a_known_reference_gets_the_same_name_in_whichever_file_it_comes():
    other = replace(WITH, amount=Money(1, "EUR"))
    in_one_file = list(identify([WITH, other]))[1]
    (alone,) = identify([other])
    assert alone.beside("bank.line").name == in_one_file.name


def test_references_that_cannot_stand_in_a_key_become_digests():
    first, second = names(replace(WITH, reference="A/1 B"), replace(WITH, reference="A#1 B"))
    assert first != second
    assert first.startswith("x")


@pytest.mark.parametrize("text", ["NONREF", "NOTPROVIDED", "notprovided", "", "  ", "0000", None])
def test_a_reference_that_says_nothing_is_none(text):
    assert meaningful(text) is None


def test_bank_accounts_as_keys_take_them():
    assert bank_name("de89 3704 0044 0532 0130 00") == "DE89370400440532013000"
    assert bank_name("37040044/0532013000") == "370400440532013000"
    assert len(bank_name("9" * 80)) <= 34
    with pytest.raises(BrokenStatement):
        bank_name(" / ")


LINES = st.lists(
    st.builds(
        replace,
        st.just(LINE),
        reference=st.sampled_from([None, "R1", "R2"]),
        amount=st.sampled_from([Money(1, "EUR"), Money(2, "EUR")]),
        texts=st.sampled_from([("a",), ("b",)]),
        position=st.sampled_from(["1", "2"]),
    ),
    max_size=8,
)


@given(LINES)
def test_names_within_a_file_are_unique_and_the_same_every_time(lines):
    first, second = list(identify(lines)), list(identify(lines))
    assert first == second
    assert len({one.name for one in first}) == len(lines)


@given(LINES, LINES)
def test_a_file_that_goes_on_names_its_beginning_alike(lines, more):
    assert names(*lines, *more)[: len(lines)] == names(*lines)
