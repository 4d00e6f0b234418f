"""A support plan as sentences and two small tables a customer understands."""

from __future__ import annotations

from itertools import groupby

from quittance.adapters.formats import amount, short_date
from quittance.adapters.pages.content import WEEKDAYS, Severity, SupportPlanPage
from quittance.adapters.pages.sections import Bullets, Rows, Section, Steps, Text, counted
from quittance.adapters.pages.words import PageWords

_HOUR = 60


def _spans(spans: tuple[str, ...]) -> str:
    return ", ".join(span.replace("-", "\u2013") for span in spans)


def _week(page: SupportPlanPage, words: PageWords) -> tuple[tuple[str, str], ...]:
    """Neighbouring days with the same hours make one row."""
    hours = dict(page.hours)
    rows = []
    for spans, run in groupby(range(7), key=lambda day: hours.get(WEEKDAYS[day], ())):
        days = [words.days[day] for day in run]
        label = days[0] if len(days) == 1 else words.day_range.format(first=days[0], last=days[-1])
        rows.append((label, _spans(spans) or words.closed))
    return tuple(rows)


def _hours(page: SupportPlanPage, words: PageWords, lang: str) -> Section:
    if not page.hours:
        return Section("hours", words.hours_title, (Text(words.no_hours),))
    texts = [words.hours_zone.format(zone=page.timezone)]
    if page.holidays:
        texts.append(words.holidays.format(days=", ".join(short_date(day, lang) for day in page.holidays)))
    return Section("hours", words.hours_title, (Rows((), _week(page, words)), *map(Text, texts)))


def _duration(minutes: int | None, words: PageWords) -> str:
    if minutes is None:
        return words.no_target
    hours, rest = divmod(minutes, _HOUR)
    return counted(words.minutes, minutes) if rest else counted(words.hours, hours)


def _target(severity: Severity, words: PageWords) -> tuple[str, ...]:
    known = words.severities.get(severity.code)
    name = f"{severity.code} \u00b7 {known}" if known else words.severities[""].format(code=severity.code)
    times = (severity.first_response, severity.update, severity.solution)
    return name, *(_duration(minutes, words) for minutes in times)


def _price(page: SupportPlanPage, words: PageWords, lang: str) -> tuple[str, ...]:
    said = []
    if page.included_incidents:
        said.append(counted(words.included, page.included_incidents))
    if page.per_incident:
        said.append(words.per_incident.format(amount=amount(page.per_incident, page.currency, lang)))
    if page.per_hour:
        said.append(words.per_hour.format(amount=amount(page.per_hour, page.currency, lang)))
    return tuple(said) or (words.all_included,)


def _vehicles(page: SupportPlanPage, words: PageWords) -> list[Section]:
    if not page.vehicles:
        return []
    ways = tuple((words.vehicles.get(vehicle, vehicle),) for vehicle in page.vehicles)
    return [Section("vendor", words.vehicles_title, (Text(words.vehicles_intro), Steps(ways)))]


def support_sections(page: SupportPlanPage, words: PageWords, lang: str) -> list[Section]:
    """Return the plan's sections in reading order."""
    provider = words.provider[page.provider].format(provider=page.provider_name or page.contact.name)
    targets = tuple(_target(severity, words) for severity in page.severities)
    return [
        Section("provider", words.provider_title, (Text(provider),)),
        _hours(page, words, lang),
        Section(
            "targets",
            words.targets_title,
            (Rows(words.target_headings, targets), Text(words.targets_intro), Bullets(words.clock_rules)),
        ),
        Section("price", words.price_title, (Bullets(_price(page, words, lang)),)),
        *_vehicles(page, words),
    ]
