"""Why an account is where it is at a moment: told from the decisions as they were stored, in words for the customer.

Nothing is judged again: what is told is what was decided then, by the policy version that was pinned then, on the
notices and numbers that were known then. Amounts are decimal strings in the account's currency.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from quittance.domain.account import Profile
from quittance.domain.arrears import CLEAR, NONPAYMENT
from quittance.domain.arrears_terms import counted
from quittance.domain.policy import Policy, Stage


@dataclass(frozen=True, slots=True)
class Decided:
    """A stored decision: when, and its body as `decision.decision_body` wrote it."""

    at: datetime
    body: Mapping[str, Any]


def explain(
    profile: Profile, decisions: Sequence[Decided], policies: Mapping[tuple[str, int], Policy], at: datetime
) -> dict[str, Any]:
    """Explain the state at a moment from all decisions up to it, the oldest first.

    `chain` holds the decisions since the account was last clear; before the first decision everything is clear.
    """
    known = [one for one in decisions if one.at <= at]
    last = known[-1].body if known else None
    chain = _chain(known)
    answer: dict[str, Any] = {
        "account": profile.id,
        "lang": profile.locale,
        "at": _utc(at),
        "stage": last["stage"]["to"] if last else CLEAR,
        "since": _utc(since) if (since := _stage_since(known)) else None,
        "decided_at": _utc(known[-1].at) if known else None,
        "overdue": last["overdue"] if last else None,
        "currency": profile.currency,
        "days": last["days"] if last else None,
        "policy": last["policy"] if last else None,
        "rule": _rule(last, policies),
        "invoices": list(last["invoices"]) if last else [],
        "notices": [{**notice, "decided_at": _utc(one.at)} for one in chain for notice in one.body["notices"]],
        "relied": [notice for one in chain for notice in one.body["relied"]],
        "access": _access(known),
        "chain": [
            {
                "at": _utc(one.at),
                "stage": one.body["stage"]["to"],
                "cause": one.body["cause"],
                "text": _told(one, profile.zone),
            }
            for one in chain
        ],
    }
    return {**answer, "text": list(_sentences(answer, known, profile.zone))}


def _chain(known: Sequence[Decided]) -> Sequence[Decided]:
    """Return the decisions since the last one that made the account clear, that one included while it is clear."""
    cleared = [i for i, one in enumerate(known) if one.body["stage"]["to"] == CLEAR]
    if not cleared:
        return known
    return known[cleared[-1] :] if cleared[-1] == len(known) - 1 else known[cleared[-1] + 1 :]


def _stage_since(known: Sequence[Decided]) -> datetime | None:
    moved = [one.at for one in known if one.body["stage"]["from"] != one.body["stage"]["to"]]
    return moved[-1] if moved else None


def _access(known: Sequence[Decided]) -> dict[str, dict[str, Any]]:
    """Return the last word on each subscription's access."""
    found: dict[str, dict[str, Any]] = {}
    for one in known:
        for change in one.body["access"]:
            found[change["subscription"]] = {
                "wanted": change["wanted"],
                "reasons": change["reasons"],
                "since": _utc(one.at),
            }
    return found


def _rule(last: Mapping[str, Any] | None, policies: Mapping[tuple[str, int], Policy]) -> str | None:
    if last is None or last["policy"] is None:
        return None
    policy = policies.get((last["policy"]["name"], last["policy"]["version"]))
    stages = policy.stages if policy else ()
    stage = next((one for one in stages if one.name == last["stage"]["to"]), None)
    return stage_in_words(policy, stage) if policy and stage else None


def stage_in_words(policy: Policy, stage: Stage) -> str:
    """Say when a stage applies and what it does, in one sentence."""
    parts = [f"the oldest unpaid invoice is {counted(stage.when.days, 'day')} past its due date"]
    if policy.clock == "issue_date":
        parts = [f"the oldest unpaid invoice was issued at least {counted(stage.when.days, 'day')} ago"]
    if stage.when.amount is not None:
        parts.append(f"at least {stage.when.amount} {policy.currency} is overdue")
    if stage.when.invoices is not None:
        parts.append(f"there are at least {counted(stage.when.invoices, 'invoice')} overdue at a time")
    return f"{stage.name}: applies when {' and '.join(parts)}; then {' and '.join(_does(stage)) or 'nothing is done'}"


def _does(stage: Stage) -> Iterator[str]:
    for kind in stage.notices:
        yield f"the notice {kind} is sent"
    if stage.suspend is None:
        return
    what = "all services are" if stage.suspend == "all" else "the services on unpaid invoices are"
    required = stage.after_notice
    after = f", {counted(required.days, 'full day')} after the notice {required.notice}" if required else ""
    hours = ", within business hours" if stage.business_hours else ""
    yield f"{what} suspended{after}{hours}"


def _told(one: Decided, zone: ZoneInfo) -> str:
    """Say in one sentence what was decided."""
    before, after = one.body["stage"]["from"], one.body["stage"]["to"]
    steps = [f"stage {before} became {after}"] if before != after else []
    steps += [f"the notice {notice['kind']} was decided" for notice in one.body["notices"]]
    steps += [_changed(change) for change in one.body["access"]]
    steps += [f"the promise {promise['id']} was {promise['state']}" for promise in one.body.get("promises", ())]
    return f"{_wall(one.at, zone)}: {', '.join(steps)}."


def _changed(change: Mapping[str, Any]) -> str:
    name, reasons = change["subscription"], " and ".join(_reason(reason) for reason in change["reasons"])
    return f"access to {name} was given back" if not reasons else f"access to {name} is withheld for {reasons}"


def _reason(reason: str) -> str:
    return {NONPAYMENT: "non-payment", "fraud": "suspected fraud", "administrative": "an administrative reason"}.get(
        reason, reason
    )


def _sentences(answer: Mapping[str, Any], known: Sequence[Decided], zone: ZoneInfo) -> Iterator[str]:
    """Say what holds and what it rests on: the last decision's own facts, the rule, the notices, the access."""
    if not known:
        yield "Nothing has been decided on this account up to then; nothing was overdue."
        return
    since = _wall(_moment(answer["since"] or answer["decided_at"]), zone)
    yield f"The account is {'clear' if answer['stage'] == CLEAR else 'at stage ' + answer['stage']} since {since}."
    for fact in known[-1].body["facts"]:
        yield f"{fact[:1].upper()}{fact[1:]}."
    if answer["rule"]:
        yield f"The policy says of {answer['rule']}."
    for notice in answer["relied"]:
        yield f"The notice {notice['kind']} was given {_wall(_moment(notice['given_at']), zone)}."
    for name, access in answer["access"].items():
        if access["reasons"]:
            reasons = " and ".join(_reason(reason) for reason in access["reasons"])
            yield f"Access to {name} is withheld for {reasons}, since {_wall(_moment(access['since']), zone)}."


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _wall(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M %Z}"


def _utc(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")
