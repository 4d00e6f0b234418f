"""What holds for every amount: nothing is lost, nothing is made, and refunds mirror charges."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from quittance.domain.money import Money, split, total

minors = st.integers(-(10**12), 10**12)
currencies = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
amounts = st.builds(Money, minors, currencies)
weights = st.lists(st.integers(0, 10**6), min_size=1, max_size=40).filter(any)


@given(amounts)
def test_an_amount_survives_its_text(amount):
    assert Money.parse(str(amount), amount.currency) == amount


@given(amounts)
def test_an_amount_survives_its_decimal(amount):
    assert Money.rounded(amount.decimal, amount.currency) == amount


@given(amounts, weights)
def test_a_split_loses_and_makes_nothing(amount, shares):
    parts = split(amount, shares)
    assert total(parts, amount.currency) == amount
    assert len(parts) == len(shares)


@given(amounts, weights)
def test_a_share_is_within_one_minor_unit_of_its_part(amount, shares):
    whole = sum(shares)
    for part, weight in zip(split(amount, shares), shares, strict=True):
        assert abs(part.minor - Decimal(amount.minor) * weight / whole) < 1


@given(amounts, weights)
def test_a_refund_mirrors_its_charge(amount, shares):
    assert split(-amount, shares) == [-part for part in split(amount, shares)]


@given(st.lists(minors, max_size=30), currencies)
def test_a_total_is_the_sum_in_any_order(values, currency):
    money = [Money(value, currency) for value in values]
    assert total(money, currency) == total(reversed(money), currency) == Money(sum(values), currency)
