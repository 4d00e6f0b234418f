"""Money: exact minor units, currencies never mixed, places as ISO 4217 says."""

from decimal import Decimal

import pytest
from iso4217 import Currency

from quittance.domain.errors import Rejected
from quittance.domain.money import _EXPONENTS, _TWO, Money, exponent, split, total


def test_every_currency_has_the_places_of_iso_4217():
    ours = {code: exponent(code) for code in _TWO | set(_EXPONENTS)}
    theirs = {one.code: one.exponent for one in Currency if one.code in ours and one.exponent is not None}
    assert len(theirs) > 140
    assert {code: ours[code] for code in theirs} == theirs


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("297.44", "EUR", 29744),
        ("-0.01", "EUR", -1),
        ("10", "JPY", 10),
        ("10.00", "JPY", 10),
        ("1.234", "KWD", 1234),
        ("0", "EUR", 0),
        ("1e2", "EUR", 10000),
    ],
)
def test_a_decimal_text_is_read_exactly(text, currency, minor):
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("given", "currency", "says"),
    [
        ("1.005", "EUR", "more decimal places than EUR (2)"),
        ("1.5", "JPY", "more decimal places than JPY (0)"),
        ("twelve", "EUR", "is not a decimal amount"),
        ("NaN", "EUR", "decimal"),
        ("Infinity", "EUR", "decimal"),
        (12.5, "EUR", 'write the amount as a decimal string such as "12.50"'),
        (None, "EUR", "decimal string"),
        ("99999999999999999", "EUR", "larger than this system books"),
        ("1.00", "EURO", "not an ISO 4217 code"),
    ],
)
def test_anything_else_is_refused_with_the_remedy(given, currency, says):
    with pytest.raises(Rejected) as refused:
        Money.parse(given, currency, field="lines[0].net")
    assert says in refused.value.message


@pytest.mark.parametrize(
    ("value", "minor"), [("1.005", 101), ("-1.005", -101), ("1.0049", 100), ("2.675", 268), ("0.005", 1)]
)
def test_rounding_is_half_away_from_zero(value, minor):
    assert Money.rounded(Decimal(value), "EUR") == Money(minor, "EUR")


def test_currencies_are_never_mixed():
    with pytest.raises(ValueError, match="cannot combine EUR with USD"):
        _ = Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(ValueError, match="cannot combine"):
        _ = Money(1, "EUR") < Money(1, "USD")


@pytest.mark.parametrize(
    ("minor", "currency", "text"), [(5, "EUR", "0.05"), (-29744, "EUR", "-297.44"), (7, "JPY", "7")]
)
def test_money_reads_with_all_its_places(minor, currency, text):
    assert str(Money(minor, currency)) == text


def test_a_sum_of_nothing_is_nothing():
    assert total([], "EUR") == Money(0, "EUR")


@pytest.mark.parametrize("weights", [[], [0, 0], [1, -1]])
def test_a_split_needs_weights(weights):
    with pytest.raises(ValueError, match="weights"):
        split(Money(100, "EUR"), weights)
