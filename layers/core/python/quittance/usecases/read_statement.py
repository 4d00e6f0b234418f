"""Reads a bank statement: each movement is kept once; what is surely somebody's is booked, the rest waits for a person.

A line is kept by one write under a name that follows from the line itself, and its money follows from that write (the
relay derives the message). So whatever stopped a reading, reading the file again, or one that overlaps, completes it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

from quittance.domain.bank import BankLine, BrokenStatement, Named, Statement, digest, identify
from quittance.domain.bank_matching import SURE, Facts, Match, match
from quittance.domain.bank_refund import candidates, payment_names, refund_name
from quittance.domain.payment_reference import Found, numbers_in
from quittance.usecases.bank_records import (
    OUTGOING,
    PLACED,
    READ,
    REFUSED,
    WAITING,
    BankBook,
    LineRecord,
    StatementRecord,
)

_WORTH_A_LOOK = 50  # below it only a name is alike: most of what leaves a bank account is no customer's business


@dataclass(frozen=True, slots=True)
class _Case:
    """A line with what was read out of its references."""

    named: Named
    found: Sequence[Found]


def read_statement(
    partner: str,
    name: str,
    content: bytes,
    *,
    parse: Callable[[bytes], list[Statement]],
    book: BankBook,
    now: datetime,
) -> StatementRecord:
    """Read a file and return its record: read, or refused with the reason in the record.

    Raises Transient when it should be tried again; trying again is always safe.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        statements = parse(content)
    except BrokenStatement as broken:
        body: dict[str, Any] = {"reason": broken.message}
        record = StatementRecord(name=name, sha256=sha256, state=REFUSED, read_at=now, body=body)
    else:
        told = [_statement(partner, statement, book, now) for statement in statements]
        record = StatementRecord(name=name, sha256=sha256, state=READ, read_at=now, body={"statements": told})
    book.note(partner, record)
    return record


def _statement(partner: str, statement: Statement, book: BankBook, now: datetime) -> dict[str, Any]:
    prefix = book.number_prefix(partner)
    cases = [
        _Case(named, numbers_in(named.line.structured, named.line.texts, prefix))
        for named in identify(line for line in statement.lines if line.amount)  # banks write entries over nothing, too
    ]
    known = book.known(partner, statement.bank, {_name(case.named) for case in cases})
    facts = _facts(partner, cases, book)
    kept = [_kept(partner, statement.bank, case, known, facts(case), book, now) for case in cases]
    days = sorted(line.booked.isoformat() for line in statement.lines)
    return {
        "account": statement.bank,
        "statement": statement.id,
        "from": days[0] if days else None,
        "to": days[-1] if days else None,
        "adds_up": statement.adds_up,
        "lines": dict(sorted(Counter(record.state for record in kept).items())),
    }


def _facts(partner: str, cases: Sequence[_Case], book: BankBook) -> Callable[[_Case], Facts]:
    """Look up everything around a statement's lines at once; return how to pick what concerns one."""
    claims = book.claims(partner, {found.number for case in cases for found in case.found})
    payers = book.payers(partner, {case.named.line.payer_iban for case in cases if case.named.line.payer_iban} - {None})
    accounts = {claim.account for claim in claims.values()} | {name for known in payers.values() for name in known}
    standings = book.standings(partner, accounts)
    names = cache(lambda: book.account_names(partner))  # the list of accounts, read only where nothing else helps

    def pick(case: _Case) -> Facts:
        payer = payers.get(case.named.line.payer_iban or "", ())
        return Facts(found=case.found, claims=claims, payer=payer, standings=standings, names=names)

    return pick


def _kept(
    partner: str, bank: str, case: _Case, known: Mapping[str, LineRecord], facts: Facts, book: BankBook, now: datetime
) -> LineRecord:
    """Keep a line unless it is; one that has the name of another is kept beside it and waits for a person."""
    before = known.get(_name(case.named))
    if before is None:
        before = _keep(partner, bank, case, facts, book, now)
    if before.content == case.named.content:
        return before
    return _keep(partner, bank, replace(case, named=case.named.beside(before.id)), facts, book, now)


def _keep(partner: str, bank: str, case: _Case, facts: Facts, book: BankBook, now: datetime) -> LineRecord:
    transfer = _transfer(case.named.line)
    if case.named.line.returned:
        record = _return(partner, bank, case, facts, book, now)
    elif not case.named.line.incoming:
        record = _wire(partner, bank, case, facts, book, now)
    else:
        record = _record(bank, case, match(replace(case.named.line, doubt=case.named.doubt), facts), now)
    return book.keep(partner, record, transfer=transfer if case.named.line.incoming else None)


