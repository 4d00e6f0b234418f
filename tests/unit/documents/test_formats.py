"""Figures and dates as readers write them."""

from datetime import date
from decimal import Decimal

import pytest

from quittance.adapters import formats


@pytest.mark.parametrize(
    ("value", "german", "english"),
    [
        ("0", "0", "0"),
        ("25", "25", "25"),
        ("25.000", "25", "25"),
        ("1E+3", "1.000", "1,000"),
        ("1284.3391045", "1.284,3391045", "1,284.3391045"),
        ("0.0000000001", "0,0000000001", "0.0000000001"),
        ("0.00000000004", "0", "0"),
        ("0.00000000005", "0,0000000001", "0.0000000001"),
        ("-1234567.5", "−1.234.567,5", "−1,234,567.5"),
        ("-0", "0", "0"),
        ("100", "100", "100"),
    ],
)
def test_figures(value, german, english):
    assert formats.number(Decimal(value), "de") == german
    assert formats.number(Decimal(value), "en") == english


@pytest.mark.parametrize(
    ("value", "currency", "german", "english"),
    [
        ("297.44", "EUR", "297,44 EUR", "297.44 EUR"),
        ("0", "EUR", "0,00 EUR", "0.00 EUR"),
        ("-1317.8", "EUR", "−1.317,80 EUR", "−1,317.80 EUR"),
        ("162906", "JPY", "162.906 JPY", "162,906 JPY"),
        ("292.445", "KWD", "292,445 KWD", "292.445 KWD"),
        ("0.005", "EUR", "0,01 EUR", "0.01 EUR"),
        ("999999999999.99", "USD", "999.999.999.999,99 USD", "999,999,999,999.99 USD"),
    ],
)
def test_amounts_have_their_currency_s_places_and_never_break(value, currency, german, english):
    assert formats.amount(Decimal(value), currency, "de") == german.replace(" ", "\xa0")
    assert formats.amount(Decimal(value), currency, "en") == english.replace(" ", "\xa0")


@pytest.mark.parametrize(
    ("value", "currency", "shown"),
    [("36.2", "EUR", "36,20"), ("0.2104", "EUR", "0,2104"), ("5430", "JPY", "5.430"), ("12.5", "JPY", "12,5")],
)
def test_unit_prices_keep_what_is_given(value, currency, shown):
    assert formats.unit_price(Decimal(value), currency, "de") == shown


def test_rates_and_dates():
    assert formats.percent(Decimal("19.00"), "de") == "19\xa0%"
    assert formats.percent(Decimal("8.1"), "en") == "8.1%"
    day = date(2026, 3, 9)
    assert formats.short_date(day, "de") == "09.03.2026"
    assert formats.short_date(day, "en") == "9\xa0Mar\xa02026"
    assert formats.long_date(day, "de") == "9.\xa0März\xa02026"
    assert formats.long_date(day, "en") == "9\xa0March\xa02026"
    assert formats.long_date(day, "fr") == "9\xa0mars\xa02026"
    assert formats.long_date(day.replace(day=1), "fr") == "1er\xa0mars\xa02026"
    assert formats.long_date(day.replace(day=1), "de") == "1.\xa0März\xa02026"


@pytest.mark.parametrize(
    ("locale", "lang"), [("de-DE", "de"), ("de_AT", "de"), ("DE", "de"), ("en-GB", "en"), ("nl-NL", "en"), ("", "en")]
)
def test_the_language_of_a_locale(locale, lang):
    assert formats.language(locale) == lang
