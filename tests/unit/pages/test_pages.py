"""The public pages: every rule as a sentence, nothing that could run or be fetched, the same in JSON."""

import json
import re
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from quittance.adapters.formats import LANGUAGES
from quittance.adapters.pages import Action, Contact, PolicyStage, as_json, policy_page, render_page, support_page
from quittance.adapters.pages.words import WORDS
from tests.unit.mails.test_mails import flat, read, words_of

CONTACT = Contact(
    name="ACME Cloud GmbH",
    email="billing@acme-cloud.example",
    phone="+49 30 5550 1200",
    website="https://acme-cloud.example",
)
POLICY = policy_page(
    {
        "clock": "due_date",
        "payment_days": 30,
        "allocation": "oldest_due",
        "stages": [
            {"name": "reminder", "when": {"days": 1}, "do": [{"notice": "reminder"}]},
            {"name": "final", "when": {"days": 14, "amount": "25.00"}, "do": [{"notice": "final"}, {"fee": "final"}]},
            {
                "name": "suspended",
                "when": {"days": 30, "amount": "25.00", "invoices": 2},
                "do": [{"suspend": "all"}],
                "after_notice": {"notice": "final", "days": 7},
                "business_hours": True,
            },
        ],
        "restore_below": "0.01",
        "fee": {"final": "0.00"},
        "interest": {"annual_percent": "0"},
    },
    contact=CONTACT,
    name="Standard",
    version="3",
    currency="EUR",
    timezone="Europe/Berlin",
    effective_from="2026-09-01",
)
PLAN = support_page(
    {
        "timezone": "Europe/Berlin",
        "hours": {
            "mon": ["09:00-12:00", "13:00-17:00"],
            "tue": ["09:00-12:00", "13:00-17:00"],
            "wed": ["09:00-17:00"],
            "fri": ["09:00-13:00"],
        },
        "holidays": ["2026-12-25", "2026-10-03"],
        "targets": {
            "A": {"first_response": 120, "update": 90, "solution": 480},
            "B": {"first_response": 60},
            "X": {"first_response": 1},
        },
        "price": {"included_incidents": 2, "per_incident": "90.00"},
    },
    contact=CONTACT,
    name="Basic",
    version="1",
    currency="EUR",
    vehicles=("partner-cloud-support", "house-rules"),
)


def sentences(page, lang="en"):
    return [sentence for part in as_json(page, lang)["sentences"].values() for sentence in part]


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "You have 30 days from the date of the invoice to pay."),
        ("en", "A day ends at midnight in the time zone Europe/Berlin."),
        ("en", "From 1 day after the due date, we send a reminder."),
        (
            "en",
            (
                "From 14 days after the due date, if 25.00 EUR or more is open, "
                "we send a final notice and charge the fee named below."
            ),
        ),
        (
            "en",
            (
                "From 30 days after the due date, if 25.00 EUR or more is open and 2 or more invoices are open, we "
                "disable "
                "access to all services of the account. We never do this before a final notice has been delivered to "
                "you "
                "and 7 full days have passed since. We do this only during business hours, so that somebody can help "
                "you "
                "at once."
            ),
        ),
        ("en", "As soon as everything that is overdue is paid, we restore access."),
        ("en", "We charge no fees for reminders and notices."),
        ("en", "We charge no interest for late payment."),
        ("de", "Ab 1 Tag nach Fälligkeit senden wir eine Zahlungserinnerung."),
        (
            "de",
            (
                "Ab 14 Tagen nach Fälligkeit senden wir eine letzte Mahnung und berechnen die unten genannte Gebühr, "
                "wenn 25,00 EUR oder mehr offen sind."
            ),
        ),
    ],
)
def test_every_rule_of_a_policy_is_a_sentence(lang, said):
    assert said in sentences(POLICY, lang)
    assert said in words_of(render_page(POLICY, lang))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"clock": "issue_date"}, "From 14 days after the invoice date, if 25.00 EUR or more is open"),
        ({"restore_below": Decimal("25.00")}, "As soon as less than 25.00 EUR is overdue, we restore access."),
        ({"fees": (("final", Decimal("40.00")),)}, "For a final notice we charge 40.00 EUR."),
        ({"interest_percent": Decimal("11.27")}, "We charge 11.27% interest a year on what is overdue."),
        ({"payment_days": 1}, "You have 1 day from the date of the invoice to pay."),
        (
            {"stages": (PolicyStage(name="s", actions=(Action(kind="notice", detail="second"),)),)},
            "While anything is overdue, we send the notice “second”.",
        ),
        (
            {"stages": (PolicyStage(name="s", days=60, actions=(Action(kind="suspend", detail="unpaid_lines"),)),)},
            "From 60 days after the due date, we disable access to the services that are not paid.",
        ),
        ({"stages": (PolicyStage(name="s", days=5),)}, "From 5 days after the due date, we watch the account."),
        (
            {
                "stages": (
                    PolicyStage(
                        name="s",
                        days=90,
                        actions=(Action(kind="write_off"), Action(kind="collections"), Action(kind="fee")),
                    ),
                )
            },
            "we write the debt off in our books, hand the claim to a collection agency and charge the fee named below.",
        ),
    ],
)
def test_other_rules_read_as_well(changes, said):
    assert said in " ".join(sentences(replace(POLICY, **changes)))


