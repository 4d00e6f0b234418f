"""Asks for invoices: billing runs over a period, manual invoices, and the daily look at what was left unfinished."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from quittance.domain.errors import Conflict, NotFound, Rejected
from quittance.domain.names import checked
from quittance.domain.periods import checked_period, shifted
from quittance.store.keys import SHARDS, Key, owner
from quittance.usecases.issue_invoice import DRAFT, ISSUED, Books, Case, compose
from quittance.usecases.messages import IssueInvoice, Message, PlanRun
from quittance.usecases.ports import Outgoing

if TYPE_CHECKING:
    from quittance.usecases.alert_payables import Debts

PLANNED, RUNNING, DONE = "planned", "running", "done"
LOOK_BACK = 3  # earlier periods whose late drafts a run bills, too
_PAYABLE = "PAYABLE#"
_ROUNDS = 3
_REDRIVE_AFTER = timedelta(minutes=15)
_MANUAL = frozenset({"lines", "issued", "due"})
_FIRST_BILLING_DAY, _LAST_BILLING_DAY = 1, 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A billing run: its period, its state, and how often it was asked for."""

    partner: str
    id: str
    period: str
    state: str
    request: int
    requested_at: str


class Runs(Protocol):
    """The billing runs and what they have to look at (store.billing_runs)."""

    def find(self, partner: str, run: str) -> Run | None:
        """Return a run, None when there is none of that name."""
        ...

    def request(self, partner: str, period: str, *, now: datetime, due: datetime) -> Run:
        """Plan the run of a period, again when it was done; one under way is returned as it is."""
        ...

    def go_on(self, run: Run, *, due: datetime) -> None:
        """Mark a run as under way and say when it is looked at again."""
        ...

    def close(self, run: Run, *, body: Any, now: datetime) -> None:
        """Mark a run as done, with what it found."""
        ...

    def raise_request(self, run: Run) -> int:
        """Count one more request of a run that is under way."""
        ...

    def slot_states(self, partner: str, slot: str) -> dict[tuple[str, str], str]:
        """Return the states of the accounts' invoices of a slot, by account and slot."""
        ...

    def refusals(self, partner: str, *, since: str) -> dict[tuple[str, str], str]:
        """Return why invoices could not be issued since a moment, by account and invoice."""
        ...

    def partner_body(self, partner: str) -> Mapping[str, Any]:
        """Return a partner's stored definition."""
        ...

    def next_automatic(self, partner: str, upcoming: datetime | None) -> None:
        """Say when the partner's billing day comes next."""
        ...


class ManualBooks(Books, Protocol):
    """The books as taking a manual invoice needs them (store.invoices)."""

    def prospect(self, partner: str, account: str, invoice: str, request: Mapping[str, Any]) -> Case:
        """Return the case of an invoice that is not stored yet; NotFound for an unknown account."""
        ...

    def find(self, partner: str, account: str, invoice: str) -> Any:
        """Return a stored invoice, None where there is none of that id."""
        ...

    def take_request(self, case: Case) -> Any:
        """Store the invoice to be issued unless one of its id exists; return the stored item."""
        ...


class Due(Protocol):
    """The due index (store.due)."""

    def pages(self, lane: str, shard: int, until: datetime) -> Iterator[list[Key]]:
        """Yield what is due in a shard up to a moment, page by page."""
        ...


def request_run(partner: str, period: str, *, now: datetime, runs: Runs) -> Run:
    """Ask for the billing of a period and return its run; one that is under way is returned as it is.

    A run that is done is planned again, for what was imported or refused since: what is issued stays issued.
    """
    checked_period(period)
    if period > f"{now:%Y-%m}":
        raise Rejected(f"period: {period} has not begun", field="period")
    return runs.request(partner, period, now=now, due=now + _REDRIVE_AFTER)


