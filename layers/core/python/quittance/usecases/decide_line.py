"""A person says whose a bank line is, or splits it; the next line of the same IBAN needs no person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from quittance.domain.errors import Conflict, NotFound, Rejected
from quittance.domain.money import Money
from quittance.domain.payment_reference import is_iban
from quittance.domain.reading import Fields
from quittance.runtime.clock import iso
from quittance.usecases.bank_records import OUTGOING, PLACED, SET_ASIDE, WAITING, Decisions, LineRecord

_MOST_PARTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One account's part of a line, perhaps for one invoice; the amount as a decimal string."""

    account: str
    invoice: str | None
    amount: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whose money it is, for which invoice or (a return) of which payment; whose parts it is; or why it is nobody's."""

    account: str | None
    invoice: str | None
    payment: str | None
    set_aside: str | None
    parts: tuple[Part, ...] = ()


def parse_decision(definition: object) -> Decision:
    """Read a decision: an account (with an invoice or payment), parts, or the reason to set the line aside."""
    fields = Fields(definition)
    decision = Decision(
        account=fields.name("account", None),
        invoice=fields.name("invoice", None),
        payment=fields.text("payment", None, most=200),
        set_aside=fields.text("set_aside", None, most=500),
        parts=fields.each("parts", _part, most=_MOST_PARTS),
    )
    fields.done()
    if [bool(decision.account), bool(decision.set_aside), bool(decision.parts)].count(True) != 1:
        raise fields.refuse("account", "say whose money it is, or its parts, or say in set_aside why it is nobody's")
    if decision.parts and (decision.invoice or decision.payment):
        raise fields.refuse("parts", "name invoices in the parts; a return cannot be split")
    return decision


def _part(fields: Fields) -> Part:
    part = Part(account=fields.name("account"), invoice=fields.name("invoice", None), amount=fields.text("amount"))
    fields.done()
    return part


def decide_line(partner: str, name: str, decision: Decision, *, by: str, now: datetime, book: Decisions) -> LineRecord:
    """Place a waiting line, or set it aside; the same decision again changes nothing.

    Raises NotFound for an unknown line, Rejected for an account that cannot take the money, Conflict when the line
    was decided otherwise.
    """
    bank, _, line = name.rpartition(".")
    record = book.line(partner, bank, line) if bank and line else None
    if record is None:
        raise NotFound(f"there is no bank line {name!r}", field="line")
    decided = _decided(record, decision, by, now)
    if record.state not in (WAITING, OUTGOING):
        if _same(record, decided):
            return record
        raise Conflict(f"line {name!r} is {record.state} already; correct it by re-allocating its payment")
    for account in sorted({part["account"] for part in decided.parts} or {decided.account or ""} - {""}):
        _bookable(partner, record, account, book)
    book.decide(partner, decided, iban=_teaches(decided))
    return decided


def _decided(record: LineRecord, decision: Decision, by: str, now: datetime) -> LineRecord:
    told = {"by": by, "at": iso(now), "reason": decision.set_aside}
    body = {**record.body, "decision": told}
    if decision.set_aside:
        return replace(record, state=SET_ASIDE, body=body, received_at=now)
    if decision.parts:
        parts = tuple(_parts(record, decision.parts))
        return replace(record, state=PLACED, account=None, invoice=None, parts=parts, body=body, received_at=now)
    if record.kind != "succeeded" and decision.payment is None:
        raise Rejected("payment: name the payment that this line takes back", field="payment")
    return replace(
        record,
        state=PLACED,
        account=decision.account,
        invoice=decision.invoice,
        payment_id=decision.payment if record.kind != "succeeded" and decision.payment else record.payment_id,
        body=body,
        received_at=now,
    )


def _parts(record: LineRecord, wanted: Sequence[Part]) -> list[dict[str, Any]]:
    """Return a line's parts, each a payment with a name of its own; they come to the line's amount exactly."""
    if record.kind != "succeeded":
        raise Rejected("parts: only money that came can be split", field="parts")
    parts: list[dict[str, Any]] = []
    for place, part in enumerate(wanted):
        minor = Money.parse(part.amount, record.currency, field=f"parts[{place}].amount").minor
        if minor <= 0:
            raise Rejected(f"parts[{place}].amount: give more than nothing", field=f"parts[{place}].amount")
        name = f"{record.payment_id}.p{place + 1}"
        parts.append({"account": part.account, "invoice": part.invoice, "amount": minor, "payment_id": name})
    missing = Money(record.amount - sum(part["amount"] for part in parts), record.currency)
    if missing:
        raise Rejected(f"parts: they must come to the line's amount; {missing} is missing", field="parts")
    return parts


def _same(one: LineRecord, other: LineRecord) -> bool:
    names = ("state", "account", "invoice", "payment_id", "parts")
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _bookable(partner: str, record: LineRecord, account: str, book: Decisions) -> None:
    standing = book.standings(partner, [account]).get(account)
    if standing is None:
        raise Rejected(f"account: there is no account {account!r}", field="account")
    if standing.currency != record.currency:
        raise Rejected(
            f"account: {account!r} is kept in {standing.currency}, the line is in {record.currency}", field="account"
        )


def _teaches(record: LineRecord) -> str | None:
    """The IBAN to remember: a payer's, of money that came for one account alone."""
    iban = record.body["payer"]["iban"]
    useful = record.owner and record.kind == "succeeded" and record.body["incoming"]
    return iban if useful and iban and is_iban(iban) else None