@pytest.mark.parametrize(
    "said",
    [
        "Monday to Tuesday 09:00–12:00, 13:00–17:00",
        "Wednesday 09:00–17:00",
        "Thursday closed",
        "Friday 09:00–13:00",
        "Saturday to Sunday closed",
        "All times are in the time zone Europe/Berlin.",
        "Closed on these holidays: 3 Oct 2026, 25 Dec 2026.",
        "A · Critical: an important service is down and work has stopped 2 hours 90 minutes 8 hours",
        "B · Serious: a service works only in part, or only slowly 1 hour no fixed time no fixed time",
        "Severity X 1 minute",
        "2 incidents are included in the plan.",
        "Each further incident costs 90.00 EUR.",
        "our support contract for cloud partners with the vendor",
        "house-rules",
        "Our own team answers your tickets.",
    ],
)
def test_a_support_plan_says(said):
    assert said in words_of(render_page(PLAN, "en"))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"provider": "outsourced", "provider_name": "Help GmbH"},
            "Our service partner Help GmbH answers your tickets",
        ),
        ({"provider": "resold", "provider_name": "Vendor"}, "Vendor answers your tickets; we sell you this support"),
        ({"hours": ()}, "No business hours have been published for this plan."),
        ({"included_incidents": 1}, "1 incident is included in the plan."),
        ({"per_hour": Decimal(120)}, "Work beyond that costs 120.00 EUR an hour."),
        ({"included_incidents": None, "per_incident": None}, "Support is included in the price of your services."),
    ],
)
def test_other_plans_read_as_well(changes, said):
    assert said in flat(" ".join(sentences(replace(PLAN, **changes))))


@pytest.mark.parametrize("page", [POLICY, PLAN])
@pytest.mark.parametrize("lang", ["de", "en", "fr"])
def test_a_page_stands_alone_and_says_its_language(page, lang):
    html = render_page(page, lang)
    reader = read(html)
    assert f'<html lang="{lang}">' in html
    assert reader.tags.isdisjoint({"script", "img", "link", "iframe", "form"})
    assert all(link.startswith(("?lang=", "tel:+49", "mailto:", "https://acme-cloud.example")) for link in reader.links)
    assert re.search(r"\{\w+\}", " ".join(reader.words)) is None
    assert html.count("<h1>") == 1
    assert "prefers-color-scheme:dark" in html


HOSTILE = "\"><script>alert(1)</script>{name} & 'q'"


def hostile_pages():
    contact = Contact(name=HOSTILE, email=HOSTILE, phone=HOSTILE, website=f"https://x/{HOSTILE}")
    stage = PolicyStage(
        name=HOSTILE, days=1, actions=(Action(kind="notice", detail=HOSTILE),), after_notice=HOSTILE, notice_days=2
    )
    policy = replace(POLICY, contact=contact, name=HOSTILE, version=HOSTILE, timezone=HOSTILE, stages=(stage,))
    plan = replace(
        PLAN,
        contact=contact,
        name=HOSTILE,
        version=HOSTILE,
        timezone=HOSTILE,
        provider="resold",
        provider_name=HOSTILE,
        hours=(("mon", (HOSTILE,)),),
        severities=(replace(PLAN.severities[0], code=HOSTILE),),
        vehicles=(HOSTILE,),
    )
    return [policy, replace(policy, fees=((HOSTILE, Decimal(1)),)), plan]


@pytest.mark.parametrize("page", hostile_pages())
@pytest.mark.parametrize("lang", ["de", "en", "fr"])
def test_a_hostile_text_stays_text(page, lang):
    html = render_page(page, lang)
    assert "<script" not in html
    assert "script" not in read(html).tags
    assert "&lt;script&gt;" in html


