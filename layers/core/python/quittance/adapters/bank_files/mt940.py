"""MT940 (SWIFT customer statement message), strict: what is not understood is refused with its line, never skipped.

Source: SWIFT's MT940 format specification and the German banks' structure of field 86 (DFÜ agreement, annex 3:
`166?00...?20EREF+...?21SVWZ+...?31<IBAN>?32<name>`); besides, the structure with slashes (`/EREF/.../REMI/...`) and
plain text. Amounts carry a comma, years two digits.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from quittance.adapters.bank_files.amounts import money
from quittance.domain.bank import BankLine, BrokenStatement, Statement, bank_name, meaningful
from quittance.domain.money import Money
from quittance.domain.payment_reference import is_iban

_KNOWN = frozenset("20 21 25 25P 28 28C 60F 60M 61 86 62F 62M 64 65 NS".split())
_FIELD = re.compile(r":(\d{2}[A-Z]?|NS):(.*)")
_BALANCE = re.compile(r"([CD])(\d{6})([A-Z]{3})([\d,]{1,15})")
_ENTRY = re.compile(r"(\d{6})(\d{4})?(R?[CD])([A-Z])?([\d,]{1,15})([A-Z][A-Z0-9]{3})(.*)")
_ENVELOPE = re.compile(r"\{[1235]:[^{}]{0,200}(?:\{[^{}]{0,100}\}){0,10}\}|\{4:|-\}")
_GERMAN = re.compile(r"(\d{3})\?")
_SUBFIELD = re.compile(r"\?(\d{2})")
_KEY = re.compile(r"(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|COAM|OAMT|PURP)\+")
_SLASHED = re.compile(r"/(EREF|PREF|IREF|MARF|CSID|REMI|NAME|IBAN|BIC|ORDP|BENM|RTRN|PURP|ISDT|TRTP|CNTP)/")
_RETURNS = frozenset("108 109 159 181 184".split())  # the German codes of returned debits and transfers
_COLLECTIVE = frozenset("191 192 193 194 195".split())
_NO_SPLIT = "the batch cannot be split: its parts are not given"
_MOST_LINES = 400_000


@dataclass(slots=True)
class _Draft:
    """A statement while it is read."""

    first: int
    account: str = ""
    id: str = ""
    currency: str = ""
    opening: Money | None = None
    closing: Money | None = None
    balance: Money | None = None
    lines: list[BankLine] = field(default_factory=list)


@dataclass(slots=True)
class _About:
    """What field 86 says of an entry."""

    code: str = ""
    name: str | None = None
    iban: str | None = None
    end_to_end: str | None = None
    returned: str | None = None
    texts: list[str] = field(default_factory=list)


def read(content: bytes) -> list[Statement]:
    """Return the statements of a file; BrokenStatement names the line at fault."""
    drafts: list[_Draft] = []
    fields = list(_fields(_text(content)))
    for i, (number, tag, value) in enumerate(fields):
        if tag == "20":
            drafts.append(_Draft(first=number))
        elif not drafts:
            raise BrokenStatement(f"line {number}: a statement begins with :20:")
        elif tag == "61":
            about = fields[i + 1][2] if i + 1 < len(fields) and fields[i + 1][1] == "86" else ""
            drafts[-1].lines.append(_entry(drafts[-1], number, value, about))
        else:
            _header(drafts[-1], number, tag, value)
    if not drafts:
        raise BrokenStatement("neither camt.053 nor MT940; send the statement as the bank gave it")
    return [_finished(draft) for draft in drafts]


def _text(content: bytes) -> str:
    if b"\0" in content:
        raise BrokenStatement("the file holds bytes that no text has; send the statement as the bank gave it")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _fields(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield line number, tag and value of each field; a value's further lines stay apart by a line feed."""
    number, tag, value = 0, "", list[str]()
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > _MOST_LINES:
        raise BrokenStatement(f"more than {_MOST_LINES} lines; export a shorter period")
    for i, raw in enumerate(lines, 1):
        line = _ENVELOPE.sub("", raw).rstrip()
        if match := _FIELD.fullmatch(line):
            if tag:
                yield number, tag, "\n".join(value)
            number, tag, value = i, match[1], [match[2]]
            if tag not in _KNOWN:
                raise BrokenStatement(f"line {i}: field :{tag}: is not of an MT940")
        elif line and line != "-":
            if not tag:
                raise BrokenStatement(f"line {i}: {line[:30]!r} where a field such as :20: was expected")
            value.append(line)
    if tag:
        yield number, tag, "\n".join(value)


def _header(draft: _Draft, number: int, tag: str, value: str) -> None:
    match tag:
        case "25" | "25P":
            draft.account = _account(value.split("\n", maxsplit=1)[0])
        case "28" | "28C":
            draft.id = value
        case "60F" | "60M":
            draft.opening = draft.balance = _balance(value, number)
            draft.currency = draft.opening.currency
        case "62F" | "62M":
            draft.closing = _balance(value, number)


def _account(text: str) -> str:
    """Some banks write the currency behind the IBAN."""
    return text[:-3] if is_iban(text[:-3]) and text[-3:].isalpha() else text


def _balance(value: str, number: int) -> Money:
    match = _BALANCE.fullmatch(value.strip())
    if match is None:
        raise BrokenStatement(f"line {number}: {value[:40]!r} is not a balance")
    amount = _money(match[4], match[3], number)
    return amount if match[1] == "C" else -amount


