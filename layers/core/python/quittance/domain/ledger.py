"""Double entry: each amount-bearing item embeds postings that sum to zero, so the books can be proved from the items.

A debit is positive, a credit negative. The ledger accounts are few and fixed; cash has one for each provider or bank.
`late_charges` are fees and interest for paying late, `payment_differences` takes what a policy tolerates,
`dispute_clearing` what a provider took beyond what a payment still had, `transfers` what one account pays for another
(zero over all accounts of a partner).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from quittance.domain.money import Money

RECEIVABLE = "receivable"
CUSTOMER_CREDIT = "customer_credit"
REVENUE = "revenue"
VAT = "vat"
BAD_DEBT = "bad_debt"
FEES = "fees"
DISPUTE_CLEARING = "dispute_clearing"
DIFFERENCES = "payment_differences"
TRANSFERS = "transfers"
LATE_CHARGES = "late_charges"
_CASH = "cash:"
_ACCOUNTS = frozenset(
    (RECEIVABLE, CUSTOMER_CREDIT, REVENUE, VAT, BAD_DEBT, FEES, DISPUTE_CLEARING, DIFFERENCES, TRANSFERS, LATE_CHARGES)
)


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an entry: a ledger account and what it is debited (positive) or credited (negative)."""

    account: str
    amount: Money

    def __post_init__(self) -> None:
        if self.account not in _ACCOUNTS and not self.account.startswith(_CASH):
            raise ValueError(f"{self.account!r} is not a ledger account")


def cash(provider: str) -> str:
    """Return the cash account of a payment provider or bank."""
    return f"{_CASH}{provider}"


def is_cash(account: str) -> bool:
    """Tell whether a ledger account is the cash at a provider or bank."""
    return account.startswith(_CASH)


def balanced(postings: Iterable[Posting]) -> bool:
    """Tell whether debits equal credits in every currency."""
    return not any(balances(postings).values())


def balances(postings: Iterable[Posting]) -> dict[str, int]:
    """Sum the postings per currency, in minor units; all zero in a proper entry."""
    sums: dict[str, int] = defaultdict(int)
    for posting in postings:
        sums[posting.amount.currency] += posting.amount.minor
    return dict(sums)


def entry(*lines: tuple[str, Money]) -> tuple[Posting, ...]:
    """Return a balanced entry without its empty lines; ValueError when debits and credits differ."""
    postings = tuple(Posting(account, amount) for account, amount in lines if amount)
    if not balanced(postings):
        raise ValueError(f"debits and credits differ: {balances(postings)}")
    return postings


def invoice_issued(net: Money, vat: Money) -> tuple[Posting, ...]:
    """Return the entry of an issued invoice: the customer owes net and VAT."""
    return entry((RECEIVABLE, net + vat), (REVENUE, -net), (VAT, -vat))


def payment_received(provider: str, settled: Money, credited: Money) -> tuple[Posting, ...]:
    """Return the entry of a payment: what settles invoices, and what the customer has paid too much."""
    return entry((cash(provider), settled + credited), (RECEIVABLE, -settled), (CUSTOMER_CREDIT, -credited))


def to_item(postings: Iterable[Posting]) -> list[list[str | int]]:
    """Return an entry of one currency as items embed it: pairs of ledger account and minor units."""
    return [[posting.account, posting.amount.minor] for posting in postings]


def from_item(stored: Iterable[Sequence[str | int]], currency: str) -> tuple[Posting, ...]:
    """Read an entry as items embed it."""
    return tuple(Posting(str(account), Money(int(minor), currency)) for account, minor in stored)


LEDGER_ACCOUNTS = _ACCOUNTS
"""The ledger accounts beside cash."""
