"""A collections policy as sentences a customer understands: one for every rule, none beyond the rules."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from quittance.adapters.countries import country_name
from quittance.adapters.formats import amount, percent
from quittance.adapters.pages.content import Action, PolicyPage, PolicyStage
from quittance.adapters.pages.sections import Bullets, Section, Steps, Text, counted, joined
from quittance.adapters.pages.words import PageWords

_EVERYTHING = Decimal("0.01")


def _notice(name: str, words: PageWords) -> str:
    return words.notices.get(name, words.notices[""]).format(name=name)


def _action(action: Action, words: PageWords, we: str) -> str:
    if action.kind == "notice":
        return words.actions["notice"].format(notice=_notice(action.detail, words), we=we)
    if action.kind == "suspend":
        scope = "suspend_unpaid_lines" if action.detail == "unpaid_lines" else "suspend_all"
        return words.actions[scope].format(we=we)
    return words.actions[action.kind].format(we=we)


def _actions(actions: tuple[Action, ...], words: PageWords) -> str:
    if not actions:
        return words.actions["nothing"].format(we=words.we)
    first, *others = actions
    return joined([_action(first, words, words.we), *(_action(action, words, "") for action in others)], words)


def _conditions(stage: PolicyStage, page: PolicyPage, words: PageWords, lang: str) -> list[str]:
    found = []
    if stage.amount is not None:
        found.append(words.if_amount.format(amount=amount(stage.amount, page.currency, lang)))
    if stage.invoices is not None:
        found.append(counted(words.if_invoices, stage.invoices))
    return found


def _stage(stage: PolicyStage, page: PolicyPage, words: PageWords, lang: str) -> tuple[str, ...]:
    when = words.always if stage.days is None else counted(words.from_day[page.clock], stage.days)
    what = _actions(stage.actions, words)
    conditions = joined(_conditions(stage, page, words, lang), words)
    template = words.stage_conditions if conditions else words.stage_sentence
    sentences = [template.format(when=when, what=what, conditions=conditions)]
    if stage.after_notice:
        notice = _notice(stage.after_notice, words)
        sentences.append(counted(words.after_notice, stage.notice_days, notice=notice))
    if stage.business_hours:
        sentences.append(words.in_business_hours)
    return tuple(sentences)


def _restore(page: PolicyPage, words: PageWords, lang: str) -> tuple[str, str]:
    everything = page.restore_below <= _EVERYTHING
    below = words.restore_below.format(amount=amount(page.restore_below, page.currency, lang))
    return words.restore_all if everything else below, words.restore_speed


def _costs(page: PolicyPage, words: PageWords, lang: str) -> tuple[str, ...]:
    """Say what late payment costs: in general, then where it is otherwise."""
    fees = [
        words.fee.format(notice=_notice(name, words), amount=amount(fee, page.currency, lang))
        for name, fee in page.fees
        if fee
    ]
    interest = words.interest.format(percent=percent(page.interest_percent, lang))
    general = (*(fees or [words.no_fee]), interest if page.interest_percent else words.no_interest)
    elsewhere = (*_fees_elsewhere(page, words, lang), *_interest_elsewhere(page, words, lang))
    borne = page.interest_percent or any(rate for _, rate in page.country_interest)
    how = (words.interest_how,) if borne else ()
    charged = borne or fees or any(fee for _, listed in page.country_fees for _, fee in listed)
    return (*general, *elsewhere, *how, *((words.costs_billed,) if charged else ()))


def _fees_elsewhere(page: PolicyPage, words: PageWords, lang: str) -> Iterator[str]:
    for country, listed in page.country_fees:
        for name, fee in listed:
            template = words.fee_country if fee else words.no_fee_country
            figure, where = amount(fee, page.currency, lang), country_name(country, lang)
            yield template.format(country=where, notice=_notice(name, words), amount=figure)


def _interest_elsewhere(page: PolicyPage, words: PageWords, lang: str) -> Iterator[str]:
    for country, rate in page.country_interest:
        template = words.interest_country if rate else words.no_interest_country
        yield template.format(country=country_name(country, lang), percent=percent(rate, lang))


def _agreements(page: PolicyPage, words: PageWords) -> Iterator[str]:
    """Say what a promise, a pause and a dispute do."""
    promise = page.promise
    yield words.promise[promise.stops]
    if promise.longest_days is not None:
        yield counted(words.promise_longest, promise.longest_days)
    if promise.stops != "nothing":
        yield words.promise_restores if promise.restores else words.promise_keeps
        yield words.promise_broken
    yield words.pause
    yield words.dispute


def policy_sections(page: PolicyPage, words: PageWords, lang: str) -> list[Section]:
    """Return the policy's sections in reading order."""
    allocation = words.allocation.format(order=words.allocation_order[page.allocation])
    paying: tuple[str, ...] = (counted(words.payment_days, page.payment_days), words.clock[page.clock])
    upcoming = () if page.upcoming_days is None else (counted(words.upcoming, page.upcoming_days),)
    paying += (words.midnight.format(zone=page.timezone), allocation, *upcoming)
    return [
        Section("paying", words.paying_title, (Bullets(paying),)),
        Section(
            "steps",
            words.steps_title,
            (Steps(tuple(_stage(stage, page, words, lang) for stage in page.stages)), Text(words.steps_intro)),
        ),
        Section("restoring", words.restore_title, (Bullets(_restore(page, words, lang)),)),
        Section("agreements", words.agreements_title, (Bullets(tuple(_agreements(page, words))),)),
        Section("protection", words.fairness_title, (Bullets(words.fairness),)),
        Section("costs", words.costs_title, (Bullets(_costs(page, words, lang)),)),
    ]
