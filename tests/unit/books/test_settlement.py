"""When a debt is settled: a quittance is given for what was paid, and for nothing else."""

import pytest

from quittance.domain.settlement import settlement
from tests.unit.books.samples import charged_back, issued, moment, paid, written_off

INVOICE = issued("I1", "2026-09-01", 10000, due="2026-10-01")
OTHER = issued("I2", "2026-09-01", 5000, due="2026-10-01")


@pytest.mark.parametrize(
    ("entries", "times", "settled_at", "references"),
    [
        ([paid("P1", "2026-09-10", I1=10000)], 1, "2026-09-10T12:00", ["P1"]),
        ([paid("P1", "2026-09-10", I1=4000), paid("P2", "2026-09-11", I1=6000)], 1, "2026-09-11T12:00", ["P1", "P2"]),
        ([paid("P1", "2026-09-10", I1=10000, I2=5000)], 1, "2026-09-10T12:00", ["P1"]),
        (
            [
                paid("P1", "2026-09-10", I1=10000),
                charged_back("D1", "2026-09-12", I1=10000),
                paid("P2", "2026-09-20", I1=10000),
            ],
            2,
            "2026-09-20T12:00",
            ["P1", "D1", "P2"],
        ),
        (
            [
                paid("P1", "2026-09-10", I1=4000),
                written_off("I1", "2026-09-12", 6000),
                paid("P2", "2026-09-20", credit=0, recovered={"I1": 6000}),
            ],
            1,
            "2026-09-20T12:00",
            ["P1", "P2"],
        ),
    ],
    ids=["at once", "in parts", "with another invoice", "taken back and paid again", "given up and recovered"],
)
def test_a_settled_debt(entries, times, settled_at, references):
    found = settlement("I1", [OTHER, *reversed(entries), INVOICE])
    assert found is not None
    assert (found.times, found.settled_at) == (times, moment(settled_at))
    assert [share.reference for share in found.shares] == references
    assert sum(share.amount.minor for share in found.shares) == 10000


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [paid("P1", "2026-09-10", I1=9999)],
        [paid("P1", "2026-09-10", I2=5000)],
        [paid("P1", "2026-09-10", I1=10000), charged_back("D1", "2026-09-12", I1=10000)],
        [written_off("I1", "2026-09-12", 10000)],
        [paid("P1", "2026-09-10", I1=9000), written_off("I1", "2026-09-12", 1000)],
    ],
    ids=["nothing paid", "a cent is missing", "another invoice", "taken back", "given up", "the rest given up"],
)
def test_no_quittance_for_what_is_not_paid(entries):
    assert settlement("I1", [INVOICE, OTHER, *entries]) is None


def test_an_unknown_invoice_is_not_settled():
    assert settlement("I9", [INVOICE]) is None
