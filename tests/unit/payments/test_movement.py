"""What movements of money do, rule by rule, on positions written by hand."""

from datetime import date

import pytest

from quittance.domain.account import OpenInvoice
from quittance.domain.effect import Aftermath, Effect, Position, after
from quittance.domain.money import Money
from quittance.domain.movement import (
    Booked,
    CreditUses,
    History,
    credit_used,
    credited,
    paid,
    reallocated,
    reinstated,
    returned,
    taken,
    tolerated,
    written_off,
)
from quittance.domain.policy import PolicyRef


def eur(minor):
    return Money(minor, "EUR")


def owed(name, remaining, *, day=1, gross=100, disputed=None):
    return OpenInvoice(
        id=name,
        number=f"N-{name}",
        issued=date(2026, 10, 1),
        due=date(2026, 11, day),
        gross=eur(gross),
        remaining=eur(remaining),
        policy=PolicyRef("standard", 1),
        disputed=disputed,
    )


def position(*invoices, credit=0, **aftermath):
    opened = {one.id: one for one in invoices}
    return Position(
        currency="EUR",
        version=1,
        credit=eur(credit),
        open=opened,
        listed=frozenset(name for name, one in opened.items() if one.remaining.minor),
        aftermath=aftermath,
    )


def payment(shares, credit=0, *movements, amount=None):
    received = Effect(
        currency="EUR", shares=shares, credit=credit, ledger=(("cash:stripe", sum(shares.values()) + credit),)
    )
    amount = sum(shares.values()) + credit if amount is None else amount
    return History(
        provider="stripe",
        payment_id="pi_1",
        currency="EUR",
        amount=amount,
        received=received,
        movements=tuple(movements),
    )


@pytest.mark.parametrize(
    ("amount", "named", "tolerance", "shares", "recovered", "credit"),
    [
        (50, (), 0, {"I1": 50}, {}, 0),
        (150, (), 0, {"I1": 100, "I2": 50}, {}, 0),
        (150, ("I2",), 0, {"I2": 100, "I1": 50}, {}, 0),
        (230, (), 0, {"I1": 100, "I2": 100}, {"I0": 30}, 0),
        (245, (), 0, {"I1": 100, "I2": 100}, {"I0": 40}, 5),
        (242, (), 2, {"I1": 100, "I2": 100}, {"I0": 40}, 0),
        (243, (), 2, {"I1": 100, "I2": 100}, {"I0": 40}, 3),
    ],
)
def test_money_settles_what_is_named_then_the_oldest_then_what_was_given_up(
    amount, named, tolerance, shares, recovered, credit
):
    seen = position(owed("I1", 100), owed("I2", 100, day=2), I0=Aftermath(written_off=40, gross=100))
    effect = paid(seen, eur(amount), "stripe", named=named, tolerance=tolerance)
    assert (effect.shares, effect.recovered, effect.credit) == (shares, recovered, credit)
    assert effect.postings()
    after(seen, effect)


@pytest.mark.parametrize(
    ("history", "seen", "amount", "uses", "shares", "credit", "claim"),
    [
        (payment({"I1": 100}), position(owed("I1", 0)), 40, {}, {"I1": -40}, 0, 0),
        (payment({"I1": 100}, 50), position(owed("I1", 0), credit=50), 50, {}, {}, -50, 0),
        (payment({"I1": 100}, 50), position(owed("I1", 0), credit=50), 80, {}, {"I1": -30}, -50, 0),
        (payment({"I1": 60, "I2": 40}), position(owed("I1", 0), owed("I2", 0)), 50, {}, {"I2": -40, "I1": -10}, 0, 0),
        (payment({"I1": 100}), position(owed("I1", 0)), 130, {}, {"I1": -100}, 0, 30),
    ],
    ids=["part", "its own credit", "credit first", "the last share first", "more than it has"],
)
def test_money_that_goes_back(history, seen, amount, uses, shares, credit, claim):
    (effect,) = taken(seen, history, amount, CreditUses(uses))
    assert (dict(effect.shares), effect.credit) == (shares, credit)
    assert dict(effect.ledger).get("dispute_clearing", 0) == claim
    assert after(seen, effect).balance.minor == seen.balance.minor + amount - claim


