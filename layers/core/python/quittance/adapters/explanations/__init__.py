"""Why an account is where it is, in the customer's language.

Decisions keep their facts as English sentences, once and for good. Here each sentence is recognised by its shape, and
said again in another language with the same names, figures and moments. A sentence that nobody has translated stays
English: what is told is never left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from quittance.adapters.explanations.words import WORDS
from quittance.adapters.formats import language


class _Value(str):
    """A value of a sentence; with a format such as `{n:day|days}` it is followed by the word that fits the number."""

    __slots__ = ()

    def __format__(self, forms: str) -> str:
        one, _, many = forms.partition("|")
        return f"{self} {one if self == '1' else many}" if many else str(self)


def in_language(explanation: Mapping[str, Any], lang: str) -> dict[str, Any]:
    """Return an explanation (domain.explanation) with its sentences in a language; names and figures as they are."""
    lang = language(lang)
    if lang == "en":
        return {**explanation, "lang": lang}
    told = {
        "lang": lang,
        "text": [said(sentence, lang) for sentence in explanation["text"]],
        "chain": [{**one, "text": _decided(one["text"], lang)} for one in explanation["chain"]],
        "rule": explanation["rule"] and said(explanation["rule"], lang),
    }
    return {**explanation, **told}


def _decided(text: str, lang: str) -> str:
    """Say what was decided: a moment by the clock on the wall, and the steps."""
    moment, _, steps = text.removesuffix(".").partition(": ")
    return f"{moment}: {_part('steps_', steps, lang)}."


def said(sentence: str, lang: str) -> str:
    """Say an English sentence of an explanation in another language; as it is where there are no words for it."""
    words, ended = sentence.removesuffix("."), "." if sentence.endswith(".") else ""
    for shape, forms in _shapes():
        if found := shape.fullmatch(words):
            values = {name: _Value(_part(name, value, lang)) for name, value in found.groupdict().items()}
            again = forms[lang].format_map(values)
            return (again[:1].upper() + again[1:] if words[:1].isupper() else again) + ended
    return sentence


def _part(name: str, value: str, lang: str) -> str:
    """Say a part of a sentence that is made of words itself; `_` at the end of its name tells that it is."""
    if not name.endswith("_"):
        return value
    joins = {"steps_": ", ", "parts_": " and ", "reasons_": " and "}
    join = next((joins[begins] for begins in joins if name.endswith(begins)), None)
    pieces = value.split(join) if join else [value]
    and_ = ", " if join == ", " else {"de": " und ", "fr": " et "}[lang]
    return and_.join(said(piece, lang) for piece in pieces)


@cache
def _shapes() -> tuple[tuple[re.Pattern[str], Mapping[str, str]], ...]:
    return tuple((_shape(english), forms) for english, forms in WORDS)


def _shape(english: str) -> re.Pattern[str]:
    """Return what recognises a sentence: `{name}` is any text, `(s)` may be left out, the first letter of any case."""
    return re.compile("".join(_pieces(english)))


def _pieces(english: str) -> Iterator[str]:
    for piece in re.split(r"(\{\w+\}|\(s\))", english):
        if piece == "(s)":
            yield "s?"
        elif piece.startswith("{"):
            yield f"(?P<{piece[1:-1]}>.+?)"
        elif piece:
            first = english.startswith(piece)
            yield f"(?i:{re.escape(piece[:1])}){re.escape(piece[1:])}" if first else re.escape(piece)
