"""The journal in the table: read from the items that carry postings, account by account, never by a Scan."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, tzinfo
from typing import Any

from quittance.domain.deferred import ServiceLine
from quittance.domain.journal import JournalEntry
from quittance.domain.ledger import from_item
from quittance.domain.transfers import TRANSFER, own
from quittance.runtime.clock import parse_iso
from quittance.store import keys
from quittance.store.models import Item
from quittance.store.transact import unavailable_is_transient


def entries(partner: str, account: str, zone: tzinfo) -> Iterator[JournalEntry]:
    """Yield all entries of an account by one query, a page at a time; days are those of the time zone."""
    for item in _booked(partner, account):
        yield entry_of(account, item, zone)


def service_lines(partner: str, account: str) -> Iterator[ServiceLine]:
    """Yield the lines of an account's issued documents that charge for a time."""
    for item in _booked(partner, account):
        for line in (getattr(item, "body", None) or {}).get("lines", ()):
            if line.get("start") and line.get("end"):
                yield _service_line(account, item, line)


def _booked(partner: str, account: str) -> Iterator[Any]:
    first, beyond = keys.JOURNAL
    pk = keys.account_pk(partner, account)
    with unavailable_is_transient():
        for item in Item.query(pk, Item.sk.between(first, beyond), consistent_read=True):
            if getattr(item, "postings", None) is not None:
                yield item


def entry_of(account: str, item: Any, zone: tzinfo) -> JournalEntry:
    """Return the entry that an item with postings embeds: an invoice's, a payment's or a later movement's."""
    kind = str(Item.kind.get_discriminator(type(item)))
    booked_at = parse_iso(_first(item, "booked_at", "issued_at", "received_at"))
    told = {
        "account": account,
        "booked_at": booked_at,
        "currency": item.currency,
        "postings": from_item(item.postings, item.currency),
        "shares": own(_minor(getattr(item, "allocations", None))),
        "recovered": _minor(getattr(item, "recovered", None)),
    }
    if kind == "invoice":
        return JournalEntry(
            **told,
            kind=(item.body or {}).get("kind", kind),
            reference=item.number,
            day=date.fromisoformat(item.issued),
            invoice=item.sk.removeprefix("INV#"),
            gross=int(item.gross),
            due=date.fromisoformat(item.due),
        )
    happened = parse_iso(_first(item, "occurred_at", "received_at", "booked_at"))
    return JournalEntry(
        **told,
        kind=str(getattr(item, "movement", None) or kind),
        reference=_first(item, "movement_id", "payment_id") or _own_name(item),
        day=happened.astimezone(zone).date(),
        provider=getattr(item, "provider", None),
    )


def _own_name(item: Any) -> str:
    """Name what belongs to no payment: a transfer by who paid, else by its number."""
    number = str(item.sk.rpartition("#")[2])
    return f"{item.payer} {number}" if getattr(item, "movement", None) == TRANSFER else number


def _first(item: Any, *names: str) -> str:
    return next((str(value) for name in names if (value := getattr(item, name, None))), "")


def _minor(stored: Any) -> dict[str, int]:
    return {str(name): int(minor) for name, minor in (stored or {}).items()}


def _service_line(account: str, item: Any, line: dict[str, Any]) -> ServiceLine:
    return ServiceLine(
        account=account,
        number=item.number,
        text=line["text"],
        currency=item.currency,
        net=int(line["net"]),
        start=date.fromisoformat(line["start"]),
        end=date.fromisoformat(line["end"]),
        posted=date.fromisoformat(item.issued),
    )
