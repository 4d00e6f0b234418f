"""What an account owes at one version of its head, and the one transaction that moves it on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pynamodb.expressions.operand import Path

from quittance.domain.account import OpenInvoice
from quittance.domain.effect import Aftermath, Effect, Position, after, joined, passed_on, unpaid
from quittance.domain.errors import Conflict
from quittance.domain.invoice_lines import Line, lines_of
from quittance.domain.ledger import CUSTOMER_CREDIT, RECEIVABLE, TRANSFERS
from quittance.domain.money import Money
from quittance.domain.transfers import TRANSFER, by_owner, is_others
from quittance.runtime.clock import iso
from quittance.store import keys
from quittance.store.attention import MONEY, due_now
from quittance.store.entries import entry_of, open_invoice
from quittance.store.models import AftermathItem, HeadItem, InvoiceItem, Item, MovementItem
from quittance.store.transact import Transaction, unavailable_is_transient


class HeadMoved(Conflict):
    """The account changed since it was read."""


def read(partner: str, account: str, invoices: Iterable[str] = ()) -> Position | None:
    """Read what an account owes, and the named invoices also where they are settled; None without such an account."""
    key = keys.head(partner, account)
    try:
        with unavailable_is_transient():
            head: Any = Item.get(key.pk, key.sk, consistent_read=True)  # by the base, whose client serves all
    except Item.DoesNotExist:
        return None
    return _with(partner, account, _position(head), sorted(set(invoices)))


def read_with_others(partner: str, account: str, invoices: Iterable[str] = ()) -> Position | None:
    """Read what an account and those that it pays for owe, and invoices of others by their qualified names."""
    wanted = by_owner(invoices)
    position = read(partner, account, wanted.pop(None, ()))
    if position is None:
        return None
    others = _heads(partner, {*position.pays_for, *filter(None, wanted)})
    return joined(position, {name: _with(partner, name, one, wanted.get(name, [])) for name, one in others.items()})


def _heads(partner: str, accounts: Iterable[str]) -> dict[str, Position]:
    places = [keys.head(partner, account) for account in sorted(accounts)]
    if not places:
        return {}
    with unavailable_is_transient():
        found = list(Item.batch_get([(place.pk, place.sk) for place in places], consistent_read=True))
    heads = {keys.owner(head.pk)[1] or "": _position(head) for head in found}
    return dict(sorted(heads.items()))


def _position(head: Any) -> Position:
    opened = {name: open_invoice(name, entry, head.currency) for name, entry in head.open.as_dict().items()}
    return Position(
        currency=head.currency,
        version=int(head.version),
        credit=Money(int(head.credit), head.currency),
        open=opened,
        listed=frozenset(opened),
        pays_for=tuple(sorted(head.pays_for or ())),
    )


def _with(partner: str, account: str, position: Position, wanted: Sequence[str]) -> Position:
    """Add what befell the named invoices, and those of them that are settled."""
    if not wanted:
        return position
    places = [keys.aftermath(partner, account, name) for name in wanted]
    places += [keys.invoice(partner, account, name) for name in wanted if name not in position.listed]
    opened, aftermath = dict(position.open), {}
    with unavailable_is_transient():
        found = list(Item.batch_get([(place.pk, place.sk) for place in places], consistent_read=True))
    for item in found:
        if isinstance(item, AftermathItem):
            aftermath[item.invoice] = aftermath_of(item)
    for item in found:
        if isinstance(item, InvoiceItem) and item.state == "issued" and int(item.gross) >= 0:
            name = item.sk.removeprefix("INV#")
            befell = aftermath.setdefault(name, Aftermath(gross=int(item.gross)))
            opened[name] = unpaid(_settled(name, item, befell), befell)
    return replace(position, open=opened, aftermath=aftermath)


def _settled(name: str, item: InvoiceItem, befell: Aftermath) -> OpenInvoice:
    lines = (item.body or {}).get("lines", ())
    products = sorted({line["product"] for line in lines if line.get("product")})
    entry = {
        "number": item.number,
        "issued": item.issued,
        "due": item.due,
        "gross": item.gross,
        "remaining": 0,
        "policy": item.policy,
        "policy_version": item.policy_version,
        "reopened": befell.reopened,
        "products": products if any(line.get("charges") for line in lines) else None,
        "order": (item.body or {}).get("order"),
    }
    return open_invoice(name, entry, str(item.currency))


def aftermath_of(item: AftermathItem) -> Aftermath:
    """Read what befell an invoice."""
    return Aftermath(
        reopened=int(item.reopened),
        written_off=int(item.written_off),
        credited=int(item.credited),
        gross=int(item.gross),
        lines=tuple(Line(gross, product, paid) for gross, product, paid in item.lines or ()),
    )


def befell(partner: str, account: str, invoice: str) -> Aftermath:
    """Read what befell an invoice, with its lines."""
    places = keys.aftermath(partner, account, invoice), keys.invoice(partner, account, invoice)
    with unavailable_is_transient():
        found = list(Item.batch_get([(place.pk, place.sk) for place in places], consistent_read=True))
    issued: Any = next((item for item in found if isinstance(item, InvoiceItem)), None)
    known = next((aftermath_of(item) for item in found if isinstance(item, AftermathItem)), None)
    before = known or Aftermath(gross=int(issued.gross) if issued else 0)
    return before if before.lines or not issued else replace(before, lines=lines_of(issued.body or {}, issued.currency))


def lines_body(effect: Effect) -> dict[str, dict[str, int]] | None:
    """Return what an effect does to lines as items hold it."""
    return {name: {str(i): minor for i, minor in on.items()} for name, on in effect.lines.items()} or None


def all_aftermath(partner: str, account: str) -> dict[str, Aftermath]:
    """Read what befell any of an account's invoices: few items, for most accounts none."""
    pk = keys.account_pk(partner, account)
    with unavailable_is_transient():
        found = list(AftermathItem.query(pk, AftermathItem.sk.startswith("AFT#"), consistent_read=True))
    return {item.invoice: aftermath_of(item) for item in found}


