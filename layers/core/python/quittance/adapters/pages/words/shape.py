"""The shape of a language's page words; the constructor holds that no language lacks one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWords:
    """Every text of the public pages; names in braces are filled with finished, escaped-later texts.

    Pairs of texts are singular and plural of {n}; {we} is a stage's subject where it follows the first verb.
    """

    language_name: str
    conjunction: str
    we: str
    version: str
    valid_from: str
    contact_title: str
    contact_intro: dict[str, str]
    phone: str
    email: str
    website: str
    # the collections policy
    policy_title: str
    policy_intro: str
    paying_title: str
    clock: dict[str, str]
    midnight: str
    payment_days: tuple[str, str]
    allocation: str
    allocation_order: dict[str, str]
    steps_title: str
    steps_intro: str
    from_day: dict[str, tuple[str, str]]
    always: str
    if_amount: str
    if_invoices: tuple[str, str]
    stage_sentence: str
    stage_conditions: str
    actions: dict[str, str]
    notices: dict[str, str]
    after_notice: tuple[str, str]
    in_business_hours: str
    fairness_title: str
    fairness: tuple[str, ...]
    restore_title: str
    restore_all: str
    restore_below: str
    restore_speed: str
    costs_title: str
    no_fee: str
    fee: str
    no_interest: str
    interest: str
    upcoming: tuple[str, str]
    agreements_title: str
    promise: dict[str, str]
    promise_longest: tuple[str, str]
    promise_restores: str
    promise_keeps: str
    promise_broken: str
    pause: str
    dispute: str
    fee_country: str
    no_fee_country: str
    interest_country: str
    no_interest_country: str
    interest_how: str
    costs_billed: str
    # the support plan
    support_title: str
    support_intro: str
    provider_title: str
    provider: dict[str, str]
    hours_title: str
    hours_zone: str
    days: tuple[str, str, str, str, str, str, str]
    day_range: str
    closed: str
    closed_days: str
    no_hours: str
    holidays: str
    targets_title: str
    targets_intro: str
    target_headings: tuple[str, str, str, str]
    severities: dict[str, str]
    hours: tuple[str, str]
    minutes: tuple[str, str]
    no_target: str
    clock_rules: tuple[str, ...]
    price_title: str
    included: tuple[str, str]
    per_incident: str
    per_hour: str
    all_included: str
    vehicles_title: str
    vehicles_intro: str
    vehicles: dict[str, str]
