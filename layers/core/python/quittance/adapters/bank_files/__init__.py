"""Statements as banks write them: which format a file has, and its lines in our own words."""

from __future__ import annotations

from quittance.adapters.bank_files import camt053, mt940
from quittance.domain.bank import BrokenStatement, Statement

MAX_BYTES = 16 * 2**20
_XML_STARTS = (b"<", b"\xfe\xff", b"\xff\xfe")


def read_statements(content: bytes) -> list[Statement]:
    """Return the statements of a file, camt.053 or MT940; BrokenStatement says what is wrong and where."""
    if len(content) > MAX_BYTES:
        raise BrokenStatement(f"the file is larger than {MAX_BYTES // 2**20} MiB; export a shorter period")
    start = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(_XML_STARTS):
        return camt053.read(content)
    return mt940.read(content)
