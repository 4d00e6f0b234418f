"""Every payload on record has its effect, once: told five times, in any order, by several at once, and by a process
that dies before or after any of its requests.

What is told is read out of the payload by the provider's own parser; what a webhook cannot say (GoCardless, Mollie,
PayPal) is filled in as the provider's API would. The payment that a movement belongs to has come before.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from quittance.domain.errors import Transient
from quittance.domain.movement import RETURNS
from quittance.store.payments import PaymentBook
from quittance.usecases.apply_movement import follow_payment
from quittance.usecases.apply_payment import apply_payment
from quittance.usecases.payment_message import ApplyPayment
from tests.contract.test_webhook_payloads import events_of, payloads
from tests.functional.payments.cloud import ENVIRONMENT
from tests.property.real_book import NOW, RealBook, real_book, told

GROSS = 60000
"""What the payment of a movement came over: more than any movement on record takes."""
MOVES = ("refunded", "refund_failed", "chargeback", "chargeback_reversed", "fee")
RANDOM = random.Random(2026)


@pytest.fixture(scope="module")
def book() -> Iterator[RealBook]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        with real_book() as opened:
            opened.bill("contoso", "I1", GROSS, 1)
            opened.settle()
            opened.pristine = opened.table.snapshot()  # type: ignore[attr-defined]
            yield opened


def messages(entry: Any) -> list[ApplyPayment]:
    """What the payload tells, behind what must have been told before it."""
    found = []
    for event in events_of(entry["provider"], entry["payload"]):
        if event.kind in ("told", "other", "unclear"):
            continue
        said = told(event.payment_id, event.kind, event.amount or 1000)
        if event.kind in ("failed", "pending", "cancelled"):
            said = replace(said, amount=event.amount)
        found.append(
            replace(
                said,
                provider=entry["provider"],
                event_id=event.event_id,
                movement_id=event.movement_id,
                account="contoso" if event.kind not in MOVES else None,
                total=event.total if event.amount else None,
            )
        )
    return [*_before(found), *found]


def _before(found: list[ApplyPayment]) -> list[ApplyPayment]:
    kinds = {one.kind for one in found}
    needed = []
    for one in found:
        base = replace(one, event_id=f"{one.event_id}-before", total=None)
        late = one.kind == "failed" and one.movement_id
        if (one.kind in MOVES or late) and "succeeded" not in kinds:
            needed.append(replace(base, kind="succeeded", amount=GROSS, movement_id=None, account="contoso"))
        if one.kind in RETURNS and not kinds & {RETURNS[one.kind]}:
            needed.append(replace(base, kind=RETURNS[one.kind]))
    return needed


def with_effect() -> list[Any]:
    """The payloads that tell of money; what the others mean is told by the contract test."""
    return [
        pytest.param(one.values[0], id=one.id, marks=one.marks)
        for one in payloads()
        if one.values[0] is None or _money(one)
    ]


def _money(param: Any) -> bool:
    entry, expected = param.values
    return bool(expected) and any(kind in (*MOVES, "succeeded", "failed") for kind, *_ in expected) and entry


def tell(one: ApplyPayment) -> None:
    """Book until the account stands still; the queue would bring it again."""
    for _ in range(20):
        try:
            apply_payment(one, book=PaymentBook(), now=NOW, pause=lambda _: None)
            if one.kind == "succeeded":  # what the relay asks for when a payment is new
                named = ("acme", "contoso", one.provider, one.payment_id)
                follow_payment(*named, book=PaymentBook(), pause=lambda _: None)
        except Transient:
            continue
        return
    raise AssertionError("it is never booked")


def start(book: RealBook) -> None:
    book.table.restore(book.pristine)  # type: ignore[attr-defined]


def state(book: RealBook) -> Any:
    """The money of the account: what is owed and each payment and movement with its amount and postings."""
    table = book.seen()
    entries = sorted(
        (
            one.kind,
            one.get("movement"),
            one.get("movement_id"),
            one.get("amount"),
            tuple(map(tuple, one.get("postings"))),
        )
        for one in table.records
        if one.kind in ("payment", "movement")
    )
    (head,) = [one for one in table.of("head") if one.account == "contoso"]
    waiting = sorted(one.sk for one in table.of("parked"))
    return head.get("balance"), head.get("credit"), head.get("open"), entries, waiting


def check(book: RealBook, wanted: Any) -> None:
    assert state(book) == wanted
    book.check()


@pytest.fixture
def story(request: Any, book: RealBook) -> tuple[list[ApplyPayment], Any]:
    said = messages(request.param)
    start(book)
    for one in said:
        tell(one)
    book.check()
    return said, state(book)


@pytest.mark.parametrize("story", with_effect(), indirect=True)
class TestOnce:
    """One payload with what came before it."""

    def test_each_thing_told_is_one_entry_of_its_amount(self, book, story):
        said, (_, _, _, entries, waiting) = story
        assert waiting == []
        booked = [(kind, movement, amount) for kind, movement, _, amount, _ in entries]
        for one in said:
            if one.kind in MOVES:
                assert booked.count(("movement", one.kind, one.amount)) == len(
                    {other.movement_id for other in said if (other.kind, other.amount) == (one.kind, one.amount)}
                )
        assert sum(kind == "payment" for kind, *_ in booked) == len(
            {one.payment_id for one in said if one.kind == "succeeded"}
        )

    def test_five_times_in_any_order(self, book, story):
        said, wanted = story
        for _ in range(2):
            start(book)
            order = said * 5
            RANDOM.shuffle(order)
            for one in order:
                tell(one)
            check(book, wanted)

    def test_by_five_at_once(self, book, story):
        said, wanted = story
        start(book)
        orders = [RANDOM.sample(said, len(said)) for _ in range(5)]
        with ThreadPoolExecutor(5) as several:
            list(several.map(lambda order: [tell(one) for one in order], orders))
        for one in said:
            tell(one)
        check(book, wanted)

    def test_by_another_between_any_two_requests(self, book, story):
        said, wanted = story
        last = said[-1]
        start(book)
        for one in said[:-1]:
            tell(one)
        ready = book.table.snapshot()
        for at in range(1, 40):
            book.table.restore(ready)
            came = book.with_another(lambda: tell(last), lambda: tell(last), at)
            check(book, wanted)
            if not came:
                return
        raise AssertionError("it never comes to an end")

    @pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
    def test_by_a_process_that_dies_at_any_request(self, book, story, answered):
        said, wanted = story
        start(book)
        for one in said[:-1]:
            tell(one)
        ready = book.table.snapshot()
        for at in range(1, 40):
            book.table.restore(ready)
            before = book.requests
            book.done(lambda: tell(said[-1]), (at, answered))
            check(book, wanted)
            if book.requests - before < at:
                return
        raise AssertionError("it never comes to an end")
