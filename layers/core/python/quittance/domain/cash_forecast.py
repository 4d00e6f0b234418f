"""Cash in by the due dates of customers' invoices against what the vendor is owed, and whom to call first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from quittance.domain.account import AccountFile, Profile
from quittance.domain.money import Money
from quittance.domain.payable import Payable, unpaid


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An account to call, with what it has overdue since when."""

    profile: Profile
    overdue: Money
    oldest_due: date
    invoices: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Outflow:
    """A vendor invoice in the forecast: what will be there when it has to be paid, and what will be missing."""

    payable: Payable
    pay_by: date
    available: Money
    short: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day on which money is expected to come or has to go; `balance` is what is there in the evening."""

    day: date
    cash_in: Money
    cash_out: Money
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """One currency's forecast. What customers have overdue is not counted on: it is what calls can bring in."""

    currency: str
    opening: Money
    overdue: Money
    days: tuple[Day, ...]
    outflows: tuple[Outflow, ...]


def call_list(files: Iterable[AccountFile], now: datetime) -> list[Call]:
    """Return who has something overdue, by currency, the largest amount first."""
    calls = (_call(file, now) for file in files)
    found = [call for call in calls if call and call.overdue.minor > 0]
    return sorted(found, key=lambda call: (call.overdue.currency, -call.overdue.minor, call.oldest_due))


def _call(file: AccountFile, now: datetime) -> Call | None:
    late = file.overdue_invoices(now)
    if not late:
        return None
    return Call(profile=file.profile, overdue=file.overdue(now), oldest_due=late[0].due, invoices=len(late))


def forecast(
    files: Sequence[AccountFile],
    payables: Sequence[Payable],
    now: datetime,
    *,
    today: date,
    country: str,
    opening: Money,
) -> Forecast:
    """Return the forecast of the opening balance's currency: invoices come in on their due date, not earlier."""
    currency = opening.currency
    own = [file for file in files if file.profile.currency == currency]
    cash_in, overdue = _cash_in(own, now)
    owed = [one for one in unpaid(payables) if one.amount.currency == currency]
    outs: dict[date, int] = defaultdict(int)
    for one in owed:
        outs[max(one.pay_by(country), today)] += one.remaining.minor
    days, balance = [], opening.minor
    for day in sorted(cash_in.keys() | outs.keys()):
        balance += cash_in[day] - outs[day]
        days.append(_day(day, cash_in[day], outs[day], balance, currency))
    return Forecast(
        currency=currency,
        opening=opening,
        overdue=Money(overdue, currency),
        days=tuple(days),
        outflows=tuple(_outflows(owed, cash_in, opening, today, country)),
    )


def _cash_in(files: Iterable[AccountFile], now: datetime) -> tuple[dict[date, int], int]:
    """Return what falls due to the partner by day, credit set off against the oldest, and what is overdue already."""
    by_day: dict[date, int] = defaultdict(int)
    overdue = 0
    for file in files:
        today = now.astimezone(file.profile.zone).date()
        credit = max(file.credit.minor, 0)
        for invoice in sorted(file.open.values(), key=lambda one: (one.due, one.number)):
            left = max(invoice.collectable.minor, 0)
            covered = min(credit, left)
            credit -= covered
            if invoice.due < today:
                overdue += left - covered
            elif left > covered:
                by_day[invoice.due] += left - covered
    return by_day, overdue


def _day(day: date, cash_in: int, cash_out: int, balance: int, currency: str) -> Day:
    return Day(
        day=day,
        cash_in=Money(cash_in, currency),
        cash_out=Money(cash_out, currency),
        balance=Money(balance, currency),
    )


def _outflows(
    owed: Iterable[Payable], cash_in: dict[date, int], opening: Money, today: date, country: str
) -> Iterable[Outflow]:
    spent = 0
    for one in owed:
        by = max(one.pay_by(country), today)
        there = opening.minor + sum(minor for day, minor in cash_in.items() if day <= by) - spent
        short = max(one.remaining.minor - max(there, 0), 0)
        spent += one.remaining.minor
        currency = one.amount.currency
        yield Outflow(payable=one, pay_by=by, available=Money(there, currency), short=Money(short, currency))
