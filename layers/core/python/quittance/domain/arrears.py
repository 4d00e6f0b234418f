"""Arrears: what is overdue, which stage holds, which notices go out, whose access goes or comes back, and why.

`assess` is pure: the same file at the same moment gives the same assessment. The rules it keeps:

- Overdue is the collectable remainder of invoices whose due date has ended in the account's time zone, less credit,
  which covers the oldest first. The policy pinned on the oldest invoice still owed governs.
- The stage is the last whose conditions all hold. Its own notices go out, and the one its suspension requires; those
  of stages that were passed over do not. Each kind goes out once per cause: the oldest overdue invoice and how often
  it was reopened.
- A stage acts once the newest notice of the required kind about an invoice still overdue was given and its full days
  have passed, by the clock on the wall and in hours, and within business hours where it asks for them. The required
  notice itself waits for nothing.
- Access once suspended for non-payment comes back at any hour when nothing is overdue, when less than `restore_below`
  is, or when no suspending stage has its days any more. Paying below a stage's amount alone does not bring it back.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from quittance.domain.account import AccountFile, Notice, OpenInvoice, Subscription, Wanted
from quittance.domain.arrears_terms import (
    Arrears,
    business_calendar,
    cause_of,
    full_days_after,
    is_about,
    notice_id,
    owed_invoices,
    stage_starts,
)
from quittance.domain.calendar import start_of_day
from quittance.domain.errors import Poison, Rejected
from quittance.domain.money import Money, total
from quittance.domain.policy import AfterNotice, Policy, PolicyRef, Stage

CLEAR = "clear"
NONPAYMENT = "nonpayment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What was found at a moment and what follows from it.

    `notices` are to be queued, `subscriptions` are those that change, as they will be. `next_due` is the next moment
    at which time alone could change anything, None where nothing could. `relied` are the notices a suspension rests on.
    """

    at: datetime
    overdue: Money
    owed: tuple[tuple[OpenInvoice, Money], ...]
    policy: PolicyRef | None
    days: int
    stage: str
    notices: tuple[Notice, ...]
    subscriptions: tuple[Subscription, ...]
    relied: tuple[Notice, ...]
    next_due: datetime | None
    facts: tuple[str, ...]

    def decides(self, file: AccountFile) -> bool:
        """Tell whether anything was decided: a stage, a notice or an access change."""
        return bool(self.stage != file.stage or self.notices or self.subscriptions)


def assess(file: AccountFile, now: datetime) -> Assessment:
    """Assess an account; Rejected when the run is dated before the last one, Poison when a pinned policy is missing."""
    now = now.astimezone(UTC)
    if file.assessed_at and now < file.assessed_at:
        raise Rejected(f"a run dated {now} comes after one dated {file.assessed_at}: the earlier is refused")
    owed = tuple(owed_invoices(file, now))
    if not owed:
        return _clear(file, now)
    oldest = owed[0][0]
    policy = _policy(file, oldest)
    overdue = total((amount for _, amount in owed), file.profile.currency)
    case = Arrears(file, now, policy, oldest, overdue, owed)
    plan = _Plan(case)
    return Assessment(
        at=now,
        overdue=overdue,
        owed=owed,
        policy=policy.ref,
        days=case.days,
        stage=plan.stage.name if plan.stage else CLEAR,
        notices=plan.notices,
        subscriptions=plan.subscriptions,
        relied=plan.relied,
        next_due=min(plan.moments(), default=None),
        facts=tuple(plan.facts()),
    )


def apply(file: AccountFile, assessment: Assessment, now: datetime) -> AccountFile:
    """Return the file as it is once an assessment is written; settled invoices leave it."""
    changed = {subscription.id: subscription for subscription in assessment.subscriptions}
    queued = {notice.id for notice in assessment.notices}
    return replace(
        file,
        open={name: invoice for name, invoice in file.open.items() if not is_settled(invoice)},
        notices=(*(one for one in file.notices if one.id not in queued), *assessment.notices),
        subscriptions=tuple(changed.get(one.id, one) for one in file.subscriptions),
        stage=assessment.stage,
        stage_since=file.stage_since if assessment.stage == file.stage else now,
        version=file.version + assessment.decides(file),
        due_at=assessment.next_due,
        assessed_at=now,
    )


