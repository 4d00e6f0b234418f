"""Money in any order: payments, refunds, disputes and corrections told often, late, mixed up, by a process that dies.

The use cases are the real ones; the books are the simulator's, which keep the rules of the table behind the same ports.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from infra.local.simulate.money import Ledger
from infra.local.simulate.state import AccountState
from infra.local.simulate.unasked import book_unasked
from quittance.domain.account import AccountFile, Profile
from quittance.domain.errors import Rejected
from quittance.domain.invoice import InvoiceLine, build_invoice
from quittance.domain.ledger import CUSTOMER_CREDIT, RECEIVABLE, TRANSFERS, balanced, cash
from quittance.domain.money import Money
from quittance.domain.movement import FEES_BY_KIND, RETURNS, TAKES
from quittance.domain.policy import ORDERS, Order, Policy, PolicyRef
from quittance.domain.vat import Treatment
from quittance.usecases import correct
from quittance.usecases.apply_movement import follow_payment
from quittance.usecases.apply_payment import apply_payment
from quittance.usecases.payment_message import ApplyPayment

NOW = datetime(2026, 12, 20, 21, 0, tzinfo=UTC)
ACCOUNTS = ("contoso", "fabrikam", "branch", "outlet")
PAID_FOR = {"contoso": ("branch", "outlet")}
PAYMENTS = [f"pi_{i}" for i in range(4)]
STANDARD = PolicyRef("standard", 1)
POLICY = Policy(
    ref=STANDARD,
    currency="EUR",
    clock="due_date",
    payment_days=30,
    allocation="oldest_due",
    stages=(),
    restore_below=Money(1, "EUR"),
    tolerance_under=Money(2, "EUR"),
    tolerance_over=Money(2, "EUR"),
)


class Crash(Exception):
    """The process dies here."""


def opened(account: str) -> AccountState:
    profile = Profile(
        id=account, name=account, country="DE", timezone="UTC", currency="EUR", email="a@b.example", policy="standard"
    )
    nothing = Money.zero("EUR")
    file = AccountFile(
        partner="acme",
        profile=replace(profile, parent=next((one for one, others in PAID_FOR.items() if account in others), None)),
        balance=nothing,
        credit=nothing,
        policies={STANDARD: POLICY},
        pays_for=PAID_FOR.get(account, ()),
    )
    return AccountState(file)


def bill(state: AccountState, name: str, amount: int, day: int, order: Order = "oldest_due") -> None:
    whole = InvoiceLine(
        text="Advice",
        quantity=Decimal(1),
        unit_price=Decimal(1),
        net=Money(amount, "EUR"),
        vat=Treatment("Z", Decimal(0)),
        charges={},
    )
    part = replace(whole, net=Money(amount // 3, "EUR"))
    lines = (part, replace(whole, net=whole.net - part.net))
    due = date(2026, 11, day)
    invoice = build_invoice(
        id=name,
        issued=date(2026, 10, 1),
        due=due,
        period=None,
        currency="EUR",
        policy=STANDARD,
        lines=lines,
        allocation=order,
    )
    state.book(invoice.numbered(f"{state.file.profile.id}-{name}"), None)


def message(payment: str, kind: str, amount: int, **more) -> ApplyPayment:
    fields = {
        "partner": "acme",
        "provider": "stripe",
        "event_id": f"evt_{payment}_{kind}_{more.get('movement_id')}",
        "payment_id": payment,
        "kind": kind,
        "amount": amount,
        "currency": "EUR",
        "received_at": "2026-12-20T21:00:00Z",
    }
    return ApplyPayment(**{**fields, **more})


class World:
    """Accounts, one of which pays for two others, their books, and a process that dies at the n-th request."""

    def __init__(self) -> None:
        self.accounts = {name: opened(name) for name in ACCOUNTS}
        self.crash: int | None = None
        self.ledger = Ledger(self.accounts, self._request)
        self.follows: list[tuple[str, str]] = []

    def _request(self) -> None:
        if self.crash is not None:
            self.crash -= 1
            if self.crash <= 0:
                self.crash = None
                raise Crash

    def deliver(self, told: ApplyPayment, crash: int | None = None) -> None:
        """Deliver until the handler has answered, as the queue does; what the relay follows up on is remembered."""
        self.crash = crash
        for _ in range(2):
            with suppress(Crash):
                apply_payment(told, book=self.ledger, now=NOW, pause=lambda _: None)
                break
        self.crash = None
        for name, state in self.accounts.items():
            if ("stripe", told.payment_id) in state.payments and (name, told.payment_id) not in self.follows:
                self.follows.append((name, told.payment_id))

    def follow(self, crash: int | None = None) -> None:
        """Do what the relay asks for after payments, again for those done before."""
        for account, payment in self.follows:
            self.crash = crash
            for _ in range(2):
                with suppress(Crash):
                    follow_payment("acme", account, "stripe", payment, book=self.ledger, pause=lambda _: None)
                    break
            self.crash = None

    def tidy(self) -> None:
        """Book what needs nobody's word."""
        for name in self.accounts:
            book_unasked(name, self.accounts, self.ledger, NOW)

    def check(self) -> None:
        """Invariant 1: entries balance, head and remainders are what the entries come to, transfers to nothing."""
        transfers = 0
        for state in self.accounts.values():
            sums: Counter[str] = Counter()
            settled: Counter[str] = Counter()
            given_up: Counter[str] = Counter()
            on_lines: Counter[str] = Counter()
            for effect in state.entries:
                assert balanced(effect.postings())
                for posting in effect.postings():
                    sums[posting.account] += posting.amount.minor
                settled.update(effect.shares)
                on_lines.update({name: sum(on.values()) for name, on in effect.lines.items()})
                given_up.subtract(effect.recovered)
            transfers += sums[TRANSFERS]
            issued = {name: one.gross.minor for name, one in state.invoices.items()}
            file = state.file
            assert file.credit.minor == -sums[CUSTOMER_CREDIT] >= 0
            assert file.balance.minor == sum(issued.values()) + sums[RECEIVABLE] + sums[CUSTOMER_CREDIT]
            for name, gross in issued.items():
                left = file.open[name].remaining.minor if name in file.open else 0
                assert left == gross - settled[name]
                assert 0 <= left <= gross
                befell = state.aftermath.get(name)
                by_name = [line.paid for line in befell.lines] if befell else []
                assert sum(by_name) == on_lines[name] <= settled[name]
                assert all(0 <= line.paid <= line.gross for line in (befell.lines if befell else ()))
                assert (befell.written_off if befell else 0) == given_up[name] >= 0
            moved = sum(one.left for one in state.payments.values())
            assert sums[cash("stripe")] == moved - _fees(state)
        assert transfers == 0


