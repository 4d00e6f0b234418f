"""What a notice tells the customer: what is owed, and what happens next and when, by the policy that governs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
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
from quittance.domain.upcoming import announces, upcoming_invoices

type _Amounts = tuple[tuple[OpenInvoice, Money], ...]


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
    """What a mail about one or several notices has to say, in the account's currency.

    `owed` is overdue, `ahead` is due soon; `next_step` is what the policy does about the former, None where nothing.
    """

    owed: tuple[tuple[OpenInvoice, Money], ...]
    total: Money
    policy: Policy
    next_step: NextStep | None
    ahead: tuple[tuple[OpenInvoice, Money], ...] = ()

    @property
    def pay_by(self) -> date | None:
        """The last day on which paying keeps the next step away; where nothing is overdue, the next due date."""
        if not self.owed:
            return min((invoice.due for invoice, _ in self.ahead), default=None)
        return self.next_step.at - timedelta(days=1) if self.next_step else None


def speaks(file: AccountFile, notice: Notice, now: datetime) -> bool:
    """Tell whether a notice given now still has something to say: what it is about is owed, and nothing stops it."""
    if Standstill.of(file, now).stops_notices:
        return False
    return any(_told_of(file, [notice], now))


def outlook(file: AccountFile, notices: Sequence[Notice], now: datetime) -> Outlook | None:
    """Return what a mail about these notices has to say; None when none of them has anything to say now."""
    telling = [notice for notice in notices if speaks(file, notice, now)]
    owed, ahead = _told_of(file, telling, now)
    if not owed:
        return _announcing(file, ahead) if ahead else None
    everything = tuple(owed_invoices(file, now))
    currency = file.profile.currency
    oldest = everything[0][0]
    policy = file.policies[oldest.policy]
    overdue = total((amount for _, amount in everything), currency)
    case = Arrears(file, now, policy, oldest, overdue, everything)
    steps = sorted(_steps(case, {notice.kind for notice in telling}), key=lambda step: step.at)
    return Outlook(
        owed=owed,
        total=total((amount for _, amount in owed), currency),
        policy=policy,
        next_step=steps[0] if steps else None,
        ahead=ahead,
    )


def _announcing(file: AccountFile, ahead: _Amounts) -> Outlook:
    amount = total((amount for _, amount in ahead), file.profile.currency)
    return Outlook(owed=(), total=amount, policy=file.policies[ahead[0][0].policy], next_step=None, ahead=ahead)


def _told_of(file: AccountFile, notices: Sequence[Notice], now: datetime) -> tuple[_Amounts, _Amounts]:
    """Return what notices are about: what is overdue, and what is announced."""
    zone = file.profile.zone
    owed = tuple(
        (invoice, amount)
        for invoice, amount in owed_invoices(file, now)
        if any(is_about(one, invoice) and not announces(one, invoice, zone) for one in notices)
    )
    ahead = tuple(
        (invoice, amount)
        for invoice, amount in upcoming_invoices(file, now)
        if any(is_about(one, invoice) and announces(one, invoice, zone) for one in notices)
    )
    return owed, ahead


def _steps(case: Arrears, given: AbstractSet[str]) -> Iterator[NextStep]:
    for stage in case.policy.stages:
        if case.enough(stage) and (stage.when.days > case.days or _suspends_yet(case, stage)):
            yield NextStep(
                stage=stage.name,
                at=_acts_from(case, stage, given).astimezone(case.file.profile.zone).date(),
                reach=stage.suspend,
                notice=stage.notices[0] if stage.notices else None,
                services=_services(case, stage),
            )


def _suspends_yet(case: Arrears, stage: Stage) -> bool:
    return stage.suspend is not None and any(NONPAYMENT not in one.reasons for one in case.file.subscriptions)


def _acts_from(case: Arrears, stage: Stage, kinds: AbstractSet[str]) -> datetime:
    """Return when a stage acts at the earliest, notices of these kinds being given now."""
    moment = max(case.now, stage_starts(case, stage))
    if stage.after_notice:
        given = _given(case, stage.after_notice.notice, kinds)
        moment = max(moment, full_days_after(given, stage.after_notice.days, case.file.profile.zone))
    if not stage.business_hours:
        return moment
    return business_calendar(case.policy, case.file.profile).next_opening(moment)


def _given(case: Arrears, kind: str, kinds: AbstractSet[str]) -> datetime:
    """Return when the notice a stage waits for is given: now, or as its own stage comes, or as it was."""
    if kind in kinds:
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
