"""What happened to money after it was paid, rule by rule: each gives the effects that book it.

- Money that comes in settles what it names, then what is owed by the policy's order, then what was written off, and the
  rest is credit.
- Money that goes back is taken from the payment's own credit first, so that refunding a duplicate un-pays nothing; what
  of that credit has been used meanwhile is put back from the invoices it was used on, the newest first. Then the
  invoices it settled are owed again, the last first. What the payment no longer has at all is a claim on the provider.
- Money that comes back again settles what was owed again because of it, and is credit otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from quittance.domain.account import AccountFile, OpenInvoice
from quittance.domain.allocation import Debt, allocate
from quittance.domain.effect import Effect, Position, added, after, position_of
from quittance.domain.invoice_lines import Shares, following
from quittance.domain.ledger import BAD_DEBT, DIFFERENCES, DISPUTE_CLEARING, FEES, cash
from quittance.domain.money import Money
from quittance.domain.payment import Paid

# Which movements take a payment's money away, by the one that brings it back.
TAKES: Mapping[str, str] = {"refunded": "refund_failed", "chargeback": "chargeback_reversed"}
RETURNS: Mapping[str, str] = {back: away for away, back in TAKES.items()}
FAILED, REALLOCATED, MORE = "failed", "reallocated", "received"
# What the provider keeps or gives back, by its sign in our costs.
FEES_BY_KIND: Mapping[str, int] = {"fee": 1, "fee_returned": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """One booked movement of a payment: what it was, under which id, its amount (positive) and its effect.

    `at` is when it happened, as the provider tells it, for late failures and what came after them.
    """

    kind: str
    name: str
    amount: int
    effect: Effect
    at: str | None = None

    def is_about(self, thing: str | None) -> bool:
        """Tell whether it is about a refund or dispute: named by its id, or by that and which turn it took."""
        return thing is None or self.name == thing or self.name.startswith(f"{thing}:")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A payment and all its movements so far, in minor units of the account's currency.

    `part` is the provider's id of what came first where a payment may come in parts, `event_id` what told of it.
    """

    provider: str
    payment_id: str
    currency: str
    amount: int
    received: Effect
    movements: tuple[Booked, ...] = ()
    occurred_at: str | None = None
    paid: Paid | None = None
    part: str | None = None
    event_id: str | None = None

    def counted(self, minor: int, currency: str) -> int | None:
        """Return an amount in a currency as the payment is booked; None for a currency that it was not paid in."""
        if currency == self.currency:
            return minor
        if self.paid is None or currency != self.paid.amount.currency:
            return None
        return self.paid.counted(minor, self.currency)

    @property
    def left(self) -> int:
        """What is still here of the money."""
        gone = sum(self.outstanding(kind) for kind in TAKES)
        return self.came - gone - sum(one.amount for one in self.movements if one.kind == FAILED)

    @property
    def came(self) -> int:
        """What has come in all; some payments come in parts."""
        return self.amount + sum(one.amount for one in self.movements if one.kind == MORE)

    def outstanding(self, kind: str, of: str | None = None) -> int:
        """Return what a kind of movement took and nobody brought back, of one refund or dispute or of all."""
        ours = [one for one in self.movements if one.is_about(of)]
        taken = sum(one.amount for one in ours if one.kind == kind)
        return taken - sum(one.amount for one in ours if one.kind == TAKES.get(kind))

    @property
    def shares(self) -> dict[str, int]:
        """What of it settles which invoice now, in the order in which it first did."""
        return added(one.shares for one in self.effects())

    @property
    def credit(self) -> int:
        """What of it went to the customer's credit, used since or not."""
        return sum(one.credit for one in self.effects())

    @property
    def recovered(self) -> dict[str, int]:
        """What of it pays invoices that were written off."""
        return added(one.recovered for one in self.effects())

    def lines(self, shares: Mapping[str, int]) -> dict[str, Shares]:
        """Return how what it holds on named lines of invoices changes when its shares of them do."""
        held = self.shares
        found: dict[str, Shares] = {}
        for name, first in self.received.lines.items():
            on = Counter[int]()
            for effect in self.effects():
                on.update(effect.lines.get(name, {}))
            if change := following(shares.get(name, 0), held.get(name, 0), on, first):
                found[name] = change
        return found

    @property
    def invoices(self) -> set[str]:
        """Every invoice that it ever touched."""
        return {name for one in self.effects() for name in (*one.shares, *one.recovered)}

    def has(self, kind: str, name: str) -> bool:
        """Tell whether a movement is booked already."""
        return any((one.kind, one.name) == (kind, name) for one in self.movements)

    def posted(self, account: str) -> int:
        """Return the sum of its postings to a ledger account other than the customer's own."""
        return sum(minor for one in self.effects() for name, minor in one.ledger if name == account)

    def effects(self) -> tuple[Effect, ...]:
        """Return the effects of the payment and all its movements, in order."""
        return (self.received, *(one.effect for one in self.movements))


