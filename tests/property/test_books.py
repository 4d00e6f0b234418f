"""Whatever happens to an account, its reports say the same, and a period that was closed stays as it was."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.domain.aged import aged
from quittance.domain.datev import bookings, parse_settings
from quittance.domain.journal import Closing, JournalEntry, posted
from quittance.domain.ledger import CUSTOMER_CREDIT, RECEIVABLE
from quittance.domain.settlement import settlement
from quittance.domain.statement import statement
from quittance.domain.trial_balance import out_of_balance, trial_balance
from tests.unit.books.samples import issued, paid

START = datetime(2026, 8, 1, tzinfo=UTC)
NUMBERS = parse_settings(
    {
        "adviser": 1001,
        "client": 1,
        "accounts": {name: str(1000 + place) for place, name in enumerate(("receivable", "revenue", "vat", "cash"))}
        | {"customer_credit": "1718"},
    }
)


@st.composite
def histories(draw):
    """Invoices and payments of one account, in the order of booking; facts come up to 40 days late."""
    hours = sorted(draw(st.lists(st.integers(0, 24 * 90), min_size=1, max_size=14, unique=True)))
    remaining: dict[str, int] = {}
    entries: list[JournalEntry] = []
    for place, hour in enumerate(hours):
        booked = START + timedelta(hours=hour)
        day = (booked - timedelta(days=draw(st.integers(0, 40)))).date().isoformat()
        stamp = booked.replace(tzinfo=None).isoformat()
        amount = draw(st.integers(1, 30_000))
        owing = [name for name, minor in remaining.items() if minor]
        if owing and draw(st.booleans()):
            name = draw(st.sampled_from(owing))
            share = min(amount, remaining[name])
            remaining[name] -= share
            entries.append(paid(f"P{place}", day, booked=stamp, credit=amount - share, **{name: share}))
        else:
            sign = -1 if draw(st.integers(0, 5)) == 0 else 1
            name = f"I{place}"
            remaining[name] = max(sign * amount, 0)
            due = (date.fromisoformat(day) + timedelta(days=30)).isoformat()
            entries.append(issued(name, day, sign * amount, due=due, booked=stamp, vat=sign * (amount // 6)))
    return entries, remaining


@given(histories(), st.integers(0, 24 * 100))
@settings(max_examples=150, deadline=None)
def test_receivables_at_any_moment_are_what_was_posted_by_then(history, hour):
    entries, remaining = history
    at = START + timedelta(hours=hour)
    found = aged("contoso", "EUR", entries, at, UTC)
    known = [entry for entry in entries if entry.booked_at <= at]
    assert found.balance == sum(entry.claim for entry in known)
    assert found.credit == -sum(
        p.amount.minor for e in known for p in e.postings if p.account == CUSTOMER_CREDIT
    ) - sum(min(entry.gross, 0) for entry in known)
    assert sum(found.buckets.values()) == sum(one.remaining for one in found.invoices)
    final = aged("contoso", "EUR", entries, START + timedelta(days=400), UTC)
    assert {one.invoice: one.remaining for one in final.invoices} == {k: v for k, v in remaining.items() if v}


@given(histories(), st.integers(1, 24 * 90), st.dates(date(2026, 7, 1), date(2026, 10, 31)))
@settings(max_examples=150, deadline=None)
def test_statements_and_trial_balance_agree_and_closed_periods_stay(history, hour, last):
    entries, _ = history
    closed_at = START + timedelta(hours=hour)
    closing = Closing(min(last, closed_at.date() - timedelta(days=1)), closed_at)
    dated = [(posted(entry, [closing], UTC), entry) for entry in entries]
    first = closing.through.replace(day=1)
    before = [(entry.day, entry) for entry in entries if entry.booked_at < closed_at]
    rows = trial_balance(dated, first, closing.through)
    assert {(r.ledger, r.opening, r.debit, r.credit) for r in rows if r.opening or r.debit or r.credit} == {
        (r.ledger, r.opening, r.debit, r.credit)
        for r in trial_balance(before, first, closing.through)
        if r.opening or r.debit or r.credit
    }
    whole = trial_balance(dated, first, date(2027, 12, 31))
    assert list(out_of_balance(whole)) == []
    claims = sum(row.closing for row in whole if row.ledger in (RECEIVABLE, CUSTOMER_CREDIT))
    shown = statement(dated, currency="EUR", first=first, last=date(2027, 12, 31))
    assert shown.closing == claims == sum(entry.claim for entry in entries)
    assert shown.opening + sum(line.change for line in shown.lines) == shown.closing


@given(histories())
@settings(max_examples=100, deadline=None)
def test_an_export_moves_what_the_postings_move(history):
    entries, _ = history
    for entry in entries:
        lines = list(bookings(entry.day, entry, NUMBERS))
        debits = sum(posting.amount.minor for posting in entry.postings if posting.amount.minor > 0)
        assert sum(line.amount for line in lines) == debits
        assert all(line.amount > 0 for line in lines)


@given(histories())
@settings(max_examples=100, deadline=None)
def test_there_is_a_quittance_for_exactly_what_is_paid(history):
    entries, remaining = history
    for name, left in remaining.items():
        gross = next(entry.gross for entry in entries if entry.invoice == name)
        found = settlement(name, entries)
        assert (found is not None) == (gross > 0 and left == 0)
        if found:
            assert sum(share.amount.minor for share in found.shares) == gross
