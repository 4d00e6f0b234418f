"""A support ticket: the events it went through, and what follows from them.

    state       open -> pending -> open (resumed, the customer answered, or `until` has come)
                open -> escalated (handed to the vendor; may be pending too)
                open, pending, escalated -> closed -> open (reopened)

Every command gives the ticket with one more event, or the same ticket where it would change nothing, so that a repeated
call does no harm. What the state does not allow is Rejected. Closing tells the customer, so it is a public word too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from quittance.domain.errors import Rejected
from quittance.domain.reading import Fields
from quittance.domain.support_plan import SEVERITIES, SupportPlan, Targets, parse_support_plan, plain
from quittance.domain.triage import KINDS, normal_service

Status = Literal["open", "pending", "escalated", "closed"]
BY = ("partner", "customer", "vendor")
MOST_EVENTS = 500
MOST_WORDS = 8_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened: its kind, when, and what there is to say; `key` is the caller's name of the call."""

    kind: str
    at: datetime
    data: Mapping[str, Any]
    key: str | None = None

    @property
    def public_word(self) -> bool:
        """Tell whether the customer heard from the partner by this: an internal note is no response."""
        if self.kind == "replied":
            return self.data["by"] == "partner" and bool(self.data["public"])
        return self.kind == "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A ticket as its events tell it; the support plan is the one it was opened under."""

    id: str
    service: str
    kind: str
    severity: str
    subject: str
    plan: SupportPlan | None
    events: tuple[Event, ...]

    @property
    def opened_at(self) -> datetime:
        """When it was opened."""
        return self.events[0].at

    @property
    def targets(self) -> Targets | None:
        """What the plan promises for the ticket's severity; None where it promises nothing."""
        return self.plan.targets.get(self.severity) if self.plan else None

    def last(self, *kinds: str) -> Event | None:
        """Return the last event of some kinds."""
        return next((event for event in reversed(self.events) if event.kind in kinds), None)

    @property
    def closed(self) -> bool:
        """Tell whether it is closed."""
        event = self.last("closed", "reopened")
        return event is not None and event.kind == "closed"

    def pending(self, now: datetime) -> bool:
        """Tell whether it waits for the customer."""
        event = self.last("pending", "resumed", "closed", "reopened")
        if event is None or event.kind != "pending":
            return False
        until = event.data.get("until")
        return until is None or now < until

    @property
    def escalated(self) -> bool:
        """Tell whether it is with the vendor."""
        event = self.last("escalated", "reopened")
        return event is not None and event.kind == "escalated"

    @property
    def escalation_wanted(self) -> bool:
        """Tell whether an escalation was asked for and neither made nor refused yet."""
        event = self.last("escalation_requested", "escalated", "escalation_blocked")
        return event is not None and event.kind == "escalation_requested" and not self.closed

    @property
    def vehicle(self) -> str | None:
        """The support vehicle it was handed over with."""
        event = self.last("escalated")
        return event.data["vehicle"] if event else None

    @property
    def diagnosis(self) -> str | None:
        """What the partner found out, the latest finding."""
        event = self.last("diagnosed")
        return event.data["finding"] if event else None

    @property
    def disputes(self) -> str | None:
        """The invoice that it disputes, or lines of which it does; None for a ticket about something else."""
        return self.events[0].data.get("invoice")

    def status(self, now: datetime) -> Status:
        """Return the state in which it is shown."""
        if self.closed:
            return "closed"
        if self.pending(now):
            return "pending"
        return "escalated" if self.escalated else "open"

    # -- commands ---------------------------------------------------------------------------------------------------

    def reply(self, *, by: str, public: bool, text: str | None, at: datetime, key: str | None = None) -> Ticket:
        """Add a word of the partner, the customer or the vendor; a customer's answer ends waiting for the customer."""
        if key is not None and any(event.key == key for event in self.events):
            return self
        self._must_be_open("reply")
        said = self._with("replied", at, {"by": by, "public": public, "text": text}, key)
        return said.resume(at=at) if by == "customer" else said

    def wait(self, *, until: datetime | None, at: datetime) -> Ticket:
        """Wait for the customer: the clocks stand still, until a moment where one is given."""
        self._must_be_open("wait for the customer")
        if until is not None and until <= at:
            raise Rejected("until: lies in the past; give a later moment or leave it out", field="until")
        last = self.last("pending", "resumed")
        if last is not None and last.kind == "pending" and self.pending(at) and last.data.get("until") == until:
            return self
        return self._with("pending", at, {"until": until})

    def resume(self, *, at: datetime) -> Ticket:
        """Go on after waiting."""
        return self._with("resumed", at) if self.pending(at) else self

    def diagnose(self, *, finding: str, at: datetime) -> Ticket:
        """Record what was found out."""
        self._must_be_open("diagnose")
        return self if self.diagnosis == finding else self._with("diagnosed", at, {"finding": finding})

    def request_escalation(self, *, impact: str | None, at: datetime) -> Ticket:
        """Ask for the hand-over to the vendor; Rejected says what is missing."""
        self._must_be_open("escalate")
        if self.diagnosis is None:
            raise Rejected(
                "diagnosis: is missing; record what was found out (POST .../diagnosis), then escalate",
                field="diagnosis",
                code="incomplete",
            )
        if self.escalated or self.escalation_wanted:
            return self
        return self._with("escalation_requested", at, {"business_impact": impact})

    def escalate(self, *, handover: Mapping[str, Any], vehicle: str, entitlement: str | None, at: datetime) -> Ticket:
        """Record the hand-over."""
        return self._with("escalated", at, {"vehicle": vehicle, "entitlement": entitlement, "handover": handover})

    def block_escalation(self, *, reason: str, options: Iterable[str], at: datetime) -> Ticket:
        """Record that there is no way to the vendor, and what could be done."""
        return self._with("escalation_blocked", at, {"reason": reason, "options": list(options)})

    def record_triage(self, triage: Mapping[str, Any], *, at: datetime) -> Ticket:
        """Record the triage, once."""
        return self if self.last("triaged") else self._with("triaged", at, triage)

    def record_vendor_case(self, *, number: str, at: datetime) -> Ticket:
        """Record the number that the vendor gave; its response clock starts."""
        self._must_be_open("record the vendor's case")
        if not self.escalated:
            raise Rejected("number: the ticket is not escalated; escalate it first", code="wrong_state")
        case = self.last("vendor_case")
        return self if case and case.data["number"] == number else self._with("vendor_case", at, {"number": number})

    def record_breach(self, targets: Iterable[str], *, at: datetime) -> Ticket:
        """Record that targets were missed and somebody was told."""
        missed = list(targets)
        return self._with("breached", at, {"targets": missed}) if missed else self

    def close(self, *, text: str | None, at: datetime) -> Ticket:
        """Close it and tell the customer."""
        return self if self.closed else self._with("closed", at, {"text": text})

    def reopen(self, *, at: datetime) -> Ticket:
        """Open it again; the clocks go on where they stopped."""
        return self._with("reopened", at) if self.closed else self

    def _must_be_open(self, what: str) -> None:
        if self.closed:
            raise Rejected(f"the ticket is closed: reopen it to {what}", code="wrong_state")
        if len(self.events) >= MOST_EVENTS:
            raise Rejected("the ticket is too long; close it and open another", code="too_long")

    def _with(self, kind: str, at: datetime, data: Mapping[str, Any] | None = None, key: str | None = None) -> Ticket:
        moment = max(at, self.events[-1].at)  # clocks of two machines differ; the order of events does not
        return replace(self, events=(*self.events, Event(kind=kind, at=moment, data=data or {}, key=key)))


