"""The payment page of one invoice: what is open on it and the ways to pay, no script, nothing loaded from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from html import escape

from quittance.adapters.epc import Transfer, code_svg, transfer_code
from quittance.adapters.formats import LANGUAGES, amount, grouped_iban, language, long_date
from quittance.adapters.links import is_web_address
from quittance.adapters.pages.content import Contact
from quittance.adapters.pages.pay_words import WORDS, PayWords
from quittance.adapters.pages.style import STYLE

_STYLE = (
    STYLE + ".sum{background:var(--tint);border-radius:.75rem;padding:1rem 1.25rem;margin:1.5rem 0}"
    ".sum p{margin:0;color:var(--soft)}.sum strong{display:block;font-size:clamp(1.75rem,7vw,2.5rem);line-height:1.25;"
    "color:var(--ink)}.whole{display:inline-block}.button{display:inline-block;background:var(--accent);color:var(--paper);font-weight:600;"
    "padding:.7rem 1.4rem;border-radius:.5rem;text-decoration:none;margin:.25rem 0}"
    ".transfer{display:flex;flex-wrap:wrap-reverse;gap:1rem 2rem;align-items:center}.transfer table{flex:1 1 18rem;"
    "width:auto}.transfer td{font-variant-numeric:tabular-nums;font-weight:600}figure{margin:0;text-align:center;"
    "flex:0 0 11rem}figure svg{background:#fff;border-radius:.5rem;width:11rem;height:11rem;padding:.6rem}"
    "figcaption{color:var(--soft);font-size:.875rem}@media (max-width:36rem){figure{flex:1 0 100%}}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPage:
    """An issued invoice and what is left to pay of it, in major units; `url` is where a provider takes payments."""

    contact: Contact
    number: str
    issued: date
    due: date
    currency: str
    gross: Decimal
    remaining: Decimal
    holder: str = ""
    iban: str = ""
    bic: str = ""
    url: str = ""


def render_pay_page(page: PayPage, lang: str) -> str:
    """Return the page in a language (English where there are no words for it); given texts are escaped."""
    lang = language(lang)
    words = WORDS[lang]
    title = words.title.format(number=page.number)
    heading = words.title.format(number=f'<span class="whole">{escape(page.number)}</span>')
    body = (
        _open(page, words, lang) if page.remaining > 0 else f'<div class="sum"><strong>{words.settled}</strong></div>'
    )
    return (
        f'<!doctype html>\n<html lang="{lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex,nofollow">'
        f"<title>{escape(title)} \u00b7 {escape(page.contact.name)}</title><style>{_STYLE}</style></head><body>"
        f'<header><div class="bar"><span class="name">{escape(page.contact.name)}</span>{_languages(lang)}</div>'
        f'<h1>{heading}</h1><p class="edition">{escape(_edition(page, words, lang))}</p></header>'
        f"<main>{body}{_contact(page.contact, words)}</main></body></html>\n"
    )


def _edition(page: PayPage, words: PayWords, lang: str) -> str:
    gross = amount(page.gross, page.currency, lang)
    return words.edition.format(issued=long_date(page.issued, lang), gross=gross)


def _languages(lang: str) -> str:
    links = (
        f'<a href="?lang={other}" lang="{other}" hreflang="{other}">{escape(WORDS[other].language_name)}</a>'
        for other in LANGUAGES
        if other != lang and other in WORDS
    )
    return f"<nav>{' '.join(links)}</nav>"


def _open(page: PayPage, words: PayWords, lang: str) -> str:
    due = words.due.format(date=long_date(page.due, lang))
    remaining = amount(page.remaining, page.currency, lang)
    total = f'<div class="sum"><p>{words.open}</p><strong>{escape(remaining)}</strong><p>{escape(due)}</p></div>'
    return total + _online(page, words) + _transfer(page, words, lang)


def _online(page: PayPage, words: PayWords) -> str:
    if not is_web_address(page.url):
        return ""
    link = f'<a class="button" href="{escape(page.url)}" rel="noreferrer">{words.online}</a>'
    return f'<h2 id="online">{words.online_title}</h2><p>{link}</p><p class="edition">{words.online_note}</p>'


def _transfer(page: PayPage, words: PayWords, lang: str) -> str:
    if not page.iban:
        return ""
    holder = page.holder or page.contact.name
    pairs = (
        (words.holder, holder),
        ("IBAN", grouped_iban(page.iban)),
        ("BIC", page.bic),
        (words.amount, amount(page.remaining, page.currency, lang)),
        (words.reference, page.number),
    )
    rows = "".join(
        f'<tr><th scope="row">{escape(label)}</th><td>{escape(value)}</td></tr>' for label, value in pairs if value
    )
    table = f'<table class="pairs"><tbody>{rows}</tbody></table>'
    return f'<h2 id="transfer">{words.transfer_title}</h2><div class="transfer">{table}{_code(page, words)}</div>'


def _code(page: PayPage, words: PayWords) -> str:
    code = transfer_code(
        Transfer(
            holder=page.holder or page.contact.name,
            iban=page.iban,
            bic=page.bic,
            amount=page.remaining,
            currency=page.currency,
            reference=page.number,
        )
    )
    if code is None:
        return ""
    picture = code_svg(code, scalable=True).replace(
        "<svg ", f'<svg role="img" aria-label="{escape(words.code_alt)}" ', 1
    )
    return f"<figure>{picture}<figcaption>{words.code_caption}</figcaption></figure>"


def _contact(contact: Contact, words: PayWords) -> str:
    ways = [(contact.phone, f"tel:{''.join(char for char in contact.phone if char in '+0123456789')}")]
    ways.append((contact.email, f"mailto:{contact.email}"))
    links = [f'<a href="{escape(href)}">{escape(shown)}</a>' for shown, href in ways if shown]
    reach = f"<p>{' \u00b7 '.join(links)}</p>" if links else ""
    return (
        f'<section class="contact"><h2 id="contact">{words.contact_title}</h2><p>{words.contact}</p>{reach}</section>'
    )