def test_credit_that_was_used_is_put_back_from_its_newest_use():
    seen = position(owed("I1", 0), owed("I2", 0), owed("I3", 0), credit=10)
    undone, effect = taken(seen, payment({"I1": 100}, 50), 50, CreditUses({"I2": 25, "I3": 15}))
    assert (dict(undone.shares), undone.credit) == ({"I3": -15, "I2": -25}, 40)
    assert (dict(effect.shares), effect.credit) == ({}, -50)
    now = after(seen, undone, effect)
    assert (now.open["I3"].reopened, now.aftermath["I3"].reopened, now.credit.minor) == (1, 1, 0)


def test_money_that_comes_back_settles_what_is_owed_again_and_is_credit_otherwise():
    back = Booked(
        kind="chargeback",
        name="dp_1",
        amount=100,
        effect=Effect(currency="EUR", shares={"I1": -100}, ledger=(("cash:stripe", -100),)),
    )
    effect = returned(position(owed("I1", 70)), payment({"I1": 100}, 0, back), 100)
    assert (dict(effect.shares), effect.credit) == ({"I1": 70}, 30)


def test_credit_pays_the_oldest_but_nothing_disputed():
    seen = position(owed("I1", 100, disputed=eur(60)), owed("I2", 100, day=2), credit=60)
    assert dict(credit_used(seen).shares) == {"I1": 40, "I2": 20}
    assert credit_used(position(owed("I1", 100))) is None


@pytest.mark.parametrize(("remaining", "ends"), [(2, True), (3, False), (100, False)])
def test_a_small_remainder_of_a_paid_invoice_is_let_go(remaining, ends):
    found = tolerated(position(owed("I1", remaining)), {"I1": 2})
    assert (found is not None) == ends


def test_a_debt_given_up_and_taken_up_again_is_owed_as_before():
    seen = position(owed("I1", 70))
    gone = after(seen, written_off(seen, "I1"))
    assert (gone.balance.minor, gone.of("I1").ended) == (0, "uncollectible")
    back = after(gone, reinstated(gone, "I1"))
    assert (back.balance.minor, back.of("I1").ended, back.open["I1"].reopened) == (70, None, 1)


@pytest.mark.parametrize(
    ("remaining", "given_up", "share", "recovered", "credit"),
    [(100, 0, 100, 0, 0), (30, 0, 30, 0, 70), (0, 60, 0, 60, 40), (0, 0, 0, 0, 100)],
)
def test_a_credit_note_lowers_what_is_owed_then_what_was_given_up_then_is_credit(
    remaining, given_up, share, recovered, credit
):
    seen = position(owed("I1", remaining), I1=Aftermath(written_off=given_up, gross=100))
    effect = credited(seen, "I1", 84, 16, ("revenue", "vat"))
    assert (effect.shares.get("I1", 0), effect.recovered.get("I1", 0), effect.credit) == (share, recovered, credit)
    assert after(seen, effect).of("I1").ended == "void"


@pytest.mark.parametrize(
    "wanted", [{"I1": 101}, {"I1": 60, "I2": 60}, {"I3": 10}, {"I1": -1}], ids=["owed", "paid", "unknown", "negative"]
)
def test_a_person_cannot_allocate_what_is_not_there(wanted):
    with pytest.raises(ValueError, match="allocations"):
        reallocated(position(owed("I1", 0), owed("I2", 100)), payment({"I1": 100}), wanted)


def test_an_effect_that_takes_more_than_there_is_is_a_fault_of_ours():
    with pytest.raises(ValueError, match="cannot remain"):
        after(position(owed("I1", 10)), Effect(currency="EUR", shares={"I1": 11}))
    with pytest.raises(ValueError, match="more than there is"):
        after(position(credit=5), Effect(currency="EUR", credit=-6))