def _record(bank: str, case: _Case, matches: Sequence[Match], now: datetime) -> LineRecord:
    named, line = case.named, case.named.line
    record = LineRecord(
        bank=bank,
        line=_name(named),
        content=named.content,
        state=WAITING if line.incoming else OUTGOING,
        kind="succeeded",
        payment_id=named.name,
        amount=line.amount.minor,
        currency=line.amount.currency,
        received_at=now,
        body=_told(line, [_proposal(one) for one in matches], named.doubt),
    )
    best = matches[0] if matches else None
    if best and best.confidence >= SURE and line.incoming and not _tied(matches):
        number = case.found[0].number if best.invoice and case.found else None
        return replace(record, state=PLACED, account=best.account, invoice=best.invoice, reference=number)
    return record


def _tied(matches: Sequence[Match]) -> bool:
    """Two sure proposals contradict each other."""
    return len(matches) > 1 and matches[1].sure


def _return(partner: str, bank: str, case: _Case, facts: Facts, book: BankBook, now: datetime) -> LineRecord:
    """A reversal or return undoes a payment: the one of the same end-to-end id and amount, else a person says which."""
    line, transfer = case.named.line, _transfer(case.named.line)
    record = replace(
        _record(bank, case, match(line, facts), now),
        state=WAITING,
        account=None,
        invoice=None,
        kind="refund_failed" if line.incoming else "chargeback",
        movement_id=case.named.name,
    )
    originals = book.of_transfer(partner, bank, transfer) if transfer and not line.incoming else []
    placed = [one for one in originals if one.state == PLACED and one.kind == "succeeded" and not one.parts]
    if len(placed) == 1 and case.named.doubt is None:
        return replace(record, state=PLACED, account=placed[0].account, payment_id=placed[0].payment_id)
    proposals = [_original(one, "same end-to-end id and amount") for one in placed]
    return replace(record, body={**record.body, "proposals": [*proposals, *record.body["proposals"]]})


def _wire(partner: str, bank: str, case: _Case, facts: Facts, book: BankBook, now: datetime) -> LineRecord:
    """Money that left is our refund of the payment it names; where only something else speaks for us, a person says."""
    named, line = case.named, case.named.line
    matches = [one for one in match(line, facts) if one.confidence >= _WORTH_A_LOOK]
    own = refund_name(line, named.name)
    record = replace(_record(bank, case, matches, now), kind="refunded", movement_id=own)
    originals = _originals(partner, bank, line, book)
    if len(originals) == 1 and named.doubt is None and line.amount.minor <= originals[0].amount:
        return replace(record, state=PLACED, account=originals[0].account, payment_id=originals[0].payment_id)
    proposals = [_original(one, "the reference names the payment") for one in originals]
    related = proposals or matches
    body = {**record.body, "proposals": [*proposals, *record.body["proposals"]]}
    return replace(record, state=WAITING if related else OUTGOING, body=body)


def _originals(partner: str, bank: str, line: BankLine, book: BankBook) -> list[LineRecord]:
    """Return the placed payments that a wire's reference names, a part of a split line as a payment of its own."""
    words = candidates(line)
    wanted = {digest(name) for word in words for name in payment_names(word)}
    known = book.known(partner, bank, wanted) if wanted else {}
    lines = [one for one in known.values() if one.state == PLACED and one.kind == "succeeded"]
    whole = [one for one in lines if not one.parts]
    parts = [
        replace(one, account=part["account"], amount=int(part["amount"]), payment_id=part["payment_id"])
        for one in lines
        for part in one.parts
        if part["payment_id"] in words
    ]
    return sorted((*whole, *parts), key=lambda one: one.payment_id)


def _transfer(line: BankLine) -> str | None:
    return digest(line.end_to_end, line.amount.minor, line.amount.currency) if line.end_to_end else None


def _name(named: Named) -> str:
    return digest(named.name)


def _proposal(one: Match) -> dict[str, Any]:
    return {
        "account": one.account,
        "invoice": one.invoice,
        "payment": None,
        "confidence": one.confidence,
        "reasons": list(one.reasons),
    }


def _original(record: LineRecord, reason: str) -> dict[str, Any]:
    told = {"account": record.account, "invoice": None, "payment": record.payment_id}
    return {**told, "confidence": 80, "reasons": [reason]}


def _told(line: BankLine, proposals: list[dict[str, Any]], doubt: str | None) -> dict[str, Any]:
    return {
        "booked": line.booked.isoformat(),
        "incoming": line.incoming,
        "returned": line.returned,
        "bank_reference": line.reference,
        "end_to_end": line.end_to_end,
        "payer": {"name": line.payer_name, "iban": line.payer_iban},
        "texts": [text[:500] for text in (*line.structured, *line.texts)][:20],
        "doubt": doubt,
        "proposals": proposals,
    }
