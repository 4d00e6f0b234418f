"""What paying late costs: a fee for a notice that was given, and interest on what was overdue.

- A fee belongs to one notice and is owed once it was given (sent, and it did not bounce), whatever becomes of the debt.
- Interest is simple, actual/365, on the overdue remainder from the day after the due date to the day it was paid. It is
  computed when the invoice is settled, and rounded half up once. What was credited was never owed; what was given up
  bears none. An invoice that is owed again (a chargeback) bears interest anew, from the day on which it was.
- Both are damages, not a price: outside the scope of VAT (article 2 of Directive 2006/112/EC; CJEU C-222/81).
- They stand on the next invoice of the account's billing runs, in a ledger account of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from quittance.domain.account import AccountFile, Notice, OpenInvoice
from quittance.domain.money import Money

FEE, INTEREST = "fee", "interest"
_YEAR = 365
_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCharge:
    """A fee or interest that is owed: `id` makes it count once, `number` names the invoice that was late.

    `notice` is the fee's notice, `notice_kind` its kind; `since` and `until` are the first and last day of interest at
    `percent` a year.
    """

    id: str
    kind: str
    amount: Money
    number: str
    notice: str = ""
    notice_kind: str = ""
    percent: str = ""
    since: date | None = None
    until: date | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form, without the id, which is the item's key."""
        days = {"since": self.since, "until": self.until}
        return {
            "kind": self.kind,
            "amount": self.amount.minor,
            "number": self.number,
            "notice": self.notice,
            "notice_kind": self.notice_kind,
            "percent": self.percent,
            **{name: day.isoformat() if day else "" for name, day in days.items()},
        }

    @classmethod
    def from_mapping(cls, name: str, data: Mapping[str, Any], currency: str) -> Self:
        """Read the JSON form back."""
        read: dict[str, Any] = {key: str(data[key]) for key in ("kind", "number", "notice", "notice_kind", "percent")}
        read |= {key: date.fromisoformat(data[key]) if data[key] else None for key in ("since", "until")}
        return cls(id=name, amount=Money(int(data["amount"]), currency), **read)


@dataclass(frozen=True, slots=True)
class Move:
    """What an entry of the books settled of an invoice (negative: owed again), in minor units, and on which day."""

    kind: str
    day: date
    share: int
    given_up: int = 0


def fees_owed(file: AccountFile) -> Iterator[LateCharge]:
    """Yield the fees of notices that were given and are not charged yet."""
    for notice in file.notices:
        if notice.fee and notice.given_at and not notice.charged:
            yield LateCharge(
                id=f"{FEE}.{notice.id}",
                kind=FEE,
                amount=notice.fee,
                number=notice.about,
                notice=notice.id,
                notice_kind=notice.kind,
                since=notice.given_at.astimezone(file.profile.zone).date(),
            )


def bearing(file: AccountFile, today: date) -> Iterator[OpenInvoice]:
    """Yield the invoices that are settled, after their due date, by a policy that asks for interest."""
    for invoice in file.open.values():
        policy = file.policies.get(invoice.policy)
        if invoice.remaining.minor <= 0 and invoice.due < today and policy and policy.interest(file.profile.country):
            yield invoice


def interest(invoice: OpenInvoice, moves: Sequence[Move], percent: Decimal) -> LateCharge | None:
    """Return the interest of an invoice's present opening, which its moves, in the order of booking, settled.

    None where it comes to nothing, or where the rest was given up.
    """
    opening = _opening(invoice, moves)
    if any(move.given_up > 0 for move in opening):
        return None
    begun, days_owed, owed = invoice.due, 0, _principal(invoice, moves)
    since = None
    for move in sorted(opening, key=lambda one: one.day):
        if move.share < 0 and owed <= 0:
            begun = max(move.day, invoice.due)
        upto = max(move.day, begun)
        days_owed += max(owed, 0) * (upto - begun).days
        since = since or (begun if owed > 0 and upto > begun else None)
        begun, owed = upto, owed - move.share
    amount = Money.rounded(Decimal(days_owed) * percent / (_PERCENT * _YEAR) * _unit(invoice), invoice.gross.currency)
    if since is None or amount.minor <= 0:
        return None
    return LateCharge(
        id=f"{INTEREST}.{invoice.id}.{invoice.reopened}",
        kind=INTEREST,
        amount=amount,
        number=invoice.number,
        percent=format(percent, "f"),
        since=since,
        until=begun,
    )


def _unit(invoice: OpenInvoice) -> Decimal:
    """Return what one minor unit is in major units."""
    return Money(1, invoice.gross.currency).decimal


def _principal(invoice: OpenInvoice, moves: Sequence[Move]) -> int:
    """Return what was owed when the present opening began: nothing yet where it came back. Credited is not owed."""
    credited = sum(move.share for move in _since(invoice, moves) if _corrects(move))
    return -credited if invoice.reopened else invoice.gross.minor - credited


def _opening(invoice: OpenInvoice, moves: Sequence[Move]) -> list[Move]:
    return [move for move in _since(invoice, moves) if not _corrects(move)]


def _since(invoice: OpenInvoice, moves: Sequence[Move]) -> Sequence[Move]:
    """Return the moves since the invoice was settled last before."""
    if not invoice.reopened:
        return moves
    owed, begins = invoice.gross.minor, 0
    for place, move in enumerate(moves[:-1], start=1):
        owed -= move.share
        if owed <= 0:
            begins = place
    return moves[begins:]


def _corrects(move: Move) -> bool:
    return move.kind in ("credit_note", "credited")


def told_fee(notice: Notice) -> str:
    """Say in plain words what a notice costs, nothing where it costs nothing."""
    return f"the notice {notice.kind} costs {notice.fee} {notice.fee.currency} once it is given" if notice.fee else ""
