"""Whose money a line is: what is sure, what is proposed, and why."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quittance.domain.allocation import Debt
from quittance.domain.bank import BankLine
from quittance.domain.bank_matching import SURE, Facts, match
from quittance.domain.claim import Claim
from quittance.domain.money import Money
from quittance.domain.payment import Standing
from quittance.domain.payment_reference import numbers_in

IBAN, OTHER = "DE02120300000000202051", "DE75512108001245126199"


def eur(minor):
    return Money(minor, "EUR")


def debt(invoice, number, minor, due=8):
    return Debt(invoice=invoice, number=f"ACME-2026-{number:06d}", due=date(2026, 11, due), remaining=eur(minor))


def claim(account, invoice, number, minor=10000, currency="EUR"):
    return Claim(account=account, invoice=invoice, number=f"ACME-2026-{number:06d}", gross=Money(minor, currency))


STANDINGS = {
    "contoso": Standing(currency="EUR", debts=(debt("I1", 1, 10000), debt("I2", 2, 5000, 9)), version=3),
    "fabrikam": Standing(currency="EUR", debts=(debt("F1", 3, 10000), debt("F2", 4, 10000, 9)), version=1),
    "northwind": Standing(currency="CHF", debts=(), version=1),
}
CLAIMS = {
    "ACME2026000001": claim("contoso", "I1", 1),
    "ACME2026000002": claim("contoso", "I2", 2, 5000),
    "ACME2026000003": claim("fabrikam", "F1", 3),
    "ACME2026000009": claim("contoso", "I0", 9),  # settled: in no head
}
NAMES = {"contoso": "Contoso AG", "fabrikam": "Fabrikam GmbH & Co. KG", "umlaut": "Müller & Söhne GmbH"}


def line(text="", minor=10000, **more):
    told = {"booked": date(2026, 11, 12), "amount": eur(minor), "incoming": True, "texts": (text,), **more}
    return BankLine(**told)


def facts(of, payer=()):
    found = numbers_in(of.structured, of.texts, "ACME")
    return Facts(found=found, claims=CLAIMS, payer=payer, standings=STANDINGS, names=lambda: NAMES)


def best(of, payer=()):
    found = match(of, facts(of, payer))
    return (found[0].account, found[0].invoice, found[0].sure) if found else None


@pytest.mark.parametrize(
    ("text", "minor", "payer", "expected"),
    [
        ("ACME-2026-000001", 10000, (), ("contoso", "I1", True)),
        ("ACME-2026-000001", 9000, (), ("contoso", "I1", True)),
        ("ACME-2026-000001", 10000, ("fabrikam",), ("contoso", "I1", True)),
        ("ACME-2026-000001", 9000, ("fabrikam",), ("contoso", "I1", False)),
        ("ACME-2026-1", 10000, (), ("contoso", "I1", True)),
        ("ACME-2026-1", 9000, (), ("contoso", "I1", False)),
        ("ACME-2026-1", 9000, ("contoso",), ("contoso", "I1", True)),
        ("ACME-2026-00OO01", 10000, (), ("contoso", "I1", True)),
        ("ACME-2026-00OO01", 9999, (), ("contoso", "I1", False)),
        ("2026-000001", 10000, (), ("contoso", "I1", False)),
        ("2026-000001", 10000, ("contoso",), ("contoso", "I1", True)),
        ("2026-1", 10000, ("contoso",), ("contoso", "I1", False)),
        ("ACME-2026-000009", 10000, (), ("contoso", "I0", True)),
        ("ACME-2026-000001 ACME-2026-000002", 15000, (), ("contoso", "I1", True)),
        ("ACME-2026-000001 ACME-2026-000002", 14000, (), ("contoso", "I1", False)),
        ("ACME-2026-000001 ACME-2026-000003", 20000, (), ("contoso", "I1", False)),
        ("thanks", 10000, ("contoso",), ("contoso", "I1", True)),
        ("thanks", 15000, ("contoso",), ("contoso", None, True)),
        ("thanks", 1234, ("contoso",), ("contoso", None, True)),
        ("thanks", 10000, ("fabrikam",), ("fabrikam", None, True)),
        ("bill no. 4", 10000, ("fabrikam",), ("fabrikam", "F2", True)),
        ("thanks", 5000, ("contoso", "fabrikam"), ("contoso", "I2", False)),
        ("thanks", 10000, ("nobody",), ("nobody", None, False)),
        ("thanks", 10000, ("northwind",), ("northwind", None, False)),
        ("thanks", 10000, (), None),
    ],
)
def test_the_table_of_matches(text, minor, payer, expected):
    assert best(line(text, minor), payer) == expected


def test_money_in_another_currency_waits_for_a_person():
    of = replace(line("ACME-2026-000001"), amount=Money(10000, "USD"))
    assert best(of) == ("contoso", "I1", False)


@pytest.mark.parametrize("name", ["CONTOSO", "Contoso A G", "contoso ag", "AG Contoso"])
def test_a_name_alone_never_decides(name):
    found = match(line("thanks", payer_name=name), facts(line("thanks")))
    assert [(one.account, one.sure) for one in found] in ([("contoso", False)], [])


def test_names_are_compared_without_accents_and_legal_forms():
    assert match(line(payer_name="MULLER U. SOHNE"), facts(line())) == []
    assert [one.account for one in match(line(payer_name="SOHNE MULLER"), facts(line()))] == ["umlaut"]


def test_the_list_of_accounts_is_read_only_where_nothing_else_helps():
    def unasked():
        raise AssertionError("the list of accounts was read")

    of = line("ACME-2026-000001", payer_name="Contoso AG")
    assert match(of, replace(facts(of), names=unasked))


def test_a_doubt_about_the_line_itself_makes_nothing_sure():
    of = line("ACME-2026-000001", doubt="the batch cannot be split")
    (found,) = match(of, facts(of))
    assert not found.sure
    assert found.reasons[-1] == "the batch cannot be split"


def test_reasons_are_told():
    of = line("ACME-2026-1")
    (found,) = match(of, facts(of, ("contoso",)))
    assert found.reasons == (
        "number ACME-2026-1 without its leading zeros in the text",
        "100.00 is what is left to pay",
        "this IBAN paid for the account before",
    )


TEXTS = st.lists(
    st.sampled_from(["ACME-2026-000001", "ACME-2026-2", "2026-000003", "danke", "4", "ACME 2026 9"]), max_size=4
)
PAYERS = st.lists(st.sampled_from(["contoso", "fabrikam", "northwind", "nobody"]), max_size=2, unique=True)


@given(TEXTS, st.integers(1, 30000), PAYERS)
def test_matches_are_ordered_bounded_and_repeatable(texts, minor, payer):
    of = line(minor=minor, payer_name="Contoso")
    of = replace(of, texts=tuple(texts))
    found = match(of, facts(of, tuple(payer)))
    assert found == match(of, facts(of, tuple(payer)))
    assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)
    assert all(0 <= one.confidence <= 100 and one.reasons for one in found)
    assert len({one.account for one in found if one.confidence >= SURE}) <= 1


@given(TEXTS, st.integers(1, 30000), PAYERS)
def test_a_sure_match_is_always_of_an_account_in_the_line_s_currency(texts, minor, payer):
    of = replace(line(minor=minor), texts=tuple(texts), amount=Money(minor, "USD"))
    assert not [one for one in match(of, facts(of, tuple(payer))) if one.sure]


@pytest.mark.parametrize(
    ("payer", "expected"),
    [(("group",), ("group", "contoso/I1", True)), (("fabrikam",), ("contoso", "I1", False))],
    ids=["who pays for it", "a stranger"],
)
def test_a_childs_invoice_from_the_iban_of_who_pays_for_it_is_the_parents_payment(payer, expected):
    of = line("ACME-2026-000001", 9000)
    group = Standing(currency="EUR", debts=(), version=1, pays_for=("contoso",))
    found = match(of, replace(facts(of, payer), standings={**STANDINGS, "group": group}))
    assert (found[0].account, found[0].invoice, found[0].sure) == expected
