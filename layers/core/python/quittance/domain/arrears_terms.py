"""The terms that assessing arrears is written in: what is owed, how old it is, what a stage's conditions say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from quittance.domain.account import AccountFile, Notice, OpenInvoice, Profile, Subscription
from quittance.domain.calendar import OFFICE_HOURS, BusinessCalendar, PublicHolidays, WithEves, instant, start_of_day
from quittance.domain.money import Money
from quittance.domain.policy import Policy, Stage

CLEAR = "clear"
NONPAYMENT = "nonpayment"


@dataclass(frozen=True, slots=True)
class Arrears:
    """An account with something overdue at a moment, under the policy that governs it."""

    file: AccountFile
    now: datetime
    policy: Policy
    oldest: OpenInvoice
    overdue: Money
    owed: tuple[tuple[OpenInvoice, Money], ...]

    @property
    def days(self) -> int:
        """Local days since the due date (or the issue date, by the policy's clock) of the oldest overdue invoice."""
        return days_on(self.policy, self.oldest, self.now.astimezone(self.file.profile.zone).date())

    def holds(self, stage: Stage) -> bool:
        """Tell whether all conditions of a stage hold."""
        return stage.when.days <= self.days and self.enough(stage)

    def enough(self, stage: Stage) -> bool:
        """Tell whether amount and number of invoices reach what a stage asks for."""
        when = stage.when
        return (when.amount is None or self.overdue >= when.amount) and len(self.owed) >= (when.invoices or 1)

    def covers(self, stage: Stage, subscription: Subscription) -> bool:
        """Tell whether a stage's suspension reaches a subscription.

        With `unpaid_lines` only products on overdue invoices are; an invoice whose products nobody recorded
        reaches none.
        """
        if stage.suspend == "all":
            return True
        return any(subscription.product in (invoice.products or ()) for invoice, _ in self.owed)

    def why(self, stage: Stage | None) -> dict[str, Any] | None:
        """Return what the access change keeps of its reason: the policy, and whether business hours bind it."""
        if stage is None:
            return None
        return {
            "policy": self.policy.ref.name,
            "version": self.policy.ref.version,
            "stage": stage.name,
            "business_hours": stage.business_hours,
        }

    def told(self, moment: datetime) -> str:
        """Write a moment as the account's clock on the wall shows it."""
        return f"{moment.astimezone(self.file.profile.zone):%Y-%m-%d %H:%M %Z}"

    def facts(self) -> Iterator[str]:
        """Yield what is overdue since when, and by which policy it is judged."""
        currency, zone = self.file.profile.currency, self.file.profile.timezone
        yield f"{self.overdue} {currency} is overdue on {counted(len(self.owed), 'invoice')}"
        for invoice, amount in self.owed:
            yield f"invoice {invoice.number}: {amount} {currency}, due {invoice.due}"
        if self.file.credit:
            yield f"credit of {self.file.credit} {currency} was set off against the oldest"
        since = "due date" if self.policy.clock == "due_date" else "issue"
        yield f"{counted(self.days, 'day')} since the {since} of {self.oldest.number} in {zone}"
        yield f"policy {self.policy.ref.name} version {self.policy.ref.version}, pinned on {self.oldest.number}"
        if any(stage.suspend == "unpaid_lines" for stage in self.policy.stages):
            for invoice, _ in self.owed:
                if invoice.products is None:
                    yield f"products of invoice {invoice.number} are not recorded: it suspends no subscription"


def counted(number: int, what: str) -> str:
    """Write a number of things: `1 day`, `2 days`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def owed_invoices(file: AccountFile, now: datetime) -> Iterator[tuple[OpenInvoice, Money]]:
    """Yield the overdue invoices, oldest first, with what is owed on each after credit has covered the oldest."""
    credit = max(file.credit.minor, 0)
    for invoice in file.overdue_invoices(now):
        covered = min(credit, invoice.collectable.minor)
        credit -= covered
        if covered < invoice.collectable.minor:
            yield invoice, Money(invoice.collectable.minor - covered, file.profile.currency)


def days_on(policy: Policy, invoice: OpenInvoice, today: date) -> int:
    """Return the age of an invoice in local days by the policy's clock."""
    return (today - _origin(policy, invoice)).days


def stage_starts(case: Arrears, stage: Stage) -> datetime:
    """Return when the oldest invoice is as old as a stage asks for."""
    day = _origin(case.policy, case.oldest) + timedelta(days=stage.when.days)
    return start_of_day(day, case.file.profile.zone)


def _origin(policy: Policy, invoice: OpenInvoice) -> date:
    return invoice.due if policy.clock == "due_date" else invoice.issued


def full_days_after(given: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return when full days have passed since a notice: that many times 24 hours and local days, whichever is later."""
    local = given.astimezone(zone)
    by_the_wall = instant(local.date() + timedelta(days=days), local.time(), zone, fold=1)
    return max(given.astimezone(UTC) + timedelta(hours=24 * days), by_the_wall if days else given.astimezone(UTC))


def business_calendar(policy: Policy, profile: Profile) -> BusinessCalendar:
    """Return the policy's business time in the account's zone; office hours, public holidays where it is silent."""
    hours = OFFICE_HOURS if policy.hours is None else policy.hours
    holidays = PublicHolidays(profile.country) if policy.holidays is None else policy.holidays
    closed = WithEves(hours, holidays) if policy.closed_before_holidays else holidays
    return BusinessCalendar(profile.zone, hours, closed)


def cause_of(invoice: OpenInvoice) -> str:
    """Return what a notice is sent once for: the oldest overdue invoice and how often it was reopened."""
    return f"{invoice.id}.{invoice.reopened}"


def notice_id(invoice: OpenInvoice, kind: str) -> str:
    """Return the id of a notice: one per kind and cause, so that no race can queue it twice."""
    return f"{cause_of(invoice)}.{kind}"


def is_about(notice: Notice, invoice: OpenInvoice) -> bool:
    """Tell whether a notice named an invoice in its present opening."""
    return invoice.id in notice.invoices and notice.openings.get(invoice.id, 0) == invoice.reopened


def due_end(due: date, zone: ZoneInfo) -> datetime:
    """Return when a due date has ended where the account is: no claim is overdue before, by any policy's clock."""
    return start_of_day(due + timedelta(days=1), zone)


def claim_concerns_at(
    gross: int, due: date, zone: ZoneInfo, now: datetime, *, remind_on: date | None = None
) -> datetime | None:
    """Return when collections first have to look at a new document of `gross` minor units; None for never.

    A claim changes nothing before the day of its reminder, where it has one, or else before its due date has ended:
    what is overdue, and so stages, notices and access, rests on ended due dates alone. One that is overdue as it is
    issued, and a credit note, which may settle what access is withheld for, are looked at now.
    """
    if gross == 0:
        return None
    ends = due_end(due, zone)
    begins = ends if remind_on is None else min(start_of_day(remind_on, zone), ends)
    return now if gross < 0 else max(begins, now)


def is_calm(file: AccountFile, now: datetime) -> bool:
    """Tell whether, until the account is next due, paying an invoice in full can change nothing but the debt.

    It may where a stage holds or anything is overdue (another invoice then governs), where access is withheld, where a
    promise waits to be kept or stands, a pause or a dispute is in force, and where there is credit to use.
    """
    return not (
        file.stage != CLEAR
        or file.credit.minor
        or any(file.overdue_invoices(now))
        or any(one.disputed for one in file.open.values())
        or any(one.reasons or one.desired != "active" for one in file.subscriptions)
        or any(one.state == "open" or one.in_force(now, file.profile.zone) for one in file.promises)
        or any(one.in_force(now) for one in file.pauses)
        or any(one.in_force for one in file.holds)
        or any(one.state == "open" for one in file.disputes)
    )


def due_ends(file: AccountFile, now: datetime) -> Iterator[datetime]:
    """Yield when the due dates of invoices not yet overdue end."""
    for invoice in file.open.values():
        ends = due_end(invoice.due, file.profile.zone)
        if invoice.collectable.minor > 0 and ends > now:
            yield ends
