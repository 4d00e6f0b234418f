"""Working on tickets: each verb reads the ticket, gives it one more event and writes it by version."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.errors import Conflict, NotFound
from quittance.domain.names import checked
from quittance.domain.partner import Entitlement, Partner
from quittance.domain.reading import Fields
from quittance.domain.support_plan import SupportPlan
from quittance.domain.ticket import BY, MOST_WORDS, Ticket, open_ticket
from quittance.domain.ticket_clocks import clocks

_TRIES = 3
Change = Callable[[Ticket], Ticket]


class Tickets(Protocol):
    """Where tickets are kept (store.tickets)."""

    def read_ticket(self, partner: str, account: str, ticket: str) -> tuple[Ticket, int]:
        """Return a ticket and its version; NotFound where there is none."""
        ...

    def write_ticket(
        self,
        partner: str,
        account: str,
        ticket: Ticket,
        version: int,
        now: datetime,
        *,
        takes: Entitlement | None = None,
    ) -> None:
        """Write the ticket as version + 1; Conflict when it is not at `version` any more."""
        ...


class Book(Protocol):
    """What a ticket is opened under (store.partners)."""

    def read_partner(self, partner: str) -> Partner:
        """Return the partner."""
        ...

    def read_support_plan(self, partner: str, name: str, currency: str) -> tuple[SupportPlan, str]:
        """Return a published plan and since when."""
        ...


class Accounts(Protocol):
    """The registered accounts (store.registrations)."""

    def read_account(self, partner: str, account: str) -> dict[str, Any] | None:
        """Return an account's definition, None when it is not registered."""
        ...


def open_new(
    partner: str, account: str, definition: object, *, now: datetime, tickets: Tickets, book: Book, accounts: Accounts
) -> tuple[Ticket, bool]:
    """Open a ticket under the account's support plan; return it and whether it is new.

    Opening it again with the same words gives the ticket as it is; with others it is a Conflict.
    """
    stored = accounts.read_account(partner, checked(account, "account"))
    if stored is None:
        raise NotFound(f"there is no account {account!r}")
    currency, named = book.read_partner(partner).currency, stored.get("support_plan")
    plan = book.read_support_plan(partner, named, currency)[0] if named else None
    ticket = open_ticket(definition, plan=plan, currency=currency, at=now)
    try:
        tickets.write_ticket(partner, account, ticket, 0, now)
    except Conflict:
        return _same(tickets.read_ticket(partner, account, ticket.id)[0], ticket), False
    return ticket, True


def _same(stored: Ticket, wanted: Ticket) -> Ticket:
    told, given = ({**one.events[0].data, "plan": None} for one in (stored, wanted))
    if told != given:
        raise Conflict(f"id: ticket {wanted.id!r} exists and says something else; give a new id", field="id")
    return stored


def change(partner: str, account: str, ticket: str, by: Change, *, now: datetime, tickets: Tickets) -> Ticket:
    """Apply a command to a ticket; when somebody else wrote meanwhile it is read and applied again."""
    for attempt in range(1, _TRIES + 1):
        stored, version = tickets.read_ticket(partner, account, ticket)
        changed = by(stored)
        if changed is stored:
            return stored
        try:
            tickets.write_ticket(partner, account, changed, version, now)
        except Conflict:
            if attempt == _TRIES:
                raise
        else:
            return changed
    raise AssertionError  # the loop returns or raises


def command(action: str, body: object, *, now: datetime, key: str | None = None) -> Change:
    """Return the command that an action of the API is, with its body; Rejected names the field at fault."""
    fields = Fields(body)
    made = _COMMANDS[action](fields, now, key)
    fields.done()
    return made


def _reply(fields: Fields, now: datetime, key: str | None) -> Change:
    by, public = fields.choice("by", BY), fields.flag("public", True)
    text, name = fields.text("text", None, most=MOST_WORDS), fields.name("id", key)
    return lambda ticket: ticket.reply(by=by, public=public, text=text, at=now, key=name)


def _diagnosis(fields: Fields, now: datetime, _: str | None) -> Change:
    finding = fields.text("finding", most=MOST_WORDS)
    return lambda ticket: ticket.diagnose(finding=finding, at=now)


def _pending(fields: Fields, now: datetime, _: str | None) -> Change:
    until = fields.moment("until", None)
    return lambda ticket: ticket.wait(until=until, at=now)


def _resume(_: Fields, now: datetime, __: str | None) -> Change:
    return lambda ticket: ticket.resume(at=now)


def _escalation(fields: Fields, now: datetime, _: str | None) -> Change:
    impact = fields.text("business_impact", None, most=MOST_WORDS)
    return lambda ticket: ticket.request_escalation(impact=impact, at=now)


def _vendor_case(fields: Fields, now: datetime, _: str | None) -> Change:
    number = fields.text("number", most=64)
    return lambda ticket: ticket.record_vendor_case(number=number, at=now)


def _close(fields: Fields, now: datetime, _: str | None) -> Change:
    text = fields.text("text", None, most=MOST_WORDS)
    return lambda ticket: ticket.close(text=text, at=now)


def _reopen(_: Fields, now: datetime, __: str | None) -> Change:
    return lambda ticket: ticket.reopen(at=now)


_COMMANDS: dict[str, Callable[[Fields, datetime, str | None], Change]] = {
    "replies": _reply,
    "diagnosis": _diagnosis,
    "pending": _pending,
    "resume": _resume,
    "escalation": _escalation,
    "vendor-case": _vendor_case,
    "close": _close,
    "reopen": _reopen,
}
ACTIONS = tuple(_COMMANDS)


def shown(ticket: Ticket, now: datetime) -> dict[str, Any]:
    """Return a ticket as the API shows it: its state, its clocks, its vendor's side and what happened."""
    found = clocks(ticket, now)
    dues = {
        "first_response_due": found.first_response_due,
        "update_due": found.update_due,
        "solution_due": found.solution_due,
    }
    return {
        **{name: ticket.events[0].data.get(name) for name in ("id", "service", "kind", "severity", "subject")},
        **{name: ticket.events[0].data[name] for name in ("invoice", "lines") if name in ticket.events[0].data},
        "status": ticket.status(now),
        **{name: due.isoformat() if due else None for name, due in dues.items()},
        "breached": list(found.breached),
        "vehicle": ticket.vehicle,
        "vendor": _vendor(ticket, found.vendor_response_due, breached=found.vendor_breached),
        "triage": _data(ticket, "triaged"),
        "diagnosis": ticket.diagnosis,
        "handover": (_data(ticket, "escalated") or {}).get("handover"),
        "blocked": _data(ticket, "escalation_blocked") if not ticket.escalated else None,
        "events": [
            {"kind": event.kind, "at": event.at.isoformat(), **_told(event.data)}
            for event in ticket.events
            if event.kind not in ("triaged", "escalated")
        ],
    }


def _data(ticket: Ticket, kind: str) -> dict[str, Any] | None:
    event = ticket.last(kind)
    return dict(event.data) if event else None


def _told(data: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in data.items()
        if name not in ("id", "plan") and value is not None
    }


def _vendor(ticket: Ticket, due: datetime | None, *, breached: bool) -> dict[str, Any] | None:
    case = ticket.last("vendor_case")
    if case is None:
        return None
    response = due.isoformat() if due else None
    return {"case": case.data["number"], "response_due": response, "breached": breached}
