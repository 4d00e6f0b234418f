"""What can be seen of an account at a moment: the one mapping that the API, scenarios and simulations show."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from quittance.domain.account import AccountFile, OpenInvoice
from quittance.domain.money import Money
from quittance.domain.ticket import Ticket
from quittance.domain.ticket_clocks import clocks


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """An invoice's figures as issued; a draft that is not priced yet has none. `ended` is void or uncollectible."""

    id: str
    number: str | None = None
    net: Money | None = None
    vat: Money | None = None
    gross: Money | None = None
    due: date | None = None
    ended: str | None = None


def observe(
    file: AccountFile, bills: Iterable[Bill], tickets: Iterable[Ticket], now: datetime, zone: ZoneInfo
) -> dict[str, Any]:
    """Return what is seen of an account at `now`: amounts as decimal strings, moments in `zone` (the partner's).

    A draft that has no figures yet is not seen. Overdue is reckoned at `now`, everything else is what is recorded.
    """
    owed = [invoice.due for invoice in file.open.values() if invoice.remaining.minor > 0]
    return {
        "at": now.astimezone(zone).isoformat(),
        "account": file.profile.id,
        "currency": file.profile.currency,
        "balance": str(file.balance),
        "overdue": str(file.overdue(now)),
        "credit": str(file.credit),
        "oldest_due": min(owed).isoformat() if owed else None,
        "stage": file.stage,
        "access": {one.id: one.access for one in sorted(file.subscriptions, key=lambda one: one.id)},
        "holds": sorted(file.held_for),
        **_drift(file),
        "notices": _notices(file, zone),
        "invoices": {bill.id: _bill(bill, file.open.get(bill.id)) for bill in bills if bill.gross is not None},
        "tickets": {ticket.id: _ticket(ticket, now, zone) for ticket in tickets},
    }


def _drift(file: AccountFile) -> dict[str, dict[str, list[str]]]:
    """Return what the vendor has otherwise than we left it; nothing is said where nothing is."""
    drift = {one.id: list(one.drift) for one in file.subscriptions if one.drift}
    return {"drift": drift} if drift else {}


def _notices(file: AccountFile, zone: ZoneInfo) -> list[dict[str, str]]:
    sent = [(notice.sent_at, notice.kind) for notice in file.notices if notice.sent_at is not None]
    return [{"kind": kind, "sent_at": at.astimezone(zone).isoformat()} for at, kind in sorted(sent)]


def _bill(bill: Bill, owed: OpenInvoice | None) -> dict[str, str | None]:
    """An issued invoice that nothing is recorded of as owed has been settled."""
    left = bill.gross if bill.number is None else owed.remaining if owed else None
    zero = Money.zero(bill.gross.currency) if bill.gross else None
    return {
        "number": bill.number,
        "status": _status(bill, left),
        "net": _text(bill.net),
        "vat": _text(bill.vat),
        "gross": _text(bill.gross),
        "remaining": _text(left if left is not None else zero),
        "due": bill.due.isoformat() if bill.due else None,
    }


def _status(bill: Bill, left: Money | None) -> str:
    if bill.number is None:
        return "draft"
    if bill.ended:
        return bill.ended
    return "open" if left else "paid"


def _text(amount: Money | None) -> str | None:
    return None if amount is None else str(amount)


def _ticket(ticket: Ticket, now: datetime, zone: ZoneInfo) -> dict[str, Any]:
    found = clocks(ticket, now)
    dues = {
        "first_response_due": found.first_response_due,
        "update_due": found.update_due,
        "solution_due": found.solution_due,
    }
    return {
        "status": ticket.status(now),
        **{name: due.astimezone(zone).isoformat() if due else None for name, due in dues.items()},
        "vehicle": ticket.vehicle,
        "breached": list(found.breached),
    }