def test_a_website_that_is_no_web_address_is_not_linked():
    html = render_page(replace(POLICY, contact=replace(CONTACT, website="javascript:alert(1)")), "en")
    assert "javascript" not in html


def test_an_unknown_language_reads_in_english():
    assert render_page(POLICY, "nl") == render_page(POLICY, "en")


@pytest.mark.parametrize("page", [POLICY, PLAN])
def test_the_json_form_is_json_and_holds_values_and_sentences(page):
    data = json.loads(json.dumps(as_json(page, "de")))
    assert data["contact"]["name"] == "ACME Cloud GmbH"
    assert data["lang"] == "de"
    assert data["kind"] in {"collections_policy", "support_plan"}
    assert all(part for part in data["sentences"].values())


def test_definitions_keep_their_values():
    stage = POLICY.stages[2]
    assert (stage.days, stage.amount, stage.invoices, stage.notice_days) == (30, Decimal("25.00"), 2, 7)
    assert POLICY.effective_from == date(2026, 9, 1)
    assert PLAN.holidays == (date(2026, 10, 3), date(2026, 12, 25))
    assert PLAN.per_hour is None


def placeholders(texts):
    if isinstance(texts, dict):
        return {key: placeholders(text) for key, text in texts.items()}
    return set(re.findall(r"\{\w+\}", " ".join((texts,) if isinstance(texts, str) else texts))) - {"{we}"}


def test_languages_have_the_same_words():
    assert set(WORDS) == set(LANGUAGES)
    reference = WORDS["en"]
    for words in WORDS.values():
        for field in fields(words):
            mine, other = getattr(words, field.name), getattr(reference, field.name)
            assert mine or field.name == "we", field.name
            if isinstance(other, dict):
                assert mine.keys() == other.keys(), field.name
            assert placeholders(mine) == placeholders(other), field.name


RICH = policy_page(
    {
        "payment_days": 30,
        "stages": [{"name": "final", "when": {"days": 14}, "do": [{"notice": "final"}]}],
        "upcoming": {"days": 5},
        "promise": {"stops": "suspension", "restores": True, "longest_days": 30},
        "fee": {"final": "5.00", "by_country": {"FR": {"final": "0.00"}, "XK": {"final": "2.00"}}},
        "interest": {"annual_percent": "9.00", "by_country": {"DE": "11.27", "FR": "0"}},
    },
    contact=CONTACT,
    name="Standard",
    version="4",
    currency="EUR",
    timezone="Europe/Berlin",
)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "5 days before an invoice is due we remind you of it, once."),
        ("en", "reminders still come"),
        ("en", "A promise may lie 30 days ahead at most."),
        ("en", "Access that was disabled comes back as soon as your promise is accepted."),
        ("en", "What you dispute does not get older"),
        ("en", "France: a final notice costs nothing."),
        ("en", "XK: a final notice costs 2.00 EUR."),
        ("en", "Germany: the interest is 11.27% a year."),
        ("en", "France: there is no interest."),
        ("de", "5 Tage bevor eine Rechnung fällig wird"),
        ("de", "Deutschland: Die Zinsen betragen 11,27 % im Jahr."),
        ("de", "ohne Umsatzsteuer auf einer Ihrer nächsten Rechnungen"),
        ("fr", "France : un dernier rappel ne coûte rien."),
        ("fr", "Les intérêts courent au jour le jour"),
    ],
)
def test_reminders_agreements_and_costs_are_told_in_plain_words(lang, said):
    assert any(said in flat(sentence) for sentence in sentences(RICH, lang))
    assert said in words_of(render_page(RICH, lang))


def test_what_is_not_charged_is_not_explained():
    told = " ".join(sentences(POLICY))
    assert "VAT" not in told
    assert "by the day" not in told
    assert "remind you" not in told


def test_with_the_switch_off_nothing_is_charged():
    off = policy_page(
        {"payment_days": 30, "stages": [], "late_charges": False, "fee": {"final": "5.00"},
         "interest": {"annual_percent": "9"}},
        contact=CONTACT, name="p", version="1", currency="EUR", timezone="Europe/Berlin",
    )  # fmt: skip
    assert as_json(off, "en")["sentences"]["costs"] == [
        "We charge no fees for reminders and notices.",
        "We charge no interest for late payment.",
    ]
