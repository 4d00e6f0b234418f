"""Agreeing: what is accepted as a promise, a pause, a hold or a dispute, and what is refused with its reason."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from quittance.domain import measures
from quittance.domain.effect import after, position_of
from quittance.domain.errors import Conflict, NotFound, QuittanceError, Rejected
from quittance.domain.forbearance import Dispute, Hold, Pause, Promise
from quittance.domain.invoice import InvoiceLine, build_invoice
from quittance.domain.money import Money
from quittance.domain.movement import credited
from quittance.domain.policy import PolicyRef, PromiseTerms
from quittance.domain.vat import Treatment
from tests.unit.collections.books import at, book, eur, invoice, policy

NOW = at("2026-11-24T10:00")
I1 = invoice("I1", "2026-11-08")
FILE = book(I1, invoice("I2", "2026-12-24", "100.00"))


def promised(file: Any = FILE, **request: Any) -> Promise:
    return measures.promise(file, request, now=NOW, author="desk")


def test_a_promise_takes_the_terms_of_the_policy_that_governs() -> None:
    rules = replace(policy(), promise=PromiseTerms(stops="suspension", restores=True))
    made = promised(book(I1, policies=(rules,)), amount="297.44", until="2026-12-15")
    assert (made.stops, made.restores, made.owed, made.invoices) == ("suspension", True, eur("297.44"), ("I1",))
    assert [(str(part.due), part.amount) for part in made.instalments] == [("2026-12-15", eur("297.44"))]


def test_a_moment_stands_for_its_day_where_the_account_is() -> None:
    assert str(promised(amount="1.00", until="2026-12-15T23:30:00Z").until) == "2026-12-16"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        ({"until": "2026-12-15"}, "amount"),
        ({"amount": "10.00"}, "until"),
        ({"amount": "0.00", "until": "2026-12-15"}, "amount"),
        ({"amount": "-1.00", "until": "2026-12-15"}, "amount"),
        ({"amount": "397.45", "until": "2026-12-15"}, "amount"),  # more than is owed
        ({"amount": "10.00", "until": "2026-11-23"}, "until"),  # past
        ({"amount": "10.00", "until": "soon"}, "until"),
        ({"amount": 10, "until": "2026-12-15"}, "amount"),
        ({"amount": "10.00", "until": "2026-12-15", "when": "later"}, "when"),
        (
            {"amount": "10.00", "until": "2026-12-15", "instalments": [{"due": "2026-12-15", "amount": "9.00"}]},
            "instalments",
        ),
        (
            {"amount": "10.00", "until": "2026-12-15", "instalments": [{"due": "2026-12-14", "amount": "10.00"}]},
            "instalments",
        ),
        (
            {
                "amount": "10.00",
                "until": "2026-12-15",
                "instalments": [{"due": "2026-12-15", "amount": "5.00"}, {"due": "2026-12-15", "amount": "5.00"}],
            },
            "instalments",
        ),
        (
            {"amount": "10.00", "until": "2026-12-15", "instalments": [{"due": "2026-12-15", "amount": "0.00"}]},
            "instalments[0].amount",
        ),
    ],
)
def test_a_promise_that_cannot_be_kept_is_refused(request_: Any, field: str) -> None:
    with pytest.raises(Rejected) as refused:
        promised(**request_)
    assert refused.value.field == field


def test_a_promise_for_today_is_taken_and_one_too_far_off_is_not() -> None:
    assert promised(amount="10.00", until="2026-11-24").state == "open"
    rules = replace(policy(), promise=PromiseTerms(longest_days=14))
    assert promised(book(I1, policies=(rules,)), amount="10.00", until="2026-12-08")
    with pytest.raises(Rejected, match="14 days"):
        promised(book(I1, policies=(rules,)), amount="10.00", until="2026-12-09")


def test_one_promise_at_a_time_and_the_same_one_twice() -> None:
    first = promised(id="A", amount="10.00", until="2026-12-15")
    file = measures.recorded(FILE, first)
    assert promised(file, id="A", amount="10.00", until="2026-12-15") is first
    with pytest.raises(Conflict, match="another promise 'A'"):
        promised(file, id="A", amount="11.00", until="2026-12-15")
    with pytest.raises(Conflict, match="stands already"):
        promised(file, id="B", amount="10.00", until="2026-12-15")
    withdrawn = measures.withdraw(file, "A", now=NOW)
    assert (withdrawn.state, withdrawn.ended_at) == ("withdrawn", NOW)
    file = measures.recorded(file, withdrawn)
    assert measures.withdraw(file, "A", now=NOW) == withdrawn
    assert promised(file, id="B", amount="10.00", until="2026-12-15").id == "B"


def test_what_was_kept_cannot_be_withdrawn() -> None:
    kept = replace(promised(id="A", amount="10.00", until="2026-12-15"), state="kept")
    with pytest.raises(Conflict, match="kept"):
        measures.withdraw(measures.recorded(FILE, kept), "A", now=NOW)
    with pytest.raises(NotFound):
        measures.withdraw(FILE, "A", now=NOW)


def test_nothing_owed_nothing_promised() -> None:
    with pytest.raises(Rejected, match="owed"):
        promised(book(), amount="1.00", until="2026-12-15")


def paused(file: Any = FILE, **request: Any) -> tuple[Pause, ...]:
    return measures.pause(file, request, now=NOW, author="desk")


@pytest.mark.parametrize(
    ("until", "ends"),
    [
        (None, None),
        ("2026-12-01", "2026-12-01T00:00"),
        ("2026-12-01T08:00:00+01:00", "2026-12-01T08:00"),
        ("2027-03-28", "2027-03-28T00:00"),
    ],
)
def test_a_pause_ends_where_the_account_is(until: Any, ends: Any) -> None:
    (one,) = paused(reason="talks", until=until)
    assert one.until == (at(ends) if ends else None)


def test_a_new_pause_ends_the_one_before() -> None:
    (first,) = paused(id="A", reason="talks")
    file = measures.recorded(FILE, first)
    ended, second = paused(file, id="B", reason="holidays", until="2026-12-01")
    assert (ended.id, ended.ended_at, second.id) == ("A", NOW, "B")
    assert paused(file, id="A", reason="talks") == (first,)
    with pytest.raises(Conflict):
        paused(file, id="A", reason="other talks")
    assert [one.ended_by for one in measures.unpause(file, now=NOW, author="boss")] == ["boss"]
    assert measures.unpause(FILE, now=NOW, author="boss") == ()


@pytest.mark.parametrize(
    "request_",
    [{}, {"reason": " "}, {"reason": "x", "until": "2026-11-24T09:00:00Z"}, {"reason": "x", "until": "2026-11-24"}],
)
def test_a_pause_without_a_reason_or_a_time_is_refused(request_: Any) -> None:
    with pytest.raises(Rejected):
        paused(**request_)


def test_a_hold_is_one_a_reason_and_released_alone() -> None:
    fraud = measures.hold(FILE, {"reason": "fraud"}, now=NOW, author="desk")
    file = measures.recorded(FILE, fraud, measures.hold(FILE, {"reason": "administrative"}, now=NOW, author="desk"))
    assert measures.hold(file, {"reason": "fraud"}, now=NOW, author="other") == fraud
    assert file.held_for == {"fraud", "administrative"}
    file = measures.recorded(file, measures.release(file, "fraud", now=NOW, author="boss"))
    assert file.held_for == {"administrative"}
    with pytest.raises(NotFound):
        measures.release(file, "fraud", now=NOW, author="boss")
    with pytest.raises(Rejected):
        measures.hold(FILE, {"reason": "mood"}, now=NOW, author="desk")


NORMAL, REDUCED = Treatment("S", Decimal(19)), Treatment("S", Decimal(7))


def line(net: str, vat: Treatment = NORMAL) -> InvoiceLine:
    return InvoiceLine(text="x", quantity=Decimal(1), unit_price=Decimal(1), net=eur(net), vat=vat, charges={})


def issued(*lines: InvoiceLine) -> Money:
    day = I1.issued
    ref = PolicyRef("standard", 1)
    return build_invoice(id="I", issued=day, due=day, period=None, currency="EUR", policy=ref, lines=lines).gross


@pytest.mark.parametrize(
    ("lines", "chosen", "amount"),
    [
        ((line("249.95"), line("100.00")), (2,), "119.00"),
        ((line("249.95"), line("100.00")), None, "416.44"),
        ((line("249.95"), line("100.00", REDUCED)), (2,), "107.00"),
        ((line("0.03"), line("0.03"), line("0.03")), (1,), "0.04"),  # of 0.11; the rest would be an invoice over 0.07
        ((line("100.00"), line("-40.00")), (1,), "119.00"),
    ],
)
def test_disputed_lines_come_with_their_vat(lines: Any, chosen: Any, amount: str) -> None:
    gross = issued(*lines)
    assert str(measures.disputed_amount(lines, chosen, gross)) == amount
    rest = [one for i, one in enumerate(lines, start=1) if chosen and i not in chosen]
    if rest:
        assert measures.disputed_amount(lines, chosen, gross) + issued(*rest) == gross


def disputed(file: Any = FILE, name: str = "I1", **request: Any) -> Dispute:
    lines = (line("149.95"), line("100.00"))
    return measures.dispute(file, name, request, lines, now=NOW, author="desk")


@pytest.mark.parametrize(
    ("request_", "name"),
    [
        ({"lines": []}, "I1"),
        ({"lines": [0]}, "I1"),
        ({"lines": [3]}, "I1"),
        ({"lines": [1, 1]}, "I1"),
        ({"lines": ["1"]}, "I1"),
        ({"lines": [True]}, "I1"),
        ({"line": 1}, "I1"),
        ({}, "I9"),
    ],
)
def test_a_dispute_names_lines_that_are_there_and_owed(request_: Any, name: str) -> None:
    with pytest.raises(Rejected):
        disputed(FILE, name, **request_)


def test_a_dispute_is_opened_once_and_closed_once() -> None:
    first = disputed(lines=[2])
    file = measures.recorded(FILE, first)
    assert file.open["I1"].disputed == eur("119.00")
    assert disputed(file, lines=[2]) is first
    with pytest.raises(Conflict):
        disputed(file)
    closed = measures.close_dispute(file, "I1", {"outcome": "rejected"}, now=NOW, author="boss")
    after = measures.recorded(file, closed)
    assert after.open["I1"].disputed is None
    assert measures.close_dispute(after, "I1", {"outcome": "rejected"}, now=NOW, author="boss") == closed
    with pytest.raises(Conflict):
        measures.close_dispute(after, "I1", {"outcome": "upheld"}, now=NOW, author="boss")
    with pytest.raises(NotFound):
        measures.close_dispute(FILE, "I1", {"outcome": "upheld"}, now=NOW, author="boss")


def test_what_is_upheld_stays_out_of_collecting_until_it_is_credited() -> None:
    file = measures.recorded(FILE, disputed())
    after = measures.recorded(file, measures.close_dispute(file, "I1", {"outcome": "upheld"}, now=NOW, author="boss"))
    assert after.open["I1"].collectable == eur("0.00")
    with pytest.raises(Conflict, match="upheld"):
        disputed(after, lines=[1])


@pytest.mark.parametrize(
    ("disputed_", "amount", "remaining", "collectable"),
    [
        ("119.00", "119.00", "178.44", "178.44"),
        ("119.00", "100.00", "197.44", "178.44"),
        ("119.00", "150.00", "147.44", "147.44"),
        (None, "119.00", "178.44", "178.44"),
    ],
)
def test_a_credit_note_settles_what_was_disputed_first(
    disputed_: str | None, amount: str, remaining: str, collectable: str
) -> None:
    owed = replace(FILE, open={"I1": invoice("I1", "2026-11-08", disputed=disputed_)})
    note = credited(position_of(owed), "I1", eur(amount).minor, 0, ("revenue", "vat"))
    left = after(position_of(owed), note).open["I1"]
    assert (str(left.remaining), str(left.collectable)) == (remaining, collectable)


@pytest.mark.parametrize(
    ("lines", "left", "asked"),
    [
        (None, "297.44", {"amount": "297.44"}),
        ([2], "119.00", {"of_lines": [2]}),
        ([2], "100.00", {"amount": "100.00"}),  # somebody credited part of it by hand
        ([2], None, None),  # or all of it
    ],
)
def test_an_upheld_dispute_is_credited_once_and_as_far_as_nobody_did(lines: Any, left: str | None, asked: Any) -> None:
    made = disputed(**({"lines": lines} if lines else {}), reason="never came")
    file = measures.recorded(FILE, made)
    file = replace(file, open={"I1": replace(file.open["I1"], disputed=eur(left) if left else None)})
    found = measures.credit_request(file, made)
    assert found == (asked | {"reason": "never came"} if asked else None)


def test_what_was_credited_may_be_followed_by_another_dispute() -> None:
    file = measures.recorded(FILE, disputed(lines=[2]))
    file = measures.recorded(file, measures.close_dispute(file, "I1", {"outcome": "upheld"}, now=NOW, author="boss"))
    credited_ = replace(file, open={"I1": replace(file.open["I1"], disputed=None)})
    assert disputed(credited_, lines=[1]).lines == (1,)


@pytest.mark.parametrize("kind", [Promise, Pause, Hold, Dispute])
def test_facts_read_back_as_they_were_written(kind: Any) -> None:
    made: Any = {
        Promise: promised(amount="10.00", until="2026-12-15"),
        Pause: paused(reason="talks", until="2026-12-01")[0],
        Hold: measures.hold(FILE, {"reason": "fraud", "note": "n"}, now=NOW, author="desk"),
        Dispute: disputed(lines=[2], reason="never came"),
    }[kind]
    assert kind.from_mapping(made.to_mapping()) == made


def test_whatever_is_refused_is_told_by_its_class() -> None:
    with pytest.raises(QuittanceError):
        measures.promise(FILE, ["no object"], now=NOW, author="desk")
