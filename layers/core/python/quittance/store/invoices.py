"""Invoices in the table: what issuing one reads, and the one transaction that issues it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from pynamodb.expressions.condition import size

from quittance.domain.arrears_terms import claim_concerns_at
from quittance.domain.charges import Charge
from quittance.domain.credit_note import Corrected
from quittance.domain.errors import Conflict, NotFound, Poison, QuittanceError, Rejected
from quittance.domain.invoice import InvoiceLine, IssuedInvoice
from quittance.domain.late_charges import LateCharge
from quittance.domain.ledger import REVENUE, VAT, to_item
from quittance.domain.money import Money
from quittance.domain.movement import credited
from quittance.domain.numbering import Series
from quittance.domain.policy import PolicyRef
from quittance.runtime.clock import iso
from quittance.store import keys, parking, positions, slots
from quittance.store.accounts import profile_of
from quittance.store.attention import CLAIM
from quittance.store.entries import order_entry
from quittance.store.late_charges import is_late
from quittance.store.late_charges import read as read_late
from quittance.store.models import (
    AccountItem,
    AftermathItem,
    HeadItem,
    InvoiceItem,
    Item,
    ParkedItem,
    PartnerItem,
    PriceRulesItem,
    SeriesItem,
)
from quittance.store.partners import policy_in_force
from quittance.store.transact import Transaction, unavailable_is_transient
from quittance.usecases.issue_invoice import DRAFT, ISSUED, READY, Case, NumberTaken

_PARTY = ("name", "address", "country", "vat_id", "tax_number", "register")
_MOST_BYTES = 380_000  # an item holds 400 KB
_NEEDED = (AccountItem, HeadItem, PartnerItem)


def load(partner: str, account: str, invoice: str) -> Case | None:
    """Read an invoice and all that its issue needs in one request; Poison when the account is not set up."""
    (found,) = _around(partner, [(account, invoice)], certain=True)
    if (stored := found.get(InvoiceItem)) is None:
        return None
    for kind in _NEEDED:
        if kind not in found:
            raise Poison(f"account {account!r}: its {kind.__name__} is missing; register the account again")
    return _case(partner, account, invoice, stored, found)


def load_many(partner: str, wanted: Sequence[tuple[str, str]]) -> list[Case]:
    """Read invoices, as pairs of account and invoice, in one request; what `load` would complain of is left out.

    Read at the price of eventual consistency: what the transaction's conditions name is certain, for an old reading of
    it is refused, and profiles and rules are those of about this moment.
    """
    pairs = zip(wanted, _around(partner, wanted, certain=False), strict=True)
    whole = [(names, found) for names, found in pairs if {InvoiceItem, *_NEEDED} <= found.keys()]
    return [_case(partner, *names, found[InvoiceItem], found) for names, found in whole]


def _around(partner: str, wanted: Sequence[tuple[str, str]], *, certain: bool) -> list[dict[type[Item], Any]]:
    """Read all that the issue of invoices needs, by kind for each; what belongs to the partner is read once."""
    shared = [keys.partner(partner), keys.price_rules(partner)]
    own = [_own(partner, account, invoice) for account, invoice in wanted]
    places = [(key.pk, key.sk) for key in [*shared, *(key for some in own for key in some)]]
    with unavailable_is_transient():
        found = {(item.pk, item.sk): item for item in Item.batch_get(places, consistent_read=certain)}
    read = [[found[key.pk, key.sk] for key in (*some, *shared) if (key.pk, key.sk) in found] for some in own]
    return [{type(item): item for item in items} for items in read]


def _own(partner: str, account: str, invoice: str) -> tuple[keys.Key, ...]:
    return (
        keys.invoice(partner, account, invoice),
        keys.account(partner, account),
        keys.head(partner, account),
        refusal_key(partner, account, invoice),
    )


def _case(partner: str, account: str, invoice: str, stored: Any, found: Mapping[type[Item], Any]) -> Case:
    return Case(
        partner=partner,
        account=account,
        invoice=invoice,
        state=stored.state,
        period=stored.period,
        chunks=tuple(stored.chunks or ()),
        request=(stored.body or {}).get("request", {}),
        partner_body=found[PartnerItem].body,
        account_body=found[AccountItem].body,
        price_rules=found[PriceRulesItem].body if PriceRulesItem in found else [],
        currency=found[HeadItem].currency,
        due_at=found[HeadItem].due_at,
        credit=int(found[HeadItem].credit),
        calm=bool(found[HeadItem].calm),
        refused_before=ParkedItem in found,
        corrected=_corrected(partner, account, (stored.body or {}).get("request", {}).get("corrects")),
    )


def _corrected(partner: str, account: str, invoice: str | None) -> Corrected | None:
    """Read the invoice that a credit note corrects; None where the request corrects none or it is not issued."""
    if not invoice:
        return None
    key, befell = keys.invoice(partner, account, invoice), keys.aftermath(partner, account, invoice)
    with unavailable_is_transient():
        places = [(key.pk, key.sk), (befell.pk, befell.sk)]
        found: dict[type[Item], Any] = {type(item): item for item in Item.batch_get(places, consistent_read=True)}
    item = found.get(InvoiceItem)
    if item is None or item.state != ISSUED or int(item.gross) <= 0:
        return None
    credited = int(found[AftermathItem].credited) if AftermathItem in found else 0
    return Corrected(
        invoice=invoice,
        number=item.number,
        gross=Money(int(item.gross), item.currency),
        credited=Money(credited, item.currency),
        lines=item.body.get("lines", ()),
        vat=item.body.get("vat", ()),
    )


def prospect(partner: str, account: str, invoice: str, request: Mapping[str, Any]) -> Case:
    """Return the case of a manual invoice that is not stored yet; NotFound for an unknown account."""
    wanted = (keys.account(partner, account), keys.head(partner, account), keys.partner(partner))
    with unavailable_is_transient():
        found = {type(item): item for item in Item.batch_get([(k.pk, k.sk) for k in wanted], consistent_read=True)}
    if len(found) < len(wanted):
        raise NotFound(f"there is no account {account!r}")
    key = keys.invoice(partner, account, invoice)
    stored = InvoiceItem(key.pk, key.sk, state=READY, body={"request": dict(request)})
    return _case(partner, account, invoice, stored, found)


def policy(partner: str, name: str, at: datetime) -> tuple[PolicyRef, Mapping[str, Any]] | None:
    """Return the version of a policy that is in force at a moment, with its definition; None before the first is."""
    found = policy_in_force(partner, name, at)
    return (PolicyRef(name, found.version), found.definition) if found else None


def charges(case: Case) -> list[Charge]:
    """Return the charges of the slot's chunks."""
    return slots.read_charges(case.partner, case.account, [ref for ref in case.chunks if not is_late(ref)])


