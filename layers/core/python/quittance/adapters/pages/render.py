"""One self-contained HTML page, or its JSON form, from a published policy or plan."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any

from quittance.adapters.formats import LANGUAGES, NBSP, language, long_date
from quittance.adapters.links import is_web_address
from quittance.adapters.pages.content import Contact, Page, PolicyPage
from quittance.adapters.pages.policy import policy_sections
from quittance.adapters.pages.sections import Section
from quittance.adapters.pages.style import STYLE
from quittance.adapters.pages.support import support_sections
from quittance.adapters.pages.words import WORDS, PageWords


def _sections(page: Page, words: PageWords, lang: str) -> list[Section]:
    if isinstance(page, PolicyPage):
        return policy_sections(page, words, lang)
    return support_sections(page, words, lang)


def _titles(page: Page, words: PageWords) -> tuple[str, str]:
    if isinstance(page, PolicyPage):
        return words.policy_title, words.policy_intro.format(name=page.contact.name)
    return words.support_title, words.support_intro.format(name=page.contact.name)


def _edition(page: Page, words: PageWords, lang: str) -> str:
    parts = [page.name, words.version.format(version=page.version)]
    if page.effective_from:
        parts.append(words.valid_from.format(date=long_date(page.effective_from, lang)))
    return " \u00b7 ".join(parts)


def _way(label: str, shown: str, href: str) -> str:
    return f'<tr><th scope="row">{escape(label)}</th><td><a href="{escape(href)}">{escape(shown)}</a></td></tr>'


def _contact(contact: Contact, intro: str, words: PageWords) -> str:
    ways = ""
    if contact.phone:
        dial = "".join(char for char in contact.phone if char in "+0123456789")
        ways += _way(words.phone, contact.phone, f"tel:{dial}")
    if contact.email:
        ways += _way(words.email, contact.email, f"mailto:{contact.email}")
    if is_web_address(contact.website):
        ways += _way(words.website, contact.website, contact.website)
    head = f'<h2 id="contact">{escape(words.contact_title)}</h2><p>{escape(intro)}</p>'
    table = f'<table class="pairs"><tbody>{ways}</tbody></table>' if ways else ""
    return f'<section class="contact" aria-labelledby="contact">{head}{table}</section>'


def _languages(lang: str) -> str:
    links = (
        f'<a href="?lang={other}" lang="{other}" hreflang="{other}">{escape(WORDS[other].language_name)}</a>'
        for other in LANGUAGES
        if other != lang
    )
    return f"<nav>{' '.join(links)}</nav>"


def render_page(page: Page, lang: str) -> str:
    """Return the page in a language (English where there are no words for it); given texts are escaped."""
    lang = language(lang)
    words = WORDS[lang]
    title, intro = _titles(page, words)
    kind = "policy" if isinstance(page, PolicyPage) else "support"
    contact = _contact(page.contact, words.contact_intro[kind], words)
    body = "".join(section.html() for section in _sections(page, words, lang))
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{escape(title)} \u00b7 {escape(page.contact.name)}</title><style>{STYLE}</style></head><body>"
        f'<header><div class="bar"><span class="name">{escape(page.contact.name)}</span>{_languages(lang)}</div>'
        f'<h1>{escape(title)}</h1><p class="edition">{escape(_edition(page, words, lang))}</p></header>'
        f'<main><p class="intro">{escape(intro)}</p>{body}{contact}</main></body></html>\n'
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def as_json(page: Page, lang: str) -> dict[str, Any]:
    """Return the page for machines: its values (amounts as decimal strings), and its sentences by section."""
    lang = language(lang)
    said = {
        section.key: [sentence.replace(NBSP, " ") for sentence in section.sentences()]
        for section in _sections(page, WORDS[lang], lang)
    }
    kind = "collections_policy" if isinstance(page, PolicyPage) else "support_plan"
    return {"kind": kind, "lang": lang, **_plain(asdict(page)), "sentences": said}
