"""Charge what paying late costs: the fees of notices that were given, and the interest of invoices that are settled.

It runs before an assessment is written, which then lets settled invoices go: a crash in between does it again, and each
charge is written once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Protocol

from quittance.domain.account import AccountFile
from quittance.domain.late_charges import LateCharge, Move, bearing, fees_owed, interest


class LateBooks(Protocol):
    """Keeps late charges and knows how invoices were settled (store.late_charges)."""

    def moves(self, partner: str, account: str, invoice: str, zone: tzinfo) -> Sequence[Move]:
        """Return what settled an invoice, in the order of booking."""
        ...

    def charge(self, partner: str, account: str, owed: LateCharge, *, period: str) -> bool:
        """Put a charge on the account's next draft from a period on; False when it is on one already."""
        ...


def charge_late(file: AccountFile, *, books: LateBooks, now: datetime) -> list[LateCharge]:
    """Charge what an account newly owes for paying late; return it. Nothing owed: nothing read, nothing written."""
    owed = [*fees_owed(file), *_interest(file, books, now)]
    period = f"{now.astimezone(file.profile.zone):%Y-%m}"
    return [one for one in owed if books.charge(file.partner, file.profile.id, one, period=period)]


def _interest(file: AccountFile, books: LateBooks, now: datetime) -> list[LateCharge]:
    profile, found = file.profile, []
    for invoice in bearing(file, now.astimezone(file.profile.zone).date()):
        moves = books.moves(file.partner, profile.id, invoice.id, profile.zone)
        if charge := interest(invoice, moves, file.policies[invoice.policy].interest(profile.country)):
            found.append(charge)
    return found
