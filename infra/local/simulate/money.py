"""The books in memory: what the use cases of money ask of the table, kept by its rules: all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from infra.local.simulate.state import AccountState
from quittance.domain.account import OpenInvoice
from quittance.domain.effect import Aftermath, Effect, Position, added, after, joined, passed_on, unpaid
from quittance.domain.invoice import IssuedInvoice
from quittance.domain.invoice_lines import Line, lines_of
from quittance.domain.late_charges import Move
from quittance.domain.money import Money
from quittance.domain.movement import CREDIT_USED, FAILED, MORE, REALLOCATED, Booked, CreditUses, History
from quittance.domain.payment import Payment
from quittance.domain.policy import PolicyRef
from quittance.domain.transfers import by_owner, own
from quittance.runtime.clock import parse_iso
from quittance.usecases.apply_movement import Change
from quittance.usecases.book_payment import AlreadyBooked, HeadRefused
from quittance.usecases.payment_message import ApplyPayment

Request = Callable[[], None]


class Ledger:
    """The books of all accounts; `request` is called before each request that the table would be asked."""

    def __init__(self, accounts: Mapping[str, AccountState], request: Request = lambda: None) -> None:
        self._accounts = accounts
        self._request = request
        self._owners: dict[tuple[str, str], str] = {}
        self._early: dict[tuple[str, str], dict[str, ApplyPayment]] = {}
        self.parked: dict[str, str] = {}

    # -- payments --------------------------------------------------------------------------------------------------

    def settle(self, payment: Payment, invoice: str) -> None:
        """Book the whole payment on an invoice that owes as much."""
        self._request()
        state = self._accounts.get(payment.account)
        self._new(state, payment)
        owed = state.file.open.get(invoice) if state else None
        same = state is not None and state.file.profile.currency == payment.amount.currency
        if state is None or owed is None or not same or owed.remaining < payment.amount:
            raise HeadRefused("the account is not as the booking assumed")
        self._receive(state, payment, payment.settles(invoice), self._position(state, ()))

    def position(self, partner: str, account: str, invoices: Iterable[str] = ()) -> Position | None:
        """Return what the account owes."""
        self._request()
        state, wanted = self._accounts.get(account), by_owner(invoices)
        if state is None:
            return None
        names = sorted({*state.file.pays_for, *filter(None, wanted)} & self._accounts.keys())
        others = {name: self._position(self._accounts[name], wanted.get(name, ())) for name in names}
        return joined(self._position(state, wanted.get(None, ())), others)

    def aftermath(self, partner: str, account: str) -> dict[str, Aftermath]:
        """Return what befell the account's invoices."""
        self._request()
        return dict(self._accounts[account].aftermath)

    def befell(self, partner: str, account: str, invoice: str) -> Aftermath:
        """Return what befell an invoice, with its lines."""
        self._request()
        state = self._accounts[account]
        issued = state.invoices[invoice]
        before = state.aftermath.get(invoice) or Aftermath(gross=issued.gross.minor)
        return before if before.lines else replace(before, lines=_lines(issued))

    def numbered(self, partner: str, number: str) -> tuple[str, str] | None:
        """Return whose invoice a number is."""
        for account, state in self._accounts.items():
            for name, invoice in state.invoices.items():
                if invoice.number == number:
                    return account, name
        return None

    def overpaid(self, partner: str, policy: PolicyRef, currency: str) -> int:
        """Return what a policy keeps of an overpayment."""
        for state in self._accounts.values():
            found = state.file.policies.get(policy)
            return found.tolerance_over.minor if found and found.tolerance_over else 0
        return 0

    def rate(self, partner: str, account: str, currency: str) -> Decimal | None:
        """Return the rate agreed with an account."""
        rate = self._accounts[account].file.profile.rates.get(currency)
        return Decimal(rate) if rate else None

    def receive(self, payment: Payment, effect: Effect, seen: Position) -> None:
        """Book an effect made on a position."""
        self._request()
        state = self._accounts[payment.account]
        self._new(state, payment)
        self._unmoved(state, seen, (effect,))
        self._receive(state, payment, effect, seen)

    def park(self, message: ApplyPayment, *, reason: str, at: datetime) -> bool:
        """Keep what nobody can book."""
        self._request()
        name = _parked(message)
        new = name not in self.parked
        if message.kind == "succeeded":
            self.keep(message, at=at)
        self.parked.setdefault(name, reason)
        return new

    def note(self, message: ApplyPayment) -> bool:
        """Keep a fact; nothing that is observed shows it."""
        return str(message.account) in self._accounts

    # -- movements -------------------------------------------------------------------------------------------------

    def owner(self, partner: str, provider: str, payment_id: str) -> str | None:
        """Return whose payment it is."""
        self._request()
        return self._owners.get((provider, payment_id))

    def note_owner(self, partner: str, account: str, provider: str, payment_id: str) -> None:
        """Note whose payment it is."""
        self._request()
        self._owners.setdefault((provider, payment_id), account)

    def history(self, partner: str, account: str, provider: str, payment_id: str) -> History | None:
        """Return a payment with its movements."""
        self._request()
        state = self._accounts.get(account)
        return state.payments.get((provider, payment_id)) if state else None

    def find(self, partner: str, account: str, payment_id: str) -> History | None:
        """Return a payment by its id."""
        found = self._accounts[account].payments
        return next((one for (_, name), one in sorted(found.items()) if name == payment_id), None)

    def credit_uses(self, partner: str, account: str) -> CreditUses:
        """Return what credit is used for."""
        self._request()
        return CreditUses(added(effect.shares for effect in self._accounts[account].credit_uses))

    def move(self, message: ApplyPayment, account: str, key: tuple[str, str], change: Change) -> None:
        """Book a movement of a payment."""
        self._request()
        state, (kind, name) = self._accounts[account], key
        history = state.payments[message.provider, message.payment_id]
        if history.has(kind, name):
            raise AlreadyBooked("this movement is booked already")
        self._unmoved(state, change.seen, change.effects)
        *undone, own = change.effects
        state.credit_uses += undone
        told = message.occurred_at if kind in (FAILED, MORE) else None
        self._add(state, history, Booked(kind=kind, name=name, amount=change.amount, effect=own, at=told))
        at = parse_iso(message.occurred_at or message.received_at)
        self._book(state, change.seen, change.effects, message.kind, at)

    def keep(self, message: ApplyPayment, *, at: datetime) -> None:
        """Keep a movement that is early."""
        self._request()
        self._early.setdefault((message.provider, message.payment_id), {}).setdefault(_name(message), message)

    def kept(self, partner: str, provider: str, payment_id: str) -> Sequence[ApplyPayment]:
        """Return what is early."""
        self._request()
        return [one for _, one in sorted(self._early.get((provider, payment_id), {}).items())]

    def forget(self, message: ApplyPayment) -> None:
        """Keep it no longer."""
        self._request()
        self._early.get((message.provider, message.payment_id), {}).pop(_name(message), None)
        if message.kind == "succeeded":
            self.parked.pop(_parked(message), None)

    # -- corrections -----------------------------------------------------------------------------------------------

    def correct(
        self, partner: str, account: str, kind: str, effect: Effect, seen: Position, *, at: datetime, reason: str
    ) -> None:
        """Book a movement of no payment."""
        self._request()
        state = self._accounts[account]
        self._unmoved(state, seen, (effect,))
        if kind == CREDIT_USED:
            state.credit_uses.append(effect)
        self._book(state, seen, (effect,), kind, at)

    def reallocate(
        self, partner: str, account: str, history: History, effect: Effect, seen: Position, *, at: datetime, reason: str
    ) -> None:
        """Book another allocation of a payment."""
        self._request()
        state = self._accounts[account]
        self._unmoved(state, seen, (effect,))
        amount = sum(share for share in effect.shares.values() if share > 0)
        name = f"{seen.version + 1:08d}"
        self._add(state, history, Booked(kind=REALLOCATED, name=name, amount=amount, effect=effect))
        self._book(state, seen, (effect,), REALLOCATED, at)

    # -- how it is kept --------------------------------------------------------------------------------------------

    def _new(self, state: AccountState | None, payment: Payment) -> None:
        known = state.payments.get((payment.provider, payment.payment_id)) if state else None
        if known:
            raise AlreadyBooked("this payment is booked already", told_by=known.event_id)

    def _unmoved(self, state: AccountState, seen: Position, effects: Sequence[Effect]) -> None:
        others = [(self._accounts[name], seen.others[name]) for name in passed_on(effects)]
        if any(one.file.version != position.version for one, position in [(state, seen), *others]):
            raise HeadRefused("the account has moved on")

    def _receive(self, state: AccountState, payment: Payment, effect: Effect, seen: Position) -> None:
        state.payments[payment.provider, payment.payment_id] = History(
            provider=payment.provider,
            payment_id=payment.payment_id,
            currency=payment.amount.currency,
            amount=payment.amount.minor,
            received=effect,
            occurred_at=payment.occurred_at,
            paid=payment.paid,
            part=payment.part,
            event_id=payment.event_id,
        )
        at = parse_iso(payment.occurred_at) if payment.occurred_at else payment.received_at
        self._book(state, seen, (effect,), "payment", at)

    def _add(self, state: AccountState, history: History, booked: Booked) -> None:
        key = history.provider, history.payment_id
        state.payments[key] = replace(history, movements=(*history.movements, booked))

    def _position(self, state: AccountState, invoices: Iterable[str]) -> Position:
        opened: dict[str, OpenInvoice] = dict(state.file.open)
        for name in invoices:
            issued = state.invoices.get(name)
            if name not in opened and issued and issued.kind == "invoice":
                settled = state.opened(issued)
                reopened = state.aftermath[name].reopened if name in state.aftermath else 0
                settled = replace(settled, remaining=Money.zero(issued.currency), reopened=reopened)
                opened[name] = unpaid(settled, state.aftermath.get(name, Aftermath()))
        return Position(
            currency=state.file.profile.currency,
            version=state.file.version,
            credit=state.file.credit,
            open=opened,
            listed=frozenset(state.file.open),
            aftermath={name: state.aftermath[name] for name in invoices if name in state.aftermath},
            pays_for=state.file.pays_for,
        )

    def _book(self, state: AccountState, seen: Position, effects: Sequence[Effect], kind: str, at: datetime) -> None:
        for account, effect in passed_on(effects).items():
            self._book(self._accounts[account], seen.others[account], (effect,), kind, at)
        effects = [effect.of_itself() for effect in effects]
        now, day = after(seen, *effects), at.astimezone(state.file.profile.zone).date()
        for effect in effects:
            state.entries.append(effect)
            for name, share in effect.shares.items():
                move = Move(kind, day, share, -effect.recovered.get(name, 0))
                state.moves.setdefault(name, []).append(move)
        for name, befell in now.aftermath.items():
            gross = befell.gross or now.open[name].gross.minor
            state.aftermath[name] = replace(befell, gross=gross)
        state.file = replace(
            state.file,
            balance=state.file.balance + Money(sum(effect.balance for effect in effects), now.currency),
            credit=now.credit,
            open={name: one for name, one in own(now.open).items() if name in now.listed},
            version=seen.version + 1,
        )


def _lines(issued: IssuedInvoice) -> tuple[Line, ...]:
    vat = [{"category": row.category, "percent": format(row.percent, "f"), "vat": row.vat.minor} for row in issued.vat]
    return lines_of({"lines": [line.to_mapping() for line in issued.lines], "vat": vat}, issued.currency)


def _parked(message: ApplyPayment) -> str:
    return f"{message.provider}#{message.payment_id}#{message.movement_id and message.kind}#{message.movement_id}"


def _name(message: ApplyPayment) -> str:
    return f"{message.kind}#{message.movement_id or message.total or message.event_id}"
