"""What a notice tells the customer: what is owed, and what happens next and when, by the policy that governs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from quittance.domain.account import AccountFile, Notice, OpenInvoice
from quittance.domain.arrears import NONPAYMENT
from quittance.domain.arrears_terms import (
    Arrears,
    business_calendar,
    full_days_after,
    is_about,
    owed_invoices,
    stage_starts,
)
from quittance.domain.money import Money, total
from quittance.domain.policy import Policy, Stage
from quittance.domain.standstill import Standstill


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The next thing the policy does if nothing is paid, and its first local day; `reach` as in a stage's suspend."""

    stage: str
    at: date
    reach: str | None
    notice: str | None
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What is owed of a notice's invoices, in the account's currency, and the next step; None where there is none."""

    owed: tuple[tuple[OpenInvoice, Money], ...]
    total: Money
    policy: Policy
    next_step: NextStep | None

    @property
    def pay_by(self) -> date | None:
        """The last day on which paying keeps the next step away."""
        return self.next_step.at - timedelta(days=1) if self.next_step else None


def outlook(file: AccountFile, notice: Notice, now: datetime) -> Outlook | None:
    """Return what a notice given now has to say; None when nothing it is about is overdue any more, or it must wait."""
    if Standstill.of(file, now).stops_notices:
        return None
    everything = tuple(owed_invoices(file, now))
    owed = tuple((invoice, amount) for invoice, amount in everything if is_about(notice, invoice))
    if not owed:
        return None
    currency = file.profile.currency
    oldest = everything[0][0]
    policy = file.policies[oldest.policy]
    overdue = total((amount for _, amount in everything), currency)
    case = Arrears(file, now, policy, oldest, overdue, everything)
    steps = sorted(_steps(case, notice), key=lambda step: step.at)
    return Outlook(
        owed=owed,
        total=total((amount for _, amount in owed), currency),
        policy=policy,
        next_step=steps[0] if steps else None,
    )


def _steps(case: Arrears, notice: Notice) -> Iterator[NextStep]:
    for stage in case.policy.stages:
        if case.enough(stage) and (stage.when.days > case.days or _suspends_yet(case, stage)):
            yield NextStep(
                stage=stage.name,
                at=_acts_from(case, stage, notice).astimezone(case.file.profile.zone).date(),
                reach=stage.suspend,
                notice=stage.notices[0] if stage.notices else None,
                services=_services(case, stage),
            )


def _suspends_yet(case: Arrears, stage: Stage) -> bool:
    return stage.suspend is not None and any(NONPAYMENT not in one.reasons for one in case.file.subscriptions)


def _acts_from(case: Arrears, stage: Stage, notice: Notice) -> datetime:
    """Return when a stage acts at the earliest, the notice being given now."""
    moment = max(case.now, stage_starts(case, stage))
    if stage.after_notice:
        given = _given(case, stage.after_notice.notice, notice)
        moment = max(moment, full_days_after(given, stage.after_notice.days, case.file.profile.zone))
    if not stage.business_hours:
        return moment
    return business_calendar(case.policy, case.file.profile).next_opening(moment)


def _given(case: Arrears, kind: str, notice: Notice) -> datetime:
    """Return when the notice a stage waits for is given: now, or as its own stage comes, or as it was."""
    if kind == notice.kind:
        return case.now
    about = (n.given_at for n in case.file.notices if n.kind == kind and is_about(n, case.oldest))
    if given := max((moment for moment in about if moment), default=None):
        return given
    sends = next(stage for stage in case.policy.stages if kind in stage.notices)
    return max(case.now, stage_starts(case, sends))


def _services(case: Arrears, stage: Stage) -> tuple[str, ...]:
    """Return the names of what is suspended; none where that is everything."""
    if stage.suspend != "unpaid_lines":
        return ()
    return tuple(one.name for one in case.file.subscriptions if case.covers(stage, one))