def open_ticket(definition: object, *, plan: SupportPlan | None, currency: str, at: datetime) -> Ticket:
    """Open a ticket from what the customer or the help desk wrote; Rejected names the field."""
    fields = Fields(definition)
    given = {
        "id": fields.name("id"),
        "service": normal_service(fields.raw("service"), "service"),
        "kind": fields.choice("kind", KINDS),
        "severity": fields.choice("severity", SEVERITIES),
        "subject": fields.text("subject", most=200),
        "description": fields.text("description", None, most=MOST_WORDS),
        "business_impact": fields.text("business_impact", None, most=MOST_WORDS),
    }
    about = disputed_by(fields)
    fields.done()
    named = {"name": plan.name, "currency": currency, "definition": plan.definition} if plan else None
    return from_events([Event(kind="opened", at=at, data={**given, **about, "plan": named})])


def disputed_by(fields: Fields) -> dict[str, Any]:
    """Read what a ticket disputes: an invoice, or `lines` of it; whoever opens it holds just that from collections."""
    invoice, lines = fields.name("invoice", None), fields.items("lines", None, most=1_000)
    if lines is not None and invoice is None:
        raise fields.refuse("lines", "name the invoice whose lines they are")
    return ({"invoice": invoice} if invoice else {}) | ({"lines": list(lines)} if lines is not None else {})


def from_events(events: Iterable[Event]) -> Ticket:
    """Return the ticket that events tell; the first is its opening."""
    told = tuple(events)
    opening = told[0].data
    plan = opening["plan"]
    return Ticket(
        **{name: opening[name] for name in ("id", "service", "kind", "severity", "subject")},
        plan=parse_support_plan(plan["name"], plan["definition"], plan["currency"]) if plan else None,
        events=told,
    )


def to_body(ticket: Ticket) -> list[dict[str, Any]]:
    """Return the events as JSON holds them."""
    return [
        {"kind": event.kind, "at": event.at.isoformat(), **({"key": event.key} if event.key else {})}
        | ({"data": plain(event.data)} if event.data else {})
        for event in ticket.events
    ]


def from_body(body: Iterable[Mapping[str, Any]]) -> Ticket:
    """Read the events as `to_body` wrote them."""
    return from_events(
        Event(
            kind=entry["kind"],
            at=datetime.fromisoformat(entry["at"]),
            data=_data(entry.get("data", {})),
            key=entry.get("key"),
        )
        for entry in body
    )


def _data(data: Mapping[str, Any]) -> Mapping[str, Any]:
    until = data.get("until")
    return {**data, "until": datetime.fromisoformat(until)} if until else data
