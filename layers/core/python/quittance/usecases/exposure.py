"""What each account can cost the partner, a page of accounts at a time; nothing is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from quittance.domain.account import AccountFile
from quittance.domain.charges import Charge
from quittance.domain.exposure import Commitment, Exposure, Figures, exposure
from quittance.domain.partner import Partner


class Accounts(Protocol):
    """Loads account files (store.accounts)."""

    def load(self, partner: str, account: str) -> AccountFile:
        """Return the account's facts of one moment."""
        ...


class Book(Protocol):
    """What belongs to the partner as a whole (store.partners)."""

    def read_partner(self, partner: str) -> Partner:
        """Return the partner."""
        ...

    def account_entries(self, partner: str, *, after: str | None, limit: int) -> list[tuple[str, str]]:
        """Return ids and names of a page of accounts."""
        ...


class Receivables(Protocol):
    """What an account was charged, invoiced and has paid (store.receivables)."""

    def charges(self, partner: str, account: str) -> Sequence[Charge]:
        """Return everything the vendor charged for an account."""
        ...

    def figures(self, partner: str, account: str) -> Figures:
        """Return what its invoices and payments add up to."""
        ...


def exposures(
    partner: str,
    *,
    after: str | None,
    limit: int,
    now: datetime,
    book: Book,
    accounts: Accounts,
    receivables: Receivables,
) -> dict[str, Any]:
    """Return a page of accounts, in the order of their ids, each with what the vendor charged and what is at risk."""
    owner = book.read_partner(partner)
    page = [name for name, _ in book.account_entries(partner, after=after, limit=limit)]
    today = now.astimezone(owner.zone).date()
    rows = []
    for name in page:
        file = accounts.load(partner, name)
        charges, figures = receivables.charges(partner, name), receivables.figures(partner, name)
        found = exposure(file.subscriptions, charges, figures, today, file.profile.currency)
        rows.append(_shown(file, found, now))
    return {"accounts": rows, "next": page[-1] if len(page) == limit else None}


def _shown(file: AccountFile, found: Exposure, now: datetime) -> dict[str, Any]:
    return {
        "account": file.profile.id,
        "name": file.profile.name,
        "currency": file.profile.currency,
        "charged": str(found.charged),
        "invoiced": str(found.invoiced),
        "paid": str(found.paid),
        "balance": str(file.balance),
        "overdue": str(file.overdue(now)),
        "uncovered": str(found.uncovered),
        "suspended_cost": str(found.suspended_cost),
        "at_risk": str(found.at_risk),
        "subscriptions": [_commitment(one) for one in found.commitments],
    }


def _commitment(found: Commitment) -> dict[str, Any]:
    one = found.subscription
    return {
        "id": one.id,
        "name": one.name,
        "kind": one.kind,
        "access": one.access,
        "term_ends": one.term_ends.isoformat() if one.term_ends else None,
        "monthly": str(found.monthly) if found.monthly else None,
        "until_term_end": str(found.until_term_end) if found.until_term_end is not None else None,
    }
