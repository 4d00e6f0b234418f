"""Payments that come more than once: parts with their own ids, attempts after late failures; refunds by their ids."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.simulate.state import AccountState
from quittance.usecases.payment_message import ApplyPayment
from tests.property.test_money_any_order import World, bill, message

WHOLE = 300


def world() -> World:
    started = World()
    bill(started.accounts["contoso"], "I1", WHOLE, 1)
    return started


def told(kind: str, amount: int = WHOLE, **more) -> ApplyPayment:
    owner = {"account": "contoso", "invoice": "I1"} if kind == "succeeded" else {}
    return message("pi_0", kind, amount, **{**owner, **more})


def deliver(*messages: ApplyPayment) -> AccountState:
    started = world()
    for one in messages:
        started.deliver(one)
        started.follow()
        started.check()
    return started.accounts["contoso"]


def left(state: AccountState) -> int:
    found = state.payments.get(("stripe", "pi_0"))
    return found.left if found else 0


# -- parts -------------------------------------------------------------------------------------------------------------

PARTS = [
    told("succeeded", 100, movement_id="cap_1", of="cap_1", event_id="a|cap_1"),
    told("succeeded", 150, movement_id="cap_2", of="cap_2", event_id="a|cap_2"),
    told("succeeded", 50, movement_id="cap_3", of="cap_3", event_id="a|cap_3"),
]
FAILED_PART = told("failed", 150, movement_id="cap_2:CAPTURE_FAILED", of="cap_2")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_each_part_of_a_payment_counts_once_in_any_order(order):
    state = deliver(*(PARTS[i] for i in order), *(PARTS[i] for i in order))
    assert left(state) == WHOLE
    assert "I1" not in state.file.open or state.file.open["I1"].remaining.minor == 0


@settings(deadline=None, max_examples=60)
@given(order=st.permutations([*PARTS, FAILED_PART, told("refunded", 120, movement_id="re_1", of="re_1")] * 2))
def test_a_part_that_fails_takes_back_that_part_and_a_refund_is_of_the_sum(order):
    state = deliver(*order)
    assert left(state) == WHOLE - 150 - 120
    assert state.file.balance.minor == WHOLE - left(state)


def test_beside_a_payment_that_was_told_as_a_whole_there_are_no_parts():
    assert left(deliver(told("succeeded"), PARTS[0], PARTS[1])) == WHOLE


def test_a_failure_of_a_part_that_was_never_told_waits():
    assert left(deliver(PARTS[0], FAILED_PART)) == 100


# -- attempts after failures -------------------------------------------------------------------------------------------


def attempt(at: int) -> ApplyPayment:
    """Successes at even moments, late failures at odd ones: as a debit that is tried again and again."""
    moment = f"2026-12-{10 + at:02d}T09:00:00Z"
    if at % 2:
        return told("failed", movement_id=f"EV{at}", event_id=f"EV{at}", occurred_at=moment)
    return told("succeeded", event_id=f"EV{at}", occurred_at=moment)


@settings(deadline=None, max_examples=150)
@given(data=st.data(), length=st.integers(1, 6))
def test_what_happened_last_counts_in_whatever_order_it_is_told(data, length):
    story = [attempt(at) for at in range(length)]
    state = deliver(*data.draw(st.permutations(story + story[: length // 2])))
    assert left(state) == (0 if (length - 1) % 2 else WHOLE)


@pytest.mark.parametrize(
    ("again", "counts"),
    [
        (told("succeeded", event_id="EV2", occurred_at="2026-12-12T09:00:00Z"), True),
        (told("succeeded", event_id="EV0", occurred_at="2026-12-12T09:00:00Z"), False),
        (told("succeeded", event_id="EV2", occurred_at="2026-12-10T12:00:00Z"), False),
        (told("succeeded", event_id="EV2"), False),
    ],
    ids=["later success", "the same event", "before the failure", "no moment"],
)
def test_a_payment_counts_again_exactly_when_a_failure_took_it_back_before(again, counts):
    assert left(deliver(attempt(0), attempt(1), again, again)) == (WHOLE if counts else 0)


def test_a_second_success_without_a_failure_is_a_copy():
    assert left(deliver(attempt(0), attempt(2), attempt(4))) == WHOLE


def test_an_attempt_that_failed_before_any_success_takes_nothing():
    assert left(deliver(attempt(1), attempt(2))) == WHOLE


# -- pairs -------------------------------------------------------------------------------------------------------------

PAIRS = [
    told("succeeded"),
    told("refunded", 50, movement_id="re_A", of="re_A"),
    told("refunded", 60, movement_id="re_B", of="re_B"),
]


@settings(deadline=None, max_examples=40)
@given(order=st.permutations([*PAIRS, told("refund_failed", 50, movement_id="re_A", of="re_A")] * 2))
def test_a_failed_refund_gives_back_its_own_refund(order):
    state = deliver(*order)
    assert state.payments["stripe", "pi_0"].outstanding("refunded", "re_A") == 0
    assert left(state) == WHOLE - 60


def test_a_failed_refund_waits_for_its_own_refund_whatever_else_was_refunded():
    failed = told("refund_failed", 50, movement_id="re_A", of="re_A")
    assert left(deliver(PAIRS[0], PAIRS[2], failed)) == WHOLE - 60
    assert left(deliver(PAIRS[0], PAIRS[2], failed, PAIRS[1])) == WHOLE - 60


DISPUTES = [
    told("succeeded"),
    told("chargeback", 100, movement_id="dp_1:chargeback:1", of="dp_1"),
    told("chargeback_reversed", 100, movement_id="dp_1:chargeback_reversed:1", of="dp_1"),
    told("chargeback", 100, movement_id="dp_1:chargeback:2", of="dp_1"),
    told("chargeback", 100, movement_id="dp_10:chargeback:1", of="dp_10"),
]


@settings(deadline=None, max_examples=40)
@given(order=st.permutations(DISPUTES * 2))
def test_a_won_dispute_gives_back_its_own_money_and_may_be_lost_again(order):
    state = deliver(*order)
    payment = state.payments["stripe", "pi_0"]
    assert (payment.outstanding("chargeback", "dp_1"), payment.outstanding("chargeback", "dp_10")) == (100, 100)
    assert left(state) == WHOLE - 200


def test_a_reversal_whose_dispute_nobody_names_is_of_any():
    back = told("chargeback_reversed", 100, movement_id="EV9")
    assert left(deliver(DISPUTES[0], DISPUTES[1], back)) == WHOLE
