"""Invariant 3 for banks: a line that was placed has moved money once, and money from a bank came by a placed line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from infra.local.verify.outside import Outside
from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken
from quittance.store import keys
from quittance.store.tasks import digest, id_of
from quittance.usecases.bank_records import PLACED

_RULE = "a placed bank line has its payment"


def check(table: Table, outside: Outside) -> Iterator[Violation]:
    """Prove lines, then what was booked of banks; a line's message may still be in its queue, or parked."""
    lines = (record for record in table.of("bank_line") if record.get("state") == PLACED)
    placed = {_cause(part): part for record in lines for part in _parts(record)}
    on_the_way = bool(outside.queued.get("payments"))
    for record in placed.values():
        yield from _booked(table, record, on_the_way=on_the_way)
    for record in (*table.of("payment"), *table.of("movement")):
        provider = str(record.get("provider", ""))
        if not provider.startswith(keys.BANK_PREFIX) or record.get("movement") not in (None, *_UNDOING):
            continue
        cause = (record.partner, provider.removeprefix(keys.BANK_PREFIX), _name(record))
        if cause not in placed:
            yield broken(3, "a payment from a bank has its line", record, expected="a placed line", found="none")


_UNDOING = ("chargeback", "refund_failed")


def _assigned(table: Table, line: Record, provider: str, payment_id: str, movement: object) -> Record | None:
    """Return the payment where a person gave it to another account than its line names, and that account tells so."""
    if movement:
        return None
    name = digest(id_of(keys.parked(line.partner, "payment", f"{provider}#{payment_id}")))
    closed = (one for one in table.of("task") if one.partner == line.partner and one.sk.endswith(f"#{name}"))
    places = (keys.payment(line.partner, str(one.account), provider, payment_id) for one in closed)
    return next(filter(None, map(table.get, places)), None)


def _parts(line: Record) -> list[Record]:
    """A line that a person split stands for each of its parts, which has an account, payment and amount of its own."""
    parts: list[dict[str, Any]] = line.get("parts") or [{}]
    return [Record(line.pk, line.sk, line.kind, {**line.values, **part}) for part in parts]


def _name(record: Record) -> str:
    """The business key of the line that an entry, or a line itself, is about."""
    return str(record.get("movement_id") or record.get("payment_id"))


def _cause(line: Record) -> tuple[str, str, str]:
    return line.partner, line.pk.rpartition("#")[2], _name(line)


def _booked(table: Table, line: Record, *, on_the_way: bool) -> Iterator[Violation]:
    account, payment_id = str(line.get("account")), str(line.get("payment_id"))
    provider = f"{keys.BANK_PREFIX}{line.pk.rpartition('#')[2]}"
    kind, movement = str(line.get("payment_kind")), line.get("movement_id")
    if movement:
        place = keys.movement(line.partner, account, provider, payment_id, kind, movement)
    else:
        place = keys.payment(line.partner, account, provider, payment_id)
    entry = table.get(place) or _assigned(table, line, provider, payment_id, movement)
    if entry is None:
        parked = f"{provider}#{payment_id}" + (f"#{kind}#{movement}" if movement else "")
        waiting = [keys.parked(line.partner, "payment", parked)]
        if movement:
            waiting.append(keys.early(line.partner, provider, payment_id, kind, movement))
        if not on_the_way and not any(map(table.get, waiting)):
            yield broken(3, _RULE, line, expected=f"{place.pk} {place.sk}", found="none, nor a message")
        return
    came = (entry.get("paid") or {}).get("amount", entry.get("amount"))
    if came != line.get("amount") and not (movement and kind == "chargeback"):
        yield broken(3, "a bank line's payment is its amount", line, expected=line.get("amount"), found=came)
