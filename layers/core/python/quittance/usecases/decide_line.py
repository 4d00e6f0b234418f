"""A person says whose a bank line is; the next line of the same IBAN needs no person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from quittance.domain.errors import Conflict, NotFound, Rejected
from quittance.domain.payment_reference import is_iban
from quittance.domain.reading import Fields
from quittance.runtime.clock import iso
from quittance.usecases.bank_records import PLACED, SET_ASIDE, WAITING, Decisions, LineRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Whose money it is, for which invoice or (a return) of which payment; or why it is nobody's."""

    account: str | None
    invoice: str | None
    payment: str | None
    set_aside: str | None


def parse_decision(definition: object) -> Decision:
    """Read a decision: an account (with an invoice or payment), or the reason to set the line aside."""
    fields = Fields(definition)
    decision = Decision(
        account=fields.name("account", None),
        invoice=fields.name("invoice", None),
        payment=fields.text("payment", None, most=200),
        set_aside=fields.text("set_aside", None, most=500),
    )
    fields.done()
    if (decision.account is None) == (decision.set_aside is None):
        raise fields.refuse("account", "say whose money it is, or say in set_aside why it is nobody's")
    return decision


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
    if record.state != WAITING:
        if _same(record, decided):
            return record
        raise Conflict(f"line {name!r} is {record.state} already; correct it by re-allocating its payment")
    if decision.account:
        _bookable(partner, record, decision.account, book)
    book.decide(partner, decided, iban=_teaches(record, decision))
    return decided


def _decided(record: LineRecord, decision: Decision, by: str, now: datetime) -> LineRecord:
    told = {"by": by, "at": iso(now), "reason": decision.set_aside}
    body = {**record.body, "decision": told}
    if decision.account is None:
        return replace(record, state=SET_ASIDE, body=body, received_at=now)
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


def _same(one: LineRecord, other: LineRecord) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in ("state", "account", "invoice", "payment_id"))


def _bookable(partner: str, record: LineRecord, account: str, book: Decisions) -> None:
    standing = book.standings(partner, [account]).get(account)
    if standing is None:
        raise Rejected(f"account: there is no account {account!r}", field="account")
    if standing.currency != record.currency:
        raise Rejected(
            f"account: {account!r} is kept in {standing.currency}, the line is in {record.currency}", field="account"
        )


def _teaches(record: LineRecord, decision: Decision) -> str | None:
    """The IBAN to remember: a payer's, of money that came for an account."""
    iban = record.body["payer"]["iban"]
    useful = decision.account and record.kind == "succeeded" and record.body["incoming"]
    return iban if useful and iban and is_iban(iban) else None