@dataclass(frozen=True, slots=True)
class CreditUses:
    """What the customer's credit settled of which invoice, the newest use last."""

    by_invoice: Mapping[str, int] = field(default_factory=dict)


def paid(
    position: Position,
    amount: Money,
    provider: str,
    *,
    named: Sequence[str] = (),
    tolerance: int = 0,
) -> Effect:
    """Return what a payment does: what it names, then by the policy's order, then debts written off, then credit.

    An overpayment up to `tolerance` (minor units, by policy) is kept as a difference when it settles something.
    """
    allocation = allocate(amount, map(_debt, position.open.values()), named=named)
    shares = {name: share.minor for name, share in allocation.invoices.items()}
    recovered, rest = _recovered(position, allocation.credit.minor, named)
    kept = rest if shares and rest <= tolerance else 0
    return Effect(
        currency=position.currency,
        shares=shares,
        recovered=recovered,
        credit=rest - kept,
        ledger=_given((cash(provider), amount.minor), (BAD_DEBT, -sum(recovered.values())), (DIFFERENCES, -kept)),
    )


def _debt(one: OpenInvoice) -> Debt:
    return Debt(invoice=one.id, number=one.number, due=one.due, remaining=one.remaining, order=one.order)


def _recovered(position: Position, rest: int, named: Sequence[str]) -> tuple[dict[str, int], int]:
    found: dict[str, int] = {}
    given_up = [name for name, one in position.aftermath.items() if one.written_off > 0]
    for name in sorted(given_up, key=lambda name: (name not in named, name)):
        share = min(rest, position.aftermath[name].written_off)
        if share > 0:
            found[name] = share
            rest -= share
    return found, rest


def taken(position: Position, history: History, amount: int, uses: CreditUses) -> tuple[Effect, ...]:
    """Return what a refund, a chargeback or a late failure does; the effect that undoes uses of credit comes first."""
    from_credit = min(amount, max(history.credit, 0))
    undone = _undone(position, from_credit - min(from_credit, position.credit.minor), uses)
    available = position.credit.minor + (undone.credit if undone else 0)
    from_credit = min(from_credit, available)
    position = after(position, undone) if undone else position
    rest = amount - from_credit
    recovered, rest = _from(history.recovered, rest)
    shares, rest = _from(history.shares, rest, most=lambda name: _room(position, name))
    back = {name: -minor for name, minor in shares.items()}
    effect = Effect(
        currency=position.currency,
        shares=back,
        lines=history.lines(back),
        credit=-from_credit,
        recovered={name: -minor for name, minor in recovered.items()},
        ledger=_given((cash(history.provider), -amount), (BAD_DEBT, sum(recovered.values())), (DISPUTE_CLEARING, rest)),
    )
    return (undone, effect) if undone else (effect,)


def _room(position: Position, name: str) -> int:
    found = position.open.get(name)
    return found.gross.minor - found.remaining.minor if found else 0


def _undone(position: Position, short: int, uses: CreditUses) -> Effect | None:
    """Put credit back that was used, from the newest use on, as far as it is short."""
    if short <= 0:
        return None
    shares, _ = _from(uses.by_invoice, short, most=lambda name: _room(position, name))
    if not shares:
        return None
    back = {name: -minor for name, minor in shares.items()}
    return Effect(currency=position.currency, shares=back, credit=sum(shares.values()))


def _from(
    held: Mapping[str, int], wanted: int, *, most: Callable[[str], int] | None = None
) -> tuple[dict[str, int], int]:
    """Take from what is held, the last first; return what was taken from where, and what was wanted in vain."""
    found: dict[str, int] = {}
    for name, minor in reversed(list(held.items())):
        share = min(wanted, minor, most(name) if most else minor)
        if share > 0:
            found[name] = share
            wanted -= share
    return found, wanted


def returned(position: Position, history: History, amount: int) -> Effect:
    """Return what money does that comes back: a reversed chargeback, a refund that failed.

    What the provider owed us is cleared first, then what is owed again on the payment's invoices, the rest is credit.
    """
    cleared = min(amount, max(history.posted(DISPUTE_CLEARING), 0))
    rest = amount - cleared
    settled_once = [name for effect in history.effects() for name in effect.shares]
    shares: dict[str, int] = {}
    for name in dict.fromkeys(settled_once):
        share = min(rest, position.remaining(name))
        if share > 0:
            shares[name] = share
            rest -= share
    ledger = _given((cash(history.provider), amount), (DISPUTE_CLEARING, -cleared))
    lines = history.lines(shares)
    return Effect(currency=position.currency, shares=shares, credit=rest, ledger=ledger, lines=lines)


