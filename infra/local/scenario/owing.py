"""Which account a step means that names only an invoice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from quittance.domain.errors import Rejected


def account_of(fields: Mapping[str, Any], invoices: Mapping[str, Iterable[str]]) -> str:
    """Return the account a step names, else the only one that has its invoice; Rejected where that is not clear."""
    if named := fields.get("account"):
        return str(named)
    found = [account for account, names in invoices.items() if fields["invoice"] in names]
    if len(found) != 1:
        has = f"accounts {', '.join(found)} have" if found else "no account has"
        raise Rejected(f"invoice: {has} {fields['invoice']!r}; name the account too", field="invoice")
    return found[0]
