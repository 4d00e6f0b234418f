"""Figures and dates as a reader of a language writes them; used by documents, mails and public pages alike.

Only what those need, so that no function pays for a locale library: a further language is one more entry here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from quittance.domain.money import exponent

NBSP = "\u00a0"
MINUS = "\u2212"
MOST_PLACES = 10  # cloud quantities and unit prices carry up to ten decimals


@dataclass(frozen=True, slots=True)
class Conventions:
    """How one language writes figures and dates."""

    point: str
    group: str
    percent: str
    short_date: str
    long_date: str
    months: tuple[str, ...]
    short_months: tuple[str, ...]
    first_day: str = "1"
    """How the first of a month is written in a sentence."""


_EN_MONTHS = tuple(
    "January February March April May June July August September October November December".split(),
)
_DE_MONTHS = tuple("Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split())
_FR_MONTHS = tuple("janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split())

CONVENTIONS = {
    "de": Conventions(
        ",", ".", f"{NBSP}%", "{d:02}.{m:02}.{y}", "{d}. {month} {y}", _DE_MONTHS, tuple(m[:3] for m in _DE_MONTHS)
    ),
    "en": Conventions(
        ".", ",", "%", "{d} {short} {y}", "{d} {month} {y}", _EN_MONTHS, tuple(m[:3] for m in _EN_MONTHS)
    ),
    "fr": Conventions(
        ",",
        NBSP,
        f"{NBSP}%",
        "{d:02}/{m:02}/{y}",
        "{first} {month} {y}",
        _FR_MONTHS,
        tuple(m[:4] for m in _FR_MONTHS),
        first_day="1er",
    ),
}
LANGUAGES = tuple(CONVENTIONS)
DEFAULT_LANGUAGE = "en"


def language(locale: str) -> str:
    """Return the language we have words for: "de-AT" gives "de"; English where we have none."""
    code = locale.replace("_", "-").split("-")[0].lower()
    return code if code in CONVENTIONS else DEFAULT_LANGUAGE


def number(value: Decimal, lang: str, *, least: int = 0, most: int = MOST_PLACES) -> str:
    """Write a figure with between `least` and `most` decimals, zeros beyond `least` trimmed, digits grouped."""
    ways = CONVENTIONS[lang]
    rounded = value.quantize(Decimal(1).scaleb(-max(least, most)), ROUND_HALF_UP)
    whole, _, places = f"{abs(rounded):,f}".partition(".")
    places = places.rstrip("0").ljust(least, "0")
    sign = MINUS if rounded < 0 else ""
    return sign + whole.replace(",", ways.group) + (ways.point + places if places else "")


def plain_amount(value: Decimal, currency: str, lang: str) -> str:
    """Write an amount in major units with the places of its currency (ISO 4217) and without its code."""
    places = exponent(currency)
    return number(value, lang, least=places, most=places)


def amount(value: Decimal, currency: str, lang: str) -> str:
    """Write an amount in major units with its currency's code, never broken over two lines."""
    return f"{plain_amount(value, currency, lang)}{NBSP}{currency}"


def unit_price(value: Decimal, currency: str, lang: str) -> str:
    """Write a price of one unit: the currency's places at least, all that are given at most."""
    return number(value, lang, least=exponent(currency))


def percent(value: Decimal, lang: str) -> str:
    """Write a rate: Decimal("19") gives "19 %" in German and "19%" in English."""
    return number(value, lang) + CONVENTIONS[lang].percent


def _dated(pattern: str, day: date, ways: Conventions) -> str:
    month, short = ways.months[day.month - 1], ways.short_months[day.month - 1]
    first = ways.first_day if day.day == 1 else day.day
    return pattern.format(d=day.day, first=first, m=day.month, y=day.year, month=month, short=short).replace(" ", NBSP)


def short_date(day: date, lang: str) -> str:
    """Write a date for a table: 09.10.2026, or 9 Oct 2026 (no reader takes the month for the day)."""
    return _dated(CONVENTIONS[lang].short_date, day, CONVENTIONS[lang])


def long_date(day: date, lang: str) -> str:
    """Write a date for a sentence: 9. Oktober 2026, 9 October 2026."""
    return _dated(CONVENTIONS[lang].long_date, day, CONVENTIONS[lang])


def grouped_iban(iban: str) -> str:
    """Write an IBAN in groups of four as on paper (ISO 13616)."""
    bare = "".join(iban.split()).upper()
    return " ".join(bare[start : start + 4] for start in range(0, len(bare), 4))
