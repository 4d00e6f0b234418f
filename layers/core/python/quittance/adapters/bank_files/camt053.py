"""camt.053 (ISO 20022, bank to customer statement), versions 02 to 13, with the habits of different banks.

Source: the message definition report of camt.053 and the German banks' implementation guide (DFÜ agreement, annex 3).
An entry (`Ntry`) may be a batch of transactions (`NtryDtls/TxDtls`): each becomes a line, provided that they add up.
Only what is booked counts; pending and informational entries come again when they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from quittance.adapters.bank_files.amounts import day, money
from quittance.adapters.bank_files.tree import Node, parse
from quittance.domain.bank import BankLine, BrokenStatement, Statement, bank_name, meaningful
from quittance.domain.money import Money
from quittance.domain.payment_reference import is_iban

_OPENING, _CLOSING = ("OPBD", "PRCD"), ("CLBD",)
_NO_SPLIT = "the batch cannot be split: its parts are not given, or do not add up"
_MOST_ENTRIES = 50_000


def read(content: bytes) -> list[Statement]:
    """Return the statements of a document; BrokenStatement names the entry at fault."""
    root = parse(content)
    body = root if root.name == "BkToCstmrStmt" else root.first("BkToCstmrStmt")
    if body is None:
        seen = root.children[0].name if root.children else root.name
        raise BrokenStatement(f"<{seen}> is no camt.053; send end-of-day statements (BkToCstmrStmt)")
    found = [_statement(node) for node in body.all("Stmt")]
    if not found:
        raise BrokenStatement("the file holds no statement (Stmt)")
    return found


def _statement(node: Node) -> Statement:
    bank = bank_name(node.value("Acct/Id/IBAN", "Acct/Id/Othr/Id") or "")
    opening, closing = _balance(node, _OPENING), _balance(node, _CLOSING)
    name = (node.value("Id") or "")[:70]
    balance, lines = opening, list[BankLine]()
    for number, found in enumerate(_booked(node), 1):
        place = f"entry {number}"
        amount, incoming = _amount(found, place), _incoming(found, place)
        if balance is not None and balance.currency == amount.currency:
            balance = balance + (amount if incoming else -amount)
        position = str(balance) if balance is not None else f"statement {name}"
        lines += _lines(_Entry(found, place, amount, incoming, position))
    proven = None if opening is None or closing is None else balance == closing
    return Statement(bank=bank, id=name, lines=tuple(lines), adds_up=proven)


def _booked(node: Node) -> list[Node]:
    entries = [entry for entry in node.all("Ntry") if (entry.value("Sts/Cd", "Sts") or "BOOK") == "BOOK"]
    if len(entries) > _MOST_ENTRIES:
        raise BrokenStatement(f"more than {_MOST_ENTRIES} entries; export a shorter period")
    return entries


def _balance(node: Node, codes: tuple[str, ...]) -> Money | None:
    for code in codes:
        for balance in node.all("Bal"):
            if balance.value("Tp/CdOrPrtry/Cd") == code:
                amount = _amount(balance, f"balance {code}")
                return amount if _incoming(balance, f"balance {code}") else -amount
    return None


def _amount(node: Node, place: str) -> Money:
    found = node.first("Amt")
    if found is None:
        raise BrokenStatement(f"{place}: Amt is missing")
    return money(found.text.strip(), found.attributes.get("Ccy"), f"{place}, Amt")


def _incoming(node: Node, place: str) -> bool:
    mark = node.value("CdtDbtInd")
    if mark not in ("CRDT", "DBIT"):
        raise BrokenStatement(f"{place}: CdtDbtInd {mark!r} is neither CRDT nor DBIT")
    return mark == "CRDT"


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry as all of its parts need it."""

    node: Node
    place: str
    amount: Money
    incoming: bool
    position: str


def _lines(entry: _Entry) -> Iterator[BankLine]:
    parts = list(entry.node.all("NtryDtls/TxDtls"))
    shares = _shares(entry, parts)
    if shares is None:
        yield _line(entry, Node("TxDtls", {}), 0, (entry.amount, entry.incoming), doubt=_NO_SPLIT)
        return
    for index, (part, share) in enumerate(zip(parts or [Node("TxDtls", {})], shares, strict=True)):
        yield _line(entry, part, index, share, doubt=None)


