"""Tickets in the table: written by version, due where a target could next be missed, incidents taken exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from quittance.domain.errors import Conflict, NotFound
from quittance.domain.partner import Entitlement
from quittance.domain.ticket import Ticket, from_body, to_body
from quittance.domain.ticket_clocks import next_look
from quittance.runtime.clock import iso
from quittance.store import keys
from quittance.store.models import EntitlementItem, TicketItem
from quittance.store.transact import Transaction, unavailable_is_transient

LANE = "ticket"


def read_ticket(partner: str, account: str, ticket: str) -> tuple[Ticket, int]:
    """Return a ticket and its version; NotFound where the account has none of that name."""
    key = keys.ticket(partner, account, ticket)
    try:
        with unavailable_is_transient():
            item = TicketItem.get(key.pk, key.sk, consistent_read=True)
    except TicketItem.DoesNotExist:
        raise NotFound(f"there is no ticket {ticket!r} of account {account!r}") from None
    return from_body(item.body), int(item.version)


def read_tickets(partner: str, account: str) -> list[Ticket]:
    """Return an account's tickets in the order of their ids."""
    prefix = TicketItem.sk.startswith("TKT#")
    with unavailable_is_transient():
        return [from_body(item.body) for item in TicketItem.query(keys.account_pk(partner, account), prefix)]


def write_ticket(
    partner: str, account: str, ticket: Ticket, version: int, now: datetime, *, takes: Entitlement | None = None
) -> None:
    """Write the ticket as version + 1; Conflict when it is not at `version` any more.

    `takes` is the entitlement whose incident this version uses, in the same transaction; NoIncidentLeft when somebody
    else has taken the last.
    """
    key = keys.ticket(partner, account, ticket.id)
    due = next_look(ticket, now)
    item = TicketItem(
        key.pk,
        key.sk,
        ticket=ticket.id,
        state=ticket.status(now),
        version=version + 1,
        body=to_body(ticket),
        due_lane=keys.due_lane(LANE, key) if due else None,
        due_at=iso(due) if due else None,
    )
    unchanged = TicketItem.version == version if version else TicketItem.pk.does_not_exist()
    transaction = Transaction()
    transaction.put(item, unchanged, Conflict("the ticket changed meanwhile; read it again and repeat"))
    if takes:
        _take(transaction, partner, takes)
    transaction.commit()


class NoIncidentLeft(Conflict):
    """The entitlement has no incident left."""


def _take(transaction: Transaction, partner: str, entitlement: Entitlement) -> None:
    """Count one more incident; the counter's item begins with the first."""
    key = keys.entitlement(partner, entitlement.id)
    used = EntitlementItem.used
    free = None
    if entitlement.incidents is not None:
        free = used.does_not_exist() | (used < entitlement.incidents)
    transaction.update(
        EntitlementItem(key.pk, key.sk),
        [EntitlementItem.kind.set(EntitlementItem), used.add(1)],
        free,
        NoIncidentLeft(f"{entitlement.vehicle}: all incidents are used"),
    )


def used_incidents(partner: str, entitlements: Sequence[Entitlement]) -> dict[str, int]:
    """Return how many incidents of each entitlement's id are used."""
    pk, prefix = keys.partner_pk(partner), "ENTITLEMENT#"
    with unavailable_is_transient():
        found = {
            item.sk.removeprefix(prefix): int(item.used)
            for item in EntitlementItem.query(pk, EntitlementItem.sk.startswith(prefix), consistent_read=True)
        }
    return {entitlement.id: found.get(entitlement.id, 0) for entitlement in entitlements}
