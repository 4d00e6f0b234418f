"""One account pays for another: how its books name the invoices of others, and what it passes on to them.

An account's own invoices go by their ids. Those of an account that it pays for stand as `account/id`: neither part may
hold a slash, so no id can be taken for such a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

TRANSFER = "transfer"
MOST_PAID_FOR = 40
"""How many accounts one account may pay for: a payment over all of them has to fit one transaction of 100 items."""
_BETWEEN = "/"


def qualified(account: str, invoice: str) -> str:
    """Return the name of another account's invoice."""
    return f"{account}{_BETWEEN}{invoice}"


def is_others(name: str) -> bool:
    """Tell whether a name is that of another account's invoice."""
    return _BETWEEN in name


def owner_of(name: str) -> tuple[str | None, str]:
    """Return whose invoice a name means (None: the account's own) and its id there."""
    account, between, invoice = name.rpartition(_BETWEEN)
    return (account, invoice) if between else (None, invoice)


def own[Value](named: Mapping[str, Value]) -> dict[str, Value]:
    """Return what is said of the account's own invoices."""
    return {name: value for name, value in named.items() if not is_others(name)}


def by_owner(names: Iterable[str]) -> dict[str | None, list[str]]:
    """Return the ids of invoices by whose they are."""
    found: dict[str | None, list[str]] = {}
    for name in names:
        account, invoice = owner_of(name)
        found.setdefault(account, []).append(invoice)
    return found