def _shares(entry: _Entry, parts: list[Node]) -> list[tuple[Money, bool]] | None:
    """What each part moved and where to; None where a batch cannot be split without guessing."""
    if len(parts) <= 1:
        return None if _batch_size(entry.node) > 1 else [(entry.amount, entry.incoming)]
    shares = [share for i, part in enumerate(parts) if (share := _share(entry, part, i)) is not None]
    moved = sum(amount.minor if incoming == entry.incoming else -amount.minor for amount, incoming in shares)
    return shares if len(shares) == len(parts) and moved == entry.amount.minor else None


def _batch_size(entry: Node) -> int:
    told = entry.value("NtryDtls/Btch/NbOfTxs") or "0"
    return int(told) if re.fullmatch("[0-9]{1,9}", told) else 0


def _share(entry: _Entry, part: Node, index: int) -> tuple[Money, bool] | None:
    currency, place = entry.amount.currency, f"{entry.place}, part {index}"
    amounts = (one for path in ("Amt", "AmtDtls/TxAmt/Amt") for one in part.all(path))
    found = next((one for one in amounts if one.attributes.get("Ccy") == currency), None)
    if found is None:
        return None
    incoming = _incoming(part, place) if part.value("CdtDbtInd") else entry.incoming
    return money(found.text.strip(), currency, f"{place}, Amt"), incoming


def _line(entry: _Entry, part: Node, index: int, share: tuple[Money, bool], *, doubt: str | None) -> BankLine:
    amount, incoming = share
    name, iban = _other_side(part, incoming=incoming)
    booked = entry.node.value("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm")
    return BankLine(
        booked=day(booked, f"{entry.place}, BookgDt"),
        amount=amount,
        incoming=incoming,
        returned=_returned(entry.node, part),
        reference=meaningful(entry.node.value("AcctSvcrRef") or part.value("Refs/AcctSvcrRef")),
        index=index,
        end_to_end=meaningful(part.value("Refs/EndToEndId")),
        payer_name=name,
        payer_iban=iban,
        structured=_structured(part),
        texts=_texts(entry.node, part),
        position=entry.position,
        doubt=doubt,
    )


def _returned(entry: Node, part: Node) -> str | None:
    """The reason of a return, or that the bank takes its own entry back."""
    returned = part.first("RtrInf")
    if returned is not None:
        return (returned.value("Rsn/Cd", "Rsn/Prtry", "AddtlInf") or "returned")[:35]
    marks = (entry.value("RvslInd"), part.value("RvslInd"))
    return "reversal" if any(mark in ("true", "1") for mark in marks) else None


def _other_side(part: Node, *, incoming: bool) -> tuple[str | None, str | None]:
    """Who is on the other side. A return keeps the roles of the original, so whichever side is given counts."""
    roles = ("Dbtr", "Cdtr") if incoming else ("Cdtr", "Dbtr")
    if part.first("RtrInf") is not None or part.value("RvslInd") in ("true", "1"):
        roles = ("Dbtr", "Cdtr") if not incoming else ("Cdtr", "Dbtr")
    for role in roles:
        paths = tuple(f"RltdPties/{who}" for who in (f"Ultmt{role}", role))
        name = part.value(*(f"{path}{rest}" for path in paths for rest in ("/Pty/Nm", "/Nm")))
        iban = (part.value(f"RltdPties/{role}Acct/Id/IBAN") or "").replace(" ", "").upper()
        if name or iban:
            return (name[:140] if name else None), (iban if is_iban(iban) else None)
    return None, None


def _structured(part: Node) -> tuple[str, ...]:
    paths = ("RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/RfrdDocInf/Nb")
    return tuple(one.text.strip()[:140] for path in paths for one in part.all(path) if one.text.strip())[:20]


def _texts(entry: Node, part: Node) -> tuple[str, ...]:
    paths = ("RmtInf/Ustrd", "RmtInf/Strd/AddtlRmtInf")
    found = [one.text.strip("\r\n")[:1000] for path in paths for one in part.all(path) if one.text.strip()]
    if not found:
        found = [text[:1000] for text in (part.value("AddtlTxInf"), entry.value("AddtlNtryInf")) if text]
    if reference := meaningful(part.value("Refs/EndToEndId")):
        found.append(reference[:70])
    return tuple(found[:40])
