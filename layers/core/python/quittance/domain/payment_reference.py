"""References by which payers say what they pay: check digits of three standards, and our numbers wherever they stand.

RF creditor references are ISO 11649 (check digits by ISO 7064 MOD 97-10), Belgium's structured communication has ten
digits and their remainder by 97, Switzerland's QR reference 26 digits and a recursive modulo 10. `python-stdnum` is the
oracle of the tests. In all three, the digits of ours are the year and the number of the invoice in its series.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from quittance.domain.names import compact

STRUCTURED, DOCUMENT, FULL, SHORT, BLURRED, BARE, BARE_SHORT = 100, 95, 90, 85, 80, 75, 60
_SEP = r"[\s\-\u2013_/.,:;#|]{0,3}"
_GAP = r"[\s\-\u2013_/.,:;#|]{1,3}"
_LOOKS_LIKE = {"0": "0OQ", "O": "0OQ", "1": "1IL", "I": "1IL", "L": "1IL", "5": "5S", "S": "5S", "8": "8B", "B": "8B"}
_AS_DIGIT = str.maketrans("OQILSB", "001158")
_DIGIT = "[0-9OQILSB]"
_RF = re.compile(r"RF\d{2}[A-Z0-9]{1,21}")
_OGM = re.compile(r"(?<!\d)(\d{3})/(\d{4})/(\d{5})(?!\d)")
_BODY = re.compile(r"0*(20\d{2}\d{6})")
_QR_TABLE = (0, 9, 4, 6, 8, 2, 7, 1, 3, 5)
_MOST_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Found:
    """An invoice number that was read: without separators, how far to trust it (0 to 100), and how it was read.

    `digits` are the year and running number as they stood there, so that a number cut by a line break can be told.
    """

    number: str
    strength: int
    how: str
    digits: str = ""


def creditor_reference(number: str) -> str:
    """Return the RF creditor reference (ISO 11649) of a document number; ValueError where it does not fit one."""
    body = compact(number)
    if not 1 <= len(body) <= 21:  # noqa: PLR2004  # the standard's length
        raise ValueError(f"{number!r} does not fit the 21 characters of a creditor reference")
    return f"RF{98 - _as_number(body + 'RF00') % 97:02d}{body}"


def is_creditor_reference(text: str) -> bool:
    """Tell whether a text is an RF reference with the right check digits."""
    return bool(_RF.fullmatch(text)) and _as_number(text[4:] + text[:4]) % 97 == 1


def is_belgian_reference(digits: str) -> bool:
    """Tell whether twelve digits are a Belgian structured communication."""
    if not re.fullmatch(r"[0-9]{12}", digits):
        return False
    return (int(digits[:10]) % 97 or 97) == int(digits[10:])


def is_swiss_reference(digits: str) -> bool:
    """Tell whether 27 digits are a Swiss QR reference."""
    if not re.fullmatch(r"[0-9]{27}", digits) or not int(digits):
        return False
    carry = 0
    for digit in digits[:-1]:
        carry = _QR_TABLE[(carry + int(digit)) % 10]
    return (10 - carry) % 10 == int(digits[-1])


def is_iban(text: str) -> bool:
    """Tell whether a text without spaces is an IBAN with the right check digits (ISO 13616)."""
    if not re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", text):
        return False
    return _as_number(text[4:] + text[:4]) % 97 == 1


def _as_number(text: str) -> int:
    return int("".join(str(int(char, 36)) for char in text))


def numbers_in(structured: Iterable[str], texts: Iterable[str], prefix: str) -> list[Found]:
    """Return the invoice numbers that a payer gave, each once with its best reading, the most trusted first.

    `prefix` is what the partner's numbers begin with. Banks break lines anywhere, so texts are read with and without
    the breaks; what only a blurred or shortened reading gives is trusted less.
    """
    readings = [*_structured(structured, compact(prefix)), *_free(tuple(texts), compact(prefix))]
    best: dict[str, Found] = {}
    for found in readings:
        if not _cut(found, readings) and (found.number not in best or best[found.number].strength < found.strength):
            best[found.number] = found
    return sorted(best.values(), key=lambda found: (-found.strength, found.number))


def _cut(found: Found, readings: Iterable[Found]) -> bool:
    """Tell whether a shorter number is but the beginning of a whole one, or no number at all (they begin with 1)."""
    if found.strength >= FULL:
        return False
    padded = found.digits[4:5] == "0"  # who writes leading zeros writes all of them
    whole = (one.digits for one in readings if one.strength >= FULL or (padded and one.strength == BLURRED))
    longer = (digits for digits in whole if len(digits) > len(found.digits) or found.strength in (BARE, BARE_SHORT))
    return int(found.number[-6:]) == 0 or any(digits.startswith(found.digits) for digits in longer)


def _structured(references: Iterable[str], prefix: str) -> Iterator[Found]:
    for reference in references:
        text = compact(reference[:140])
        if is_creditor_reference(text):
            yield from _of_body(text[4:].lstrip("0"), prefix, f"structured reference {text}")
        elif is_belgian_reference(text) or is_swiss_reference(text):
            body = text[:10] if len(text) == 12 else text[:-1]  # noqa: PLR2004  # the Belgian length
            yield from _of_body(body, prefix, f"structured reference {text}")
        else:
            for found in _read(reference[:140].upper(), prefix):
                strength = min(DOCUMENT, found.strength + 5)
                yield Found(found.number, strength, f"reference {reference[:60]}", found.digits)


def _of_body(body: str, prefix: str, how: str) -> Iterator[Found]:
    """The digits of a structured reference: a whole number of ours, or its year and running number."""
    if match := _BODY.fullmatch(body):
        yield Found(f"{prefix}{match[1]}", STRUCTURED, how, match[1])
    elif body:
        yield Found(body, STRUCTURED, how, body)


def _free(texts: tuple[str, ...], prefix: str) -> Iterator[Found]:
    spaced = " ".join(texts)[:_MOST_TEXT].upper()
    joined = "".join(texts)[:_MOST_TEXT].upper()
    for match in _OGM.finditer(spaced):
        yield from _structured(("".join(match.groups()),), prefix)
    for text in re.findall(rf"RF\d\d0*{re.escape(prefix)}20\d{{8}}", compact(joined)):
        yield from _structured((text,), prefix)
    yield from _read(spaced, prefix)
    if joined != spaced:
        yield from (found for found in _read(joined, prefix) if found.strength >= FULL)


def _read(text: str, prefix: str) -> Iterator[Found]:
    """Read numbers out of a text in capital letters."""
    head = "".join(f"[{_LOOKS_LIKE.get(char, char)}]" for char in prefix)
    start = rf"(?<![A-Z0-9])({head}){_SEP}(20[0-9OQILSB]{{2}}|2[OQ]{_DIGIT}{{2}})"
    for match in re.finditer(rf"{start}{_SEP}({_DIGIT}{{1,6}})(?![0-9])", text):
        yield _reading(match[1], match[2], match[3], prefix)
    for match in re.finditer(rf"{start}{_GAP}({_DIGIT}(?:[ .]?{_DIGIT}){{5}})(?![0-9])", text):
        digits = re.sub("[ .]", "", match[3])
        if digits != match[3]:
            how = f"number {match[0][:40]} with gaps in the text"
            yield Found(_number(prefix, match[2], digits), BLURRED, how, match[2] + digits)
    for match in re.finditer(rf"(?<![A-Z0-9\-/.])(20[0-9]{{2}}){_GAP}([0-9]{{1,6}})(?![0-9])", text):
        full = len(match[2]) == 6  # noqa: PLR2004  # the places of a printed number
        strength = BARE if full else BARE_SHORT
        how = f"number {match[0]} without prefix in the text"
        yield Found(_number(prefix, match[1], match[2]), strength, how, match[1] + match[2])


def _reading(head: str, year: str, digits: str, prefix: str) -> Found:
    number = _number(prefix, year, digits)
    shown = f"{head}-{year}-{digits}"
    if head != prefix or not (year + digits).isdigit():
        return Found(number, BLURRED, f"number {shown} in the text, read with care", year + digits)
    if len(digits) == 6:  # noqa: PLR2004  # the places of a printed number
        return Found(number, FULL, f"number {shown} in the text", year + digits)
    return Found(number, SHORT, f"number {shown} without its leading zeros in the text", year + digits)


def _number(prefix: str, year: str, digits: str) -> str:
    return f"{prefix}{year.translate(_AS_DIGIT)}{int(digits.translate(_AS_DIGIT)):06d}"