def is_settled(invoice: OpenInvoice) -> bool:
    """Tell whether nothing is owed on an invoice, disputed parts included."""
    return invoice.remaining.minor <= 0


def _policy(file: AccountFile, invoice: OpenInvoice) -> Policy:
    if invoice.policy not in file.policies:
        name, version = invoice.policy
        raise Poison(
            f"policy {name} version {version}, pinned on invoice {invoice.id}, is not published", field="policy"
        )
    return file.policies[invoice.policy]


def _clear(file: AccountFile, now: datetime) -> Assessment:
    restored = tuple(_restored(one) for one in file.subscriptions if NONPAYMENT in one.reasons)
    nothing = Money.zero(file.profile.currency)
    return Assessment(
        at=now,
        overdue=nothing,
        owed=(),
        policy=None,
        days=0,
        stage=CLEAR,
        notices=(),
        subscriptions=restored,
        relied=(),
        next_due=min(_due_ends(file, now), default=None),
        facts=(f"nothing is overdue on {_local_date(file, now)} in {file.profile.timezone}",),
    )


def _due_ends(file: AccountFile, now: datetime) -> Iterator[datetime]:
    """Yield when the due dates of invoices not yet overdue end."""
    for invoice in file.open.values():
        ends = start_of_day(invoice.due + timedelta(days=1), file.profile.zone)
        if invoice.collectable.minor > 0 and ends > now:
            yield ends


def _local_date(file: AccountFile, now: datetime) -> date:
    return now.astimezone(file.profile.zone).date()


def _restored(subscription: Subscription) -> Subscription:
    return _switched(subscription, subscription.reasons - {NONPAYMENT})


def _switched(subscription: Subscription, reasons: frozenset[str]) -> Subscription:
    """Return a subscription with other reasons; only where what is wanted changes does a new generation begin."""
    wanted: Wanted = "suspended" if reasons else "active"
    step = 1 if wanted != subscription.desired else 0
    return replace(
        subscription,
        reasons=reasons,
        desired=wanted,
        generation=subscription.generation + step,
        why=subscription.why if NONPAYMENT in reasons else None,
    )


