"""The mails' words, one module per language; a further language is one more module and one more entry."""

from quittance.adapters.mails.words import de, en, fr
from quittance.adapters.mails.words.shape import MailWords

WORDS: dict[str, MailWords] = {"de": de.WORDS, "en": en.WORDS, "fr": fr.WORDS}

__all__ = ["WORDS", "MailWords"]
