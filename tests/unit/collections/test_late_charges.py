"""Fees and interest: what is owed, for which days, once; and how it stands on the invoice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as given_by
from hypothesis import settings
from hypothesis import strategies as st

from quittance.domain.arrears import assess
from quittance.domain.errors import Rejected
from quittance.domain.invoice import build_invoice
from quittance.domain.late_charges import LateCharge, Move, interest
from quittance.domain.late_lines import late_lines
from quittance.domain.ledger import balanced
from quittance.domain.money import Money
from quittance.domain.policy import PolicyRef
from quittance.domain.policy_parsing import parse_policy, policy_to_mapping
from quittance.usecases.charge_late import charge_late
from tests.unit.collections.books import STANDARD, at, book, eur, given, invoice, policy

FEES = {
    "fee": {"final": "5.00", "by_country": {"FR": {"final": "0.00"}, "AT": {"reminder": "2.50"}}},
    "interest": {"annual_percent": "9.00", "by_country": {"DE": "11.27", "FR": "0"}},
}
RULES = policy(**FEES)
TEN = Decimal(10)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def paid(when: str, share: int, kind: str = "payment", given_up: int = 0) -> Move:
    return Move(kind, day(when), share, given_up)


# -- what a policy says ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "country", "fee"),
    [
        ("final", "DE", "5.00"),
        ("final", "FR", None),  # listed at nothing
        ("final", "AT", "5.00"),  # listed for another kind only
        ("reminder", "AT", "2.50"),
        ("reminder", "DE", None),
    ],
)
def test_a_fee_is_that_of_the_country_for_the_kinds_it_names(kind: str, country: str, fee: str | None) -> None:
    assert RULES.fee(kind, country) == (eur(fee) if fee else None)


@pytest.mark.parametrize(("country", "percent"), [("DE", "11.27"), ("FR", "0"), ("NL", "9.00")])
def test_interest_is_that_of_the_country(country: str, percent: str) -> None:
    assert RULES.interest(country) == Decimal(percent)


def test_the_switch_turns_everything_off() -> None:
    off = policy(**FEES, late_charges=False)
    assert (off.fee("final", "DE"), off.interest("DE")) == (None, 0)
    assert parse_policy("standard", 1, policy_to_mapping(off), "EUR") == off
    assert parse_policy("standard", 1, policy_to_mapping(RULES), "EUR") == RULES


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"fee": {"final": "-1.00"}}, "fee.final"),
        ({"fee": {"other": "1.00"}}, "fee.other"),
        ({"fee": {"by_country": {"DE": {"other": "1.00"}}}}, "fee.by_country.DE.other"),
        ({"fee": {"by_country": {"Germany": {}}}}, "fee.by_country.Germany"),
        ({"fee": {"by_country": ["DE"]}}, "fee.by_country"),
        ({"interest": {"annual_percent": 9}}, "interest.annual_percent"),
        ({"interest": {"by_country": {"DE": "101"}}}, "interest.by_country.DE"),
        ({"interest": {}}, "interest.annual_percent"),
        ({"late_charges": "no"}, "late_charges"),
    ],
)
def test_bad_definitions_are_refused_with_their_place(changes: Any, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        parse_policy("p", 1, STANDARD | changes, "EUR")
    assert refused.value.field == field


# -- interest ----------------------------------------------------------------------------------------------------------

I1 = invoice("I1", "2026-11-08", "0.00", gross=eur("365.00"))


@pytest.mark.parametrize(
    ("moves", "owed"),
    [
        ([paid("11-08", 36500)], None),  # on its last day
        ([paid("11-09", 36500)], "0.10"),  # one day: 365.00 * 10 % / 365
        ([paid("12-08", 36500)], "3.00"),
        ([paid("11-18", 18250), paid("12-08", 18250)], "2.00"),  # 10 days of all, 20 days of half
        ([paid("10-20", 18250), paid("11-18", 18250)], "0.50"),  # paid in part before
        ([paid("11-18", 36490), paid("12-08", 10)], "1.00"),  # the last cents bear 0.00005..., rounded once
        ([paid("12-08", 18250), paid("11-18", 18250)], "2.00"),  # told late, counted by its day
        ([paid("11-20", 18250, "credit_note"), paid("12-08", 18250)], "1.50"),  # what is credited was never owed
        ([paid("12-08", 36500, "credit_note")], None),
        ([paid("11-18", 10000), paid("12-08", 26500, "written_off", 26500)], None),
        ([paid("11-10", 18), paid("11-10", 36482)], "0.20"),
        ([], None),
    ],
)
def test_interest_runs_on_what_is_overdue_day_by_day(moves: list[Move], owed: str | None) -> None:
    found = interest(I1, moves, TEN)
    assert (str(found.amount) if found else None) == owed


@pytest.mark.parametrize(
    ("moves", "owed"),
    [
        # ten days anew; from the due date, where it came back before
        ([paid("11-18", 36500), paid("11-28", -36500, "chargeback"), paid("12-08", 36500)], "1.00"),
        ([paid("11-01", 36500), paid("11-03", -36500, "chargeback"), paid("11-18", 36500)], "1.00"),
        ([paid("11-18", 36500, "written_off", 36500), paid("11-28", -36500, "reinstated", -36500),
          paid("12-08", 36500)], "1.00"),
        ([paid("11-18", 36500), paid("11-28", -36500, "chargeback"), paid("11-30", 18250, "credit_note"),
          paid("12-08", 18250)], "0.50"),
    ],
)  # fmt: skip
def test_what_is_owed_again_bears_interest_from_the_day_on_which_it_was(moves: list[Move], owed: str) -> None:
    found = interest(replace(I1, reopened=1), moves, TEN)
    assert found
    assert (str(found.amount), found.id) == (owed, "interest.I1.1")


def test_half_a_cent_is_rounded_up_and_less_is_nothing() -> None:
    half = replace(I1, gross=eur("18.25"))
    assert str(interest(half, [paid("11-09", 1825)], TEN).amount) == "0.01"  # type: ignore[union-attr]  # 0.005
    assert interest(replace(I1, gross=eur("18.24")), [paid("11-09", 1824)], TEN) is None


# -- charging, once ----------------------------------------------------------------------------------------------------


class Books:
    """Late charges in memory, each once; `moves` are the same for all invoices."""

    def __init__(self, *moves: Move) -> None:
        self.taken: dict[str, LateCharge] = {}
        self.told, self.reads = moves, 0

    def moves(self, *_: Any) -> Any:
        self.reads += 1
        return self.told

    def charge(self, partner: str, account: str, owed: LateCharge, *, period: str) -> bool:
        return self.taken.setdefault(owed.id, owed) is owed


FINAL = replace(given("final", "2026-11-22T08:00", "I1"), fee=eur("5.00"), about="ACME-I1")


@pytest.mark.parametrize(
    ("state", "charged", "owed"),
    [
        ("sent", False, ["fee.I1.0.final"]),
        ("delivered", False, ["fee.I1.0.final"]),
        ("delivered", True, []),
        ("queued", False, []),
        ("bounced", False, []),
        ("complained", False, []),
        ("withdrawn", False, []),
    ],
)
def test_a_fee_is_owed_for_a_notice_that_was_given(state: Any, charged: bool, owed: list[str]) -> None:
    file = book(invoice("I1", "2026-11-08"), notices=(replace(FINAL, state=state, charged=charged),))
    assert [one.id for one in charge_late(file, books=Books(), now=at("2026-11-23T00:00"))] == owed


def test_the_notice_says_what_it_costs_and_so_does_the_decision() -> None:
    found = assess(book(invoice("I1", "2026-11-08"), policies=(RULES,)), at("2026-11-22T00:00"))
    assert [(one.kind, one.fee) for one in found.notices] == [("final", eur("5.00"))]
    assert "the notice final costs 5.00 EUR once it is given" in found.facts


@pytest.mark.parametrize(
    ("rules", "now", "reads"),
    [(RULES, "2026-12-08T10:00", 1), (RULES, "2026-11-08T10:00", 0), (policy(), "2026-12-08T10:00", 0)],
)
def test_nothing_is_read_where_no_interest_can_be_owed(rules: Any, now: str, reads: int) -> None:
    books = Books(paid("12-08", 36500))
    file = book(replace(I1, policy=rules.ref), policies=(rules,))
    assert len(charge_late(file, books=books, now=at(now))) == reads == books.reads


@settings(max_examples=60, deadline=None)
@given_by(st.lists(st.sampled_from(["send", "bounce", "again", "deliver", "charge", "crash", "pay"]), max_size=12))
def test_no_fee_is_charged_twice_whatever_the_order(events: list[str]) -> None:
    """Of a notice that is sent, bounces, goes out again; of assessments that stop before they mark it."""
    books, rules = Books(paid("12-08", 29744)), replace(RULES, ref=PolicyRef("standard", 1))
    file = book(invoice("I1", "2026-11-08"), policies=(rules,), notices=(replace(FINAL, state="queued"),))
    for event in events:
        (notice,) = file.notices
        match event:
            case "send" | "again":
                notice = replace(notice, state="sent", second=event == "again")
            case "bounce":
                notice = replace(notice, state="bounced")
            case "deliver" if notice.state == "sent":
                notice = replace(notice, state="delivered")
            case "pay":
                file = replace(file, open={"I1": replace(file.open["I1"], remaining=eur("0.00"))})
            case "charge" | "crash":
                new = charge_late(file, books=books, now=at("2026-12-09T00:00"))
                marked = any(one.notice for one in new) and event == "charge"
                notice = replace(notice, charged=notice.charged or marked)
        file = replace(file, notices=(notice,))
    assert {one.kind for one in books.taken.values()} <= {"fee", "interest"}
    assert len(books.taken) == len({one.kind for one in books.taken.values()})


# -- on the invoice ----------------------------------------------------------------------------------------------------

FEE = LateCharge(id="fee.I1.0.final", kind="fee", amount=eur("5.00"), number="ACME-I1", notice="I1.0.final",
                 notice_kind="final", since=day("11-22"))  # fmt: skip
BORNE = LateCharge(id="interest.I1.0", kind="interest", amount=eur("3.00"), number="ACME-I1", percent="10",
                   since=day("11-08"), until=day("12-08"))  # fmt: skip


@pytest.mark.parametrize(
    ("locale", "text"),
    [
        ("de-DE", "Gebühr für „Letzte Mahnung“ vom 2026-11-22 zur Rechnung ACME-I1"),
        ("fr", "Frais pour « dernier rappel » du 2026-11-22 concernant la facture ACME-I1"),
        ("sv", "Fee for the notice “final notice” of 2026-11-22 about invoice ACME-I1"),
    ],
)
def test_its_line_is_in_the_customers_language(locale: str, text: str) -> None:
    assert late_lines([FEE], locale, [])[0].text == text


@pytest.mark.parametrize(("beside", "category"), [([], "O"), (["O"], "O"), (["S"], "E"), (["AE"], "E")])
def test_it_bears_no_vat_and_says_why(beside: list[Any], category: str) -> None:
    """EN 16931 lets nothing stand beside category O; there it is exempt, with the reason that says what it is."""
    (line,) = late_lines([FEE], "en", beside)
    assert (line.vat.category, line.vat.percent, line.vat.reason) == (
        category,
        0,
        "Not subject to VAT: damages for late payment, no supply.",
    )


def test_it_is_posted_apart_from_revenue_and_the_entry_balances() -> None:
    lines = late_lines([BORNE, FEE], "en", [])
    made = build_invoice(id="2026-12", issued=day("12-09"), due=day("12-31"), period="2026-12", currency="EUR",
                         policy=PolicyRef("standard", 1), lines=lines)  # fmt: skip
    assert balanced(made.postings)
    assert {one.account: str(one.amount) for one in made.postings} == {"receivable": "8.00", "late_charges": "-8.00"}
    assert made.vat_total == Money(0, "EUR")


def test_it_is_read_as_it_was_written() -> None:
    for one in (FEE, BORNE):
        assert LateCharge.from_mapping(one.id, one.to_mapping(), "EUR") == one
