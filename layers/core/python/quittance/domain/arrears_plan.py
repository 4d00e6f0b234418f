"""What an overdue account's stage asks for now, and when the rest of it will be possible."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from quittance.domain.account import AccountFile, Notice, Subscription, Wanted
from quittance.domain.arrears_terms import (
    NONPAYMENT,
    Arrears,
    business_calendar,
    cause_of,
    full_days_after,
    is_about,
    notice_id,
    stage_starts,
)
from quittance.domain.forbearance import HOLD_REASONS
from quittance.domain.late_charges import told_fee
from quittance.domain.policy import AfterNotice, Stage
from quittance.domain.standstill import Standstill
from quittance.domain.upcoming import moments_ahead


def reasons_of(file: AccountFile, subscription: Subscription, *, nonpayment: bool) -> frozenset[str]:
    """Return why a subscription is to be suspended: non-payment or not, and every hold in force."""
    others = subscription.reasons - {NONPAYMENT} - frozenset(HOLD_REASONS)
    return others | file.held_for | (frozenset({NONPAYMENT}) if nonpayment else frozenset())


def switched(subscription: Subscription, reasons: frozenset[str]) -> Subscription:
    """Return a subscription with other reasons; a new generation begins where what is wanted changes.

    It does, too, where a hold comes upon a suspension that still waits for business hours: a hold waits for nothing.
    """
    wanted: Wanted = "suspended" if reasons else "active"
    hurries = subscription.reasons == {NONPAYMENT} and len(reasons) > 1 and subscription.actual != "suspended"
    step = 1 if wanted != subscription.desired or hurries else 0
    return replace(
        subscription,
        reasons=reasons,
        desired=wanted,
        generation=subscription.generation + step,
        why=subscription.why if NONPAYMENT in reasons else None,
    )


class Plan:
    """What follows for an account with something overdue."""

    def __init__(self, case: Arrears) -> None:
        self._case = case
        self._file, self._now = case.file, case.now
        self._standstill = Standstill.of(case.file, case.now)
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
        if self._standstill.stops_notices:
            return
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
            about=self._case.oldest.number,
            fee=self._case.policy.fee(kind, self._file.profile.country),
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
        ready = self._ready(self._suspending) and not self._standstill.stops_suspension
        for one in self._file.subscriptions:
            unpaid = self._stays(one) if NONPAYMENT in one.reasons else ready and self._wants(one)
            reasons = reasons_of(self._file, one, nonpayment=unpaid)
            if NONPAYMENT in reasons - one.reasons:
                yield replace(switched(one, reasons), why=self._case.why(self._suspending))
            elif reasons != one.reasons:
                yield switched(one, reasons)

    def _stays(self, subscription: Subscription) -> bool:
        """Tell whether a suspension for non-payment goes on; a standstill calls back what the vendor has not made."""
        if self._standstill.restores or (self._standstill.stops_suspension and subscription.actual != "suspended"):
            return False
        return self._above and self._keeping is not None and self._case.covers(self._keeping, subscription)

    def _wants(self, subscription: Subscription) -> bool:
        return self._above and self._suspending is not None and self._case.covers(self._suspending, subscription)

    def _unsuspended(self) -> list[Subscription]:
        return [one for one in self._file.subscriptions if NONPAYMENT not in one.reasons and self._wants(one)]

    def _relied_on(self) -> tuple[Notice, ...]:
        after = self._suspending.after_notice if self._suspending else None
        before = {one.id: one.reasons for one in self._file.subscriptions}
        suspends = any(NONPAYMENT in one.reasons - before[one.id] for one in self.subscriptions)
        notice = self._newest(after.notice) if after and suspends else None
        return (notice,) if notice else ()

    def _pending(self) -> list[Stage]:
        """Return the stages that still have something to do and may do it."""
        stopped = self._standstill
        suspends = self._suspending is not None and not stopped.stops_suspension and bool(self._unsuspended())
        notifies = not stopped.stops_notices and any(kind != self._required_by_stage() for kind in self._own_unsent())
        asked = (self._suspending if suspends else None, self.stage if notifies else None)
        return list(dict.fromkeys(stage for stage in asked if stage))

    def moments(self) -> Iterator[datetime]:
        """Yield the moments to come at which time alone could change something."""
        yield from moments_ahead(self._file, self._now)
        yield from self._standstill.moments()
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
        yield from self._standstill.facts()
        yield from filter(None, map(told_fee, self.notices))
        if percent := self._case.policy.interest(self._file.profile.country):
            yield f"interest of {percent} % a year runs on what is overdue until it is paid"
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
        if self._standstill.restores:
            return "access comes back: a promise to pay was accepted"
        if not self._above:
            return f"access comes back: {self._case.overdue} is below {limit}"
        if self._keeping is None:
            return "access comes back: no suspending stage has its days any more"
        return f"access stays suspended until less than {limit} is overdue"
