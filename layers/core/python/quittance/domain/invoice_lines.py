"""The lines of an invoice as debts of their own: what each comes to with VAT, and which of them are paid.

A payment that names lines pays those; any other pays a part of every line, and so pays none of them whole before the
whole invoice is paid. Only what was paid on named lines is therefore kept; the rest is shared when somebody asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from quittance.domain.money import Money, split

_NUMBERS = r"\d{1,4}(?:,\d{1,4}){0,199}"  # compiled when first used: a start must not pay for it


@dataclass(frozen=True, slots=True)
class Line:
    """A line's gross and what was paid on it by name, in minor units; `product` is what a licence line bills."""

    gross: int
    product: str = ""
    paid: int = 0

    @property
    def unpaid(self) -> int:
        """What no payment that named the line has paid."""
        return self.gross - self.paid


Shares = Mapping[int, int]
"""Minor units by a line's number; lines are counted from 1."""


def numbers(text: str | None) -> tuple[int, ...]:
    """Read which lines a payment names, such as `1,3`; none where that is not what the text says."""
    if text is None or not re.fullmatch(_NUMBERS, text.replace(" ", "")):
        return ()
    return tuple(sorted({int(one) for one in text.replace(" ", "").split(",")}))


def lines_of(body: Mapping[str, Any], currency: str) -> tuple[Line, ...]:
    """Return an issued invoice's lines: together they come to its gross, none is below zero.

    A line below zero is nothing to pay: it lessens those of its rate, its own product's first, the largest first. The
    VAT of each rate is shared among its lines by the largest remainder. No lines where a rate comes to less than zero.
    """
    rows = list(body.get("lines", ()))
    nets = [int(row["net"]) for row in rows]
    for i, net in enumerate(nets):
        if net < 0 and not _lessen(nets, rows, i):
            return ()
    vat = [0] * len(rows)
    for tax in body.get("vat", ()):
        places = [i for i, row in enumerate(rows) if _rate(row) == (tax["category"], str(tax["percent"]))]
        weights = [nets[i] for i in places]
        if sum(weights):
            for i, share in zip(places, split(Money(int(tax["vat"]), currency), weights), strict=True):
                vat[i] += share.minor
    return tuple(Line(net + tax, row.get("product", "")) for row, net, tax in zip(rows, nets, vat, strict=True))


def _lessen(nets: list[int], rows: Sequence[Mapping[str, Any]], below: int) -> bool:
    """Take what a line is below zero from others of its rate; tell whether they were enough."""
    rest, nets[below] = -nets[below], 0
    own = rows[below].get("product", "")
    others = [i for i, row in enumerate(rows) if _rate(row) == _rate(rows[below])]
    for i in sorted(others, key=lambda i: (rows[i].get("product", "") != own, -nets[i], i)):
        part = min(rest, max(nets[i], 0))
        nets[i] -= part
        rest -= part
    return rest == 0


def _rate(row: Mapping[str, Any]) -> tuple[str, str]:
    return row.get("vat_category", ""), str(row.get("vat_percent", ""))


def spread(amount: int, lines: Sequence[Line], chosen: Iterable[int]) -> dict[int, int]:
    """Share an amount among the chosen lines by what is unpaid of them, none beyond that; unknown numbers count not."""
    owed = {number: lines[number - 1].unpaid for number in chosen if 0 < number <= len(lines)}
    return shared(amount, owed)


def shared(amount: int, owed: Shares) -> dict[int, int]:
    """Share an amount by weights that none of the shares exceeds, to the cent by the largest remainder."""
    whole = sum(owed.values())
    if whole <= 0 or amount <= 0:
        return {}
    parts = split(Money(min(amount, whole), "EUR"), list(owed.values()))  # any currency: minor units go in and out
    return {number: part.minor for number, part in zip(owed, parts, strict=True) if part.minor}


def paid(lines: Sequence[Line], shares: Shares) -> tuple[Line, ...]:
    """Return the lines after a payment on some of them, or (negative) after it was taken back."""
    return tuple(replace(line, paid=line.paid + shares.get(i, 0)) for i, line in enumerate(lines, start=1))


def unpaid_products(lines: Iterable[Line]) -> frozenset[str]:
    """Return the products of lines that are not paid whole."""
    return frozenset(line.product for line in lines if line.product and line.unpaid > 0)


def shown(lines: Sequence[Line], settled: int) -> list[int]:
    """Return what is paid of each line, where `settled` is what is paid of the invoice: the rest is on all of them."""
    rest = settled - sum(line.paid for line in lines)
    more = shared(rest, {i: line.unpaid for i, line in enumerate(lines, start=1)})
    return [line.paid + more.get(i, 0) for i, line in enumerate(lines, start=1)]


def following(share: int, held: int, lines: Shares, first: Shares) -> dict[int, int]:
    """Return how what a payment holds on lines changes when its share of their invoice does.

    `held` is its share before, `lines` what of that is on lines now, `first` what was when it came. What is taken back
    was not on a line first; what comes back goes to the lines it was on.
    """
    if share > 0:
        return shared(share, {i: most - lines.get(i, 0) for i, most in first.items()})
    too_much = sum(lines.values()) - (held + share)
    return {i: -minor for i, minor in shared(too_much, lines).items()}
