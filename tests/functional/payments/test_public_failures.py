"""Failures of other systems, as their public trackers tell them, that this one must not have.

The rest of them are in test_movements.py, under names of their own: an invoice paid by another route when the old intent
cancels itself, a cancelled attempt that is tried again, a chargeback that re-opens, a chargeback of something unknown,
our own refund and its webhook, the refund of a duplicate payment.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any

import pytest

from infra.local.providers import stripe
from quittance.domain.money import Money
from quittance.store.payments import PaymentBook
from quittance.usecases import correct
from quittance.usecases.apply_movement import follow_payment
from quittance.usecases.apply_payment import Outcome, apply_payment
from quittance.usecases.payment_message import ApplyPayment
from tests.functional.payments.cloud import ENVIRONMENT
from tests.functional.payments.conftest import NOW
from tests.property.real_book import RealBook, real_book, told

PAID = told("pi_1", "succeeded", 29744, account="contoso", invoice="I1")


@pytest.fixture(scope="module")
def opened() -> Iterator[tuple[RealBook, Any]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ENVIRONMENT.items():
            patch.setenv(name, value)
        with real_book() as book:
            book.bill("contoso", "I1", 29744, 1)
            book.settle()
            yield book, book.table.snapshot()


@pytest.fixture
def book(opened: tuple[RealBook, Any]) -> RealBook:
    """Contoso owes 297.44 EUR on I1."""
    found, pristine = opened
    found.table.restore(pristine)
    found.outbox.clear()
    return found


def book_it(one: ApplyPayment) -> Outcome:
    return apply_payment(one, book=PaymentBook(), now=NOW, pause=lambda _: None)


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """Do works in as many threads, which begin together."""
    begin = Barrier(len(works))

    def work(one: Callable[[], Any]) -> Any:
        begin.wait()
        return one()

    with ThreadPoolExecutor(len(works)) as several:
        return list(several.map(work, works))


def payments(book: RealBook) -> list[tuple[str, int]]:
    return [(str(one.get("payment_id")), one.get("amount")) for one in book.seen().of("payment")]


def remaining(book: RealBook) -> int:
    (head,) = [one for one in book.seen().of("head") if one.account == "contoso"]
    return int(head.get("open")["I1"]["remaining"])


def test_two_concurrent_deliveries_of_one_event_both_get_200_and_make_one_row(post, queued, book):
    fields = {"payment": "1", "account": "contoso", "invoice": "I1", "amount": Money(29744, "EUR")}
    signed = stripe.signed_event(**fields, secret="whsec_current", at=NOW)
    assert [post(*signed)["statusCode"] for _ in range(2)] == [200, 200]
    (message,) = {json.dumps(one, sort_keys=True): one for one in queued()}.values()
    one = ApplyPayment.from_mapping(message)
    assert sorted(at_once(*[lambda: book_it(one)] * 4)) == [Outcome.BOOKED] + [Outcome.DUPLICATE] * 3
    assert (payments(book), remaining(book)) == ([("pi_1", 29744)], 0)
    book.check()


def test_three_event_types_for_one_payment_at_once_make_one_payment(post, queued, book):
    """payment_intent.succeeded, charge.succeeded and invoice.paid tell of the same money: one business key."""
    types = ("payment_intent.succeeded", "charge.succeeded", "invoice.paid")
    fields = {"payment": "1", "account": "contoso", "invoice": "I1", "amount": Money(29744, "EUR")}
    for kind in types:
        assert post(*stripe.signed_event(**fields, secret="whsec_current", at=NOW, type=kind))["statusCode"] == 200
    told_of = [ApplyPayment.from_mapping(one) for one in queued()]
    assert [one.kind for one in told_of] == ["succeeded"]
    others = [replace(told_of[0], event_id=f"evt_{kind}") for kind in types]  # did all three book, the key would hold
    outcomes = at_once(*[lambda one=one: book_it(one) for one in others])
    assert sorted(outcomes) == [Outcome.BOOKED, Outcome.DUPLICATE, Outcome.DUPLICATE]
    assert (payments(book), remaining(book)) == ([("pi_1", 29744)], 0)
    book.check()


def test_confirmation_by_the_client_and_by_webhook_at_the_same_moment_count_once(book):
    """Between any two requests of the one, the other does all of its own."""
    pristine = book.table.snapshot()
    for at in itertools.count(1):
        book.table.restore(pristine)
        outcomes = []
        confirm = lambda event: outcomes.append(book_it(replace(PAID, event_id=event)))  # noqa: E731, B023
        came = book.with_another(lambda: confirm("client"), lambda: confirm("webhook"), at)  # noqa: B023
        assert outcomes.count(Outcome.BOOKED) == 1
        assert (payments(book), remaining(book)) == ([("pi_1", 29744)], 0)
        if not came:
            break
    assert at > 1


def test_our_own_refund_and_its_webhook_at_the_same_moment_make_one_refund(book):
    book_it(PAID)
    follow_payment("acme", "contoso", "stripe", "pi_1", book=PaymentBook(), pause=lambda _: None)
    paid = book.table.snapshot()
    wish = {"refund": "re_1", "amount": "50.00", "reason": "goodwill"}

    def ours() -> Any:
        return correct.refund("acme", "contoso", "pi_1", wish, book=PaymentBook(), now=NOW, pause=lambda _: None)

    def webhook() -> Any:
        return book_it(told("pi_1", "refunded", 5000, movement_id="re_1"))

    for first, second in ((ours, webhook), (webhook, ours)):
        for at in itertools.count(1):
            book.table.restore(paid)
            came = book.with_another(first, second, at)
            assert remaining(book) == 5000
            assert [one.get("amount") for one in book.seen().of("movement")] == [5000]
            if not came:
                break
        assert at > 3
    book.check()


@pytest.mark.parametrize("late", ["pending", "failed", "cancelled"])
def test_a_late_created_never_overwrites_updated(book, late):
    """The news of an attempt that comes after its success changes no money, and the success stays as it was told."""
    book_it(PAID)
    before = {key: item for key, item in book.table.items.items() if "PAY#" in key[1] or "HEAD" in key[1]}
    book_it(told("pi_1", late, 0, account="contoso", invoice="I1"))
    assert {key: book.table.items[key] for key in before} == before
    assert remaining(book) == 0
    book.check()


def test_a_late_refund_created_never_takes_back_a_refund_that_is_done(book):
    book_it(PAID)
    follow_payment("acme", "contoso", "stripe", "pi_1", book=PaymentBook(), pause=lambda _: None)
    book_it(told("pi_1", "refunded", 5000, movement_id="re_1"))
    before = book.table.snapshot()
    book_it(told("pi_1", "pending", 5000, movement_id="re_1"))
    assert book.table.items == before


def test_a_repair_job_that_finds_nothing_new_emits_nothing(book):
    """What is read again and says what is booked already leaves the table as it is: the stream tells nobody."""
    book_it(replace(PAID, amount=29744))
    follow_payment("acme", "contoso", "stripe", "pi_1", book=PaymentBook(), pause=lambda _: None)
    book_it(told("pi_1", "refunded", 3000, movement_id="s1", total=3000))
    book.settle()
    before = book.table.snapshot()
    for number in range(3):
        book_it(replace(PAID, event_id=f"repair-{number}"))
        assert book_it(told("pi_1", "refunded", 3000, movement_id=f"r{number}", total=3000)) is Outcome.DUPLICATE
        follow_payment("acme", "contoso", "stripe", "pi_1", book=PaymentBook(), pause=lambda _: None)
    assert book.outbox == []
    assert book.table.items == before
