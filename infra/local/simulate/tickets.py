"""Tickets in memory, worked on by the very use cases that the functions run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from infra.local.scenario.book import Book
from infra.local.simulate.state import AccountState
from quittance.domain.account import AccountFile
from quittance.domain.errors import NotFound
from quittance.domain.partner import Entitlement, Partner
from quittance.domain.ticket import Ticket, open_ticket
from quittance.domain.ticket_clocks import newly_missed, next_look
from quittance.usecases import escalate, tickets


class Desk:
    """The partner's support desk: its tickets, and the incidents it has used."""

    def __init__(self, book: Book, accounts: Mapping[str, AccountState]) -> None:
        self._book = book
        self._accounts = accounts
        self._used: Counter[str] = Counter()
        self._tickets: dict[str, tuple[str, Ticket, int]] = {}
        self._due: dict[str, datetime | None] = {}

    def open(self, fields: Mapping[str, Any], now: datetime) -> None:
        """Open a ticket, unless it is there already."""
        account = fields["account"]
        if fields["id"] not in self._tickets:
            plan = self._accounts[account].file.profile.support_plan
            definition = {key: value for key, value in fields.items() if key != "account"}
            ticket = open_ticket(
                definition,
                plan=self._book.plans[plan] if plan else None,
                currency=self._book.partner.currency,
                at=now,
            )
            self.write_ticket(self._book.partner.id, account, ticket, 0, now)
        self._work(fields["id"], now)

    def act(self, action: str, fields: Mapping[str, Any], now: datetime) -> None:
        """Apply an action of the API to a ticket, and what the function does about it then."""
        body = {key: _plain(value) for key, value in fields.items() if key != "ticket"}
        change = tickets.command(action, body, now=now)
        tickets.change(
            self._book.partner.id, self._account(fields["ticket"]), fields["ticket"], change, now=now, tickets=self
        )
        self._work(fields["ticket"], now)

    def knows(self, name: str) -> bool:
        """Tell whether a ticket was opened."""
        return name in self._tickets

    def find(self, name: str) -> tuple[str, Ticket]:
        """Return a ticket and whose it is."""
        account, ticket, _ = self._tickets[name]
        return account, ticket

    def of(self, account: str) -> list[Ticket]:
        """Return an account's tickets."""
        return [ticket for owner, ticket, _ in self._tickets.values() if owner == account]

    def next_due(self) -> datetime | None:
        """Return when a target is missed next."""
        return min((due for due in self._due.values() if due), default=None)

    def watch(self, now: datetime) -> None:
        """Record what was missed by now."""
        for name, due in list(self._due.items()):
            if due and due <= now:
                account, ticket, version = self._tickets[name]
                missed = newly_missed(ticket, now)
                if missed:
                    self.write_ticket("", account, ticket.record_breach(missed, at=now), version, now)
                else:
                    self._due[name] = next_look(ticket, now)

    def _work(self, name: str, now: datetime) -> None:
        partner = self._book.partner.id
        done = ""
        while done != "nothing":
            done = escalate.work(partner, self._account(name), name, now=now, tickets=self, book=self, accounts=self)

    def _account(self, name: str) -> str:
        return self._tickets[name][0]

    # -- what the use cases ask of their stores --------------------------------------------------------------------

    def read_ticket(self, partner: str, account: str, ticket: str) -> tuple[Ticket, int]:
        """Return a ticket and its version."""
        if ticket not in self._tickets:
            raise NotFound(f"there is no ticket {ticket!r}")
        _, found, version = self._tickets[ticket]
        return found, version

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
        """Keep the ticket as version + 1, taking an incident."""
        if takes:
            self._used[takes.id] += 1
        self._tickets[ticket.id] = (account, ticket, version + 1)
        self._due[ticket.id] = next_look(ticket, now)

    def used_incidents(self, partner: str, entitlements: Sequence[Entitlement]) -> dict[str, int]:
        """Return how many incidents are used."""
        return dict(self._used)

    def read_partner(self, partner: str) -> Partner:
        """Return the partner."""
        return self._book.partner

    def load(self, partner: str, account: str) -> AccountFile:
        """Return the account's facts."""
        return self._accounts[account].file


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