def plan_run(command: PlanRun, *, now: datetime, runs: Runs, outgoing: Outgoing) -> str:
    """Ask for the issue of every draft of the run's period and those before; return the run's state.

    The run's next look follows its issues through the same FIFO group, so it finds them done.
    """
    run = runs.find(command.partner, command.run)
    if run is None:
        raise NotFound(f"billing run {command.run!r} does not exist")
    if run.state == DONE:
        return DONE
    states = _slots(command.partner, run.period, runs)
    # The first look tries everything again: what was refused before may have been put right.
    refused = runs.refusals(command.partner, since=run.requested_at) if command.attempt else {}
    waiting = [name for name, state in states.items() if state == DRAFT and name not in refused]
    if not waiting:
        body = _outcome(states, refused)
        runs.close(run, body=body, now=now)
        return DONE
    runs.go_on(run, due=now + _REDRIVE_AFTER)
    if command.attempt < _ROUNDS:
        outgoing.send([*_issues(command, run, waiting), _next(command, run)])
    return RUNNING


def _slots(partner: str, period: str, runs: Runs) -> dict[tuple[str, str], str]:
    """Return the state of each account's slot of the period and the ones before, oldest first."""
    found: dict[tuple[str, str], str] = {}
    for back in range(LOOK_BACK, -1, -1):
        found.update(runs.slot_states(partner, shifted(period, -back)))
    return found


def _issues(command: PlanRun, run: Run, waiting: Sequence[tuple[str, str]]) -> list[Message]:
    cause = f"{run.period}/{run.request}/{command.attempt}"
    return [
        IssueInvoice(partner=command.partner, account=account, invoice=slot, cause=cause) for account, slot in waiting
    ]


def _next(command: PlanRun, run: Run) -> PlanRun:
    return PlanRun(partner=command.partner, run=command.run, request=run.request, attempt=command.attempt + 1)


def _outcome(states: Mapping[tuple[str, str], str], refused: Mapping[tuple[str, str], str]) -> dict[str, Any]:
    left = [
        {"account": account, "invoice": slot, "reason": refused[account, slot]}
        for (account, slot), state in states.items()
        if state == DRAFT and (account, slot) in refused
    ]
    return {"issued": sum(state == ISSUED for state in states.values()), "refused": left}


def progress(partner: str, run: str, *, runs: Runs) -> dict[str, Any]:
    """Return a run with what it found so far: invoices issued, waiting, and refused with their reasons."""
    item = runs.find(partner, checked(run, "run"))
    if item is None:
        raise NotFound(f"billing run {run!r} does not exist")
    states = _slots(partner, item.period, runs)
    refused = runs.refusals(partner, since=item.requested_at)
    drafts = [name for name, state in states.items() if state == DRAFT]
    return {
        "run": run,
        "period": item.period,
        "state": item.state,
        "requested_at": item.requested_at,
        "issued": sum(state == ISSUED for state in states.values()),
        "waiting": len([name for name in drafts if name not in refused]),
        "refused": _outcome(states, refused)["refused"],
    }


def tick(*, now: datetime, until: datetime, runs: Runs, due: Due, outgoing: Outgoing, debts: Debts) -> int:
    """Take up what the billing lane has due: unfinished runs, partners to be billed, vendor invoices to be paid."""
    found = [key for shard in range(SHARDS) for page in due.pages("billing", shard, until) for key in page]
    for key in found:
        partner = owner(key.pk)[0]
        if key.sk == "PROFILE":
            _start_automatic(partner, now, runs)
        elif key.sk.startswith(_PAYABLE):
            from quittance.usecases.alert_payables import raise_alert  # noqa: PLC0415  # seldom: issuing starts faster

            raise_alert(partner, key.sk.removeprefix(_PAYABLE), now=now, debts=debts)
        else:
            outgoing.send(_redrive(partner, key.sk.removeprefix("RUN#"), runs))
    return len(found)


def _redrive(partner: str, run: str, runs: Runs) -> list[Message]:
    item = runs.find(partner, run)
    if item is None or item.state == DONE:
        return []
    return [PlanRun(partner=partner, run=run, request=runs.raise_request(item))]


def _start_automatic(partner: str, now: datetime, runs: Runs) -> None:
    body = runs.partner_body(partner)
    zone = ZoneInfo(str(body.get("timezone") or "UTC"))
    upcoming = next_billing(body, now)
    if upcoming is not None:
        request_run(partner, shifted(f"{now.astimezone(zone):%Y-%m}", -1), now=now, runs=runs)
    runs.next_automatic(partner, upcoming)


