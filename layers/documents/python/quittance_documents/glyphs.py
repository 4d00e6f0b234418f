"""Keeps every text printable with the fonts that are shipped: PDF/A refuses a document with one missing glyph.

A character that no font draws becomes a visible box, so that a reader sees that something stood there.
Control and direction characters are dropped: they can only hide or turn around what an invoice says.
"""

from __future__ import annotations

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
SUBSTITUTE = "\u25a1"
_ZERO_WIDTH_SPACE = "\u200b"
_LONGEST = 40  # characters that the narrowest column still holds in one line
_LONG = re.compile(rf"[^\s/\-\u2013\u2014]{{{_LONGEST + 1},}}")  # after slash and dash lines break by themselves
_UNICODE_TABLES = frozenset({(0, 3), (0, 4), (0, 6), (3, 1), (3, 10)})
_VARIATION_SELECTORS = range(0xFE00, 0xFE10)


def _segments_4(table: bytes) -> set[int]:
    """Characters of a cmap subtable of format 4 (OpenType, "Segment mapping to delta values")."""
    count = struct.unpack_from(">H", table, 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", table, 14)
    starts = struct.unpack_from(f">{count}H", table, 16 + 2 * count)
    return {code for start, end in zip(starts, ends, strict=True) for code in range(start, end + 1)} - {0xFFFF}


def _segments_12(table: bytes) -> set[int]:
    """Characters of a cmap subtable of format 12 (OpenType, "Segmented coverage")."""
    groups = struct.iter_unpack(">III", table[16 : 16 + 12 * struct.unpack_from(">I", table, 12)[0]])
    return {code for start, end, _ in groups for code in range(start, end + 1)}


@cache
def coverage(font: Path) -> frozenset[int]:
    """Return the characters that a TrueType font draws, from its `cmap` table."""
    data = font.read_bytes()
    tables = struct.iter_unpack(">4sIII", data[12 : 12 + 16 * struct.unpack_from(">H", data, 4)[0]])
    cmap = next(data[offset : offset + length] for tag, _, offset, length in tables if tag == b"cmap")
    found: set[int] = set()
    for platform, encoding, offset in struct.iter_unpack(
        ">HHI", cmap[4 : 4 + 8 * struct.unpack_from(">H", cmap, 2)[0]]
    ):
        kind = struct.unpack_from(">H", cmap, offset)[0]
        if (platform, encoding) in _UNICODE_TABLES and kind in {4, 12}:
            found |= (_segments_4 if kind == 4 else _segments_12)(cmap[offset:])  # noqa: PLR2004 - cmap's format
    return frozenset(found)


def main_font() -> frozenset[int]:
    """Return what the text font itself draws: Latin, Greek, Cyrillic."""
    return coverage(FONTS / "SourceSans3-Regular.ttf")


@cache
def all_fonts() -> tuple[frozenset[int], ...]:
    """Return what each shipped font draws, the text font first."""
    others = sorted(font for font in FONTS.glob("*.ttf") if not font.name.startswith("SourceSans3"))
    return (main_font(), *map(coverage, others))


def _drawable(cluster: str, fonts: tuple[frozenset[int], ...]) -> str:
    """Return a base and its marks if one font draws them all, else with boxes for what none draws."""
    codes = {ord(char) for char in cluster}
    if any(codes <= font for font in fonts):
        return cluster
    return "".join(
        char if _is_base(char) and any(ord(char) in font for font in fonts) else SUBSTITUTE for char in cluster
    )


def _is_base(char: str) -> bool:
    return not unicodedata.category(char).startswith("M")


def _clusters(text: str) -> list[str]:
    clusters: list[str] = []
    for char in text:
        if clusters and not _is_base(char):
            clusters[-1] += char
        else:
            clusters.append(char)
    return clusters


def _visible(char: str) -> str:
    if unicodedata.category(char) in {"Cc", "Zl", "Zp"}:
        return " "
    hidden = unicodedata.category(char) == "Cf" or ord(char) in _VARIATION_SELECTORS
    return "" if hidden else char


def _pieces(run: str) -> str:
    """Put places to break into a run, never between a letter and its marks."""
    out, length = "", 0
    for char in run:
        if length >= _LONGEST and _is_base(char):
            out, length = out + _ZERO_WIDTH_SPACE, 0
        out, length = out + char, length + 1
    return out


def _breakable(text: str) -> str:
    """Let a run without natural places to break (a resource id, a key) break instead of leaving its column."""
    return _LONG.sub(lambda run: _pieces(run.group()), text)


def printable(text: str, *, fonts: tuple[frozenset[int], ...] | None = None) -> str:
    """Return a text that the fonts draw completely, on one line, with places to break long runs."""
    if not (text.isascii() and text.isprintable()):
        shown = "".join(map(_visible, unicodedata.normalize("NFC", text)))
        text = "".join(_drawable(cluster, fonts or all_fonts()) for cluster in _clusters(shown))
    return _breakable(" ".join(text.split(" ")))