class _Plan:
    """What an overdue account's stage asks for, and when the rest of it will be possible."""

    def __init__(self, case: Arrears) -> None:
        self._case = case
        self._file, self._now = case.file, case.now
        self._notices = [notice for notice in case.file.notices if notice.state != "withdrawn"]
        holding = [stage for stage in case.policy.stages if case.holds(stage)]
        self.stage = holding[-1] if holding else None
        self._suspending = next((stage for stage in reversed(holding) if stage.suspend), None)
        self._keeping = next((s for s in reversed(case.policy.stages) if s.suspend and s.when.days <= case.days), None)
        self._above = case.overdue >= case.policy.restore_below
        self.notices = tuple(self._notice(kind) for kind in dict.fromkeys(self._due_kinds()))
        self.subscriptions = tuple(self._changes())
        self.relied = self._relied_on()

    def _due_kinds(self) -> Iterator[str]:
        for stage in self._acting():
            required = stage.after_notice.notice if stage.after_notice else None
            if required and self._newest(required) is None:
                yield required
        for kind in self._own_unsent():
            if kind == self._required_by_stage() or self._ready(self.stage):
                yield kind

    def _own_unsent(self) -> list[str]:
        cause = cause_of(self._case.oldest)
        sent = {notice.kind for notice in self._notices if notice.cause == cause}
        return [kind for kind in self.stage.notices if kind not in sent] if self.stage else []

    def _required_by_stage(self) -> str | None:
        return self.stage.after_notice.notice if self.stage and self.stage.after_notice else None

    def _acting(self) -> list[Stage]:
        """Return the stage and, where it is another, the passed stage that suspends."""
        return list(dict.fromkeys(stage for stage in (self._suspending, self.stage) if stage))

    def _notice(self, kind: str) -> Notice:
        return Notice(
            id=notice_id(self._case.oldest, kind),
            kind=kind,
            cause=cause_of(self._case.oldest),
            invoices=tuple(invoice.id for invoice, _ in self._case.owed),
            openings={invoice.id: invoice.reopened for invoice, _ in self._case.owed if invoice.reopened},
            decided_at=self._now,
        )

    def _newest(self, kind: str) -> Notice | None:
        """Return the newest notice of a kind about an invoice still overdue: what it promises has to be kept."""
        owed = [invoice for invoice, _ in self._case.owed]
        about = (n for n in self._notices if n.kind == kind and any(is_about(n, invoice) for invoice in owed))
        return max(about, key=lambda notice: (notice.decided_at, notice.id), default=None)

    def _opens(self, stage: Stage) -> datetime | None:
        """Return when a stage may act, not before now; None while its notice has not been given."""
        moment = self._now
        if stage.after_notice:
            notice = self._newest(stage.after_notice.notice)
            if notice is None or notice.given_at is None:
                return None
            aged = full_days_after(notice.given_at, stage.after_notice.days, self._file.profile.zone)
            moment = max(moment, aged)
        if not stage.business_hours:
            return moment
        return business_calendar(self._case.policy, self._file.profile).next_opening(moment)

    def _ready(self, stage: Stage | None) -> bool:
        return stage is not None and self._opens(stage) == self._now

    def _changes(self) -> Iterator[Subscription]:
        ready = self._ready(self._suspending)
        for one in self._file.subscriptions:
            if NONPAYMENT in one.reasons:
                if not (self._above and self._keeping and self._case.covers(self._keeping, one)):
                    yield _restored(one)
            elif ready and self._wants(one):
                yield replace(_switched(one, one.reasons | {NONPAYMENT}), why=self._case.why(self._suspending))

    def _wants(self, subscription: Subscription) -> bool:
        return self._above and self._suspending is not None and self._case.covers(self._suspending, subscription)

    def _unsuspended(self) -> list[Subscription]:
        return [one for one in self._file.subscriptions if NONPAYMENT not in one.reasons and self._wants(one)]

    def _relied_on(self) -> tuple[Notice, ...]:
        after = self._suspending.after_notice if self._suspending else None
        suspends = any(NONPAYMENT in one.reasons for one in self.subscriptions)
        notice = self._newest(after.notice) if after and suspends else None
        return (notice,) if notice else ()

    def _pending(self) -> list[Stage]:
        """Return the stages that still have something to do."""
        suspends = self._suspending is not None and bool(self._unsuspended())
        notifies = any(kind != self._required_by_stage() for kind in self._own_unsent())
        asked = (self._suspending if suspends else None, self.stage if notifies else None)
        return list(dict.fromkeys(stage for stage in asked if stage))

    def moments(self) -> Iterator[datetime]:
        """Yield the moments to come at which time alone could change something."""
        yield from _due_ends(self._file, self._now)
        for stage in self._case.policy.stages:
            if self._case.enough(stage) and stage.when.days > self._case.days:
                yield stage_starts(self._case, stage)
        for stage in self._pending():
            opens = self._opens(stage)
            if opens and opens > self._now:
                yield opens

    def facts(self) -> Iterator[str]:
        """Yield, in plain words, the facts the assessment rests on."""
        yield from self._case.facts()
        yield f"stage {self.stage.name} holds" if self.stage else "no stage holds yet"
        for stage in self._pending():
            yield from self._waiting(stage)
        if any(NONPAYMENT in one.reasons for one in self._file.subscriptions):
            yield self._kept()

    def _waiting(self, stage: Stage) -> Iterator[str]:
        if stage.after_notice:
            yield self._notice_fact(stage.name, stage.after_notice)
        opens = self._opens(stage)
        if opens and stage.business_hours:
            closed = f"stage {stage.name} waits for business hours until {self._case.told(opens)}"
            yield "business hours are open" if opens == self._now else closed

    def _notice_fact(self, stage: str, after: AfterNotice) -> str:
        notice = self._newest(after.notice)
        if notice is None:
            return f"stage {stage} waits: its notice {after.notice} goes out first"
        if notice.given_at is None:
            return f"stage {stage} waits: notice {notice.id} is {notice.state}, so it is not given"
        aged = full_days_after(notice.given_at, after.days, self._file.profile.zone)
        tense = "passed" if aged <= self._now else "will have passed"
        told = self._case.told
        return f"notice {notice.id} was given {told(notice.given_at)}; {after.days} full days {tense} {told(aged)}"

    def _kept(self) -> str:
        limit = self._case.policy.restore_below
        if not self._above:
            return f"access comes back: {self._case.overdue} is below {limit}"
        if self._keeping is None:
            return "access comes back: no suspending stage has its days any more"
        return f"access stays suspended until less than {limit} is overdue"
