"""Tables as CSV (RFC 4180) for people with a spreadsheet: a text never becomes a formula there."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
CSV_TYPE = "text/csv; charset=utf-8"


def as_csv(head: Sequence[str], rows: Iterable[Sequence[str]], *, texts: frozenset[str] = frozenset()) -> str:
    """Return a table; the columns named in `texts` hold what others wrote and are kept from being formulas."""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(head)
    for row in rows:
        writer.writerow([_inert(value) if name in texts else value for name, value in zip(head, row, strict=True)])
    return written.getvalue()


def _inert(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
