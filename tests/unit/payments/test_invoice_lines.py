"""Lines of an invoice as debts of their own: what each comes to, what a payment that names some of them does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quittance.domain.invoice_lines import (
    Line,
    following,
    lines_of,
    numbers,
    paid,
    shown,
    spread,
    unpaid_products,
)

LINES = (Line(1000, "P1"), Line(500, "P2"), Line(500, "P1"))
SIZES = st.lists(st.integers(0, 10**6), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1,3", (1, 3)), ("3, 1,3", (1, 3)), ("2", (2,)), (None, ()), ("", ()), ("1;2", ()), ("-1", ()), ("a", ())],
)
def test_a_payment_names_lines_by_their_numbers(text, expected):
    assert numbers(text) == expected


def test_a_lines_gross_has_its_part_of_the_vat_of_its_rate():
    rate = {"vat_category": "S", "vat_percent": "19"}
    rows = [{"net": 1003, **rate, "product": "P1"}] * 3 + [{"net": 50, "vat_category": "Z", "vat_percent": "0"}]
    vat = [{"category": "S", "percent": "19", "vat": 572}, {"category": "Z", "percent": "0", "vat": 0}]
    found = lines_of({"lines": rows, "vat": vat}, "EUR")
    assert [line.gross for line in found] == [1194, 1194, 1193, 50]
    assert found[0].product == "P1"


@pytest.mark.parametrize(
    ("nets", "expected"),
    [
        ([("P1", 252), ("P2", 196), ("P1", -185), ("P1", 207)], [67, 196, 0, 207]),
        ([("P1", 100), ("P2", 300), ("P1", -150)], [0, 250, 0]),
        ([("P1", 100), ("", -150)], []),
    ],
    ids=["its own product's", "then the largest", "less than nothing"],
)
def test_a_line_below_zero_lessens_the_others(nets, expected):
    rows = [{"product": product, "net": net} for product, net in nets]
    assert [line.gross for line in lines_of({"lines": rows, "vat": []}, "EUR")] == expected


@given(nets=st.lists(st.tuples(st.sampled_from(["P1", "P2"]), st.integers(-500, 5000)), min_size=1, max_size=8))
def test_lines_come_to_the_gross_of_their_invoice(nets):
    net = sum(one for _, one in nets)
    rows = [{"product": product, "net": one, "vat_category": "S", "vat_percent": "19"} for product, one in nets]
    vat = round(net * 0.19)
    found = lines_of({"lines": rows, "vat": [{"category": "S", "percent": "19", "vat": vat}]}, "EUR")
    assert (sum(line.gross for line in found) == net + vat) if net > 0 else (not found or net == 0)
    assert all(line.gross >= 0 for line in found)


@pytest.mark.parametrize(
    ("amount", "chosen", "expected", "still_unpaid"),
    [
        (500, (2,), {2: 500}, {"P1"}),
        (1500, (1, 3), {1: 1000, 3: 500}, {"P2"}),
        (1000, (1,), {1: 1000}, {"P1", "P2"}),
        (700, (2,), {2: 500}, {"P1"}),
        (100, (1, 3), {1: 67, 3: 33}, {"P1", "P2"}),
        (100, (9,), {}, {"P1", "P2"}),
    ],
)
def test_a_product_is_paid_when_all_its_lines_are_paid_by_name(amount, chosen, expected, still_unpaid):
    found = spread(amount, LINES, chosen)
    assert found == expected
    assert unpaid_products(paid(LINES, found)) == still_unpaid


def test_what_names_no_line_is_a_part_of_each():
    assert shown(paid(LINES, {2: 500}), 800) == [200, 500, 100]
    assert shown(LINES, 2000) == [1000, 500, 500]


@given(sizes=SIZES, data=st.data())
def test_shares_are_exact_and_within_their_lines(sizes, data):
    lines = [Line(size) for size in sizes]
    chosen = data.draw(st.sets(st.integers(1, len(lines))))
    amount = data.draw(st.integers(0, sum(sizes) + 10))
    found = spread(amount, lines, chosen)
    assert sum(found.values()) == min(amount, sum(sizes[i - 1] for i in chosen))
    assert all(0 < minor <= sizes[i - 1] and i in chosen for i, minor in found.items())
    settled = data.draw(st.integers(sum(found.values()), max(sum(sizes), sum(found.values()))))
    by_line = shown(paid(lines, found), settled)
    assert sum(by_line) == settled
    assert all(0 <= one <= size for one, size in zip(by_line, sizes, strict=True))


@given(sizes=SIZES, data=st.data())
def test_what_is_taken_back_and_given_again_is_on_the_lines_it_was_on(sizes, data):
    first = {i: size for i, size in enumerate(sizes, start=1) if size}
    held = sum(first.values()) + data.draw(st.integers(0, 100))
    gone = data.draw(st.integers(0, held))
    back = following(-gone, held, first, first)
    left = {i: minor + back.get(i, 0) for i, minor in first.items()}
    assert sum(left.values()) == min(sum(first.values()), held - gone)
    again = following(gone, held - gone, left, first)
    assert {i: minor + again.get(i, 0) for i, minor in left.items()} == first