def next_billing(body: Mapping[str, Any], now: datetime) -> datetime | None:
    """Return when a partner with `automatic_billing: {day: 9}` is billed next; None where a person starts runs.

    Whoever stores the partner puts this into the billing lane of the due index.
    """
    day = (body.get("automatic_billing") or {}).get("day")
    if day is None:
        return None
    if not isinstance(day, int) or not _FIRST_BILLING_DAY <= day <= _LAST_BILLING_DAY:
        raise Rejected("automatic_billing.day: give a day from 1 to 28", field="automatic_billing.day")
    local = now.astimezone(ZoneInfo(str(body.get("timezone") or "UTC")))
    this = local.replace(day=day, hour=0, minute=0, second=0, microsecond=0)
    return this if this > local else _next_month(this)


def _next_month(moment: datetime) -> datetime:
    return (moment.replace(day=1) + timedelta(days=32)).replace(day=moment.day)


def request_manual_invoice(
    partner: str, account: str, invoice: str, definition: object, *, now: datetime, books: ManualBooks
) -> Any:
    """Take a manual invoice `{lines: [{text, net, vat_percent?, quantity?}], issued?, due?}`; it gets its number soon.

    Everything is checked now, as its issue will. The same request again gives the same invoice; another one under
    the same id is a Conflict. A billing period is not an id: those invoices come from vendor files. Returns the
    stored item.
    """
    request = _request(checked(invoice, "invoice"), definition)
    case = books.prospect(partner, checked(account, "account"), invoice, request)
    compose(case, books=books, now=now)
    item = books.take_request(case)
    if _digest((item.body or {}).get("request")) != _digest(request):
        raise Conflict(f"invoice: {invoice!r} exists with other content; choose another id", field="invoice")
    return item


_CREDIT = frozenset({"amount", "lines", "of_lines", "reason", "issued"})


def request_credit_note(
    partner: str, account: str, invoice: str, note: str, definition: object, *, now: datetime, books: ManualBooks
) -> Any:
    """Take a credit note `{amount | lines | of_lines, reason}` on an invoice; it gets its number, in a series, soon.

    `amount` is gross, `of_lines` are lines of the invoice, counted from 1. The same request again gives the same note;
    another one under the same id is a Conflict.
    """
    request = _request(checked(note, "id"), definition, _CREDIT)
    if sum(name in request for name in ("amount", "lines", "of_lines")) != 1:
        raise Rejected("amount: give either the gross amount, lines to credit, or of_lines", field="amount")
    if not isinstance(request.get("reason"), str) or not request["reason"].strip():
        raise Rejected("reason: tell the customer why", field="reason")
    request["corrects"] = checked(invoice, "invoice")
    stored = books.find(partner, checked(account, "account"), note)
    if stored is None:
        case = books.prospect(partner, account, note, request)
        compose(case, books=books, now=now)
        stored = books.take_request(case)
    if _digest((stored.body or {}).get("request")) != _digest(request):
        raise Conflict(f"id: {note!r} exists with other content; choose another", field="id")
    return stored


def _request(invoice: str, definition: object, known: frozenset[str] = _MANUAL) -> dict[str, Any]:
    try:
        checked_period(invoice)
    except Rejected:
        pass
    else:
        raise Rejected(f"invoice: {invoice!r} names a billing period; choose another id", field="invoice")
    if not isinstance(definition, Mapping):
        raise Rejected("invoice: give a mapping with lines, issued and due", field="invoice")
    if unknown := sorted(str(key) for key in definition.keys() - known):
        raise Rejected(f"{unknown[0]}: is not known; use {', '.join(sorted(known))}", field=unknown[0])
    given = {name: definition[name] for name in sorted(known & definition.keys()) if definition[name] is not None}
    request: dict[str, Any] = json.loads(json.dumps(given, default=str))
    return request


def _digest(request: object) -> str:
    return hashlib.sha256(json.dumps(request, sort_keys=True).encode()).hexdigest()
