"""Invariant 3: one effect per provider payment and per billing period, however often it was told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken


def check(table: Table) -> Iterator[Violation]:
    """Look for a second effect of the same cause."""
    payments: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in table.of("payment"):
        payments[record.partner, str(record.get("provider")), str(record.get("payment_id"))].append(record)
    yield from _more_than_one("a provider's payment is booked once", payments)
    yield from _of_a_payment(table, payments)
    periods: dict[tuple[str, ...], list[Record]] = defaultdict(list)
    for record in table.of("invoice"):
        if record.get("period"):
            periods[record.partner, str(record.account), str(record.get("period"))].append(record)
    yield from _more_than_one("an account has one invoice a period", periods)


def _of_a_payment(table: Table, payments: dict[tuple[str, ...], list[Record]]) -> Iterator[Violation]:
    """A movement of a payment lies with its payment, a transfer has it at the account that paid; so it is noted."""
    for record in table.of("movement"):
        if record.get("payment_id"):
            cause = record.partner, str(record.get("provider")), str(record.get("payment_id"))
            account = record.get("payer") or record.account
            if account not in {payment.account for payment in payments.get(cause, ())}:
                yield broken(3, "a movement has its payment", record, expected=f"a payment of {account}", found="none")
    for record in table.of("payment_owner"):
        _, _, _, provider, payment_id = record.pk.split("#", 4)
        owners = {payment.account for payment in payments.get((record.partner, provider, payment_id), ())}
        if owners != {record.get("account")}:
            yield broken(3, "a payment's note names its account", record, expected=owners, found=record.get("account"))


def _more_than_one(rule: str, groups: dict[tuple[str, ...], list[Record]]) -> Iterator[Violation]:
    for records in groups.values():
        first, *others = sorted(records, key=lambda record: (record.pk, record.sk))
        for record in others:
            yield broken(3, rule, record, expected=f"only {first.pk} {first.sk}", found="this one, too")
