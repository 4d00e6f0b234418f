"""The reminder before the due date: which invoices will soon be due, and which of them the customer is to be told of.

- An invoice's own policy says how many days before the due date; the day begins where the account is.
- Each invoice is announced once, whatever befalls it; its notice is of the kind `upcoming`.
- Only what is really to be paid is announced: what is disputed or covered by credit is not, and nothing is while a
  pause or a promise stops notices.
- What was missed stays so: once the due date has ended there is nothing to announce. An invoice that is issued when the
  reminder would go out, or later, needs none: it goes out itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from quittance.domain.account import AccountFile, Notice, OpenInvoice
from quittance.domain.arrears_terms import cause_of, due_ends, notice_id
from quittance.domain.calendar import start_of_day
from quittance.domain.money import Money
from quittance.domain.policy import UPCOMING, Policy
from quittance.domain.standstill import Standstill


def announced_from(invoice: OpenInvoice, policy: Policy, zone: ZoneInfo) -> datetime | None:
    """Return when an invoice's reminder may go out at the earliest; None where its policy sends none."""
    if policy.upcoming_days is None:
        return None
    day = invoice.due - timedelta(days=policy.upcoming_days)
    return start_of_day(day, zone) if invoice.issued < day else None


def upcoming_invoices(file: AccountFile, now: datetime) -> Iterator[tuple[OpenInvoice, Money]]:
    """Yield the invoices that are not overdue yet, next due first, with what is left to pay when credit is used."""
    late = file.overdue_invoices(now)
    credit = max(file.credit.minor - sum(one.collectable.minor for one in late), 0)
    overdue = {one.id for one in late}
    ahead = (one for one in file.open.values() if one.id not in overdue and one.collectable.minor > 0)
    for invoice in sorted(ahead, key=lambda one: (one.due, one.number)):
        covered = min(credit, invoice.collectable.minor)
        credit -= covered
        if covered < invoice.collectable.minor:
            yield invoice, Money(invoice.collectable.minor - covered, file.profile.currency)


def announcements(file: AccountFile, now: datetime) -> tuple[Notice, ...]:
    """Return the reminders to queue at a moment: one an invoice."""
    if Standstill.of(file, now).stops_notices:
        return ()
    due = ((one, begins) for one, begins in _waiting(file, now) if begins <= now)
    return tuple(
        Notice(
            id=notice_id(invoice, UPCOMING),
            kind=UPCOMING,
            cause=cause_of(invoice),
            invoices=(invoice.id,),
            openings={invoice.id: invoice.reopened} if invoice.reopened else {},
            decided_at=now,
        )
        for invoice, _ in due
    )


def announcement_moments(file: AccountFile, now: datetime) -> Iterator[datetime]:
    """Yield the moments to come at which a reminder goes out."""
    return (begins for _, begins in _waiting(file, now) if begins > now)


def announcement_facts(file: AccountFile, notices: tuple[Notice, ...]) -> Iterator[str]:
    """Yield, in plain words, what is announced."""
    for notice in notices:
        if notice.kind == UPCOMING:
            invoice = file.open[notice.invoices[0]]
            yield f"invoice {invoice.number} will be due {invoice.due}: the customer is told in time"


def announces(notice: Notice, invoice: OpenInvoice, zone: ZoneInfo) -> bool:
    """Tell whether a notice was to remind of an invoice before its due date, not (under that name) after it."""
    return notice.kind == UPCOMING and notice.decided_at.astimezone(zone).date() <= invoice.due


def moments_ahead(file: AccountFile, now: datetime) -> Iterator[datetime]:
    """Yield what is to come of invoices that are not overdue: their reminders, and the ends of their due dates."""
    yield from due_ends(file, now)
    yield from announcement_moments(file, now)


def _waiting(file: AccountFile, now: datetime) -> Iterator[tuple[OpenInvoice, datetime]]:
    """Yield the invoices that are still to be announced, with the moment from which on."""
    told = {name for n in file.notices if n.kind == UPCOMING and n.state != "withdrawn" for name in n.invoices}
    for invoice, _ in upcoming_invoices(file, now):
        policy = file.policies.get(invoice.policy)
        begins = announced_from(invoice, policy, file.profile.zone) if policy else None
        if begins and invoice.id not in told:
            yield invoice, begins
