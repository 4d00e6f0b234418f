"""A decision as it is kept: all it rests on, so that it can be explained line by line at any later time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from quittance.domain.account import AccountFile, Notice, Subscription
from quittance.domain.arrears import Assessment
from quittance.domain.standstill import Standstill


def decision_body(file: AccountFile, assessment: Assessment, cause: str) -> dict[str, Any]:
    """Return a decision in JSON types: amounts as decimal strings in the account's currency, moments in UTC."""
    before = {one.id: one.reasons for one in file.subscriptions}
    return {
        "cause": cause,
        "stage": {"from": file.stage, "to": assessment.stage},
        "currency": file.profile.currency,
        "overdue": str(assessment.overdue),
        "credit": str(file.credit),
        "days": assessment.days,
        "invoices": [
            {"id": one.id, "number": one.number, "due": one.due.isoformat(), "owed": str(amount)}
            for one, amount in assessment.owed
        ],
        "policy": {"name": assessment.policy.name, "version": assessment.policy.version} if assessment.policy else None,
        "notices": [{"id": notice.id, "kind": notice.kind} for notice in assessment.notices],
        "relied": [_relied(notice) for notice in assessment.relied],
        "access": [_access(one, before[one.id]) for one in assessment.subscriptions],
        "promises": [{"id": one.id, "state": one.state} for one in assessment.promises],
        "standing": _standing(file, assessment),
        "next_due": _moment(assessment.next_due),
        "facts": list(assessment.facts),
        "head_version": file.version,
    }


def _relied(notice: Notice) -> dict[str, Any]:
    return {"id": notice.id, "kind": notice.kind, "given_at": _moment(notice.given_at)}


def _standing(file: AccountFile, assessment: Assessment) -> dict[str, Any]:
    """Return what was in force: nobody is suspended for non-payment while a promise or a pause is."""
    broken = {one.id for one in assessment.promises if one.state == "broken"}
    found = Standstill.of(file, assessment.at)
    return {
        "promises": [one.id for one in found.promises if one.id not in broken],
        "pause": found.pause.id if found.pause else None,
        "holds": sorted(file.held_for),
        "disputed": {one.id: str(one.disputed) for one in file.open.values() if one.disputed},
    }


def _access(subscription: Subscription, before: frozenset[str]) -> dict[str, Any]:
    return {
        "subscription": subscription.id,
        "wanted": subscription.desired,
        "reasons": sorted(subscription.reasons),
        "added": sorted(subscription.reasons - before),
        "generation": subscription.generation,
    }


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
