"""Allocation neither makes nor loses money, and keeps its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quittance.domain.allocation import Allocation, Debt, allocate, to_invoice
from quittance.domain.ledger import balanced, balances, payment_received
from quittance.domain.money import Money, total
from quittance.domain.policy import ORDERS

NAMES = st.sampled_from(["I1", "I2", "I3", "I4", "2026-09"])


def euros(least: int = 0, most: int = 10**7) -> st.SearchStrategy[Money]:
    return st.integers(least, most).map(lambda minor: Money(minor, "EUR"))


DEBTS = st.lists(
    st.builds(
        Debt,
        invoice=NAMES,
        number=st.sampled_from(["N1", "N2", "N3"]),
        due=st.integers(0, 60).map(lambda days: date(2026, 1, 1) + timedelta(days)),
        remaining=euros(),
        order=st.sampled_from(ORDERS),
    ),
    unique_by=lambda debt: debt.invoice,
    max_size=5,
)


def spare(debts: list[Debt], allocation: Allocation) -> dict[str, int]:
    return {debt.invoice: debt.remaining.minor - _share(allocation, debt.invoice) for debt in debts}


def _share(allocation: Allocation, invoice: str) -> int:
    share = allocation.invoices.get(invoice)
    return share.minor if share else 0


@given(amount=euros(1), debts=DEBTS, named=st.none() | NAMES)
def test_money_is_conserved_and_no_invoice_is_paid_beyond_its_remainder(amount, debts, named):
    allocation = allocate(amount, debts, named=named)
    assert allocation.settled + allocation.credit == amount
    assert all(left >= 0 for left in spare(debts, allocation).values())
    assert all(share.minor > 0 for share in allocation.invoices.values())
    assert allocation.credit.minor == 0 or total(allocation.invoices.values(), "EUR") == total(
        (debt.remaining for debt in debts), "EUR"
    )


FIRST = {
    "oldest_due": lambda debt: debt.due.toordinal(),
    "newest_due": lambda debt: -debt.due.toordinal(),
    "largest_first": lambda debt: (-debt.remaining.minor, debt.due),
    "smallest_first": lambda debt: (debt.remaining.minor, debt.due),
}


@given(amount=euros(1), debts=DEBTS, named=st.none() | NAMES, order=st.sampled_from(sorted(FIRST)))
def test_the_named_invoice_comes_first_then_those_the_policy_puts_first(amount, debts, named, order):
    debts = [replace(debt, order=order) for debt in debts]
    allocation = allocate(amount, debts, named=named)
    left = spare(debts, allocation)
    in_order = sorted(debts, key=lambda debt: (debt.invoice != named, FIRST[order](debt), debt.number, debt.invoice))
    unpaid = [left[debt.invoice] for debt in in_order]
    first = next((i for i, rest in enumerate(unpaid) if rest), len(unpaid))
    assert all(_share(allocation, debt.invoice) == 0 for debt in in_order[first + 1 :])


@given(amount=euros(1), debts=DEBTS)
def test_proportional_shares_are_within_a_cent_of_their_part(amount, debts):
    debts = [replace(debt, order="proportional") for debt in debts]
    allocation = allocate(amount, debts)
    whole = sum(debt.remaining.minor for debt in debts)
    for debt in debts:
        part = min(amount.minor, whole) * debt.remaining.minor / whole if whole else 0
        assert abs(_share(allocation, debt.invoice) - part) < 1


@given(amount=euros(1), debts=DEBTS)
def test_the_same_debts_are_allocated_the_same_however_they_are_listed(amount, debts):
    assert allocate(amount, debts) == allocate(amount, debts[::-1])


@given(amount=euros(1), debts=DEBTS, named=st.none() | NAMES, provider=st.sampled_from(["stripe", "bank"]))
def test_its_entry_balances_and_debits_what_came_in(amount, debts, named, provider):
    allocation = allocate(amount, debts, named=named)
    postings = payment_received(provider, allocation.settled, allocation.credit)
    assert balanced(postings)
    assert balances(posting for posting in postings if posting.account.startswith("cash:")) == {"EUR": amount.minor}


@given(amount=euros(1), rest=euros())
def test_allocating_to_one_invoice_is_what_naming_it_gives(amount, rest):
    debt = Debt(invoice="I1", number="N1", due=date(2026, 1, 1), remaining=amount + rest)
    assert allocate(amount, [debt], named="I1") == to_invoice(amount, "I1")


@pytest.mark.parametrize("minor", [0, -1])
def test_only_money_that_came_in_is_allocated(minor):
    with pytest.raises(ValueError, match="positive"):
        allocate(Money(minor, "EUR"), [])
