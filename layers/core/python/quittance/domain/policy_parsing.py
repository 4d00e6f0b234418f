"""Reads and writes the definition of a collections policy; refuses what is unknown, mistyped or contradictory.

Every refusal is a Rejected whose message and `field` name the exact place (`stages[1].when.days`) and the remedy.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise
from typing import Any, Literal, cast

from quittance.domain.calendar import Hours, parse_holidays, parse_hours, write_hours
from quittance.domain.definition import amount, choice, mapping, under, whole, word
from quittance.domain.errors import Rejected
from quittance.domain.money import Money
from quittance.domain.policy import ORDERS, AfterNotice, Order, Policy, PolicyRef, PromiseTerms, Stage, Stops, When
from quittance.domain.policy_charges import late_charges_to_mapping, parse_late_charges

LONGEST_DAYS = 3650
MOST_STAGES = 20
_KEYS = (
    "clock payment_days allocation stages restore_below fee interest calendar tolerance promise upcoming late_charges "
    "channels"
).split()
_STAGE_KEYS = ("name", "when", "do", "after_notice", "business_hours")


def parse_policy(
    name: str,
    version: int,
    definition: object,
    currency: str,
    *,
    published_at: datetime | None = None,
    at: str = "",
) -> Policy:
    """Read a policy's definition, amounts in `currency`; `at` is the path to it in what the caller was given.

    Left out, `clock` is due_date, `payment_days` 30, `allocation` oldest_due and `restore_below` one minor unit.
    """
    body = mapping(definition, at, _KEYS, named="policy")
    stages = _stages(body.get("stages"), under(at, "stages"), currency)
    restore_below = amount(body.get("restore_below"), under(at, "restore_below"), currency) or Money(1, currency)
    _check_restore(stages, restore_below, under(at, "restore_below"))
    hours, holidays, eves = _calendar(body.get("calendar"), under(at, "calendar"))
    clock = choice(body.get("clock", "due_date"), under(at, "clock"), ("due_date", "issue_date"))
    order = choice(body.get("allocation", "oldest_due"), under(at, "allocation"), ORDERS)
    _channels(body.get("channels", ["mail"]), under(at, "channels"))
    return Policy(
        ref=PolicyRef(name, version),
        currency=currency,
        clock=cast('Literal["due_date", "issue_date"]', clock),
        payment_days=whole(body.get("payment_days", 30), under(at, "payment_days"), low=0, high=365),
        allocation=cast("Order", order),
        stages=stages,
        restore_below=restore_below,
        **parse_late_charges(body, at, currency, _sent_by(stages)),
        published_at=published_at,
        hours=hours,
        holidays=holidays,
        closed_before_holidays=eves,
        tolerance_under=_tolerance(body.get("tolerance"), under(at, "tolerance"), currency, "under"),
        tolerance_over=_tolerance(body.get("tolerance"), under(at, "tolerance"), currency, "over"),
        promise=_promise(body.get("promise"), under(at, "promise")),
        upcoming_days=_upcoming(body.get("upcoming"), under(at, "upcoming")),
    )


def policy_to_mapping(policy: Policy) -> dict[str, Any]:
    """Write a policy's definition as `parse_policy` reads it: JSON types only, amounts as decimal strings."""
    body: dict[str, Any] = {
        "clock": policy.clock,
        "payment_days": policy.payment_days,
        "allocation": policy.allocation,
        "stages": [_stage_to_mapping(stage) for stage in policy.stages],
        "restore_below": str(policy.restore_below),
        **late_charges_to_mapping(policy),
    }
    limits = {"under": policy.tolerance_under, "over": policy.tolerance_over}
    if tolerance := {name: str(limit) for name, limit in limits.items() if limit is not None}:
        body["tolerance"] = tolerance
    calendar: dict[str, Any] = {}
    if policy.hours is not None:
        calendar["hours"] = write_hours(policy.hours)
    if policy.holidays is not None:
        calendar["holidays"] = [day.isoformat() for day in sorted(policy.holidays)]
    if policy.closed_before_holidays:
        calendar["closed_before_holidays"] = True
    upcoming = {} if policy.upcoming_days is None else {"days": policy.upcoming_days}
    given = {"calendar": calendar, "promise": _promise_to_mapping(policy.promise), "upcoming": upcoming}
    return body | {name: value for name, value in given.items() if value}