def late_charges(case: Case) -> list[LateCharge]:
    """Return the fees and interest for paying late that the slot has taken."""
    return read_late(case.partner, case.account, case.chunks)


def last_number(partner: str, entity: str, series: Series, year: int) -> int:
    """Return the last number given in a series, 0 before the first."""
    key = keys.series(partner, entity, series, year)
    try:
        with unavailable_is_transient():
            return int(SeriesItem.get(key.pk, key.sk, consistent_read=True).last)
    except SeriesItem.DoesNotExist:
        return 0


def issue(case: Case, issued: IssuedInvoice, counter: tuple[str, int], now: datetime) -> None:
    """Write counter, invoice and head in one request; NumberTaken or Conflict when one changed meanwhile.

    Write units: 2 for the counter, 2 for each KB of the invoice, 2 for each KB of the head, and 1 or 2 in the due
    index only where the account was not due early enough.
    """
    issue_many([(case, issued)], counter, now)


def issue_many(made: Sequence[tuple[Case, IssuedInvoice]], counter: tuple[str, int], now: datetime) -> None:
    """Write the counter once, to the last number, and invoice and head of each; all accounts differ."""
    transaction = Transaction()
    _count(transaction, made, counter)
    for case, issued in made:
        item, changed = _item(case, issued, now), Conflict("the draft changed meanwhile; read it again")
        transaction.put(item, _unchanged(case), changed)
        if case.corrected:
            _correct(transaction, case, item, issued, now)
        else:
            _book(transaction, case, issued, now)
    transaction.commit()
    for case, issued in made:
        if case.refused_before:
            _settle_refusal(case, issued, now)


def _count(transaction: Transaction, made: Sequence[tuple[Case, IssuedInvoice]], counter: tuple[str, int]) -> None:
    (entity, last), (case, issued) = counter, made[0]
    key = keys.series(case.partner, entity, issued.series, issued.issued.year)
    before = last - len(made)
    untaken = SeriesItem.last == before if before else SeriesItem.pk.does_not_exist()
    transaction.put(SeriesItem(key.pk, key.sk, last=last), untaken, NumberTaken(f"{issued.number} is taken"))


