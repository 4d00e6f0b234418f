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
- A pause or a promise in force stops what the stage would do, as far as the policy says; the stage itself stays what
  the facts make it. A suspension that has not reached the vendor is called back. (domain.standstill)
- Before an invoice is due its reminder goes out, where its policy has one. (domain.upcoming)
- A hold withholds all access for its own reason, at any hour, until it is released, whatever is paid.
- Access once suspended for non-payment comes back at any hour when nothing is overdue, when less than `restore_below`
  is, when no suspending stage has its days any more, or when a promise says so. Paying below a stage's amount alone
  does not bring it back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from quittance.domain.account import AccountFile, Notice, OpenInvoice, Subscription
from quittance.domain.arrears_plan import Plan, reasons_of, switched
from quittance.domain.arrears_terms import CLEAR, NONPAYMENT, Arrears, owed_invoices
from quittance.domain.errors import Poison, Rejected
from quittance.domain.forbearance import Promise
from quittance.domain.money import Money, total
from quittance.domain.policy import Policy, PolicyRef
from quittance.domain.standstill import Standstill, settled_promises
from quittance.domain.upcoming import announcement_facts, announcements, moments_ahead

__all__ = ["CLEAR", "NONPAYMENT", "Assessment", "apply", "assess", "governing_policy", "is_settled"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What was found at a moment and what follows from it.

    `notices` are to be queued, `subscriptions` are those that change, as they will be. `next_due` is the next moment
    at which time alone could change anything, None where nothing could. `relied` are the notices a suspension rests on,
    `promises` those that turned out kept or broken, as they now are.
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
    promises: tuple[Promise, ...] = ()

    def decides(self, file: AccountFile) -> bool:
        """Tell whether anything was decided: a stage, a notice, an access change, a promise kept or broken."""
        return bool(self.stage != file.stage or self.notices or self.subscriptions or self.promises)


def assess(file: AccountFile, now: datetime) -> Assessment:
    """Assess an account; Rejected when the run is dated before the last one, Poison when a pinned policy is missing."""
    now = now.astimezone(UTC)
    if file.assessed_at and now < file.assessed_at:
        raise Rejected(f"a run dated {now} comes after one dated {file.assessed_at}: the earlier is refused")
    promises = settled_promises(file, now)
    weighed = _with_promises(file, promises)
    found, ahead = _assess(weighed, now), announcements(weighed, now)
    told = (f"the promise of {one.amount} {one.amount.currency} by {one.until} is {one.state}" for one in promises)
    facts = (*found.facts, *announcement_facts(file, ahead), *told)
    return replace(found, notices=(*found.notices, *ahead), promises=promises, facts=facts)


def _assess(file: AccountFile, now: datetime) -> Assessment:
    owed = tuple(owed_invoices(file, now))
    if not owed:
        return _clear(file, now)
    oldest = owed[0][0]
    policy = _policy(file, oldest)
    overdue = total((amount for _, amount in owed), file.profile.currency)
    case = Arrears(file, now, policy, oldest, overdue, owed)
    plan = Plan(case)
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
        promises=_with_promises(file, assessment.promises).promises,
        subscriptions=tuple(changed.get(one.id, one) for one in file.subscriptions),
        stage=assessment.stage,
        stage_since=file.stage_since if assessment.stage == file.stage else now,
        version=file.version + assessment.decides(file),
        due_at=assessment.next_due,
        assessed_at=now,
    )


def _with_promises(file: AccountFile, promises: tuple[Promise, ...]) -> AccountFile:
    if not promises:
        return file
    changed = {one.id: one for one in promises}
    return replace(file, promises=tuple(changed.get(one.id, one) for one in file.promises))


def governing_policy(file: AccountFile) -> Policy:
    """Return the policy pinned on the oldest invoice on which something is owed; there must be one."""
    owed = (one for one in file.open.values() if one.remaining.minor > 0)
    return _policy(file, min(owed, key=lambda one: (one.due, one.number)))


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
    wanted = ((one, reasons_of(file, one, nonpayment=False)) for one in file.subscriptions)
    nothing, standstill = Money.zero(file.profile.currency), Standstill.of(file, now)
    return Assessment(
        at=now,
        overdue=nothing,
        owed=(),
        policy=None,
        days=0,
        stage=CLEAR,
        notices=(),
        subscriptions=tuple(switched(one, reasons) for one, reasons in wanted if reasons != one.reasons),
        relied=(),
        next_due=min((*moments_ahead(file, now), *standstill.moments()), default=None),
        facts=(
            f"nothing is overdue on {_local_date(file, now)} in {file.profile.timezone}",
            *standstill.facts(),
        ),
    )


def _local_date(file: AccountFile, now: datetime) -> date:
    return now.astimezone(file.profile.zone).date()
