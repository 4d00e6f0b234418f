"""Explanations in other languages: every sentence the rules can say is said, with the same figures."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from quittance.adapters.explanations import in_language, said
from quittance.adapters.explanations.words import WORDS
from quittance.domain.arrears import apply, assess
from quittance.domain.decision import decision_body
from quittance.domain.explanation import Decided, explain
from tests.unit.collections.books import (
    PROFILE,
    SEAT,
    at,
    book,
    deliver,
    given,
    hold,
    invoice,
    pause,
    policy,
    promise,
    suspended,
)

COSTLY = policy(upcoming={"days": 5}, fee={"final": "5.00"}, interest={"annual_percent": "9"})
BY_ISSUE = policy(clock="issue_date", last={"when": {"days": 30, "invoices": 2}, "do": [{"suspend": "unpaid_lines"}]})
I1 = invoice("I1", "2026-11-08")
FILES: dict[str, Any] = {
    "late": book(I1, policies=(COSTLY,), credit="1.00"),
    "by issue": book(I1, invoice("I2", "2026-11-09"), policies=(BY_ISSUE,)),
    "promised": book(I1, promises=(promise("100.00", until="2026-11-25", restores=True),), disputes=()),
    "promised before suspension": book(I1, promises=(promise("100.00", until="2026-11-25", stops="suspension"),)),
    "paused": book(I1, pauses=(pause("2026-11-30T08:00"),)),
    "paused for good": book(I1, pauses=(pause(),), holds=(hold("administrative"),)),
    "held": book(holds=(hold("fraud"),)),
    "disputed": book(invoice("I1", "2026-11-08", disputed="100.00")),
    "bounced": book(I1, notices=(given("final", "2026-11-22T00:00", "I1", state="bounced"),)),
    "suspended": book(I1, subscriptions=(suspended(),)),
    "almost paid": book(
        invoice("I1", "2026-11-08", "5.00"), policies=(policy(restore_below="10.00"),), subscriptions=(suspended(),)
    ),
    "younger": book(invoice("I1", "2026-12-01"), subscriptions=(suspended(SEAT),)),
}


def told(name: str, lang: str) -> list[tuple[str, str]]:
    """Let an account go through two months; return every sentence that explains it, in English and in a language."""
    file, decided = FILES[name], []
    found = []
    for days in range(0, 62, 1):
        now = at("2026-11-01T00:00") + timedelta(days=days, hours=10)
        found_now = assess(file, now)
        if found_now.decides(file):
            decided.append(Decided(now, decision_body(file, found_now, "sweep")))
            rules = {(ref.name, ref.version): one for ref, one in file.policies.items()}
            answer = explain(PROFILE, decided, rules, now)
            again = in_language(answer, lang)
            found += zip(answer["text"], again["text"], strict=True)
            found += [(one["text"], two["text"]) for one, two in zip(answer["chain"], again["chain"], strict=True)]
        file = deliver(apply(file, found_now, now), now)
    return found


@pytest.mark.parametrize("lang", ["de", "fr"])
@pytest.mark.parametrize("name", FILES)
def test_every_sentence_has_its_words_and_keeps_its_figures(name: str, lang: str) -> None:
    pairs = told(name, lang)
    assert pairs
    for english, other in pairs:
        assert other != english, f"no words for {english!r}"
        figures = re.findall(r"\d[\d.:-]*\d|\d", english)
        assert sorted(figures) == sorted(re.findall(r"\d[\d.:-]*\d|\d", other)), (english, other)
        assert not re.search(r"\b(the|is|and|are|until|for)\b", other.replace("ACME", "")), other


@pytest.mark.parametrize(
    ("english", "german", "french"),
    [
        (
            "297.44 EUR is overdue on 1 invoice.",
            "297.44 EUR sind überfällig, auf 1 Rechnung.",
            "297.44 EUR sont en retard, sur 1 facture.",
        ),
        (
            "Access to sub-1 is withheld for non-payment and suspected fraud, since 2026-12-08 09:00 CET.",
            "Der Zugang zu sub-1 ist seit 2026-12-08 09:00 CET gesperrt: Zahlungsverzug und Betrugsverdacht.",
            "L'accès à sub-1 est retenu depuis le 2026-12-08 09:00 CET : défaut de paiement et soupçon de fraude.",
        ),
        ("Something that nobody has translated.", "Something that nobody has translated.", None),
    ],
)
def test_sentences(english: str, german: str, french: str | None) -> None:
    assert said(english, "de") == german
    assert said(english, "fr") == (french or english)


def test_english_and_unknown_languages_stay_as_they_were() -> None:
    answer = explain(PROFILE, [], {}, at("2026-11-01T00:00"))
    assert in_language(answer, "sv")["text"] == in_language(answer, "en")["text"] == answer["text"]
    assert in_language(answer, "de-AT")["lang"] == "de"


def test_the_words_name_the_same_values() -> None:
    for english, forms in WORDS:
        wanted = set(re.findall(r"\{(\w+)", english))
        for text in forms.values():
            assert set(re.findall(r"\{(\w+)", text)) == wanted, english
