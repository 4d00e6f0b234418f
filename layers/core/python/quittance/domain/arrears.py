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

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from quittance.domain.account import AccountFile, Notice, OpenInvoice, Subscription
from quittance.domain.arrears_plan import Plan, restored
from quittance.domain.arrears_terms import CLEAR, NONPAYMENT, Arrears, due_ends, owed_invoices
from quittance.domain.errors import Poison, Rejected
from quittance.domain.money import Money, total
from quittance.domain.policy import Policy, PolicyRef

__all__ = ["CLEAR", "NONPAYMENT", "Assessment", "apply", "assess", "is_settled"]


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
    back = tuple(restored(one) for one in file.subscriptions if NONPAYMENT in one.reasons)
    nothing = Money.zero(file.profile.currency)
    return Assessment(
        at=now,
        overdue=nothing,
        owed=(),
        policy=None,
        days=0,
        stage=CLEAR,
        notices=(),
        subscriptions=back,
        relied=(),
        next_due=min(due_ends(file, now), default=None),
        facts=(f"nothing is overdue on {_local_date(file, now)} in {file.profile.timezone}",),
    )


def _local_date(file: AccountFile, now: datetime) -> date:
    return now.astimezone(file.profile.zone).date()