def _unchanged(case: Case) -> Any:
    """The draft is still one, with the chunks that were priced; a slot only ever grows until it is issued."""
    if case.manual:
        return InvoiceItem.state == READY
    return (InvoiceItem.state == DRAFT) & (size("chunks") == len(case.chunks))  # type: ignore[no-untyped-call]  # the library leaves it untyped


def _item(case: Case, issued: IssuedInvoice, now: datetime) -> InvoiceItem:
    key = keys.invoice(case.partner, case.account, case.invoice)
    body = invoice_body(case, issued)
    if len(json.dumps(body)) > _MOST_BYTES:
        raise Poison(f"invoice {case.invoice!r}: {len(issued.lines)} lines do not fit one item; bill it in parts")
    return InvoiceItem(
        key.pk,
        key.sk,
        state=ISSUED,
        period=case.period,
        chunks=list(case.chunks) or None,
        number=issued.number,
        currency=issued.currency,
        issued=issued.issued.isoformat(),
        issued_at=iso(now),
        due=issued.due.isoformat(),
        net=issued.net.minor,
        vat=issued.vat_total.minor,
        gross=issued.gross.minor,
        policy=issued.policy.name,
        policy_version=issued.policy.version,
        postings=to_item(issued.postings),
        assess=1 if _concern(case, issued, now) == now else None,
        body=body,
    )


def invoice_body(case: Case, issued: IssuedInvoice) -> dict[str, Any]:
    """Return what is kept of an invoice beside its totals: kind, parties as they were, lines, VAT."""
    vat = [
        {
            "category": row.category,
            "percent": format(row.percent, "f"),
            "net": row.net.minor,
            "vat": row.vat.minor,
            "reason": row.reason,
        }
        for row in issued.vat
    ]
    body = {
        "kind": issued.kind,
        "seller": _party(case.partner_body),
        "buyer": _party(case.account_body),
        "locale": case.account_body.get("locale") or case.partner_body.get("locale") or "en",
        "lines": [line.to_mapping() for line in issued.lines],
        "vat": vat,
        "absorbed": [absorbed.to_mapping() for absorbed in issued.absorbed],
        "request": dict(case.request),
        "corrects": case.corrected.number if case.corrected else {},
        **order_entry(issued.allocation),
    }
    return {name: value for name, value in body.items() if value not in ({}, [])}


def _party(profile: Mapping[str, Any]) -> dict[str, Any]:
    return {name: profile[name] for name in _PARTY if profile.get(name)}


def _book(transaction: Transaction, case: Case, issued: IssuedInvoice, now: datetime) -> None:
    """Enter the claim in the head without reading it again; a credit note's gross becomes credit."""
    key = keys.head(case.partner, case.account)
    actions: list[Any] = [HeadItem.balance.add(issued.gross.minor), HeadItem.version.add(1)]
    if issued.kind == "credit_note":
        actions.append(HeadItem.credit.add(-issued.gross.minor))
    else:
        actions.append(HeadItem.open[case.invoice].set(_open_entry(issued)))
    actions.append(HeadItem.change.set(CLAIM))
    concern = _concern(case, issued, now)
    if concern is not None and (case.due_at is None or case.due_at > iso(concern)):  # else it is due early enough
        actions += [HeadItem.due_lane.set(keys.due_lane("account", key)), HeadItem.due_at.set(iso(concern))]
        later = case.calm and concern > now
        actions.append(HeadItem.due_if_paid.set(iso(concern)) if later else HeadItem.due_if_paid.remove())
    changed = Conflict("the account's head changed meanwhile; read it again")
    transaction.update(HeadItem(key.pk, key.sk), actions, _as_read(case), changed)


def _as_read(case: Case) -> Any:
    """Whoever makes the account due meanwhile, or changes what credit or a payment means, makes this try start anew."""
    due = HeadItem.due_at == case.due_at if case.due_at else HeadItem.due_at.does_not_exist()
    calm = HeadItem.calm == 1 if case.calm else HeadItem.calm.does_not_exist()
    return HeadItem.pk.exists() & (HeadItem.credit == case.credit) & calm & due


def _correct(transaction: Transaction, case: Case, item: InvoiceItem, issued: IssuedInvoice, now: datetime) -> None:
    """Take a credit note off the invoice that it corrects; what that no longer owes becomes credit."""
    invoice = case.request["corrects"]
    position = positions.read(case.partner, case.account, [invoice])
    if position is None or invoice not in position.open:
        raise Conflict(f"invoice {invoice!r} changed meanwhile; read it again")
    effect = credited(position, invoice, -issued.net.minor, -issued.vat_total.minor, (REVENUE, VAT))
    item.allocations, item.recovered = dict(effect.shares), dict(effect.recovered) or None
    item.postings = to_item(effect.postings())
    positions.move(transaction, case.partner, case.account, position, [effect], now)


