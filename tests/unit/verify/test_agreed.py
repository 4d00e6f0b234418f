"""Holds and disputes are held against access and against what may be collected."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.verify.agreed import check
from infra.local.verify.table import Record, Table
from quittance.domain.measures import dispute, hold, release
from tests.unit.collections.books import at, book, invoice
from tests.unit.collections.test_measures import line

PK = "P#acme#A#contoso"
NOW = at("2026-12-01T10:00")
FILE = book(invoice("I1", "2026-11-08"))
HELD = hold(FILE, {"reason": "fraud"}, now=NOW, author="desk")
DISPUTED = dispute(FILE, "I1", {}, (line("249.95"),), now=NOW, author="desk")


def found(
    fact: Any, kind: str, *, reasons: tuple[str, ...] = (), disputed: int = 0, last: str = "10:00:00"
) -> list[str]:
    head: dict[str, Any] = {"assessed_at": f"2026-12-01T{last}Z"}
    head |= {"open": {"I1": {"remaining": 29744, "disputed": disputed}}}
    records = [
        Record(PK, "C#HEAD", "head", head),
        Record(PK, "C#SUB#sub-1", "subscription", {"reasons": list(reasons)}),
        Record(PK, f"C#{kind.upper()}#x", kind, {"state": fact.state, "body": fact.to_mapping()}),
    ]
    return [one.rule for one in check(Table(records))]


HOLD_RULE, DISPUTE_RULE = "a hold withholds all access until it is released", "an open dispute's amount does not age"


@pytest.mark.parametrize(
    ("released", "reasons", "last", "rules"),
    [
        (False, ("fraud",), "10:00:00", []),
        (False, ("fraud", "nonpayment"), "10:00:00", []),
        (False, (), "10:00:00", [HOLD_RULE]),
        (False, (), "09:00:00", []),  # its assessment is on the way
        (True, ("fraud",), "10:00:00", [HOLD_RULE]),
        (True, (), "10:00:00", []),
    ],
)
def test_holds_are_on_all_access_and_no_longer(released: bool, reasons: Any, last: str, rules: list[str]) -> None:
    fact = release(book(holds=(HELD,)), "fraud", now=NOW, author="desk") if released else HELD
    assert found(fact, "hold", reasons=reasons, last=last) == rules


@pytest.mark.parametrize(("disputed", "rules"), [(29744, []), (0, [DISPUTE_RULE]), (100, [DISPUTE_RULE])])
def test_an_open_dispute_is_out_of_collecting(disputed: int, rules: list[str]) -> None:
    assert found(DISPUTED, "dispute", disputed=disputed) == rules
