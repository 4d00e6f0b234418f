"""Bringing a ticket on: triage it, hand it over to the vendor when that was asked for, watch its clocks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from quittance.domain.account import AccountFile
from quittance.domain.errors import Conflict, NotFound, Rejected
from quittance.domain.handover import hand_over
from quittance.domain.partner import Entitlement, Partner
from quittance.domain.ticket import Ticket
from quittance.domain.ticket_clocks import newly_missed
from quittance.domain.triage import triage
from quittance.domain.vehicle import Chosen, NoVehicle, choose
from quittance.store import keys

LANE = "ticket"
_TRIES = 3


class Tickets(Protocol):
    """Where tickets and the use of entitlements are kept (store.tickets)."""

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
        """Write the ticket as version + 1, taking an incident; Conflict when either was too late."""
        ...

    def used_incidents(self, partner: str, entitlements: Sequence[Entitlement]) -> dict[str, int]:
        """Return how many incidents of each entitlement's id are used."""
        ...


class Book(Protocol):
    """Who the partner is (store.partners)."""

    def read_partner(self, partner: str) -> Partner:
        """Return the partner."""
        ...


class Accounts(Protocol):
    """What is known of the account (store.accounts)."""

    def load(self, partner: str, account: str) -> AccountFile:
        """Return the account's facts."""
        ...


class Due(Protocol):
    """Reads the due index (store.due)."""

    def pages(self, lane: str, shard: int, until: datetime) -> Iterable[list[keys.Key]]:
        """Yield pages of keys that are due in a shard up to a moment."""
        ...


def work(
    partner: str, account: str, name: str, *, now: datetime, tickets: Tickets, book: Book, accounts: Accounts
) -> str:
    """Bring a ticket on by what it waits for; return what was done: triaged, escalated, blocked or nothing.

    May be told any number of times: a step that was made is not made again, and an incident is counted in the same
    transaction as the escalation that uses it.
    """
    for attempt in range(1, _TRIES + 1):
        ticket, version = tickets.read_ticket(partner, account, name)
        changed, taken = _next(partner, account, ticket, now, tickets, book, accounts)
        if changed is ticket:
            return "nothing"
        try:
            tickets.write_ticket(partner, account, changed, version, now, takes=taken)
        except Conflict:
            if attempt == _TRIES:
                raise
        else:
            return changed.events[-1].kind
    raise AssertionError  # the loop returns or raises


def _next(
    partner: str,
    account: str,
    ticket: Ticket,
    now: datetime,
    tickets: Tickets,
    book: Book,
    accounts: Accounts,
) -> tuple[Ticket, Entitlement | None]:
    if ticket.last("triaged") and not ticket.escalation_wanted:
        return ticket, None
    who = book.read_partner(partner)
    found = triage(service=ticket.service, kind=ticket.kind, cloud=who.cloud)
    triaged = ticket.record_triage(found.as_mapping(), at=now)
    if not ticket.escalation_wanted:
        return triaged, None
    chosen = _vehicle(partner, ticket, who, now, tickets)
    if isinstance(chosen, NoVehicle):
        return triaged.block_escalation(reason=chosen.reason, options=chosen.options, at=now), None
    file = accounts.load(partner, account)
    try:
        package = hand_over(
            triaged,
            who,
            vehicle=chosen.vehicle,
            where=found.where,
            vendor_customer=file.profile.vendor_customer,
            subscriptions=file.subscriptions,
        )
    except Rejected as gap:
        return triaged.block_escalation(
            reason=gap.message, options=["add what is missing and escalate again"], at=now
        ), None
    entitlement = chosen.entitlement.id if chosen.entitlement else None
    escalated = triaged.escalate(handover=package, vehicle=chosen.vehicle, entitlement=entitlement, at=now)
    return escalated, chosen.entitlement


def _vehicle(partner: str, ticket: Ticket, who: Partner, now: datetime, tickets: Tickets) -> Chosen | NoVehicle:
    """Choose the vehicle; a ticket that was escalated before goes on with what it has, its incident is paid for."""
    if ticket.vehicle:
        return Chosen(ticket.vehicle)
    return choose(
        service=ticket.service,
        kind=ticket.kind,
        cloud=who.cloud,
        entitlements=who.entitlements,
        used=tickets.used_incidents(partner, who.entitlements),
        today=now.astimezone(who.zone).date(),
    )


Alert = Callable[[str, str, Sequence[str]], None]


def watch_clocks(*, now: datetime, until: datetime, due: Due, tickets: Tickets, alert: Alert) -> int:
    """Record what the tickets due by `until` have missed, once each, and raise the alarm; return how many were due."""
    looked = 0
    for key in _due_keys(due, until):
        looked += 1
        partner, account = keys.owner(key.pk)
        name = key.sk.removeprefix("TKT#")
        if account and (missed := _record(partner, account, name, now, tickets)):
            alert(partner, name, missed)
    return looked


def _due_keys(due: Due, until: datetime) -> Iterator[keys.Key]:
    for shard in range(keys.SHARDS):
        for page in due.pages(LANE, shard, until):
            yield from page


def _record(partner: str, account: str, name: str, now: datetime, tickets: Tickets) -> tuple[str, ...]:
    try:
        ticket, version = tickets.read_ticket(partner, account, name)
        missed = newly_missed(ticket, now)
        if missed:
            tickets.write_ticket(partner, account, ticket.record_breach(missed, at=now), version, now)
    except (Conflict, NotFound):  # whoever wrote it meanwhile gave it its next moment; the next round sees it
        return ()
    return missed
