"""The public pages' words, one module per language; a further language is one more module and one more entry."""

from quittance.adapters.pages.words import de, en, fr
from quittance.adapters.pages.words.shape import PageWords

WORDS: dict[str, PageWords] = {"de": de.WORDS, "en": en.WORDS, "fr": fr.WORDS}

__all__ = ["WORDS", "PageWords"]
