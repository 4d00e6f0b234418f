"""Everything that can happen to money, in the real store: told often, late, mixed up, by a process that dies.

10,000 steps and more in each run of the suite; QUITTANCE_STEPS=200000 makes it that many. The seed is printed, and
QUITTANCE_SEED=<seed> plays the same again and looks for the shortest story that fails (which takes minutes).
"""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from random import SystemRandom
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from quittance.domain.errors import Conflict, Rejected
from quittance.domain.movement import RETURNS, TAKES
from quittance.usecases import correct
from tests.property.real_book import ACCOUNTS, RealBook, line, real_book, told

STEPS = int(os.environ.get("QUITTANCE_STEPS", "10000"))
A_RUN = 50
PAYMENTS = [f"pi_{i}" for i in range(4)]
CRASHES = st.none() | st.none() | st.tuples(st.integers(1, 8), st.booleans())
ACCOUNT = st.sampled_from(ACCOUNTS)
INVOICES = st.integers(1, 5).map(lambda i: f"I{i}")
MINOR = st.integers(1, 300)
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
}


class Machine(RuleBasedStateMachine):
    """Two accounts and all that providers, a bank, people and crashes do to them."""

    book: RealBook
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.book.renew()
        type(self).steps -= 1
        self.sent: dict[tuple[str, str, str | None], Any] = {}
        self.late: list[Any] = []
        self.names, self.invoices = count(1), count(1)
        self.files: list[tuple[str, tuple[Any, ...]]] = []

    def check_invariants(self, *arguments: Any, **named: Any) -> None:
        """Count the steps; hypothesis calls this before the first and after each."""
        type(self).steps += 1
        super().check_invariants(*arguments, **named)

    @rule(account=ACCOUNT, amount=MINOR, day=st.integers(1, 28), crash=CRASHES)
    def an_invoice_is_asked_for(self, account, amount, day, crash):
        self.book.bill(account, f"I{next(self.invoices)}", amount, day, crash)

    @rule(account=ACCOUNT, invoice=INVOICES, amount=MINOR, crash=CRASHES)
    def a_credit_note_is_asked_for(self, account, invoice, amount, crash):
        with suppress(Rejected, Conflict):
            self.book.credit(account, invoice, f"C{next(self.names)}", amount, crash)

    @rule(
        payment=st.sampled_from(PAYMENTS),
        amount=st.integers(1, 500),
        account=st.sampled_from([*ACCOUNTS, *ACCOUNTS, "nobody", None]),
        invoice=st.none() | INVOICES,
        reference=st.none() | st.sampled_from(["ACME-2026-000001", "ACME-2026-000002 ACME-2026-000003", "?"]),
        currency=st.sampled_from(["EUR"] * 5 + ["USD"]),
        late=st.booleans(),
        crash=CRASHES,
    )
    def a_customer_pays(self, payment, amount, account, invoice, reference, currency, late, crash):
        named = {"account": account, "invoice": invoice, "reference": reference, "currency": currency}
        self._tell(told(payment, "succeeded", amount, occurred_at="2026-12-20T20:00:00Z", **named), late, crash)

    @rule(
        payment=st.sampled_from(PAYMENTS),
        kind=st.sampled_from([*TAKES, *TAKES, *RETURNS, "fee", "failed"]),
        number=st.integers(1, 3),
        amount=MINOR,
        account=st.sampled_from([None, None, None, *ACCOUNTS]),
        late=st.booleans(),
        crash=CRASHES,
    )
    def a_provider_takes_or_gives_back(self, payment, kind, number, amount, account, late, crash):
        self._tell(told(payment, kind, amount, movement_id=f"m{number}", account=account), late, crash)

    @rule(
        numbers=st.lists(st.integers(1, 6), min_size=1, max_size=3, unique=True),
        amount=MINOR,
        text=st.sampled_from(["ACME-2026-000001", "Rechnung ACME 2026 2", "thanks"]),
        returned=st.booleans(),
        crash=CRASHES,
    )
    def a_bank_statement_comes(self, numbers, amount, text, returned, crash):
        """The same reference always is the same movement: amount and text follow from it."""
        lines = [line(n, 10 * n + 5, text if n % 2 else f"ACME-2026-{n:06d}", end_to_end=f"E{n}") for n in numbers]
        if returned:
            back = {"incoming": False, "returned": "MD06", "end_to_end": f"E{numbers[0]}"}
            lines.append(line(100 + numbers[0], 10 * numbers[0] + 5, "return", **back))
        file = (f"F{next(self.names)}", tuple(lines))
        self.files.append(file)
        self.book.read(*file, crash)

    @rule(data=st.data(), crash=CRASHES)
    def a_statement_comes_again(self, data, crash):
        if self.files:
            self.book.read(*data.draw(st.sampled_from(self.files)), crash)

    @rule(data=st.data(), account=ACCOUNT, invoice=st.none() | INVOICES, aside=st.booleans(), crash=CRASHES)
    def a_person_decides_a_line(self, data, account, invoice, aside, crash):
        lines = [one for one in self.book.seen().of("bank_line") if one.get("state") == "waiting"]
        if not lines:
            return
        record = data.draw(st.sampled_from(sorted(lines, key=lambda one: one.sk)))
        wish = {"set_aside": "not ours"} if aside else {"account": account, "invoice": invoice}
        if not aside and record.get("payment_kind") != "succeeded":
            wish = {"account": account, "payment": record.get("payment_id")}
        name = f"{record.pk.rpartition('#')[2]}.{record.sk.removeprefix('LINE#')}"
        with suppress(Rejected, Conflict):
            self.book.decide(name, wish, crash)

    @rule(data=st.data(), many=st.integers(1, 6), crash=CRASHES)
    def some_messages_are_delivered(self, data, many, crash):
        for _ in range(min(many, len(self.book.outbox))):
            at = data.draw(st.integers(0, len(self.book.outbox) - 1))
            self.book.deliver(self.book.outbox.pop(at), crash)

    @rule(data=st.data(), crash=CRASHES)
    def a_message_comes_again(self, data, crash):
        if self.book.delivered:
            self.book.deliver(data.draw(st.sampled_from(self.book.delivered)), crash)

    @rule(data=st.data(), crash=CRASHES)
    def a_provider_tells_again(self, data, crash):
        if self.sent:
            self.book.tell(data.draw(st.sampled_from(list(self.sent.values()))), crash)

    @rule(
        account=ACCOUNT,
        invoice=INVOICES,
        what=st.sampled_from([correct.write_off, correct.reinstate]),
        crash=CRASHES,
    )
    def a_person_gives_up_or_takes_up(self, account, invoice, what, crash):
        with suppress(Rejected):
            self.book.correct(what, account, invoice, None, crash)

    @rule(account=ACCOUNT, payment=st.sampled_from(PAYMENTS), number=st.integers(1, 3), crash=CRASHES)
    def a_person_refunds(self, account, payment, number, crash):
        with suppress(Rejected, Conflict):
            wish = {"refund": f"m{number}", "amount": "0.40", "reason": "goodwill"}
            self.book.correct(correct.refund, account, payment, wish, crash)

    @rule(
        account=ACCOUNT,
        payment=st.sampled_from(PAYMENTS),
        wish=st.dictionaries(INVOICES, st.integers(0, 99).map(lambda i: f"0.{i:02d}"), max_size=3),
        crash=CRASHES,
    )
    def a_person_puts_it_elsewhere(self, account, payment, wish, crash):
        with suppress(Rejected, Conflict):
            self.book.correct(correct.allocate, account, payment, {"allocations": wish, "reason": "asked"}, crash)

    def _tell(self, what: Any, late: bool, crash: Any) -> None:
        what = self.sent.setdefault((what.payment_id, what.kind, what.movement_id), what)
        if late:
            self.late.append(what)
        else:
            self.book.tell(what, crash)

    def teardown(self) -> None:
        """All is told, all messages are done: the books agree, and each thing told has had its effect, once."""
        for what in self.late:
            self.book.tell(what)
        self.book.settle()
        self.book.check()
        for what in self.sent.values():  # what was parked for what it said then may find its place now
            self.book.tell(what)
        self.book.settle()
        before = self.book.table.snapshot()
        for what in (*self.sent.values(), *dict.fromkeys(self.book.delivered)):
            self.book.deliver(what)
        for file in self.files:
            self.book.read(*file)
        self.book.settle()
        self.book.check()
        assert _money(self.book.table.items) == _money(before)


