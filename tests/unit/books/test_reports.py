"""Trial balance, statement, aged receivables and deferred revenue, figure by figure."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from quittance.domain.aged import aged
from quittance.domain.deferred import ServiceLine
from quittance.domain.statement import statement
from quittance.domain.trial_balance import out_of_balance, trial_balance
from tests.unit.books.samples import charged_back, issued, moment, paid

BERLIN = ZoneInfo("Europe/Berlin")
STORY = [
    issued("I1", "2026-08-20", 11900, due="2026-09-19", vat=1900),
    paid("P1", "2026-09-10", I1=11900, credit=100),
    issued("I2", "2026-09-15", 5950, due="2026-10-15", vat=950),
    charged_back("D1", "2026-09-20", I1=11900),
    paid("P2", "2026-10-02", I2=5950),
]
DATED = [(entry.day, entry) for entry in STORY]


def test_trial_balance_of_a_month():
    rows = trial_balance(DATED, date(2026, 9, 1), date(2026, 9, 30))
    assert [(row.ledger, row.opening, row.debit, row.credit, row.closing) for row in rows] == [
        ("cash:stripe", 0, 12000, 11900, 100),
        ("customer_credit", 0, 0, 100, -100),
        ("receivable", 11900, 17850, 11900, 17850),
        ("revenue", -10000, 0, 5000, -15000),
        ("vat", -1900, 0, 950, -2850),
    ]
    assert list(out_of_balance(rows)) == []


def test_what_does_not_balance_is_named():
    rows = trial_balance(DATED, date(2026, 9, 1), date(2026, 9, 30))
    assert list(out_of_balance(rows[1:])) == [("EUR", -100)]


def test_statement_of_a_month():
    shown = statement(DATED, currency="EUR", first=date(2026, 9, 1), last=date(2026, 9, 30))
    assert (shown.opening, shown.closing) == (11900, 17750)
    assert [(line.reference, line.debit, line.credit, line.balance) for line in shown.lines] == [
        ("P1", 0, 12000, -100),
        ("N-I2", 5950, 0, 5850),
        ("D1", 11900, 0, 17750),
    ]


def test_a_statement_without_lines_closes_as_it_opens():
    shown = statement(DATED, currency="EUR", first=date(2026, 11, 1), last=date(2026, 11, 30))
    assert (shown.opening, shown.lines, shown.closing) == (11800, (), 11800)


@pytest.mark.parametrize(
    ("at", "buckets", "credit"),
    [
        ("2026-08-20T09:59", {}, 0),
        ("2026-08-20T10:00", {"not_due": 11900}, 0),
        ("2026-09-10T12:00", {}, 100),
        ("2026-09-18T00:00", {"not_due": 5950}, 100),
        ("2026-09-20T13:00", {"1_30": 11900, "not_due": 5950}, 100),
        ("2026-10-01T12:00", {"1_30": 11900, "not_due": 5950}, 100),
        ("2026-10-02T12:00", {"1_30": 11900}, 100),
        ("2026-10-19T21:59", {"1_30": 11900}, 100),
        ("2026-10-19T22:00", {"31_60": 11900}, 100),
        ("2026-11-18T12:00", {"31_60": 11900}, 100),
        ("2026-11-19T12:00", {"61_90": 11900}, 100),
        ("2026-12-19T12:00", {"over_90": 11900}, 100),
    ],
)
def test_receivables_as_they_were_at_a_moment(at, buckets, credit):
    found = aged("contoso", "EUR", STORY, moment(at), BERLIN)
    assert {name: minor for name, minor in found.buckets.items() if minor} == buckets
    assert found.credit == credit
    assert found.balance == sum(entry.claim for entry in STORY if entry.booked_at <= moment(at))


def line(net, start, end):
    return ServiceLine(
        account="contoso",
        number="N-1",
        text="Microsoft 365 E3",
        currency="EUR",
        net=net,
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        posted=date(2026, 9, 9),
    )


@pytest.mark.parametrize(
    ("net", "at", "deferred"),
    [
        (36500, "2026-08-31", 36500),
        (36500, "2026-09-01", 36400),
        (36500, "2026-09-30", 33500),
        (36500, "2027-08-31", 0),
        (36500, "2028-01-01", 0),
        (-36500, "2026-09-30", -33500),
        (100, "2026-12-01", 75),
        (-100, "2026-12-01", -75),
    ],
)
def test_deferred_part_of_a_year(net, at, deferred):
    assert line(net, "2026-09-01", "2027-08-31").deferred(date.fromisoformat(at)) == deferred


def test_the_days_of_a_term_earn_the_net_to_the_cent():
    one = line(9999, "2026-09-01", "2026-09-30")
    earned = [one.net - one.deferred(date(2026, 9, day)) for day in range(1, 31)]
    assert earned == sorted(earned)
    assert earned[-1] == 9999
