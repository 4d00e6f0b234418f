"""Invariant 7: every vendor charge is billed once, absorbed by a rule, in a draft, or listed as open."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal

from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken, missing
from quittance.store import keys

type Charge = tuple[str, str, int]
"""A charge's name: its partner, the vendor's invoice, and its row there."""


def check(table: Table) -> Iterator[Violation]:
    """Follow every chunk to the invoice that took it, and every row to its line."""
    named = _named(table)
    chunks = [*table.of("charges"), *table.of("late_charge")]
    for chunk in chunks:
        yield from _placed(chunk, named.get((chunk.pk, chunk.sk), []))
    held = {(chunk.pk, chunk.sk) for chunk in chunks}
    for place, invoices in named.items():
        if place not in held:
            for invoice in invoices:
                yield broken(7, "an invoice's charges exist", invoice, expected=" ".join(place), found="nothing there")
    yield from _billed_once(table)
    yield from _late_once(table)
    yield from _files(table)


def _named(table: Table) -> dict[tuple[str, str], list[Record]]:
    """Return, for each chunk that is named, the invoices that name it."""
    found: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for invoice in table.of("invoice"):
        for ref in invoice.get("chunks", ()):
            key = keys.chunk_key(invoice.partner, str(invoice.account), ref)
            found[key.pk, key.sk].append(invoice)
    return found


def _placed(chunk: Record, invoices: list[Record]) -> Iterator[Violation]:
    slot = chunk.get("slot")
    if chunk.account is not None:
        if len(invoices) != 1:
            found = ", ".join(one.sk for one in invoices) or "none"
            yield broken(7, "an account's charges are in one slot", chunk, expected="one slot", found=found)
        return
    if slot is None:
        if invoices:
            told = f"named by {invoices[0].pk} {invoices[0].sk}"
            yield broken(7, "open charges are on no invoice", chunk, expected="no invoice", found=told)
        return
    account, _, period = str(slot).rpartition("/")
    key = keys.invoice(chunk.partner, account, period)
    if [(one.pk, one.sk) for one in invoices] != [(key.pk, key.sk)]:
        found = ", ".join(f"{one.pk} {one.sk}" for one in invoices) or "no invoice"
        yield broken(
            7, "charges are on the one invoice of their slot", chunk, expected=f"{key.pk} {key.sk}", found=found
        )


def _rows(record: Record) -> Iterator[Charge]:
    """Yield the charges that an issued invoice's lines and absorbed charges name."""
    for part in ("lines", "absorbed"):
        for line in record.body.get(part, ()):
            for vendor_invoice, rows in line.get("charges", {}).items():
                yield from ((record.partner, vendor_invoice, row) for row in rows)


def _held(chunk: Record) -> list[Charge]:
    rows = chunk.get("body", [])
    return [(chunk.partner, str(chunk.get("vendor_invoice")), row["row"]) for row in rows]


def _billed_once(table: Table) -> Iterator[Violation]:
    chunks = {(chunk.pk, chunk.sk): chunk for chunk in table.of("charges")}
    times: Counter[Charge] = Counter()
    for invoice in table.issued():
        taken = [keys.chunk_key(invoice.partner, str(invoice.account), ref) for ref in invoice.get("chunks", ())]
        owed = Counter(row for key in taken if (key.pk, key.sk) in chunks for row in _held(chunks[key.pk, key.sk]))
        billed = Counter(_rows(invoice))
        times.update(billed)
        for charge in sorted((owed - billed).keys() | (billed - owed).keys()):
            rule = f"charge {charge[1]}#{charge[2]} is billed once or absorbed"
            yield broken(7, rule, invoice, expected=owed[charge], found=billed[charge])
    twice = {charge for charge, count in times.items() if count > 1}
    for invoice in table.issued():
        for charge in sorted(twice & set(_rows(invoice))):
            rule, found = f"charge {charge[1]}#{charge[2]} is billed once in all", times[charge]
            yield broken(7, rule, invoice, expected=1, found=found)


def _late_once(table: Table) -> Iterator[Violation]:
    """A fee or interest for paying late is billed once, as it was charged."""
    billed: set[tuple[str, str]] = set()
    for invoice in table.issued():
        for line in invoice.body.get("lines", ()):
            if not (name := line.get("late")):
                continue
            key = keys.late_charge(invoice.partner, str(invoice.account), name)
            charged = table.get(key)
            expected = charged.body.get("amount") if charged else None
            if line["net"] != expected:
                rule = f"late charge {name} is billed as it was charged"
                yield broken(7, rule, invoice, expected=expected, found=line["net"])
            if (key.pk, key.sk) in billed:
                yield broken(7, f"late charge {name} is billed once in all", invoice, expected=1, found="again")
            billed.add((key.pk, key.sk))


def _files(table: Table) -> Iterator[Violation]:
    """A file that was imported is in chunks to its last row and cent."""
    kept: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for chunk in table.of("charges"):
        kept[chunk.partner, str(chunk.get("vendor_invoice"))].append(chunk)
    for file in table.of("vendor_file"):
        if file.get("state") != "imported":
            continue
        chunks = kept.get((file.partner, file.sk.removeprefix("FILE#")), [])
        rows = [row for chunk in chunks for row in chunk.get("body", [])]
        if len(rows) != file.body.get("rows") or len({row["row"] for row in rows}) != len(rows):
            yield broken(7, "every row of a file is kept once", file, expected=file.body.get("rows"), found=len(rows))
        subtotal = sum((Decimal(row["subtotal"]) for row in rows), Decimal(0))
        if subtotal != Decimal(str(file.body.get("subtotal", "0"))):
            yield broken(7, "the charges kept add up", file, expected=file.body.get("subtotal"), found=subtotal)
        key = keys.payable(file.partner, file.sk.removeprefix("FILE#"))
        if table.get(key) is None:
            yield missing(7, "an imported file is a payable", key.pk, key.sk, expected="what is owed to the vendor")