def _money(items: Any) -> Any:
    """All items with money; a head without the moment of its next assessment and the count of its changes."""
    passing = ("due_lane", "due_at", "assessed_at")
    return {
        key: {name: value for name, value in item.items() if name not in passing}
        for key, item in items.items()
        if "postings" in item or item["kind"]["S"] == "head"
    }


def test_whatever_happens_the_books_agree_and_nothing_counts_twice(monkeypatch, capsys):
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    number = int(os.environ.get("QUITTANCE_SEED") or SystemRandom().randrange(2**32))
    with capsys.disabled():
        print(f"\n{STEPS} steps on the real store, QUITTANCE_SEED={number}")
    with real_book() as book:
        Machine.book, Machine.steps, runs = book, 0, 0
        while Machine.steps < STEPS:
            wanted = -(-(STEPS - Machine.steps) // A_RUN)
            phases = [Phase.generate, Phase.shrink] if "QUITTANCE_SEED" in os.environ else [Phase.generate]
            chosen = settings(
                max_examples=wanted,
                stateful_step_count=A_RUN,
                deadline=None,
                suppress_health_check=list(HealthCheck),
                phases=phases,
                database=None,
            )
            run_state_machine_as_test(seed(number + runs)(Machine), settings=chosen)
            runs += 1
    assert Machine.steps >= STEPS, "fewer steps than promised"
