"""Double entry: debits are credits, in every currency."""

from __future__ import annotations

import pytest

from quittance.domain import ledger
from quittance.domain.money import Money

NET, VAT = Money(24995, "EUR"), Money(4749, "EUR")


@pytest.mark.parametrize(
    ("postings", "wanted"),
    [
        (ledger.invoice_issued(NET, VAT), [["receivable", 29744], ["revenue", -24995], ["vat", -4749]]),
        (ledger.invoice_issued(NET, Money.zero("EUR")), [["receivable", 24995], ["revenue", -24995]]),
        (
            ledger.payment_received("stripe", NET, VAT),
            [["cash:stripe", 29744], ["receivable", -24995], ["customer_credit", -4749]],
        ),
    ],
)
def test_entries_balance_and_survive_storage(postings, wanted):
    assert ledger.balanced(postings)
    assert ledger.to_item(postings) == wanted
    assert ledger.from_item(wanted, "EUR") == postings


def test_an_entry_that_does_not_balance_is_never_made():
    with pytest.raises(ValueError, match="differ"):
        ledger.entry((ledger.RECEIVABLE, NET), (ledger.REVENUE, -VAT))


def test_currencies_balance_apart():
    euros, dollars = Money(100, "EUR"), Money(-100, "USD")
    assert not ledger.balanced([ledger.Posting("receivable", euros), ledger.Posting("revenue", dollars)])


def test_only_known_ledger_accounts_are_posted_to():
    with pytest.raises(ValueError, match="petty_cash"):
        ledger.Posting("petty_cash", NET)
