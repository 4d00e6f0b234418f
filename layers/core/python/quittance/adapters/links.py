"""Which texts may become links in what customers read."""

from __future__ import annotations


def is_web_address(text: str) -> bool:
    """Tell whether a text is an address a reader may be led to: https or http, in one piece, nothing hidden in it."""
    return text.startswith(("https://", "http://")) and text.isprintable() and " " not in text