def effect_of(item: Any) -> Effect:
    """Read the effect that a payment's or movement's item records; what shares tell is not in the ledger once more."""
    told = {RECEIVABLE, CUSTOMER_CREDIT, *((TRANSFERS,) if any(map(is_others, item.allocations)) else ())}
    other = tuple((name, int(minor)) for name, minor in item.postings if name not in told)
    return Effect(
        currency=item.currency,
        shares={name: int(minor) for name, minor in item.allocations.items()},
        credit=int(item.to_credit),
        recovered={name: int(minor) for name, minor in (item.recovered or {}).items()},
        ledger=other,
        lines={name: {int(i): minor for i, minor in on.items()} for name, on in (item.lines or {}).items()},
    )


def move(
    transaction: Transaction,
    partner: str,
    account: str,
    before: Position,
    effects: Sequence[Effect],
    at: datetime,
    told: Mapping[str, Any] | None = None,
) -> None:
    """Add what effects change of the head, on condition of its version, and of what befell invoices.

    What they do to accounts that this one pays for is a transfer in each one's books, in the same transaction; `told`
    is what the transfers say of the payment.
    """
    for other, effect in passed_on(effects).items():
        correct(transaction, partner, other, TRANSFER, effect, before.others[other], at, payer=account, **(told or {}))
    effects = [effect.of_itself() for effect in effects]
    now = after(before, *effects)
    key = keys.head(partner, account)
    actions = [
        *_entries(before, now),
        HeadItem.credit.set(now.credit.minor),
        HeadItem.balance.add(sum(effect.balance for effect in effects)),
        HeadItem.version.add(1),
        HeadItem.change.set(MONEY),
        *due_now(key, at),
    ]
    moved = HeadMoved("the account changed meanwhile; read it again")
    transaction.update(HeadItem(key.pk, key.sk), actions, HeadItem.version == before.version, moved)
    for name, befell in now.aftermath.items():
        if befell != before.aftermath.get(name):
            place = keys.aftermath(partner, account, name)
            gross = befell.gross or now.open[name].gross.minor
            transaction.put(
                AftermathItem(
                    place.pk,
                    place.sk,
                    invoice=name,
                    reopened=befell.reopened,
                    written_off=befell.written_off,
                    credited=befell.credited,
                    gross=gross,
                    lines=[[line.gross, line.product, line.paid] for line in befell.lines] or None,
                )
            )


def _entries(before: Position, now: Position) -> list[Any]:
    actions: list[Any] = []
    for name, one in now.open.items():
        if one == before.open[name]:
            continue
        if name not in before.listed:
            if name in now.listed:
                actions.append(HeadItem.open[name].set(entry_of(one)))
            continue
        actions.append(Path(["open", name, "remaining"]).set(one.remaining.minor))
        if one.disputed != before.open[name].disputed:
            actions.append(Path(["open", name, "disputed"]).set(one.disputed.minor if one.disputed else 0))
        if one.products != before.open[name].products:
            actions.append(Path(["open", name, "products"]).set(sorted(one.products or ())))
        if one.reopened != before.open[name].reopened:
            actions.append(Path(["open", name, "reopened"]).set(one.reopened))
    return actions


def movement_item(key: keys.Key, kind: str, effect: Effect, *, amount: int, at: datetime, **more: Any) -> MovementItem:
    """Return the item of a movement; `more` may say that it was booked at another moment than it is dated."""
    return MovementItem(
        key.pk,
        key.sk,
        movement=kind,
        currency=effect.currency,
        amount=amount,
        to_credit=effect.credit,
        allocations=dict(effect.shares),
        recovered=dict(effect.recovered) or None,
        lines=lines_body(effect),
        postings=[[posting.account, posting.amount.minor] for posting in effect.postings()],
        **{"booked_at": iso(at), **more},
    )


def correct(
    transaction: Transaction,
    partner: str,
    account: str,
    kind: str,
    effect: Effect,
    seen: Position,
    at: datetime,
    **more: Any,
) -> None:
    """Add a movement that belongs to no payment, named by the head's version that it makes."""
    key = keys.correction(partner, account, kind, seen.version + 1)
    amount = sum(abs(share) for share in effect.shares.values())
    item = movement_item(key, kind, effect, amount=amount, at=at, **more)
    moved = HeadMoved("the account changed meanwhile; read it again")
    transaction.put(item, MovementItem.pk.does_not_exist(), moved)
    move(transaction, partner, account, seen, [effect], at)
