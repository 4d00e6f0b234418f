"""A dry run: what a policy would do to an account over a span of time, by the very rules that decide in earnest.

The account's file is replayed: facts that are known change it at their moments, sweeps come round by the hour, notices
are given at once and the vendor does what it is told. Nobody is taken to pay beyond what is known, so what comes out
is what happens if nothing is done. Nothing is written anywhere: files are values.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from quittance.domain.access import NOT_SUSPENDABLE
from quittance.domain.account import AccountFile, OpenInvoice, Subscription
from quittance.domain.arrears import CLEAR, NONPAYMENT, Assessment, apply, assess
from quittance.domain.money import Money, total
from quittance.domain.policy import Policy

SWEEP = timedelta(hours=1)
_MIDNIGHT = datetime(2000, 1, 1, tzinfo=UTC)
_INSTANT = timedelta(microseconds=1)

Effect = Literal["warned", "suspended", "restored"]
EFFECTS: tuple[Effect, ...] = ("warned", "suspended", "restored")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A fact of the books and its moment: an invoice that is owed from then on, or money that came or went.

    `shares` are minor units by invoice, positive where they settle it; `credit` is added to the account's credit.
    """

    at: datetime
    opened: OpenInvoice | None = None
    shares: Mapping[str, int] = field(default_factory=dict)
    credit: int = 0

    def applied(self, file: AccountFile, settled: Mapping[str, OpenInvoice] | None = None) -> AccountFile:
        """Return the file with the fact in it; an invoice that was settled and is owed again counts as reopened.

        `settled` are invoices that have left the file.
        """
        known = {**(settled or {}), **file.open}
        opened = dict(file.open)
        if self.opened:
            known[self.opened.id] = opened[self.opened.id] = self.opened
        for name, minor in self.shares.items():
            if name in known:
                opened[name] = _settled_by(known[name], minor)
        credit = file.credit + Money(self.credit, file.profile.currency)
        owed = total((one.remaining for one in opened.values()), file.profile.currency)
        return replace(file, open=opened, credit=credit, balance=owed - credit)


def _settled_by(invoice: OpenInvoice, minor: int) -> OpenInvoice:
    remaining = invoice.remaining - Money(minor, invoice.remaining.currency)
    again = invoice.remaining.minor <= 0 < remaining.minor
    return replace(invoice, remaining=remaining, reopened=invoice.reopened + again)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One effect on an account: which notice or subscription, in which stage, with how much overdue since when."""

    at: datetime
    effect: Effect
    what: str
    stage: str
    days: int
    overdue: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What would happen to an account, in order, and the file as it would be at the end."""

    events: tuple[Event, ...]
    file: AccountFile

    def first(self, effect: Effect) -> Event | None:
        """Return the first event of a kind; its overdue amount is the cash at stake."""
        return next((event for event in self.events if event.effect == effect), None)


def judged_by(file: AccountFile, policy: Policy) -> AccountFile:
    """Return the file as if a policy were pinned on every invoice."""
    opened = {name: replace(one, policy=policy.ref) for name, one in file.open.items()}
    return replace(file, open=opened, policies={**file.policies, policy.ref: policy})


def pinned_to(changes: Iterable[Change], policy: Policy) -> list[Change]:
    """Return facts whose invoices are issued under a policy."""
    return [replace(one, opened=replace(one.opened, policy=policy.ref)) if one.opened else one for one in changes]


def as_of(file: AccountFile, changes: Iterable[Change], moment: datetime, access: Mapping[str, bool]) -> AccountFile:
    """Return the file as it was at a past moment: the facts and notices up to then, who was suspended for non-payment.

    `access` tells of each subscription whether it was. Measures that people took are left out: they are of their time.
    """
    zero = Money.zero(file.profile.currency)
    then = replace(
        file,
        balance=zero,
        credit=zero,
        open={},
        notices=tuple(one for one in file.notices if one.decided_at <= moment),
        subscriptions=tuple(_as_it_was(one, suspended=access.get(one.id, False)) for one in file.subscriptions),
        promises=(),
        pauses=(),
        holds=(),
        disputes=(),
        stage=CLEAR,
        stage_since=None,
        due_at=None,
        assessed_at=None,
    )
    for change in changes:
        if change.at <= moment:
            then = change.applied(then)
    return then


def _as_it_was(one: Subscription, *, suspended: bool) -> Subscription:
    reasons = frozenset({NONPAYMENT}) if suspended else frozenset()
    wanted: Literal["active", "suspended"] = "suspended" if suspended else "active"
    return replace(one, desired=wanted, actual=wanted, reasons=reasons, why=None)


def replay(file: AccountFile, start: datetime, until: datetime, changes: Sequence[Change] = ()) -> Replay:
    """Replay a file from a moment to another, facts of (start, until] included."""
    run = _Run(file)
    run.settle(max(start, file.assessed_at or start))
    waiting = sorted((one for one in changes if start < one.at <= until), key=lambda one: one.at)
    now = start
    while (moment := run.next_moment(now, waiting)) and moment <= until:
        while waiting and waiting[0].at <= moment:
            run.happen(waiting.pop(0))
        run.settle(moment)
        now = moment
    return Replay(events=tuple(run.events), file=run.file)


class _Run:
    def __init__(self, file: AccountFile) -> None:
        self.file = file
        self._seen = dict(file.open)
        self.events: list[Event] = []

    def happen(self, change: Change) -> None:
        """Let a fact change the file."""
        self.file = change.applied(self.file, self._seen)
        self._seen.update(self.file.open)

    def next_moment(self, now: datetime, waiting: Sequence[Change]) -> datetime | None:
        """Return when something can change: the next fact, or the first sweep that finds the account due."""
        due = self.file.due_at
        sweep = _tick(max(due, now + _INSTANT)) if due else None
        return min((moment for moment in (sweep, waiting[0].at if waiting else None) if moment), default=None)

    def settle(self, now: datetime) -> None:
        """Assess until nothing changes; what is decided takes effect at once."""
        while True:
            found = assess(self.file, now)
            self.events.extend(_events(self.file, found))
            decided = found.decides(self.file)
            self.file = _carried_out(apply(self.file, found, now), now)
            if not decided:
                return


def _tick(moment: datetime) -> datetime:
    return _MIDNIGHT + -((_MIDNIGHT - moment) // SWEEP) * SWEEP


def _carried_out(file: AccountFile, now: datetime) -> AccountFile:
    notices = tuple(replace(one, state="sent", sent_at=now) if one.state == "queued" else one for one in file.notices)
    return replace(file, notices=notices, subscriptions=tuple(_switched(one) for one in file.subscriptions))


def _switched(one: Subscription) -> Subscription:
    """Return a subscription that the vendor has switched, where it can be."""
    return one if one.kind in NOT_SUSPENDABLE else replace(one, actual=one.desired)


def _events(file: AccountFile, found: Assessment) -> Iterator[Event]:
    for notice in found.notices:
        yield _event(found, "warned", notice.kind)
    before = {one.id: one.desired for one in file.subscriptions}
    for one in found.subscriptions:
        if one.desired != before[one.id]:
            yield _event(found, "suspended" if one.desired == "suspended" else "restored", one.id)


def _event(found: Assessment, effect: Effect, what: str) -> Event:
    return Event(at=found.at, effect=effect, what=what, stage=found.stage, days=found.days, overdue=found.overdue)
