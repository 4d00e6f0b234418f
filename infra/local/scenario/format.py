"""Turns a scenario file into a Scenario, or says which line is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from infra.local.scenario import checks
from infra.local.scenario.book import read_book
from infra.local.scenario.checks import Check, WrongValueError
from infra.local.scenario.model import Observe, Scenario, Step, end_of_day, midnight
from infra.local.scenario.place import Path_, Source
from infra.local.scenario.steps import LATER, PLAYED_FAULTS, Shape, shapes

_TOP = {
    "title": checks.text,
    "start": checks.day,
    "partner": checks.mapping,
    "policies": checks.mapping,
    "support_plans": checks.mapping,
    "price_rules": checks.list_of(checks.mapping),
    "accounts": checks.list_of(checks.mapping),
    "steps": checks.list_of(checks.mapping),
    "observe": lambda value: value,
}
_REQUIRED = ("title", "start", "partner", "policies", "accounts", "steps")


def load(file: Path) -> Scenario:
    """Read and check a scenario; Rejected with file, line, path and remedy where it is not valid."""
    source = Source(file)
    top = _fields(source, (), source.data, Shape({k: _TOP[k] for k in _REQUIRED}, _TOP))
    zone: ZoneInfo = _checked(source, ("partner", "timezone"), checks.zone, top["partner"].get("timezone"))
    scenario = Scenario(
        file=file,
        title=top["title"],
        start=midnight(top["start"], zone),
        partner=top["partner"],
        policies=top["policies"],
        support_plans=top.get("support_plans", {}),
        price_rules=top.get("price_rules", []),
        accounts=top["accounts"],
        steps=_steps(source, top["steps"], zone),
        observe=sorted(_observe(source, top.get("observe", []), zone), key=lambda look: look.at),
    )
    read_book(scenario, source)
    _check_order(source, scenario)
    _check_references(source, scenario)
    return scenario


def _fields(source: Source, path: Path_, value: Any, shape: Shape) -> dict[str, Any]:
    known: Mapping[str, Check] = {**shape.required, **shape.optional}
    if not isinstance(value, dict):
        raise source.error(path, f"a mapping with {', '.join(known)} is needed here")
    for key in value:
        if key not in known:
            raise source.error((*path, key), f"unknown key; known here: {', '.join(sorted(known))}")
    for key in shape.required:
        if key not in value:
            raise source.error(path, f"{key} is missing")
    return {key: _checked(source, (*path, key), known[key], entry) for key, entry in value.items()}


def _checked(source: Source, path: Path_, check: Check, value: Any) -> Any:
    try:
        return check(value)
    except WrongValueError as problem:
        raise source.error(path, str(problem)) from None


def _steps(source: Source, entries: list[dict[str, Any]], zone: ZoneInfo) -> list[Step]:
    known = shapes(zone)
    return [_step(source, i, entry, known, zone) for i, entry in enumerate(entries)]


def _step(source: Source, index: int, entry: dict[str, Any], known: Mapping[str, Shape], zone: ZoneInfo) -> Step:
    path: Path_ = ("steps", index)
    verbs = [key for key in entry if key != "at"]
    if "at" not in entry or len(verbs) != 1:
        raise source.error(path, "a step is {at: TIME, VERB: {...}} with exactly one verb")
    verb = verbs[0]
    if verb in LATER:
        raise source.error((*path, verb), "this step is not supported yet")
    if verb not in known:
        raise source.error((*path, verb), f"unknown step; known are {', '.join(sorted(known))}")
    at = _checked(source, (*path, "at"), checks.moment(zone), entry["at"])
    fields = _fields(source, (*path, verb), entry[verb], known[verb])
    if verb == "fault" and fields["mode"] not in PLAYED_FAULTS.get(fields["target"], ()):
        raise source.error((*path, verb), f"{fields['mode']} for {fields['target']} is not supported yet")
    return Step(at=at, verb=verb, fields=fields, index=index)


def _observe(source: Source, value: Any, zone: ZoneInfo) -> Iterator[Observe]:
    if isinstance(value, dict):
        every = Shape({"every": checks.one_of("day"), "from": checks.day, "to": checks.day})
        span = _fields(source, ("observe",), value, every)
        yield from (_on(day, zone) for day in _days(span["from"], span["to"]))
        return
    if not isinstance(value, list):
        raise source.error(("observe",), "a list of dates or times, or {every: day, from: DATE, to: DATE}")
    for i, entry in enumerate(value):
        at: datetime = _checked(source, ("observe", i), checks.moment(zone), entry)
        yield _on(checks.day(entry), zone) if checks.is_bare_date(entry) else Observe(at, _labelled(entry, at))


def _on(day: date, zone: ZoneInfo) -> Observe:
    return Observe(end_of_day(day, zone), midnight(day, zone).astimezone(zone))


def _labelled(text: str, at: datetime) -> datetime:
    written = datetime.fromisoformat(text)
    return written if written.tzinfo else at.astimezone(UTC)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _check_order(source: Source, scenario: Scenario) -> None:
    before = scenario.start
    for step in scenario.steps:
        if step.at < before:
            raise source.error(("steps", step.index, "at"), "is before the step above it (or before start)")
        before = step.at
    if scenario.observe and scenario.observe[0].at < scenario.start:
        raise source.error(("observe",), "looks before start")


def _check_references(source: Source, scenario: Scenario) -> None:
    accounts = {account.get("id") for account in scenario.accounts}
    tickets: set[str] = set()
    for step in scenario.steps:
        path: Path_ = ("steps", step.index, step.verb)
        account, ticket = step.fields.get("account"), step.fields.get("ticket")
        if account is not None and account not in accounts:
            raise source.error((*path, "account"), f"no account {account!r} in this scenario")
        if step.verb == "ticket":
            tickets.add(step.fields["id"])
        if ticket is not None and ticket not in tickets:
            raise source.error((*path, "ticket"), f"no ticket {ticket!r} before this step")
        if step.verb in ("import", "bank_statement") and not (scenario.folder / step.fields["file"]).is_file():
            raise source.error((*path, "file"), f"no such file beside the scenario: {step.fields['file']}")
