"""Reads and writes what a policy asks of late payers: fees by kind of notice and interest, by country, with a switch.

    late_charges: true                        # false: nothing is charged, whatever follows
    fee: {final: "5.00", by_country: {FR: {final: "0.00"}}}
    interest: {annual_percent: "9.00", by_country: {DE: "11.27"}}

A country that is listed has its own figures, for the kinds it names; all others have the general ones.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from quittance.domain.definition import mapping, positive, under
from quittance.domain.errors import Rejected
from quittance.domain.money import Money
from quittance.domain.policy import Policy

type Fees = tuple[tuple[str, Money], ...]

_BY_COUNTRY = "by_country"
_HIGHEST_PERCENT = 100
_COUNTRY = re.compile(r"[A-Z]{2}")


def parse_late_charges(body: Mapping[str, Any], at: str, currency: str, sent: Collection[str]) -> dict[str, Any]:
    """Read a policy's late charges as the policy's own fields; `sent` are the kinds of notice its stages send."""
    path, kinds = under(at, "fee"), tuple(sorted(sent))
    fee = mapping(body.get("fee") or {}, path, (*kinds, _BY_COUNTRY))
    percent = _Interest.of(body.get("interest"), under(at, "interest"))
    switch = body.get("late_charges", True)
    if not isinstance(switch, bool):
        raise Rejected(f"{under(at, 'late_charges')}: write true or false", field=under(at, "late_charges"))
    return {
        "late_charges": switch,
        "fees": _fees({kind: amount for kind, amount in fee.items() if kind != _BY_COUNTRY}, path, currency),
        "country_fees": tuple(
            (country, _fees(mapping(given, place, kinds), place, currency))
            for country, given, place in _countries(fee.get(_BY_COUNTRY), f"{path}.{_BY_COUNTRY}")
        ),
        "interest_percent": percent.general,
        "country_interest": percent.by_country,
    }


class _Interest:
    """The interest of a definition."""

    def __init__(self, general: Decimal, by_country: tuple[tuple[str, Decimal], ...]) -> None:
        self.general, self.by_country = general, by_country

    @classmethod
    def of(cls, value: object, path: str) -> _Interest:
        if value is None:
            return cls(Decimal(0), ())
        body = mapping(value, path, ("annual_percent", _BY_COUNTRY))
        listed = _countries(body.get(_BY_COUNTRY), f"{path}.{_BY_COUNTRY}")
        given = body.get("annual_percent", "0" if _BY_COUNTRY in body else None)
        return cls(
            _percent(given, f"{path}.annual_percent"),
            tuple((country, _percent(text, place)) for country, text, place in listed),
        )


def late_charges_to_mapping(policy: Policy) -> dict[str, Any]:
    """Write a policy's late charges as they are read."""
    fee: dict[str, Any] = _written(policy.fees)
    interest: dict[str, Any] = {"annual_percent": str(policy.interest_percent)}
    if policy.country_fees:
        fee[_BY_COUNTRY] = {country: _written(fees) for country, fees in policy.country_fees}
    if policy.country_interest:
        interest[_BY_COUNTRY] = {country: str(percent) for country, percent in policy.country_interest}
    switch = {} if policy.late_charges else {"late_charges": False}
    return {"fee": fee, "interest": interest, **switch}


def _written(fees: Fees) -> dict[str, Any]:
    return {kind: str(amount) for kind, amount in fees}


def _fees(body: Mapping[str, Any], path: str, currency: str) -> Fees:
    fees = ((kind, Money.parse(text, currency, field=f"{path}.{kind}")) for kind, text in sorted(body.items()))
    return tuple((kind, positive(fee, f"{path}.{kind}")) for kind, fee in fees)


def _countries(value: object, path: str) -> list[tuple[str, Any, str]]:
    """Return the countries that are listed, each with what is given and the path to it."""
    if value is None:
        return []
    if not isinstance(value, Mapping):
        raise Rejected(f"{path}: write a mapping from countries, such as DE, to what they have", field=path)
    for country in value:
        if not isinstance(country, str) or not _COUNTRY.fullmatch(country):
            field = f"{path}.{country}"
            raise Rejected(f"{field}: is not an ISO 3166-1 code such as DE; write two capitals", field=field)
    return [(country, given, f"{path}.{country}") for country, given in sorted(value.items())]


def _percent(text: object, field: str) -> Decimal:
    try:
        percent = Decimal(text) if isinstance(text, str) else Decimal("NaN")
    except InvalidOperation:
        percent = Decimal("NaN")
    if not (percent.is_finite() and 0 <= percent <= _HIGHEST_PERCENT):
        raise Rejected(f'{field}: write a decimal string from "0" to "100", not {text!r}', field=field)
    return percent
