"""Bank lines in the table: each kept once, the waiting ones listed, and what matching looks up."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pynamodb.exceptions import PutError

from quittance.domain.errors import Conflict
from quittance.domain.numbering import prefix_of
from quittance.domain.payment import Standing
from quittance.runtime.clock import iso, parse_iso
from quittance.store import keys, parking
from quittance.store.models import (
    AccountEntryItem,
    BankLineItem,
    EndToEndItem,
    HeadItem,
    Item,
    ParkedItem,
    PartnerItem,
    PayerItem,
    StatementItem,
)
from quittance.store.numbers import claims as claims  # noqa: PLC0414  # part of this module for its users
from quittance.store.payments import standing_of
from quittance.store.transact import Transaction, unavailable_is_transient
from quittance.usecases.bank_records import OUTGOING, WAITING, LineRecord, StatementRecord

_WAITING = "bank"


# --- what matching looks up ---------------------------------------------------------------------------------------


def number_prefix(partner: str) -> str:
    """Return what the partner's document numbers begin with."""
    key = keys.partner(partner)
    try:
        with unavailable_is_transient():
            body = PartnerItem.get(key.pk, key.sk).body
    except PartnerItem.DoesNotExist:
        body = {}
    return prefix_of(partner, body)


def payers(partner: str, ibans: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return which accounts IBANs have stood for, the latest first."""
    found = _batch(PayerItem, (keys.payer(partner, iban) for iban in ibans))
    return {item.pk.rpartition("#")[2]: tuple(item.accounts) for item in found}


def standings(partner: str, accounts: Collection[str]) -> dict[str, Standing]:
    """Return what accounts owe."""
    found = _batch(HeadItem, (keys.head(partner, account) for account in accounts))
    return {keys.owner(item.pk)[1] or "": standing_of(item) for item in found}


def account_names(partner: str) -> dict[str, str]:
    """Return the names of the partner's accounts: one query of the list, no scan."""
    with unavailable_is_transient():
        return {item.sk: item.name for item in AccountEntryItem.query(keys.accounts_pk(partner))}


def _batch[Kind: Item](kind: type[Kind], wanted: Iterable[keys.Key]) -> list[Kind]:
    with unavailable_is_transient():
        return list(kind.batch_get([(key.pk, key.sk) for key in wanted], consistent_read=True))


# --- lines --------------------------------------------------------------------------------------------------------


def known(partner: str, bank: str, lines: Collection[str]) -> dict[str, LineRecord]:
    """Return the lines that are kept already."""
    found = _batch(BankLineItem, (keys.bank_line(partner, bank, line) for line in lines))
    return {record.line: record for record in map(_record, found)}


def line(partner: str, bank: str, line: str) -> LineRecord | None:
    """Return a line, None where there is none of the name."""
    return known(partner, bank, [line]).get(line)


def keep(partner: str, record: LineRecord, *, transfer: str | None) -> LineRecord:
    """Keep a line once; return the one that is kept.

    It is listed under its end-to-end transfer first: a pointer to nothing does no harm, a line without one would. A
    line that waits is put together with its place in the list of what waits.
    """
    if transfer:
        key = keys.end_to_end(partner, record.bank, transfer, record.line)
        with unavailable_is_transient():
            EndToEndItem(key.pk, key.sk, line=record.line).save()
    try:
        _put(partner, record)
    except Conflict:
        return known(partner, record.bank, [record.line])[record.line]
    return record


def _put(partner: str, record: LineRecord) -> None:
    item, free = _item(partner, record), BankLineItem.pk.does_not_exist()
    if record.state == WAITING:
        transaction = Transaction()
        transaction.put(item, free)
        transaction.put(_waiting(partner, record))
        transaction.commit()
        return
    try:
        with unavailable_is_transient():
            item.save(condition=free)
    except PutError as problem:
        if problem.cause_response_code != "ConditionalCheckFailedException":
            raise
        raise Conflict("the line is kept already") from problem


def of_transfer(partner: str, bank: str, transfer: str) -> list[LineRecord]:
    """Return the lines of an end-to-end transfer, in the order of their names."""
    pk = keys.bank_pk(partner, bank)
    with unavailable_is_transient():
        beginning = EndToEndItem.sk.startswith(keys.end_to_end_prefix(transfer))
        found = [item.line for item in EndToEndItem.query(pk, beginning, consistent_read=True, limit=20)]
    records = known(partner, bank, found)
    return [records[name] for name in sorted(records)]


def waiting(partner: str, *, after: str | None, limit: int) -> tuple[list[LineRecord], str | None]:
    """Return a page of the lines that wait for a person, and the name after which the next begins."""
    prefix = keys.parked(partner, _WAITING, "").sk
    pk = keys.partner_pk(partner)
    condition = (
        ParkedItem.sk.between(f"{prefix}{after}\x00", f"{prefix}~") if after else ParkedItem.sk.startswith(prefix)
    )
    with unavailable_is_transient():
        items = list(ParkedItem.query(pk, condition, limit=limit, page_size=limit, consistent_read=True))
    names = [item.sk.removeprefix(prefix) for item in items]
    found = _batch(BankLineItem, (keys.bank_line(partner, *_parts(name)) for name in names))
    records = {record.id: record for record in map(_record, found)}
    return [records[name] for name in names if name in records], names[-1] if len(items) == limit else None


def decide(partner: str, record: LineRecord, *, iban: str | None) -> None:
    """Write what was decided of a waiting line, take it off the list, and remember whose IBAN it is, together."""
    transaction = Transaction()
    parked = keys.parked(partner, _WAITING, record.id)
    transaction.delete(ParkedItem(parked.pk, parked.sk))
    decided = Conflict("somebody else decided the line meanwhile; read it again")
    transaction.put(_item(partner, record), BankLineItem.state.is_in(WAITING, OUTGOING), decided)
    if iban and record.owner:
        transaction.put(_learned(partner, iban, record.owner, iso(record.received_at)))
    transaction.commit()


def _learned(partner: str, iban: str, account: str, at: str) -> PayerItem:
    key = keys.payer(partner, iban)
    before = payers(partner, [iban]).get(iban, ())
    return PayerItem(key.pk, key.sk, accounts=list(dict.fromkeys((account, *before)))[:10], learned_at=at)


def _parts(name: str) -> tuple[str, str]:
    bank, _, line = name.rpartition(".")
    return bank, line


def _waiting(partner: str, record: LineRecord) -> ParkedItem:
    key = keys.parked(partner, _WAITING, record.id)
    reason = record.body["doubt"] or "nothing says surely whose money it is; decide by POST /v1/bank-lines/…/decision"
    return parking.parked(key, reason=reason, body={"line": record.id}, at=record.received_at)


def _item(partner: str, record: LineRecord) -> BankLineItem:
    key = keys.bank_line(partner, record.bank, record.line)
    return BankLineItem(
        key.pk,
        key.sk,
        state=record.state,
        payment_kind=record.kind,
        payment_id=record.payment_id,
        movement_id=record.movement_id,
        account=record.account,
        invoice=record.invoice,
        reference=record.reference,
        currency=record.currency,
        amount=record.amount,
        content=record.content,
        received_at=iso(record.received_at),
        parts=[dict(part) for part in record.parts] or None,
        body=dict(record.body),
    )


def _record(item: BankLineItem) -> LineRecord:
    return LineRecord(
        bank=item.pk.rpartition("#")[2],
        line=item.sk.removeprefix("LINE#"),
        content=item.content,
        state=item.state,
        kind=item.payment_kind,
        payment_id=item.payment_id,
        movement_id=item.movement_id,
        account=item.account,
        invoice=item.invoice,
        reference=item.reference,
        currency=item.currency,
        amount=int(item.amount),
        received_at=parse_iso(item.received_at),
        parts=tuple(item.parts or ()),
        body=item.body,
    )


# --- statements ---------------------------------------------------------------------------------------------------


def note(partner: str, record: StatementRecord) -> None:
    """Keep what became of a file; a later file of the name takes its place."""
    key = keys.statement(partner, record.name)
    item = StatementItem(
        key.pk,
        key.sk,
        sha256=record.sha256,
        state=record.state,
        read_at=iso(record.read_at),
        body=dict(record.body),
    )
    with unavailable_is_transient():
        item.save()


def statements(partner: str, name: str | None = None) -> list[StatementRecord]:
    """Return the records of the partner's files, or of the one of a name."""
    prefix = "STATEMENT#" if name is None else keys.statement(partner, name).sk
    with unavailable_is_transient():
        items = list(StatementItem.query(keys.partner_pk(partner), StatementItem.sk.startswith(prefix)))
    found = [
        StatementRecord(
            name=item.sk.removeprefix("STATEMENT#"),
            sha256=item.sha256,
            state=item.state,
            read_at=parse_iso(item.read_at),
            body=item.body,
        )
        for item in items
    ]
    return [record for record in found if name is None or record.name == name]
