"""What the vendor is owed: until when to pay, what will be missing, what an account can cost, whom to call first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from quittance.adapters.mails.vendor_alert import ALERT_WORDS, render_alert
from quittance.domain.cash_forecast import call_list, forecast
from quittance.domain.charges import Charge
from quittance.domain.errors import Conflict, Rejected
from quittance.domain.exposure import Figures, commitment, exposure
from quittance.domain.money import Money
from quittance.domain.partner import parse_partner
from quittance.domain.payable import ALERTS, Payable, VendorPayment, business_days_before, check_share, next_alert
from quittance.usecases.alert_payables import VendorWarning
from tests.functional.api.conftest import PARTNER
from tests.unit.collections.books import SEAT, book, eur, invoice, suspended, utc

NOW, TODAY = utc("2026-11-01T12:00"), date(2026, 11, 1)
OWED = Payable(
    vendor_invoice="G1", amount=eur("1000.00"), paid=eur("0.00"), dated=date(2026, 10, 8), due=date(2026, 12, 7)
)


@pytest.mark.parametrize(
    ("due", "pay_by"),
    [
        ("2026-12-07", "2026-11-30"),  # Monday, one weekend between
        ("2026-12-30", "2026-12-22"),  # Christmas Day and a weekend
        ("2026-12-06", "2026-11-30"),  # a Sunday: the five days before it
    ],
)
def test_a_payment_has_five_business_days_to_show(due, pay_by):
    assert business_days_before(date.fromisoformat(due), 5, "DE") == date.fromisoformat(pay_by)


@pytest.mark.parametrize(
    ("today", "paid", "state"),
    [
        ("2026-11-30", "0.00", "open"),
        ("2026-12-01", "999.99", "late"),
        ("2026-12-07", "0.00", "late"),
        ("2026-12-08", "0.01", "overdue"),
        ("2027-01-01", "1000.00", "paid"),
    ],
)
def test_the_state_of_a_vendor_invoice(today, paid, state):
    assert replace(OWED, paid=eur(paid)).state(date.fromisoformat(today), "DE") == state


def test_the_vendors_credit_is_no_debt():
    credit = replace(OWED, amount=eur("-5.00"))
    assert (credit.state(TODAY, "DE"), credit.remaining) == ("credit", eur("-5.00"))


def test_alerts_come_before_day_sixty_and_once_after():
    moments, moment = [], next_alert(OWED.due)
    while moment:
        moments.append(moment)
        moment = next_alert(OWED.due, moment)
    assert [(OWED.due - one.date()).days for one in moments] == list(ALERTS)
    assert min(ALERTS) == -1
    assert next_alert(OWED.due, utc("2026-12-05T09:00")) == utc("2026-12-07T00:00")


@pytest.mark.parametrize(
    ("share", "error"),
    [(eur("100.01"), Conflict), (Money(1, "USD"), Rejected)],
)
def test_a_share_is_no_more_than_there_is(share, error):
    paid = VendorPayment(id="V1", amount=Money(10000, share.currency), paid_on=TODAY)
    with pytest.raises(error):
        check_share(paid, OWED, share)
    half = replace(paid, amount=eur("2000.00"))
    with pytest.raises(Conflict):
        check_share(half, OWED, eur("1000.01"))
    check_share(half, OWED, eur("1000.00"))


def test_cash_is_expected_on_due_dates_and_what_is_overdue_is_not_counted_on():
    files = [
        book(invoice("I1", "2026-11-10", "300.00"), invoice("I2", "2026-12-05", "900.00")),
        book(invoice("I3", "2026-10-20", "400.00"), credit="50.00", profile={"id": "fabrikam"}),
    ]
    second = replace(OWED, vendor_invoice="G2", amount=eur("500.00"), due=date(2027, 1, 7))
    found = forecast(files, [second, OWED], NOW, today=TODAY, country="DE", opening=eur("100.00"))
    assert str(found.overdue) == "350.00"
    assert [(str(one.day), str(one.cash_in), str(one.cash_out), str(one.balance)) for one in found.days] == [
        ("2026-11-10", "300.00", "0.00", "400.00"),
        ("2026-11-30", "0.00", "1000.00", "-600.00"),
        ("2026-12-05", "900.00", "0.00", "300.00"),
        ("2026-12-30", "0.00", "500.00", "-200.00"),
    ]
    assert [(one.payable.vendor_invoice, str(one.available), str(one.short)) for one in found.outflows] == [
        ("G1", "400.00", "600.00"),
        ("G2", "300.00", "200.00"),
    ]


def test_whom_to_call_first():
    files = [
        book(invoice("I1", "2026-10-10", "10.00"), profile={"id": "small"}),
        book(invoice("I2", "2026-10-30", "900.00"), invoice("I3", "2026-12-30", "9.00"), profile={"id": "large"}),
        book(invoice("I4", "2026-12-10", "5000.00"), profile={"id": "not-yet"}),
    ]
    calls = call_list(files, NOW)
    assert [(call.profile.id, str(call.overdue), call.invoices) for call in calls] == [
        ("large", "900.00", 1),
        ("small", "10.00", 1),
    ]


def charge(subtotal: str, start: str, end: str, **more: str) -> Charge:
    given = {"subscription": "sub-1", "currency": "EUR", "kind": "license", "charge_type": "cycleCharge", **more}
    return Charge(
        vendor_invoice="G1",
        row=2,
        vendor_customer="c",
        product="P",
        quantity=Decimal(1),
        billable_quantity=Decimal(1),
        unit_price=Decimal(subtotal),
        effective_unit_price=Decimal(subtotal),
        subtotal=Decimal(subtotal),
        tax=Decimal(0),
        total=Decimal(subtotal),
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        **given,  # type: ignore[arg-type]  # literals by value
    )


MONTH = charge("100.00", "2026-10-01", "2026-10-31")


@pytest.mark.parametrize(
    ("seat", "charges", "monthly", "left"),
    [
        (replace(SEAT, term_ends=date(2027, 3, 31)), [MONTH], "100.00", "492.81"),  # 150 days from 1 November
        (replace(SEAT, term_ends=date(2027, 3, 31)), [charge("1200.00", "2026-04-01", "2027-03-31")], "100.00", "0.00"),
        (replace(SEAT, kind="legacy_license", term_ends=date(2027, 3, 31)), [MONTH], "100.00", "0.00"),
        (replace(SEAT, term_ends=date(2026, 10, 31)), [MONTH], "100.00", "0.00"),
        (SEAT, [MONTH], "100.00", None),  # nobody knows when the term ends
        (replace(SEAT, term_ends=date(2027, 3, 31)), [], None, None),
        (replace(SEAT, term_ends=date(2027, 3, 31)), [replace(MONTH, subscription="other")], None, None),
    ],
)
def test_what_a_subscription_costs_until_its_term_ends(seat, charges, monthly, left):
    found = commitment(seat, charges, TODAY, "EUR")
    assert (found.monthly, found.until_term_end) == (monthly and eur(monthly), left and eur(left))


def test_exposure_is_what_nobody_paid_and_what_goes_on():
    seats = (replace(suspended(), term_ends=date(2027, 3, 31)), replace(SEAT, id="sub-2", term_ends=date(2027, 3, 31)))
    charges = [MONTH, replace(MONTH, subscription="sub-2"), replace(MONTH, currency="USD")]
    found = exposure(seats, charges, Figures(net=24000, gross=28560, cash=11900), TODAY, "EUR")
    assert (str(found.charged), str(found.paid), str(found.uncovered)) == ("200.00", "119.00", "100.00")
    assert (str(found.suspended_cost), str(found.at_risk)) == ("492.81", "592.81")


@pytest.mark.parametrize("lang", sorted(ALERT_WORDS))
def test_the_alert_says_until_when_and_whom_to_call(lang):
    assert ALERT_WORDS[lang].keys() == ALERT_WORDS["en"].keys()
    mail = render_alert(
        VendorWarning(
            id="G1-1.vendor.acme",
            partner=parse_partner("acme", {**PARTNER, "locale": lang}),
            email="finance@acme.example",
            payable=OWED,
            pay_by=date(2026, 11, 30),
            short=eur("600.00"),
            calls=tuple(call_list([book(invoice("I1", "2026-10-10", "10.00"), profile={"name": "<b>AG"})], NOW)),
            today=TODAY,
            at=NOW,
        )
    )
    assert "G1" in mail.subject
    for said in ("600", "30", "2026", "<b>AG"):
        assert said in mail.text
    assert "<b>AG" not in mail.html
    assert "{" not in mail.text
