"""Looking a policy over before it is published: what will not happen as it is written, each place with its reason.

What contradicts itself outright is refused when the policy is read (`policy_parsing`). What is found here can be
published all the same: it works, only otherwise than somebody may have meant.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from quittance.domain.policy import UPCOMING, Policy, Stage


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: its place in the definition and what will happen there."""

    place: str
    text: str


def review(policy: Policy) -> tuple[Finding, ...]:
    """Return what is worth a second look: the order of payments, then in the order of the stages."""
    return (*_order(policy), *_never(policy), *_late(policy), *_bare(policy), *_unannounced(policy))


def _order(policy: Policy) -> Iterator[Finding]:
    """An order by which money may come in while the debt that counts the days stays."""
    if policy.allocation != "oldest_due" and policy.stages:
        text = (
            f"a payment that names no invoice is allocated {policy.allocation.replace('_', ' ')}: the oldest invoice, "
            "from which the days of every stage count, may stay open though the customer pays"
        )
        yield Finding("allocation", text)


def _never(policy: Policy) -> Iterator[Finding]:
    """Stages that are over before an invoice can be overdue, and those that the next one always takes along."""
    first = policy.payment_days + 1 if policy.clock == "issue_date" else 1
    for i, (stage, following) in enumerate(zip(policy.stages, policy.stages[1:], strict=False)):
        if following.when.days <= first and _no_stricter(following, stage):
            text = (
                f"stage {stage.name!r} is never reached: nothing is overdue before day {first} "
                f"of the policy's clock, and {following.name!r} holds by then"
            )
            yield Finding(f"stages[{i}].when.days", text)


def _no_stricter(later: Stage, earlier: Stage) -> bool:
    amount = later.when.amount is None or (earlier.when.amount is not None and later.when.amount <= earlier.when.amount)
    return amount and (later.when.invoices or 1) <= (earlier.when.invoices or 1)


def _late(policy: Policy) -> Iterator[Finding]:
    """Stages whose notice days cannot be over on the day on which they begin."""
    for i, stage in enumerate(policy.stages):
        if stage.after_notice is None:
            continue
        kind, days = stage.after_notice.notice, stage.after_notice.days
        sends = next(one for one in policy.stages if kind in one.notices)
        earliest = max(sends.when.days, 1) + days
        if earliest > stage.when.days:
            text = (
                f"stage {stage.name!r} begins on day {stage.when.days}, yet its notice {kind!r} goes out on day "
                f"{sends.when.days} and is {days} full days old on day {earliest} at the earliest: it acts then"
            )
            yield Finding(f"stages[{i}].after_notice.days", text)


def _bare(policy: Policy) -> Iterator[Finding]:
    """Stages that suspend without a notice before, or do nothing at all."""
    for i, stage in enumerate(policy.stages):
        if stage.suspend and (stage.after_notice is None or stage.after_notice.days == 0):
            text = f"stage {stage.name!r} suspends without a notice that is days old; give it after_notice"
            yield Finding(f"stages[{i}].after_notice", text)
        if not stage.suspend and not stage.notices:
            yield Finding(f"stages[{i}].do", f"stage {stage.name!r} does nothing but show that it holds")


def _unannounced(policy: Policy) -> Iterator[Finding]:
    """Reminders before the due date that the invoice itself forestalls, and stages that send such a one too late."""
    if policy.upcoming_days is not None and policy.upcoming_days >= policy.payment_days:
        text = (
            f"an invoice is due {policy.payment_days} days after it is issued, so a reminder {policy.upcoming_days} "
            "days before has no day to go out on: give fewer days"
        )
        yield Finding("upcoming.days", text)
    for i, stage in enumerate(policy.stages):
        if UPCOMING in stage.notices:
            text = (
                f"stage {stage.name!r} sends the reminder before the due date when that has passed: "
                "name another notice, and give the policy `upcoming`"
            )
            yield Finding(f"stages[{i}].do", text)
