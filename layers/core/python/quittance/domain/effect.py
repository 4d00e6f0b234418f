"""What a movement of money does to one account, and what the account is before and after it.

Signs are the customer's: a positive share settles an invoice, a negative one is owed again; positive credit is kept for
the customer. Whatever else is posted (cash, bad debt, fees, ...) stands in `ledger`, debit positive. Shares of invoices
of accounts that this one pays for stand under their qualified names (domain.transfers).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from quittance.domain.account import AccountFile, OpenInvoice
from quittance.domain.invoice_lines import Line, Shares, paid, spread, unpaid_products
from quittance.domain.ledger import CUSTOMER_CREDIT, RECEIVABLE, TRANSFERS, Posting, entry
from quittance.domain.money import Money, total
from quittance.domain.transfers import own, owner_of, qualified


@dataclass(frozen=True, slots=True, kw_only=True)
class Aftermath:
    """What befell an invoice after its issue, as far as its own item cannot tell: an issued document never changes.

    `reopened` counts how often it was settled and came back, `written_off` is given up and not recovered so far,
    `credited` is the sum of its credit notes, `lines` are known once a payment named some of them. Amounts in minor
    units of the account's currency.
    """

    reopened: int = 0
    written_off: int = 0
    credited: int = 0
    gross: int = 0
    lines: tuple[Line, ...] = ()

    @property
    def ended(self) -> str | None:
        """`uncollectible` while something is written off, `void` once all of it is credited, else None."""
        if self.written_off > 0:
            return "uncollectible"
        return "void" if 0 < self.gross <= self.credited else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A movement's shares of invoices, what it does to the customer's credit, and the other side of its entry.

    `recovered` is what it pays of invoices that were written off (negative: given up again or taken back),
    `credited` what a credit note takes off them. `lines` tells what of the shares is on which lines, where named.
    """

    currency: str
    shares: Mapping[str, int] = field(default_factory=dict)
    credit: int = 0
    recovered: Mapping[str, int] = field(default_factory=dict)
    credited: Mapping[str, int] = field(default_factory=dict)
    ledger: tuple[tuple[str, int], ...] = ()
    lines: Mapping[str, Shares] = field(default_factory=dict)

    @property
    def settled(self) -> int:
        """What the account owes less after it, over all its own invoices."""
        return sum(own(self.shares).values())

    @property
    def passed(self) -> int:
        """What it pays of other accounts' invoices."""
        return sum(self.shares.values()) - self.settled

    @property
    def balance(self) -> int:
        """How the account's balance changes: less owed and more credit both lower it."""
        return -self.settled - self.credit

    def postings(self) -> tuple[Posting, ...]:
        """Return the balanced entry; ValueError when it is none."""
        claims = (RECEIVABLE, -self.settled), (CUSTOMER_CREDIT, -self.credit), (TRANSFERS, -self.passed)
        return entry(*((account, Money(minor, self.currency)) for account, minor in (*self.ledger, *claims)))

    def of_itself(self) -> Effect:
        """Return what it does to the account itself, with the same postings."""
        ledger = (*self.ledger, (TRANSFERS, -self.passed)) if self.passed else self.ledger
        return replace(self, shares=own(self.shares), ledger=ledger, lines=own(self.lines))

    def on_lines(self, name: str, befell: Aftermath, numbers: Iterable[int]) -> Effect:
        """Return the effect with its share of an invoice put on lines of it, as far as they are unpaid."""
        shares = spread(self.shares.get(name, 0), befell.lines, numbers)
        return replace(self, lines={**self.lines, name: shares}) if shares else self


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What an account owes at one version of its head.

    `open` holds the invoices that are listed as owed and, with nothing remaining, those settled ones that somebody
    asked for; `listed` are the names of the former. `pays_for` are the accounts that it pays for; `others` are the
    positions of accounts whose invoices stand in `open`, too, under qualified names.
    """

    currency: str
    version: int
    credit: Money
    open: Mapping[str, OpenInvoice] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()
    aftermath: Mapping[str, Aftermath] = field(default_factory=dict)
    pays_for: tuple[str, ...] = ()
    others: Mapping[str, Position] = field(default_factory=dict)

    @property
    def balance(self) -> Money:
        """What the account owes altogether, less its credit."""
        return total((one.remaining for one in own(self.open).values()), self.currency) - self.credit

    def remaining(self, invoice: str) -> int:
        """What is still owed on an invoice, 0 for one that is settled or not known here."""
        found = self.open.get(invoice)
        return found.remaining.minor if found else 0

    def of(self, invoice: str) -> Aftermath:
        """Return what befell an invoice."""
        found = self.aftermath.get(invoice)
        if found:
            return found
        listed = self.open.get(invoice)
        return Aftermath(reopened=listed.reopened, gross=listed.gross.minor) if listed else Aftermath()


def position_of(file: AccountFile) -> Position:
    """Return what the file of an account says it owes; what befell its invoices is not known from it."""
    return Position(
        currency=file.profile.currency,
        version=file.version,
        credit=file.credit,
        open=dict(file.open),
        listed=frozenset(file.open),
        pays_for=file.pays_for,
    )


def joined(position: Position, others: Mapping[str, Position]) -> Position:
    """Return what an account owes together with what others owe in its currency, their invoices by qualified names."""
    others = {account: one for account, one in others.items() if one.currency == position.currency}
    opened, listed = dict(position.open), set(position.listed)
    for account, other in others.items():
        opened |= {name: replace(one, id=name) for name, one in _qualified(account, other.open).items()}
        listed |= {qualified(account, name) for name in other.listed}
    return replace(position, open=opened, listed=frozenset(listed), others=others)


def _qualified[Value](account: str, named: Mapping[str, Value]) -> dict[str, Value]:
    return {qualified(account, name): value for name, value in named.items()}


def passed_on(effects: Iterable[Effect]) -> dict[str, Effect]:
    """Return what effects do to the accounts that are paid for, one effect for each.

    The account that pays posts to the ledger's transfers what is passed on, they post the same against their claims.
    """
    effects = tuple(effects)
    found: dict[str, dict[str, int]] = {}
    for name, minor in added(effect.shares for effect in effects).items():
        account, invoice = owner_of(name)
        if account is not None:
            found.setdefault(account, {})[invoice] = minor
    lines: dict[str, dict[str, Shares]] = {}
    for name, on in ((name, on) for effect in effects for name, on in effect.lines.items()):
        account, invoice = owner_of(name)
        if account is not None:
            lines.setdefault(account, {})[invoice] = on
    return {
        account: Effect(
            currency=effects[0].currency,
            shares=shares,
            ledger=((TRANSFERS, sum(shares.values())),),
            lines=lines.get(account, {}),
        )
        for account, shares in found.items()
    }


def knowing(position: Position, name: str, befell: Aftermath) -> Position:
    """Return a position that knows what befell one of its invoices."""
    account, invoice = owner_of(name)
    if account is None:
        return replace(position, aftermath={**position.aftermath, name: befell})
    other = knowing(position.others[account], invoice, befell)
    return replace(position, others={**position.others, account: other})


def after(position: Position, *effects: Effect) -> Position:
    """Return the account as it is after effects: an invoice that is owed again counts one more reopening.

    ValueError where an effect would leave less than nothing owed, or credit below zero: a programming error.
    """
    for effect in effects:
        position = _after(position, effect)
    return position


def _after(position: Position, effect: Effect) -> Position:
    opened, aftermath = dict(position.open), dict(position.aftermath)
    for name, share in effect.shares.items():
        opened[name] = _moved(opened[name], share)
        if opened[name].reopened != position.open[name].reopened:
            aftermath[name] = replace(position.of(name), reopened=opened[name].reopened)
    for name, minor in effect.credited.items():
        opened[name] = _undisputed(opened[name], minor)
    for name in {*effect.recovered, *effect.credited}:
        befell = aftermath.get(name, position.of(name))
        aftermath[name] = replace(
            befell,
            written_off=befell.written_off - effect.recovered.get(name, 0),
            credited=befell.credited + effect.credited.get(name, 0),
        )
    for name, shares in effect.lines.items():
        befell = aftermath.get(name, position.of(name))
        aftermath[name] = replace(befell, lines=paid(befell.lines, shares))
        opened[name] = unpaid(opened[name], aftermath[name])
    credit = position.credit + Money(effect.credit, position.currency)
    if credit.minor < 0 or any(one.written_off < 0 for one in aftermath.values()):
        raise ValueError("an effect takes more than there is")
    return replace(
        position,
        credit=credit,
        open=opened,
        listed=position.listed | {name for name, share in effect.shares.items() if share < 0},
        aftermath=aftermath,
        version=position.version + 1,
    )


def unpaid(invoice: OpenInvoice, befell: Aftermath) -> OpenInvoice:
    """Return an invoice with the products of those of its lines that are not paid by name."""
    known = befell.lines and invoice.products is not None
    return replace(invoice, products=unpaid_products(befell.lines)) if known else invoice


def _moved(invoice: OpenInvoice, share: int) -> OpenInvoice:
    left = invoice.remaining.minor - share
    if left < 0 or left > invoice.gross.minor:
        raise ValueError(f"invoice {invoice.id}: {left} of {invoice.gross.minor} cannot remain")
    again = invoice.remaining.minor <= 0 < left
    return replace(invoice, remaining=Money(left, invoice.gross.currency), reopened=invoice.reopened + again)


def _undisputed(invoice: OpenInvoice, credited: int) -> OpenInvoice:
    """Return an invoice once some of it is credited: what was disputed is what a credit note settles first."""
    if not invoice.disputed:
        return invoice
    left = max(invoice.disputed.minor - credited, 0)
    return replace(invoice, disputed=Money(left, invoice.disputed.currency) if left else None)


def added(amounts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add mappings of minor units, without what comes to nothing."""
    sums: dict[str, int] = {}
    for mapping in amounts:
        for name, minor in mapping.items():
            sums[name] = sums.get(name, 0) + minor
    return {name: minor for name, minor in sums.items() if minor}
