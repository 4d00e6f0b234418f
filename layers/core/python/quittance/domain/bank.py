"""What a bank tells of an account: statements and their lines, and the name by which each line counts once."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from quittance.domain.errors import Rejected
from quittance.domain.money import Money

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,34}")
_NO_REFERENCE = frozenset(("NONREF", "NOTPROVIDED", "NOREF", "0"))


class BrokenStatement(Rejected):
    """The file is no statement, or not a whole one; the message names the place."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="broken_statement", field="file")


@dataclass(frozen=True, slots=True, kw_only=True)
class BankLine:
    """One movement of money: an entry of a statement, or one part of a batch.

    `amount` is positive, `incoming` says where it went. `returned` is why it undoes an earlier movement (a reversal by
    the bank, or the reason code of a return). `reference` is the bank's own (AcctSvcrRef), `index` the part's place in
    its entry (index of TxDtls). `position` tells two equal lines apart that carry no reference: the account's balance
    behind the entry, or the statement. `doubt` is why a person must look at the line whatever it says.
    """

    booked: date
    amount: Money
    incoming: bool
    returned: str | None = None
    reference: str | None = None
    index: int = 0
    end_to_end: str | None = None
    payer_name: str | None = None
    payer_iban: str | None = None
    structured: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    position: str = ""
    doubt: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The booked lines of one of the partner's bank accounts (`bank`: IBAN, or the bank's own name of it).

    `adds_up` is None where the statement gives no opening and closing balance to prove it by.
    """

    bank: str
    id: str
    lines: tuple[BankLine, ...]
    adds_up: bool | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A line with the name that makes it count once for its bank account, and a digest of what must not differ."""

    name: str
    content: str
    line: BankLine
    doubt: str | None

    def beside(self, other: str) -> Named:
        """Return the line under a name of its own, because another has the name already; a person has to look."""
        doubt = f"the bank gave its reference to another movement, too ({other}); decide whether this is one more"
        return Named(f"{self.name}.{self.content[:8]}", self.content, self.line, doubt)


def bank_name(text: str) -> str:
    """Return the account of a statement as it may stand in keys: without spaces, at most 34 characters."""
    name = re.sub(r"[^A-Za-z0-9]", "", text).upper()
    if not name:
        raise BrokenStatement("the statement does not name its account; export it again with the account's IBAN")
    return name if len(name) <= 34 else f"X{digest(name)}"  # noqa: PLR2004  # as long as an IBAN may be


def meaningful(reference: str | None) -> str | None:
    """Return a reference, None where the sender wrote that there is none."""
    text = (reference or "").strip()
    return None if text.upper() in _NO_REFERENCE or not text.strip("0-. ") else text


def digest(*parts: object) -> str:
    """Return a short stable digest of values."""
    return hashlib.sha256("|".join(str(part) for part in parts).encode()).hexdigest()[:24]


def identify(lines: Iterable[BankLine]) -> Iterator[Named]:
    """Name each line so that the same file again, or one that overlaps it, gives the same names.

    With a reference of the bank: reference and index; the amount must be the same whenever it comes again. Without
    one: what the line says, and which of the equal lines of its file it is; its place in the account must be the same.
    """
    seen: Counter[str] = Counter()
    for line in lines:
        name, content = _referenced(line) if line.reference else _described(line)
        seen[name] += 1
        if seen[name] == 1:
            yield Named(name, content, line, line.doubt)
        elif line.reference is None:
            yield Named(f"{name}.{seen[name]}", content, line, line.doubt)
        else:
            yield _repeated(Named(name, content, line, line.doubt), seen)


def _repeated(named: Named, seen: Counter[str]) -> Named:
    """A reference that a file uses twice: told apart by amount, then by order; in doubt either way."""
    beside = named.beside("in this very file")
    seen[f"{beside.name}|"] += 1
    count = seen[f"{beside.name}|"]
    return beside if count == 1 else Named(f"{beside.name}.{count}", beside.content, beside.line, beside.doubt)


def _referenced(line: BankLine) -> tuple[str, str]:
    reference = line.reference or ""
    safe = reference if _SAFE.fullmatch(reference) else f"x{digest(reference)}"
    return f"{safe}.{line.index}", digest(line.booked, line.incoming, line.amount.minor, line.amount.currency)


def _described(line: BankLine) -> tuple[str, str]:
    told = (line.booked, line.incoming, line.amount.minor, line.amount.currency, line.payer_iban, line.end_to_end)
    text = re.sub(r"\s+", "", "".join((*line.structured, *line.texts, line.payer_name or ""))).upper()
    return f"f{digest(*told, text)}.{line.index}", digest(line.position)
