"""Money: integer minor units with their currency, exact arithmetic, ISO 4217 exponents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from quittance.domain.errors import Rejected

# ISO 4217 minor units that differ from two; every other listed currency has two. Checked in the tests
# against the maintained `iso4217` data.
_EXPONENTS = {
    **dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
    **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
_TWO = frozenset(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY "
    "COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS "
    "INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR "
    "MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
    "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG".split()
)


def exponent(currency: str) -> int:
    """Return the number of decimal places of a currency (ISO 4217); Rejected for an unknown code."""
    if currency in _TWO:
        return 2
    if currency in _EXPONENTS:
        return _EXPONENTS[currency]
    raise Rejected(f"currency {currency!r} is not an ISO 4217 code; use three capital letters such as EUR")


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in minor units (cents) of one currency; mixing currencies is a programming error."""

    minor: int
    currency: str

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in a currency."""
        return cls(0, currency)

    @classmethod
    def parse(cls, text: object, currency: str, *, field: str = "amount") -> Money:
        """Read a decimal string such as "297.44"; Rejected when it is not one or has too many places."""
        places = exponent(currency)
        if not isinstance(text, str):
            raise Rejected(f'{field}: write the amount as a decimal string such as "12.50"', field=field)
        try:
            value = Decimal(text)
        except InvalidOperation:
            raise Rejected(f"{field}: {text!r} is not a decimal amount", field=field) from None
        scaled = value.scaleb(places) if value.is_finite() else value
        if not value.is_finite() or scaled != scaled.to_integral_value():
            raise Rejected(f"{field}: {text!r} has more decimal places than {currency} ({places})", field=field)
        if abs(scaled) >= 10**15:
            raise Rejected(f"{field}: {text!r} is larger than this system books", field=field)
        return cls(int(scaled), currency)

    @classmethod
    def rounded(cls, value: Decimal, currency: str) -> Money:
        """Round a decimal in major units half away from zero, as invoices do (EN 16931 practice)."""
        return cls(int(value.scaleb(exponent(currency)).quantize(Decimal(1), ROUND_HALF_UP)), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units with all its places."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.decimal:.{exponent(self.currency)}f}"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot combine {self.currency} with {other.currency}")

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.minor != 0


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add amounts of one currency."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result + amount
    return result


def split(amount: Money, weights: Sequence[int]) -> list[Money]:
    """Share an amount by weights with the largest remainder; ties go to the earlier share.

    The absolute value is shared and the sign put back, so a refund mirrors its charge to the cent.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative and not all zero")
    sign, size = (-1 if amount.minor < 0 else 1), abs(amount.minor)
    shares = [size * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(size * weights[i] % whole), i))
    for i in order[: size - sum(shares)]:
        shares[i] += 1
    return [Money(sign * share, amount.currency) for share in shares]
