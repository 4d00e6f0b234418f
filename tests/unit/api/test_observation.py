"""What is seen of an account is exactly the format that scenarios expect."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from quittance.domain.account import AccountFile, Notice, OpenInvoice, Profile, Subscription
from quittance.domain.money import Money
from quittance.domain.observation import Bill, observe
from quittance.domain.policy import PolicyRef
from quittance.domain.ticket import open_ticket
from tests.unit.collections.books import hold

BERLIN = ZoneInfo("Europe/Berlin")
DAY = datetime(2026, 11, 8, 23, tzinfo=UTC)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def at(day: int, hour: int = 6) -> datetime:
    return datetime(2026, 11, day, hour, tzinfo=UTC)


OWED = OpenInvoice(
    id="I1",
    number="ACME-2026-000001",
    issued=date(2026, 10, 9),
    due=date(2026, 11, 8),
    gross=eur(29744),
    remaining=eur(29744),
    policy=PolicyRef("standard", 1),
)
BILL = Bill(id="I1", number="ACME-2026-000001", net=eur(24995), vat=eur(4749), gross=eur(29744), due=date(2026, 11, 8))
FILE = AccountFile(
    partner="acme",
    profile=Profile(
        id="contoso",
        name="Contoso AG",
        country="DE",
        timezone="Europe/Berlin",
        currency="EUR",
        email="billing@contoso.example",
        policy="standard",
    ),
    balance=eur(29744),
    credit=eur(0),
    open={"I1": OWED},
    notices=(
        Notice(id="n2", kind="final", cause="c", invoices=("I1",), decided_at=at(9), state="queued"),
        Notice(id="n1", kind="reminder", cause="c", invoices=("I1",), decided_at=at(9), state="sent", sent_at=at(9)),
        Notice(id="n0", kind="older", cause="c", invoices=("I1",), decided_at=at(8), state="delivered", sent_at=at(8)),
    ),
    subscriptions=(
        Subscription(id="sub-2", product="P", name="N", kind="nce_license", quantity=1, desired="suspended"),
        Subscription(id="sub-1", product="P", name="N", kind="nce_license", quantity=1),
    ),
    stage="reminder",
)


def test_the_example_of_the_format():
    seen = observe(replace(FILE, notices=(), subscriptions=FILE.subscriptions[1:]), [BILL], [], DAY, BERLIN)
    assert seen == {
        "at": "2026-11-09T00:00:00+01:00",
        "account": "contoso",
        "currency": "EUR",
        "balance": "297.44",
        "overdue": "297.44",
        "credit": "0.00",
        "oldest_due": "2026-11-08",
        "stage": "reminder",
        "access": {"sub-1": "active"},
        "holds": [],
        "notices": [],
        "invoices": {
            "I1": {
                "number": "ACME-2026-000001",
                "status": "open",
                "net": "249.95",
                "vat": "47.49",
                "gross": "297.44",
                "remaining": "297.44",
                "due": "2026-11-08",
            }
        },
        "tickets": {},
    }


def test_only_notices_that_were_sent_are_seen_in_their_order():
    assert observe(FILE, [], [], DAY, BERLIN)["notices"] == [
        {"kind": "older", "sent_at": "2026-11-08T07:00:00+01:00"},
        {"kind": "reminder", "sent_at": "2026-11-09T07:00:00+01:00"},
    ]


def test_access_is_what_is_wanted_and_what_the_vendor_says():
    assert observe(FILE, [], [], DAY, BERLIN)["access"] == {"sub-1": "active", "sub-2": "suspending"}


def test_a_hold_is_a_reason_beside_nonpayment():
    held = replace(FILE.subscriptions[0], reasons=frozenset({"nonpayment", "fraud"}))
    file = replace(
        FILE, subscriptions=(held,), holds=(hold("fraud"), hold("administrative", released="2026-10-02T00:00"))
    )
    assert observe(file, [], [], DAY, BERLIN)["holds"] == ["fraud"]


def test_a_settled_invoice_is_paid_whether_or_not_it_was_pruned():
    settled = replace(FILE, open={"I1": replace(OWED, remaining=eur(0))})
    for file in (settled, replace(FILE, open={})):
        seen = observe(file, [BILL], [], DAY, BERLIN)
        assert (seen["invoices"]["I1"]["status"], seen["invoices"]["I1"]["remaining"]) == ("paid", "0.00")
        assert (seen["overdue"], seen["oldest_due"]) == ("0.00", None)


def test_a_draft_without_figures_is_not_seen_and_one_with_figures_has_no_number():
    drafts = [Bill(id="2026-09"), replace(BILL, id="I2", number=None)]
    seen = observe(FILE, drafts, [], DAY, BERLIN)["invoices"]
    assert list(seen) == ["I2"]
    assert (seen["I2"]["status"], seen["I2"]["number"]) == ("draft", None)


def test_amounts_have_the_places_of_their_currency():
    yen = replace(FILE, profile=replace(FILE.profile, currency="JPY"), balance=Money(5, "JPY"), credit=Money(0, "JPY"))
    assert observe(replace(yen, open={}), [], [], DAY, BERLIN)["balance"] == "5"


def test_a_ticket_is_seen_with_its_clocks():
    wanted = {"id": "T1", "service": "azure", "kind": "technical", "severity": "A", "subject": "x"}
    ticket = open_ticket(wanted, plan=None, currency="EUR", at=DAY)
    assert observe(FILE, [], [ticket], DAY, BERLIN)["tickets"]["T1"] == {
        "status": "open",
        "first_response_due": None,
        "update_due": None,
        "solution_due": None,
        "vehicle": None,
        "breached": [],
    }
