"""However payments, invoices and copies interleave, and wherever a booking dies: each counts once, the books agree."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from quittance.domain.allocation import Allocation, Debt, to_invoice
from quittance.domain.ledger import Posting, balanced, invoice_issued
from quittance.domain.money import Money
from quittance.domain.payment import Payment, Standing
from quittance.usecases.apply_payment import AlreadyBooked, HeadRefused, Outcome, apply_payment
from quittance.usecases.payment_message import ApplyPayment

NOW = datetime(2026, 12, 20, 21, 0, tzinfo=UTC)
NAMES = ["I1", "I2", "I3", "I4"]
ZERO = Money.zero("EUR")


class Crash(Exception):
    """The process dies here."""


class MemoryBook:
    """One account's books with the rules of the table: conditions and changes hold together or not at all.

    `crash` kills the n-th request from now before it is sent, or with `answered` when its answer should come back;
    `meanwhile` happens between a read and the write that rests on it.
    """

    def __init__(self) -> None:
        self.debts: dict[str, Debt] = {}
        self.credit = self.balance = ZERO
        self.version = 0
        self.postings: list[Posting] = []
        self.booked: dict[str, Payment] = {}
        self.parked: set[str] = set()
        self.crash: int | None = None
        self.answered = False
        self.meanwhile: Any = None

    def issue(self, invoice: str, due: date, amount: Money) -> None:
        self.debts[invoice] = Debt(invoice=invoice, number=invoice, due=due, remaining=amount)
        self.postings += invoice_issued(amount, ZERO)
        self.balance = self.balance + amount
        self.version += 1

    def settle(self, payment: Payment, invoice: str) -> None:
        debt = self.debts.get(invoice)
        may = debt is not None and payment.amount.currency == "EUR" and debt.remaining >= payment.amount
        self._request(lambda: self._commit(payment, to_invoice(payment.amount, invoice), may=may))

    def standing(self, _: str, account: str) -> Standing | None:
        if account != "contoso":
            return None
        seen = Standing(currency="EUR", debts=tuple(self.debts.values()), version=self.version)
        self._request(lambda: None)
        if self.meanwhile:
            self.meanwhile, change = None, self.meanwhile
            change()
        return seen

    def spread(self, payment: Payment, allocation: Allocation, *, seen: int) -> None:
        self._request(lambda: self._commit(payment, allocation, may=seen == self.version))

    def park(self, message: ApplyPayment, *, reason: str, **_: datetime) -> bool:
        assert reason
        new = message.payment_id not in self.parked
        self._request(lambda: self.parked.add(message.payment_id))
        return new

    def _commit(self, payment: Payment, allocation: Allocation, *, may: bool) -> None:
        if payment.payment_id in self.booked:
            raise AlreadyBooked("copy")
        if not may:
            raise HeadRefused("changed")
        for invoice, share in allocation.invoices.items():
            self.debts[invoice] = replace(self.debts[invoice], remaining=self.debts[invoice].remaining - share)
        self.booked[payment.payment_id] = payment
        self.postings += payment.postings(allocation)
        self.balance = self.balance - payment.amount
        self.credit = self.credit + allocation.credit
        self.version += 1

    def _request(self, write: Any) -> None:
        left, self.crash = self.crash, None if self.crash is None else self.crash - 1
        if left == 1 and not self.answered:
            raise Crash
        write()
        if left == 1:
            raise Crash


class Payments(RuleBasedStateMachine):
    """An account whose payments are told often, late and out of order, by a process that dies now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.book = MemoryBook()
        self.told: dict[str, ApplyPayment] = {}
        self.counted: Counter[str] = Counter()

    @rule(invoice=st.sampled_from(NAMES), amount=st.integers(1, 500), day=st.integers(1, 28))
    def issue(self, invoice: str, amount: int, day: int) -> None:
        if invoice not in self.book.debts:
            self.book.issue(invoice, date(2026, 11, day), Money(amount, "EUR"))

    @rule(
        payment=st.sampled_from([f"pi_{i}" for i in range(8)]),
        amount=st.integers(1, 600),
        invoice=st.none() | st.sampled_from(NAMES),
        account=st.sampled_from(["contoso"] * 5 + ["nobody", None]),
        currency=st.sampled_from(["EUR"] * 5 + ["USD"]),
        crash=st.none() | st.integers(1, 4),
        answered=st.booleans(),
        meanwhile=st.booleans(),
    )
    def tell(self, payment, amount, invoice, account, currency, crash, answered, meanwhile) -> None:
        fields = {"partner": "acme", "provider": "stripe", "kind": "succeeded", "received_at": "2026-12-20T21:00:00Z"}
        message = ApplyPayment(
            **fields,
            event_id=f"evt_{payment}",
            payment_id=payment,
            amount=amount,
            currency=currency,
            account=account,
            invoice=invoice,
        )
        message = self.told.setdefault(payment, message)
        self.book.crash, self.book.answered = crash, answered
        self.book.meanwhile = self._issue_another if meanwhile else None
        self._deliver(message)

    @rule(payment=st.sampled_from([f"pi_{i}" for i in range(8)]), kind=st.sampled_from(["failed", "cancelled"]))
    def tell_of_a_failure(self, payment: str, kind: str) -> None:
        if payment in self.told:
            before = dict(self.book.booked)
            assert self._apply(replace(self.told[payment], kind=kind)) is Outcome.IGNORED
            assert self.book.booked == before

    def _deliver(self, message: ApplyPayment) -> None:
        """Deliver until the handler has answered, as the queue does."""
        for _ in range(3):
            try:
                outcome = self._apply(message)
            except Crash:
                continue
            assert outcome in (Outcome.BOOKED, Outcome.DUPLICATE, Outcome.PARKED)
            return
        raise AssertionError("one crash needs no three deliveries")

    def _apply(self, message: ApplyPayment) -> Outcome:
        return apply_payment(message, book=self.book, now=NOW, pause=lambda _: None)

    def _issue_another(self) -> None:
        for name in ("M1", "M2", "M3"):
            if name not in self.book.debts:
                return self.book.issue(name, date(2026, 12, 1), Money(70, "EUR"))
        return None

    @invariant()
    def remainders_less_credit_are_the_balance(self) -> None:
        remaining = sum(debt.remaining.minor for debt in self.book.debts.values())
        assert remaining - self.book.credit.minor == self.book.balance.minor
        assert all(debt.remaining.minor >= 0 for debt in self.book.debts.values())

    @invariant()
    def the_books_balance_and_agree_with_the_account(self) -> None:
        assert balanced(self.book.postings)
        sums: Counter[str] = Counter()
        for posting in self.book.postings:
            sums[posting.account] += posting.amount.minor
        assert sums["receivable"] + sums["customer_credit"] == self.book.balance.minor
        assert sums["cash:stripe"] == sum(payment.amount.minor for payment in self.book.booked.values())

    @invariant()
    def every_payment_is_booked_or_parked_and_never_both(self) -> None:
        assert set(self.told) == set(self.book.booked) | self.book.parked
        assert not set(self.book.booked) & self.book.parked
        assert all(payment.amount.minor == self.told[name].amount for name, payment in self.book.booked.items())


TestPayments = Payments.TestCase
TestPayments.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
