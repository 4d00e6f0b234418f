"""A scenario file is read whole or refused with its line, its path and the remedy."""

from datetime import UTC, datetime

import pytest

from infra.local.scenario.format import load
from quittance.domain.errors import Rejected

HEAD = """\
title: One account
start: 2026-09-01
partner: {id: acme, name: ACME, country: DE, timezone: Europe/Berlin, currency: EUR, locale: de-DE, cloud: global}
policies:
  standard:
    clock: due_date
    payment_days: 30
    allocation: oldest_due
    stages: [{name: reminder, when: {days: 1}, do: [{notice: reminder}]}]
    restore_below: "0.01"
accounts:
  - {id: contoso, name: Contoso, vendor_customer: c1, country: DE, timezone: Europe/Berlin, email: a@contoso.example,
     policy: standard}
"""


def written(tmp_path, steps, head=HEAD):
    file = tmp_path / "scenario.yaml"
    file.write_text(head + steps, encoding="utf-8")
    return file


def test_bare_dates_are_midnight_in_the_partners_zone_and_times_are_utc(tmp_path):
    scenario = load(
        written(
            tmp_path,
            "steps:\n  - {at: 2026-10-09, bill: {period: 2026-09}}\n"
            "  - {at: 2026-12-20T21:00:00+02:00, bill: {period: 2026-10}}\n"
            "observe: [2026-11-09, 2026-11-10T06:00:00Z]\n",
        )
    )
    assert scenario.start == datetime(2026, 8, 31, 22, tzinfo=UTC)
    assert [step.at for step in scenario.steps] == [
        datetime(2026, 10, 8, 22, tzinfo=UTC),
        datetime(2026, 12, 20, 19, tzinfo=UTC),
    ]
    day, moment = scenario.observe
    assert day.label.isoformat() == "2026-11-09T00:00:00+01:00"
    assert day.at == datetime(2026, 11, 9, 22, 59, 59, tzinfo=UTC)
    assert moment.at == datetime(2026, 11, 10, 6, tzinfo=UTC)


def test_every_day_of_a_span_is_observed(tmp_path):
    scenario = load(written(tmp_path, "steps: []\nobserve: {every: day, from: 2026-10-24, to: 2026-10-27}\n"))
    assert [look.label.isoformat() for look in scenario.observe] == [
        "2026-10-24T00:00:00+02:00",
        "2026-10-25T00:00:00+02:00",
        "2026-10-26T00:00:00+01:00",
        "2026-10-27T00:00:00+01:00",
    ]


@pytest.mark.parametrize(
    ("steps", "place", "message"),
    [
        ("steps: []\nfoo: 1\n", ":15: foo:", "unknown key"),
        ("steps:\n  - {at: 2026-10-09, pay: {id: P1}}\n", "steps[0].pay", "account is missing"),
        ("steps:\n  - {at: 2026-10-09, dance: {}}\n", ":15: steps[0].dance", "unknown step"),
        ("steps:\n  - {at: soon, bill: {period: 2026-09}}\n", "steps[0].at", "'soon' is not a time"),
        ("steps:\n  - {bill: {period: 2026-09}}\n", "steps[0]", "exactly one verb"),
        ("steps:\n  - {at: 2026-08-01, bill: {period: 2026-09}}\n", "steps[0].at", "before the step above"),
        (
            "steps:\n  - {at: 2026-10-09, pay: {id: P1, account: contoso, amount: 12.5}}\n",
            "pay.amount",
            "write the amount in quotes",
        ),
        (
            "steps:\n  - {at: 2026-10-09, pay: {id: P1, account: nobody, amount: '12.50'}}\n",
            "pay.account",
            "no account 'nobody'",
        ),
        ("steps:\n  - {at: 2026-10-09, close: {ticket: T1}}\n", "close.ticket", "no ticket 'T1' before"),
        (
            "steps:\n  - {at: 2026-10-09, import: {file: x.csv, vendor_invoice: G1, dated: 2026-10-08}}\n",
            "import.file",
            "no such file",
        ),
        (
            "steps:\n  - {at: 2026-10-09, fault: {target: queue, mode: down, until: 2026-10-10}}\n",
            "fault",
            "not supported yet",
        ),
        ("steps: []\nsteps: []\n", ":15: steps", "stands twice"),
        ("steps: [\n", ":", "while parsing"),
        ("steps: []\nobserve: [yesterday]\n", "observe[0]", "'yesterday' is not a time"),
        ("steps: []\nobserve: [2026-08-01]\n", "observe", "before start"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(tmp_path, steps, place, message):
    with pytest.raises(Rejected) as refused:
        load(written(tmp_path, steps))
    assert place in refused.value.message
    assert message in refused.value.message


@pytest.mark.parametrize(
    ("good", "bad", "place", "message"),
    [
        ("currency: EUR", "currency: EURO", ":3: partner.currency", "ISO 4217"),
        ("days: 1}", "days: one}", ":9: policies.standard.stages[0].when.days", "whole number"),
        ("policy: standard", "policy: strict", "accounts[0].policy", "'strict' is not in this scenario"),
        ("email: a@contoso.example", "email: contoso", "accounts[0]", "email"),
        ("clock: due_date", "clock: birthday", "policies.standard", "clock"),
    ],
)
def test_the_book_is_checked_by_the_rules_of_the_api(tmp_path, good, bad, place, message):
    assert good in HEAD
    with pytest.raises(Rejected) as refused:
        load(written(tmp_path, "steps: []\n", HEAD.replace(good, bad)))
    assert place in refused.value.message
    assert message in refused.value.message


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(Rejected, match="no such file"):
        load(tmp_path / "nowhere.yaml")


def test_json_is_read_as_well(tmp_path):
    file = tmp_path / "scenario.json"
    file.write_text(
        '{"title": "J", "start": "2026-09-01", "policies": {}, "accounts": [], "steps": [],'
        ' "partner": {"id": "acme", "name": "A", "country": "DE", "timezone": "UTC", "currency": "EUR"}}',
        encoding="utf-8",
    )
    assert load(file).title == "J"
