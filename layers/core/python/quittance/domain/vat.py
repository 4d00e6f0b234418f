"""VAT on services between businesses: which category and rate, and the amount per category and rate.

Categories are those of EN 16931 (UNCL 5305). Place of supply by Directive 2006/112/EC: article 44 (business
customers: where they are, tax owed by them, article 196), article 58 (others, electronic services: where they are).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, get_args

from quittance.domain.errors import Rejected
from quittance.domain.money import Money, total
from quittance.domain.vat_rates import EU, ID_PREFIXES, STANDARD_RATES

Category = Literal["S", "Z", "E", "AE", "K", "G", "O"]
CATEGORIES: tuple[Category, ...] = get_args(Category)
_HUNDRED = Decimal(100)
_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}")


@dataclass(frozen=True, slots=True)
class Treatment:
    """How a line is taxed: category, per cent, and the reason an exemption must carry (BT-120)."""

    category: Category
    percent: Decimal
    reason: str = ""


@dataclass(frozen=True, slots=True)
class TaxParty:
    """What decides about VAT in a party: its country (ISO 3166-1) and its VAT id, if any."""

    country: str
    vat_id: str = ""

    @property
    def in_eu(self) -> bool:
        """Whether the party is in a member state."""
        return self.country in EU

    @property
    def identified(self) -> bool:
        """Whether the VAT id is one of the party's own member state; only the form is checked, offline."""
        bare = re.sub(r"[\s.-]", "", self.vat_id).upper()
        return bool(_ID.fullmatch(bare)) and bare.startswith(ID_PREFIXES.get(self.country, self.country))


@dataclass(frozen=True, slots=True, kw_only=True)
class VatRow:
    """VAT of one category and rate: the sum of its line nets and the tax on that sum."""

    category: Category
    percent: Decimal
    net: Money
    vat: Money
    reason: str = ""


def tax_party(profile: Mapping[str, Any], field: str) -> TaxParty:
    """Read what decides about VAT from a profile; Rejected without a country."""
    country = profile.get("country")
    if not isinstance(country, str) or not re.fullmatch(r"[A-Z]{2}", country):
        raise Rejected(f"{field}.country: {country!r} is not an ISO 3166-1 code such as DE", field=f"{field}.country")
    return TaxParty(country, str(profile.get("vat_id") or ""))


def treatment(seller: TaxParty, buyer: TaxParty) -> Treatment:
    """Decide how the partner's services to a customer are taxed.

    Domestic: standard rate. Another member state: reverse charge (AE) with a VAT id of that state, else that
    state's standard rate (one-stop shop). Outside the EU: outside the scope (O).
    """
    if seller.country == buyer.country:
        return Treatment("S", _standard(seller.country))
    if not (seller.in_eu and buyer.in_eu):
        return Treatment("O", Decimal(0))
    if not buyer.identified:
        return Treatment("S", _standard(buyer.country))
    if not seller.identified:
        raise Rejected(
            f"partner.vat_id: {seller.vat_id!r} is not a VAT id of {seller.country}; reverse charge needs both ids",
            field="partner.vat_id",
        )
    return Treatment("AE", Decimal(0))


def _standard(country: str) -> Decimal:
    if country not in STANDARD_RATES:
        raise Rejected(
            f"country: no standard VAT rate of {country} is configured; give vat_percent on each line", field="country"
        )
    return STANDARD_RATES[country]


def line_treatment(default: Treatment | None, percent: Decimal | None) -> Treatment:
    """Return the treatment of a line that may name its rate: above zero it is taxed so, at zero without tax.

    A line at 0 % of a sale that is taxed otherwise is zero-rated (Z).
    """
    if percent is None:
        if default is None:
            raise Rejected("vat_percent: no rate follows from the countries; give it on each line", field="vat_percent")
        return default
    if percent > 0:
        return Treatment("S", percent)
    return default if default is not None and default.percent == 0 else Treatment("Z", Decimal(0))


def vat_table(lines: Iterable[tuple[Treatment, Money]], currency: str) -> tuple[VatRow, ...]:
    """Compute the tax per category and rate on the sum of the rounded line nets, rounded half up once.

    EN 16931 (BR-S-08, BR-CO-17): ten lines of 10.03 at 19 % are taxed 19.06, not ten times 1.91.
    """
    groups: dict[Treatment, list[Money]] = {}
    for how, net in lines:
        groups.setdefault(how, []).append(net)
    if len({how.category for how in groups}) > 1 and any(how.category == "O" for how in groups):
        raise Rejected(
            "vat_percent: lines outside the scope of VAT and taxed lines cannot share an invoice (BR-O-11); "
            "put them on separate invoices",
            field="vat_percent",
        )
    ordered = sorted(groups, key=lambda how: (CATEGORIES.index(how.category), -how.percent, how.reason))
    return tuple(_row(how, total(groups[how], currency)) for how in ordered)


def _row(how: Treatment, net: Money) -> VatRow:
    vat = Money.rounded(net.decimal * how.percent / _HUNDRED, net.currency)
    return VatRow(category=how.category, percent=how.percent, net=net, vat=vat, reason=how.reason)