def _promise_to_mapping(terms: PromiseTerms) -> dict[str, Any]:
    """Write what a policy says of promises, nothing where it says what goes without saying."""
    if terms == PromiseTerms():
        return {}
    longest = {} if terms.longest_days is None else {"longest_days": terms.longest_days}
    return {"stops": terms.stops, "restores": terms.restores, **longest}


def _stage_to_mapping(stage: Stage) -> dict[str, Any]:
    when: dict[str, Any] = {"days": stage.when.days}
    if stage.when.amount is not None:
        when["amount"] = str(stage.when.amount)
    if stage.when.invoices is not None:
        when["invoices"] = stage.when.invoices
    actions: list[dict[str, str]] = [{"notice": kind} for kind in stage.notices]
    if stage.suspend:
        actions.append({"suspend": stage.suspend})
    body: dict[str, Any] = {"name": stage.name, "when": when, "do": actions}
    if stage.after_notice:
        body["after_notice"] = {"notice": stage.after_notice.notice, "days": stage.after_notice.days}
    if stage.business_hours:
        body["business_hours"] = True
    return body


def _stages(value: object, path: str, currency: str) -> tuple[Stage, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Rejected(f"{path}: list the stages in their order; an empty list never reminds anybody", field=path)
    if len(value) > MOST_STAGES:
        raise Rejected(f"{path}: more than {MOST_STAGES} stages; join some", field=path)
    stages = tuple(_stage(item, f"{path}[{i}]", currency) for i, item in enumerate(value))
    _check_names(stages, path)
    _check_order(stages, path)
    _check_notices(stages, path)
    return stages


def _stage(value: object, path: str, currency: str) -> Stage:
    body = mapping(value, path, _STAGE_KEYS)
    notices, suspend = _actions(body.get("do"), f"{path}.do")
    business_hours = body.get("business_hours", False)
    if not isinstance(business_hours, bool):
        raise Rejected(f"{path}.business_hours: write true or false", field=f"{path}.business_hours")
    return Stage(
        name=word(body.get("name"), f"{path}.name"),
        when=_when(body.get("when"), f"{path}.when", currency),
        notices=notices,
        suspend=suspend,
        after_notice=_after_notice(body["after_notice"], f"{path}.after_notice") if "after_notice" in body else None,
        business_hours=business_hours,
    )


def _when(value: object, path: str, currency: str) -> When:
    body = mapping(value, path, ("days", "amount", "invoices"))
    invoices = body.get("invoices")
    return When(
        days=whole(body.get("days"), f"{path}.days", low=0, high=LONGEST_DAYS),
        amount=amount(body.get("amount"), f"{path}.amount", currency),
        invoices=None if invoices is None else whole(invoices, f"{path}.invoices", low=1, high=1000),
    )


def _actions(value: object, path: str) -> tuple[tuple[str, ...], Literal["all", "unpaid_lines"] | None]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise Rejected(f"{path}: list what the stage does, such as [{{notice: reminder}}]", field=path)
    notices: list[str] = []
    suspend: str | None = None
    for i, item in enumerate(value):
        action, what = _action(item, f"{path}[{i}]")
        if (action == "suspend" and suspend) or what in notices:
            raise Rejected(f"{path}[{i}]: {action} {what} comes twice in this stage; keep one", field=f"{path}[{i}]")
        if action == "notice":
            notices.append(what)
        else:
            suspend = what
    return tuple(notices), cast('Literal["all", "unpaid_lines"] | None', suspend)


def _action(value: object, path: str) -> tuple[str, str]:
    body = mapping(value, path, ("notice", "suspend"))
    if len(body) != 1:
        raise Rejected(f"{path}: one action an entry, either notice or suspend", field=path)
    ((action, what),) = body.items()
    if action == "notice":
        return action, word(what, f"{path}.notice")
    return action, choice(what, f"{path}.suspend", ("all", "unpaid_lines"))


def _after_notice(value: object, path: str) -> AfterNotice:
    body = mapping(value, path, ("notice", "days"))
    return AfterNotice(
        notice=word(body.get("notice"), f"{path}.notice"),
        days=whole(body.get("days"), f"{path}.days", low=0, high=365),
    )


def _calendar(value: object, path: str) -> tuple[Hours | None, frozenset[date] | None, bool]:
    if value is None:
        return None, None, False
    body = mapping(value, path, ("hours", "holidays", "closed_before_holidays"))
    eves = body.get("closed_before_holidays", False)
    if not isinstance(eves, bool):
        field = f"{path}.closed_before_holidays"
        raise Rejected(f"{field}: write true or false", field=field)
    return (
        parse_hours(body["hours"], field=f"{path}.hours") if "hours" in body else None,
        parse_holidays(body["holidays"], field=f"{path}.holidays") if "holidays" in body else None,
        eves,
    )


def _tolerance(value: object, path: str, currency: str, side: str) -> Money | None:
    if value is None:
        return None
    return amount(mapping(value, path, ("under", "over")).get(side), f"{path}.{side}", currency)


def _channels(value: object, path: str) -> None:
    """Check by which ways notices go out: by mail is the one there is."""
    if value != ["mail"]:
        raise Rejected(f"{path}: {value!r} is not supported; notices go out by mail: write [mail]", field=path)


def _upcoming(value: object, path: str) -> int | None:
    if value is None:
        return None
    return whole(mapping(value, path, ("days",)).get("days"), f"{path}.days", low=1, high=365)


def _promise(value: object, path: str) -> PromiseTerms:
    if value is None:
        return PromiseTerms()
    body = mapping(value, path, ("stops", "restores", "longest_days"))
    stops = cast("Stops", choice(body.get("stops", "all"), f"{path}.stops", ("all", "suspension", "nothing")))
    restores, longest = body.get("restores", False), body.get("longest_days")
    if not isinstance(restores, bool):
        raise Rejected(f"{path}.restores: write true or false", field=f"{path}.restores")
    if restores and stops == "nothing":
        raise Rejected(
            f"{path}.restores: access would come back and go at once, for a promise stops nothing here; "
            "let it stop suspension, or restore nothing",
            field=f"{path}.restores",
        )
    days = None if longest is None else whole(longest, f"{path}.longest_days", low=1, high=LONGEST_DAYS)
    return PromiseTerms(stops=stops, restores=restores, longest_days=days)


def _check_names(stages: Sequence[Stage], path: str) -> None:
    seen = {"clear"}
    for i, stage in enumerate(stages):
        if stage.name in seen:
            why = "means that no stage holds" if stage.name == "clear" else "is the name of an earlier stage"
            raise Rejected(f"{path}[{i}].name: {stage.name!r} {why}; choose another", field=f"{path}[{i}].name")
        seen.add(stage.name)


def _check_order(stages: Sequence[Stage], path: str) -> None:
    for i, (earlier, later) in enumerate(pairwise(stages), start=1):
        if later.when.days > earlier.when.days:
            continue
        if later.when.days < earlier.when.days or not _stricter(later.when, earlier.when):
            field = f"{path}[{i}].when.days"
            raise Rejected(
                f"{field}: stage {later.name!r} does not come after {earlier.name!r} ({earlier.when.days} days), "
                "which could then never hold; give it more days, or a higher amount or more invoices",
                field=field,
            )


def _stricter(later: When, earlier: When) -> bool:
    more_amount = later.amount is not None and (earlier.amount is None or later.amount > earlier.amount)
    more_invoices = later.invoices is not None and (earlier.invoices is None or later.invoices > earlier.invoices)
    return more_amount or more_invoices


def _check_notices(stages: Sequence[Stage], path: str) -> None:
    sent: set[str] = set()
    for i, stage in enumerate(stages):
        sent.update(stage.notices)
        if stage.after_notice and stage.after_notice.notice not in sent:
            field = f"{path}[{i}].after_notice.notice"
            raise Rejected(
                f"{field}: no stage up to {stage.name!r} sends a notice {stage.after_notice.notice!r}; "
                "add it to one, or name one that is sent" + (f" ({', '.join(sorted(sent))})" if sent else ""),
                field=field,
            )


def _check_restore(stages: Sequence[Stage], restore_below: Money, path: str) -> None:
    for stage in stages:
        if stage.suspend and stage.when.amount is not None and stage.when.amount < restore_below:
            raise Rejected(
                f"{path}: {restore_below} is above the amount at which stage {stage.name!r} suspends "
                f"({stage.when.amount}), so access would go and come back at once; lower it, or raise that amount",
                field=path,
            )


def _sent_by(stages: Sequence[Stage]) -> set[str]:
    return {kind for stage in stages for kind in stage.notices}
