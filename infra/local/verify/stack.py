"""All checks on a running stack; what is only in motion while it is read is no violation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from infra.local.verify import (
    access,
    agreed,
    bank,
    books,
    charges,
    documents,
    messages,
    numbers,
    once,
    outside,
    periods,
    policies,
    receipts,
    tenants,
)
from infra.local.verify.outside import Outside, Parked
from infra.local.verify.table import Table, read_table
from infra.local.verify.violations import Violation, missing
from quittance.domain.errors import QuittanceError

type Clients = Callable[[str], Any]
"""Gives the client of an AWS service."""

_READINGS = 4
_PAUSE = 0.5


def verify_stack(
    clients: Clients, outputs: Mapping[str, str], *, pause: Callable[[float], None] = time.sleep
) -> list[Violation]:
    """Return what breaks an invariant, empty where all hold.

    The table is read page by page while the stack works, so a change may be seen by half: only what a second and
    third reading still find counts.
    """
    found = _once(clients, outputs)
    for reading in range(1, _READINGS):
        if not found:
            break
        pause(_PAUSE * reading)
        again = set(_once(clients, outputs))
        found = [violation for violation in found if violation in again]
    return found


def parked(clients: Clients, outputs: Mapping[str, str]) -> list[Parked]:
    """List what waits for a person: messages that failed for good, and what was parked with its reason."""
    table = read_table(clients("dynamodb"), outputs["TableName"])
    return [*outside.dead_letters(clients("sqs"), outputs), *messages.parked(table)]


def _once(clients: Clients, outputs: Mapping[str, str]) -> list[Violation]:
    table = read_table(clients("dynamodb"), outputs["TableName"])
    return list(check_all(table, outside.look(table, clients("s3"), clients("sqs"), outputs)))


def check_all(table: Table, beyond: Outside) -> Iterator[Violation]:
    """Run every check on what was read; an item that no check can make sense of ends its check, not the others."""
    checks: tuple[tuple[int, Callable[[], Iterator[Violation]]], ...] = (
        (1, lambda: books.check(table)),
        (1, lambda: periods.check(table)),
        (1, lambda: receipts.check(table)),
        (2, lambda: numbers.check(table)),
        (2, lambda: documents.check(table, beyond)),
        (3, lambda: once.check(table)),
        (3, lambda: bank.check(table, beyond)),
        (4, lambda: access.check(table)),
        (4, lambda: agreed.check(table)),
        (6, lambda: policies.check(table)),
        (7, lambda: charges.check(table)),
        (8, lambda: messages.check(table, beyond)),
        (9, lambda: tenants.check(table)),
    )
    for invariant, check in checks:
        try:
            yield from check()
        except (KeyError, TypeError, ValueError, AttributeError, QuittanceError) as problem:
            found = f"{type(problem).__name__}: {problem}"
            yield missing(invariant, "items can be read", "", "", expected="every item of the table", found=found)