def _money(text: str, currency: str, number: int) -> Money:
    if text.count(",") != 1:
        raise BrokenStatement(f"line {number}: {text!r} is not an amount with its comma")
    whole, _, part = text.partition(",")
    return money(f"{whole or '0'}.{part}", currency, f"line {number}")


def _entry(draft: _Draft, number: int, value: str, about_text: str) -> BankLine:
    match = _ENTRY.fullmatch(value.split("\n", maxsplit=1)[0])
    if match is None:
        raise BrokenStatement(f"line {number}: {value[:60]!r} is not an entry (:61:)")
    if draft.balance is None:
        raise BrokenStatement(f"line {number}: an entry before the opening balance (:60F:)")
    amount = _money(match[5], draft.currency, number)
    incoming = match[3] in ("C", "RD")
    draft.balance = draft.balance + (amount if incoming else -amount)
    about = _about(about_text)
    _, _, bank_reference = match[7].partition("//")
    return BankLine(
        booked=_booked(match[1], match[2], number),
        amount=amount,
        incoming=incoming,
        returned=_returned(match[3], match[6], about),
        reference=meaningful(bank_reference[:35]),
        end_to_end=meaningful(about.end_to_end),
        payer_name=about.name,
        payer_iban=about.iban,
        texts=tuple(about.texts[:40]),
        position=str(draft.balance),
        doubt=_NO_SPLIT if about.code in _COLLECTIVE else None,
    )


def _returned(mark: str, kind: str, about: _About) -> str | None:
    if mark.startswith("R"):
        return "reversal"
    return about.returned or ("returned" if kind == "NRTI" or about.code in _RETURNS else None)


def _booked(value_date: str, entry_day: str | None, number: int) -> date:
    """The booking day: month and day of the entry where given, of the year next to the value date."""
    try:
        valued = date(2000 + int(value_date[:2]), int(value_date[2:4]), int(value_date[4:]))
        if entry_day is None:
            return valued
        years = [valued.year - 1, valued.year, valued.year + 1]
        days = [date(year, int(entry_day[:2]), int(entry_day[2:])) for year in years if _is_day(year, entry_day)]
        return min(days, key=lambda day: abs((day - valued).days))
    except ValueError:
        raise BrokenStatement(f"line {number}: {value_date}{entry_day or ''} holds no date (:61:)") from None


def _is_day(year: int, month_day: str) -> bool:
    try:
        date(year, int(month_day[:2]), int(month_day[2:]))
    except ValueError:
        return False
    return True


def _about(text: str) -> _About:
    flat = text.replace("\n", "")
    if _GERMAN.match(flat):
        return _german(flat)
    if _SLASHED.search(flat):
        return _slashed(flat)
    return _About(texts=[line for line in text.split("\n") if line.strip()])


def _german(text: str) -> _About:
    """Read `166?00text?20...`: the purpose in ?20-?29 and ?60-?63, the account in ?31, the name in ?32 and ?33."""
    pieces = _SUBFIELD.split(text)
    subfields = list(zip(pieces[1::2], pieces[2::2], strict=True))
    purpose = [value for code, value in subfields if "20" <= code <= "29" or "60" <= code <= "63"]
    about = _About(code=pieces[0][:3])
    about.name = " ".join("".join(value for code, value in subfields if code in ("32", "33")).split())[:140] or None
    about.iban = _iban(next((value for code, value in subfields if code == "31"), ""))
    keyed = _keyed(_KEY, "".join(purpose))
    about.end_to_end = keyed.get("EREF")
    if not keyed:
        about.texts = [piece for piece in purpose if piece.strip()]
    else:
        apart = _keyed(_KEY, " ".join(purpose)).get("SVWZ")  # some banks break between words and lose the space
        reference = meaningful(keyed.get("EREF"))
        about.texts = [part for part in dict.fromkeys((keyed.get("SVWZ"), apart, reference)) if part]
        about.iban = about.iban or _iban(keyed.get("IBAN", ""))
        about.name = about.name or keyed.get("ABWA") or None
    return about


def _slashed(text: str) -> _About:
    keyed = _keyed(_SLASHED, text)
    remittance = re.sub(r"^(USTD//|STRD/CUR/|STRD//)", "", keyed.get("REMI", ""))
    account, _, other = (*keyed.get("CNTP", "").split("/"), "", "", "")[:3]  # the other side: IBAN, BIC, name
    return _About(
        name=(keyed.get("NAME") or other)[:140] or None,
        iban=_iban(keyed.get("IBAN") or account),
        end_to_end=keyed.get("EREF"),
        returned=keyed.get("RTRN", "")[:35] or None,
        texts=[part for part in (remittance, meaningful(keyed.get("EREF"))) if part],
    )


def _keyed(key: re.Pattern[str], text: str) -> dict[str, str]:
    pieces = key.split(text)
    return {name: value.strip("/ ") for name, value in zip(pieces[1::2], pieces[2::2], strict=True)}


def _iban(text: str) -> str | None:
    iban = re.sub(r"\s", "", text).upper()
    return iban if is_iban(iban) else None


def _finished(draft: _Draft) -> Statement:
    if not draft.account or draft.opening is None or draft.closing is None:
        raise BrokenStatement(f"line {draft.first}: the statement lacks :25:, :60F: or :62F:; it is not whole")
    proven = draft.balance == draft.closing
    return Statement(bank=bank_name(draft.account), id=draft.id[:70], lines=tuple(draft.lines), adds_up=proven)