def _concern(case: Case, issued: IssuedInvoice, now: datetime) -> datetime | None:
    """Return when collections have to look at the document: at once where there may be credit for it to use.

    That is the account's own, or that of the account which pays for it. Else when its customer is to be reminded of it,
    or its due date has ended.
    """
    if (case.credit or case.account_body.get("parent")) and issued.gross.minor > 0:
        return now
    zone = profile_of(case.account, case.account_body).zone
    return claim_concerns_at(issued.gross.minor, issued.due, zone, now, remind_on=issued.remind_on)


def _open_entry(issued: IssuedInvoice) -> dict[str, Any]:
    products = {} if issued.products is None else {"products": list(issued.products)}
    return (
        order_entry(issued.allocation)
        | products
        | {
            "number": issued.number,
            "issued": issued.issued.isoformat(),
            "due": issued.due.isoformat(),
            "gross": issued.gross.minor,
            "remaining": issued.gross.minor,
            "disputed": 0,
            "policy": issued.policy.name,
            "policy_version": issued.policy.version,
            "reopened": 0,
        }
    )


def refusal_key(partner: str, account: str, invoice: str) -> keys.Key:
    """Return where it is kept why an invoice cannot be issued."""
    return keys.parked(partner, "billing", f"{account}#{invoice}")


def refuse(case: Case, problem: QuittanceError, now: datetime) -> None:
    """Keep why an invoice cannot be issued; the latest reason replaces an earlier one."""
    key = refusal_key(case.partner, case.account, case.invoice)
    body = {"account": case.account, "invoice": case.invoice, "field": problem.field, "state": "open"}
    with unavailable_is_transient():
        parking.parked(key, reason=problem.message, body=body, at=now).save()


def _settle_refusal(case: Case, issued: IssuedInvoice, now: datetime) -> None:
    key = refusal_key(case.partner, case.account, case.invoice)
    body = {"account": case.account, "invoice": case.invoice, "field": None, "state": "settled"}
    with unavailable_is_transient():
        parking.parked(key, reason=f"issued as {issued.number}", body=body, at=now).save()


def find(partner: str, account: str, invoice: str) -> InvoiceItem | None:
    """Return an invoice, None where there is none of that id."""
    try:
        return read_invoice(partner, account, invoice)
    except NotFound:
        return None


def read_invoice(partner: str, account: str, invoice: str) -> InvoiceItem:
    """Return an invoice; NotFound when there is none of that name."""
    key = keys.invoice(partner, account, invoice)
    try:
        with unavailable_is_transient():
            return InvoiceItem.get(key.pk, key.sk, consistent_read=True)
    except InvoiceItem.DoesNotExist:
        raise NotFound(f"invoice {invoice!r} of account {account!r} does not exist") from None


def lines(partner: str, account: str, invoice: str) -> list[InvoiceLine]:
    """Return the lines of an issued invoice; NotFound when there is none of that name, Rejected before it is issued."""
    item = read_invoice(partner, account, invoice)
    if item.state != ISSUED or item.currency is None:
        raise Rejected(f"invoice: {invoice!r} is not issued yet, so nothing is owed on it", field="invoice")
    return [InvoiceLine.from_mapping(line, item.currency) for line in (item.body or {}).get("lines", ())]


def read_invoices(partner: str, account: str) -> list[InvoiceItem]:
    """Return the invoices of an account, drafts included, in the order of their ids."""
    pk = keys.account_pk(partner, account)
    with unavailable_is_transient():
        return list(InvoiceItem.query(pk, InvoiceItem.sk.startswith("INV#"), consistent_read=True))


def take_request(case: Case) -> InvoiceItem:
    """Store a manual invoice that waits for its number unless one of its id exists; return the stored item."""
    key = keys.invoice(case.partner, case.account, case.invoice)
    item = InvoiceItem(
        key.pk,
        key.sk,
        state=READY,
        currency=case.currency,
        issued=case.request.get("issued"),
        due=case.request.get("due"),
        body={"request": dict(case.request)},
    )
    transaction = Transaction()
    transaction.put(item, InvoiceItem.pk.does_not_exist())
    try:
        transaction.commit()
    except Conflict:
        return read_invoice(case.partner, case.account, case.invoice)
    return item
