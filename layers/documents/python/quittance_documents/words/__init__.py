"""The documents' words, one module per language; a further language is one more module and one more entry."""

from quittance_documents.words import de, en, fr
from quittance_documents.words.shape import Words

WORDS: dict[str, Words] = {"de": de.WORDS, "en": en.WORDS, "fr": fr.WORDS}

__all__ = ["WORDS", "Words"]
