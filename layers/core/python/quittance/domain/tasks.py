"""Tasks for a person: what was left to one, in which words it is asked, who may close it, and what cannot be closed.

Money that nobody could place is never closed: it is given to an account, or decided as a bank line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from quittance.domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """What to do about a kind of task: in words, and by which call; `helpdesk` tells who talks to customers may close.

    The address names fields of the task in braces; where one is not known there is no address to give.
    """

    says: str
    method: str | None = None
    address: str = ""
    helpdesk: bool = False
    closable: bool = True


_ACCOUNT = "/v1/accounts/{account}"
GUIDES: Mapping[str, Guide] = {
    "payment": Guide(
        says="say whose money it is; it is booked once and the task is done",
        method="POST",
        address="/v1/tasks/{task}/assign",
        closable=False,
    ),
    "bank_line": Guide(
        says="say whose money the bank line is, or why it is nobody's",
        method="POST",
        address="/v1/bank-lines/{line}/decision",
        closable=False,
    ),
    "movement": Guide(
        says="find its payment at the provider; it is booked as soon as that is told or assigned, closed or not"
    ),
    "unreadable": Guide(says="read the event at the provider and book by hand what it says"),
    "notice": Guide(
        says="reach the customer in another way and correct the address",
        method="PUT",
        address=_ACCOUNT,
        helpdesk=True,
    ),
    "mail": Guide(
        says="correct the address or give the document in another way", method="PUT", address=_ACCOUNT, helpdesk=True
    ),
    "access": Guide(
        says="see at the vendor what keeps it from being switched; tries go on by themselves",
        method="GET",
        address=f"{_ACCOUNT}/status",
        helpdesk=True,
    ),
    "drift": Guide(
        says="settle it at the vendor or with the customer, then look again",
        method="POST",
        address=f"{_ACCOUNT}/subscriptions/look",
        helpdesk=True,
    ),
    "term_end": Guide(
        says="choose one of `about.choices` before the term ends",
        method="GET",
        address=f"{_ACCOUNT}/status",
        helpdesk=True,
    ),
    "ticket": Guide(
        says="look at the ticket; a step of it could not be worked on",
        method="GET",
        address=f"{_ACCOUNT}/tickets",
        helpdesk=True,
    ),
    "vendor_invoice": Guide(says="see what is owed to the vendor and pay it", method="GET", address="/v1/payables"),
    "invoice": Guide(
        says="correct what is named and ask for the billing run again", method="POST", address="/v1/billing-runs"
    ),
    "import": Guide(
        says="compare the files; a correction comes as a new vendor invoice",
        method="GET",
        address="/v1/imports/{vendor_invoice}",
    ),
    "message": Guide(says="have whoever operates the system look at it: a message could not be worked on"),
}
KINDS = tuple(GUIDES)
_SOURCES: Mapping[str, str] = {
    "bank": "bank_line",
    "notice": "notice",
    "mail": "mail",
    "access": "access",
    "drift": "drift",
    "term_end": "term_end",
    "payable": "vendor_invoice",
    "billing": "invoice",
    "import": "import",
}
_UNTOLD = frozenset(("raw", "type", "state", "partner", "account", "amount", "total"))


def kind_of(source: str, body: Any, *, early: bool) -> str:
    """Return a task's kind from where it was left and what was left; `early` came before its payment."""
    fields = body if isinstance(body, Mapping) else {}
    if source == "payment" or early:
        told = fields.get("kind")
        return "payment" if told == "succeeded" and not early else "unreadable" if told == "unclear" else "movement"
    if "type" in fields:  # a message as it came, whatever it is about
        return "ticket" if fields["type"] == "ticket" else "message"
    return _SOURCES.get(source, "message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Closing:
    """Who closed a task, when and why."""

    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Something left to a person: `body` is what was kept with it, `closing` is None while it waits."""

    id: str
    kind: str
    reason: str
    since: datetime
    body: Mapping[str, Any]
    closing: Closing | None = None

    @property
    def guide(self) -> Guide:
        """What to do about it."""
        return GUIDES[self.kind]

    @property
    def account(self) -> str | None:
        """The account it is about, where that is known."""
        return self.body.get("account") or None

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form; amounts as decimal strings."""
        told: dict[str, Any] = {
            "id": self.id,
            "kind": self.kind,
            "account": self.account,
            "reason": self.reason,
            "since": _moment(self.since),
            "state": "done" if self.closing else "open",
            "next": self._next(),
            "about": self._about(),
        }
        if self.closing:
            told |= {"done_at": _moment(self.closing.at), "done_by": self.closing.by, "note": self.closing.note}
        return told

    def _next(self) -> dict[str, str | None]:
        guide = self.guide
        try:
            address = guide.address.format_map(self._names()) or None
        except KeyError:
            address = None
        return {"says": guide.says, "method": guide.method if address else None, "address": address}

    def _names(self) -> dict[str, str]:
        known = {name: value for name, value in self.body.items() if isinstance(value, str)}
        return {**known, "task": self.id}

    def _about(self) -> dict[str, Any]:
        kept = {name: value for name, value in self.body.items() if name not in _UNTOLD and value is not None}
        currency, minor = self.body.get("currency"), self.body.get("amount")
        return kept | ({"amount": str(Money(int(minor), currency))} if currency and minor else {})


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