def _fees(state: AccountState) -> int:
    moves = [move for one in state.payments.values() for move in one.movements]
    return sum(FEES_BY_KIND.get(move.kind, 0) * move.amount for move in moves)


class MoneyInAnyOrder(RuleBasedStateMachine):
    """Everything that can happen to money of accounts, some of which another pays for."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.sent: dict[tuple[str, str, str | None], ApplyPayment] = {}
        self.late: list[ApplyPayment] = []

    @rule(
        account=st.sampled_from(ACCOUNTS),
        amount=st.integers(1, 300),
        day=st.integers(1, 28),
        order=st.sampled_from(ORDERS),
    )
    def issue(self, account, amount, day, order):
        state = self.world.accounts[account]
        bill(state, f"I{len(state.invoices) + 1}", amount, day, order)

    @rule(
        payment=st.sampled_from(PAYMENTS),
        amount=st.integers(1, 500),
        account=st.sampled_from(["contoso", *ACCOUNTS, *ACCOUNTS, "nobody", None]),
        invoice=st.none() | st.integers(1, 5).map(lambda i: f"I{i}"),
        lines=st.none() | st.sampled_from(["1", "2", "1,2", "7"]),
        reference=st.none() | st.sampled_from(["contoso-I1", "fabrikam-I2 fabrikam-I3", "branch-I1 outlet-I1", "?"]),
        currency=st.sampled_from(["EUR"] * 5 + ["USD"]),
        late=st.booleans(),
        crash=st.none() | st.integers(1, 6),
    )
    def pay(self, *, payment, amount, account, invoice, lines, reference, currency, late, crash):
        self._tell(
            message(
                payment,
                "succeeded",
                amount,
                account=account,
                invoice=invoice,
                lines=lines,
                reference=reference,
                currency=currency,
                occurred_at="2026-12-20T20:00:00Z",
            ),
            late=late,
            crash=crash,
        )

    @rule(
        payment=st.sampled_from(PAYMENTS),
        kind=st.sampled_from([*TAKES, *TAKES, *RETURNS, "fee", "fee_returned", "failed"]),
        number=st.integers(1, 3),
        amount=st.integers(1, 300),
        account=st.sampled_from([None, None, None, *ACCOUNTS]),
        late=st.booleans(),
        crash=st.none() | st.integers(1, 8),
    )
    def move(self, payment, kind, number, amount, account, late, crash):
        of = f"m{number}" if kind != "failed" else None
        told = message(payment, kind, amount, movement_id=f"m{number}", of=of, account=account)
        self._tell(told, late=late, crash=crash)

    @rule(data=st.data(), crash=st.none() | st.integers(1, 8))
    def deliver_again(self, data, crash):
        if self.sent:
            told = data.draw(st.sampled_from(list(self.sent.values())))
            self.world.deliver(told, crash)

    @rule(crash=st.none() | st.integers(1, 8))
    def relay(self, crash):
        self.world.follow(crash)

    @rule()
    def assess(self):
        self.world.tidy()

    @rule(
        account=st.sampled_from(ACCOUNTS),
        invoice=st.integers(1, 5),
        decide=st.sampled_from([correct.write_off, correct.reinstate]),
    )
    def decide(self, account, invoice, decide):
        with suppress(Rejected):
            decide("acme", account, f"I{invoice}", None, book=self.world.ledger, now=NOW, pause=lambda _: None)

    @rule(account=st.sampled_from(ACCOUNTS), payment=st.sampled_from(PAYMENTS), data=st.data())
    def reallocate(self, account, payment, data):
        names = sorted(self.world.accounts[account].invoices)
        names += [
            f"{child}/{name}" for child in PAID_FOR.get(account, ()) for name in self.world.accounts[child].invoices
        ]
        if names:
            some = st.dictionaries(st.sampled_from(names), st.integers(0, 99).map(lambda i: f"0.{i:02d}"), max_size=3)
            wish = {"allocations": data.draw(some), "reason": "asked"}
            book = self.world.ledger
            with suppress(Rejected):
                correct.allocate("acme", account, payment, wish, book=book, now=NOW, pause=lambda _: None)

    @rule(data=st.data())
    def a_copy_of_what_is_booked_changes_nothing(self, data):
        booked = [one for one in self.sent.values() if one.kind == "succeeded" and self._found(one.payment_id)]
        if booked:
            told, parked = data.draw(st.sampled_from(booked)), dict(self.world.ledger.parked)
            before = {name: state.file for name, state in self.world.accounts.items()}
            self.world.deliver(told)
            assert {name: state.file for name, state in self.world.accounts.items()} == before
            assert self.world.ledger.parked == parked

    def _found(self, payment):
        return [one for s in self.world.accounts.values() if (one := s.payments.get(("stripe", payment)))]

    def _tell(self, told: ApplyPayment, *, late: bool, crash: int | None) -> None:
        key = told.payment_id, told.kind, told.movement_id
        told = self.sent.setdefault(key, told)
        if late:
            self.late.append(told)
        else:
            self.world.deliver(told, crash)

    @invariant()
    def the_books_agree(self):
        self.world.check()

    def teardown(self):
        """All told, each movement of a payment that came is booked once, or waits for what it reverses."""
        for told in self.late:
            self.world.deliver(told)
        self.world.follow()
        self.world.tidy()
        self.world.check()
        for told in self.sent.values():
            self._ended(told)

    def _ended(self, told: ApplyPayment) -> None:
        found = self._found(told.payment_id)
        assert len(found) <= 1
        waiting = told in self.world.ledger.kept("acme", "stripe", told.payment_id)
        if told.kind == "succeeded":
            # Parked once for what its reference said then, it may be booked by a later delivery, and never twice.
            parked = any(name.startswith(f"stripe#{told.payment_id}#None") for name in self.world.ledger.parked)
            assert found or parked
            return
        if not found:
            assert waiting
        elif told.kind in RETURNS:
            booked = found[0].has(told.kind, told.movement_id)
            assert booked != waiting
            assert booked or found[0].outstanding(RETURNS[told.kind], told.of) < told.amount
        elif told.kind != "failed":
            assert found[0].has(told.kind, told.movement_id)
            assert not waiting


TestMoney = MoneyInAnyOrder.TestCase
# 350 runs of 30 steps; a longer run on demand, which prints how to repeat what it finds.
EXAMPLES = int(os.environ.get("QUITTANCE_EXAMPLES", "350"))
TestMoney.settings = settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None, print_blob=True)


STORY = [
    message("pi_0", "succeeded", 400, account="contoso", invoice="I1"),
    message("pi_0", "refunded", 50, movement_id="re_1"),
    message("pi_0", "chargeback", 350, movement_id="dp_1"),
    message("pi_0", "chargeback_reversed", 350, movement_id="dp_1"),
    message("pi_0", "chargeback", 350, movement_id="dp_2"),
    message("pi_0", "refund_failed", 50, movement_id="re_1"),
    message("pi_0", "fee", 15, movement_id="txn_1"),
]


@settings(deadline=None, max_examples=150)
@given(order=st.permutations(STORY * 2), crash=st.integers(1, 40))
def test_the_end_is_the_same_in_whatever_order_it_is_told(order, crash):
    world = World()
    bill(world.accounts["contoso"], "I1", 300, 1)
    for i, told in enumerate(order):
        world.deliver(told, crash if i == crash % len(order) else None)
        world.follow()
        world.tidy()
        world.check()
    state = world.accounts["contoso"]
    assert state.payments["stripe", "pi_0"].left == 50
    assert state.file.balance.minor == 300 - 50 + _claim(state)
    assert state.file.credit.minor == 0


def _claim(state: AccountState) -> int:
    """What the provider took beyond what was there: not the customer's debt."""
    return -sum(minor for effect in state.entries for name, minor in effect.ledger if name == "dispute_clearing")


@pytest.mark.parametrize("crash", range(1, 12))
@pytest.mark.parametrize("told", STORY, ids=lambda told: f"{told.kind}-{told.movement_id}")
def test_dying_at_any_request_changes_nothing_in_the_end(told, crash):
    ends = []
    for at in (None, crash):
        world = World()
        bill(world.accounts["contoso"], "I1", 300, 1)
        for one in STORY:
            world.deliver(one, at if one == told else None)
            world.follow()
        ends.append((world.accounts["contoso"].file, world.accounts["contoso"].payments))
    assert ends[0] == ends[1]
