"""A collections policy as sentences a customer understands: one for every rule, none beyond the rules."""

from __future__ import annotations

from decimal import Decimal

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
    fees = [
        words.fee.format(notice=_notice(name, words), amount=amount(fee, page.currency, lang))
        for name, fee in page.fees
        if fee
    ]
    interest = words.interest.format(percent=percent(page.interest_percent, lang))
    return (*(fees or [words.no_fee]), interest if page.interest_percent else words.no_interest)


def policy_sections(page: PolicyPage, words: PageWords, lang: str) -> list[Section]:
    """Return the policy's sections in reading order."""
    allocation = words.allocation.format(order=words.allocation_order[page.allocation])
    paying: tuple[str, ...] = (counted(words.payment_days, page.payment_days), words.clock[page.clock])
    paying += (words.midnight.format(zone=page.timezone), allocation)
    return [
        Section("paying", words.paying_title, (Bullets(paying),)),
        Section(
            "steps",
            words.steps_title,
            (Steps(tuple(_stage(stage, page, words, lang) for stage in page.stages)), Text(words.steps_intro)),
        ),
        Section("restoring", words.restore_title, (Bullets(_restore(page, words, lang)),)),
        Section("protection", words.fairness_title, (Bullets(words.fairness),)),
        Section("costs", words.costs_title, (Bullets(_costs(page, words, lang)),)),
    ]