def more(position: Position, history: History, amount: int, *, named: Sequence[str]) -> Effect:
    """Return what more of a payment does, a part or another attempt: what of it was taken already is cleared."""
    cleared = min(amount, max(history.posted(DISPUTE_CLEARING), 0))
    money = cash(history.provider)
    if cleared == amount:
        return Effect(currency=history.currency, ledger=((money, amount), (DISPUTE_CLEARING, -cleared)))
    effect = paid(position, Money(amount - cleared, history.currency), history.provider, named=named)
    others = (line for line in effect.ledger if line[0] != money)
    return replace(effect, ledger=_given((money, amount), (DISPUTE_CLEARING, -cleared), *others))


def fee(history: History, amount: int) -> Effect:
    """Return what a provider's fee does, a negative one where it is given back: cash, and nothing to the customer."""
    return Effect(currency=history.currency, ledger=_given((FEES, amount), (cash(history.provider), -amount)))


def reallocated(position: Position, history: History, wanted: Mapping[str, int]) -> Effect:
    """Return the change from what a payment settles to what a person wants it to; the rest becomes credit.

    ValueError names what cannot be: more than the payment has, more than an invoice is open for, credit that is used.
    """
    now = history.shares
    change = added((wanted, {name: -minor for name, minor in now.items()}))
    if any(minor < 0 for minor in wanted.values()) or sum(wanted.values()) > sum(now.values()) + history.credit:
        raise ValueError("allocations: more than the payment has to give")
    for name, minor in change.items():
        if name not in position.open or minor > position.remaining(name):
            raise ValueError(f"allocations.{name}: is not open for that much")
    if sum(change.values()) > position.credit.minor:
        raise ValueError("allocations: the credit that this would take is used already")
    lines = history.lines(change)
    return Effect(currency=position.currency, shares=change, credit=-sum(change.values()), lines=lines)


def credit_used(position: Position) -> Effect | None:
    """Return the use of the customer's credit on what is owed, by the policy's order; None where there is nothing."""
    if position.credit.minor <= 0:
        return None
    debts = (replace(_debt(one), remaining=one.collectable) for one in position.open.values())
    shares = {name: share.minor for name, share in allocate(position.credit, debts).invoices.items()}
    return Effect(currency=position.currency, shares=shares, credit=-sum(shares.values())) if shares else None


def tolerated(position: Position, tolerances: Mapping[str, int]) -> Effect | None:
    """Return what ends small remainders of partly paid invoices, up to each one's tolerance by its policy."""
    shares = {
        name: one.remaining.minor
        for name, one in position.open.items()
        if 0 < one.remaining.minor <= tolerances.get(name, 0) and one.remaining < one.gross and not one.disputed
    }
    if not shares:
        return None
    return Effect(currency=position.currency, shares=shares, ledger=((DIFFERENCES, sum(shares.values())),))


CREDIT_USED, TOLERATED = "credit_used", "tolerated"


def unasked(file: AccountFile, position: Position | None = None) -> tuple[str, Effect] | None:
    """Return what is booked without anybody's word: credit pays what is owed, small remainders are let go.

    `position` is given where the account's credit may pay what others owe.
    """
    position = position or position_of(file)
    if used := credit_used(position):
        return CREDIT_USED, used
    policies = {name: file.policies.get(one.policy) for name, one in file.open.items()}
    limits = {name: one.tolerance_under.minor for name, one in policies.items() if one and one.tolerance_under}
    let_go = tolerated(position, limits)
    return (TOLERATED, let_go) if let_go else None


def written_off(position: Position, invoice: str) -> Effect:
    """Return what giving up the rest of an invoice does."""
    lost = position.remaining(invoice)
    return Effect(
        currency=position.currency, shares={invoice: lost}, recovered={invoice: -lost}, ledger=((BAD_DEBT, lost),)
    )


def reinstated(position: Position, invoice: str) -> Effect:
    """Return what taking a written-off invoice up again does: it is owed as it was."""
    given_up = position.of(invoice).written_off
    return Effect(
        currency=position.currency,
        shares={invoice: -given_up},
        recovered={invoice: given_up},
        ledger=((BAD_DEBT, -given_up),),
    )


def credited(position: Position, invoice: str, net: int, vat: int, accounts: tuple[str, str]) -> Effect:
    """Return what a credit note does: less owed, then less written off, then the customer's credit.

    `net` and `vat` are positive; `accounts` are the ledger accounts they are taken back from.
    """
    gross = net + vat
    share = min(gross, position.remaining(invoice))
    given_up = min(gross - share, position.of(invoice).written_off)
    return Effect(
        currency=position.currency,
        shares={invoice: share} if share else {},
        recovered={invoice: given_up} if given_up else {},
        credited={invoice: gross},
        credit=gross - share - given_up,
        ledger=_given((accounts[0], net), (accounts[1], vat), (BAD_DEBT, -given_up)),
    )


def _given(*lines: tuple[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple((account, minor) for account, minor in lines if minor)
