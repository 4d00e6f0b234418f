"""The pure rules as a world: no functions, no queues, no table; what follows from a step is computed at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from infra.local.providers import movements
from infra.local.providers.sent import Order
from infra.local.providers.stripe_movements import Movement
from infra.local.scenario import at_vendor
from infra.local.scenario.agreements import request_of
from infra.local.scenario.book import Book, read_book
from infra.local.scenario.model import Scenario, Step
from infra.local.scenario.play import Observation
from infra.local.scenario.schedules import Schedule
from infra.local.scenario.steps import TICKET_ACTIONS
from infra.local.simulate.access import Access
from infra.local.simulate.bank import Bank
from infra.local.simulate.billing import Billing, LateBooks
from infra.local.simulate.money import Ledger
from infra.local.simulate.post import Post
from infra.local.simulate.schedules import template_schedules
from infra.local.simulate.state import AccountState
from infra.local.simulate.tickets import Desk
from infra.local.simulate.unasked import book_unasked
from infra.local.simulate.vendor import SharedClock, VendorInside
from quittance.domain import measures
from quittance.domain.account import AccountFile
from quittance.domain.arrears import apply, assess
from quittance.domain.assignment import reassigned
from quittance.domain.errors import Rejected
from quittance.domain.forbearance import Measure
from quittance.domain.money import Money
from quittance.domain.observation import Bill, observe
from quittance.domain.policy import PolicyRef
from quittance.domain.policy_parsing import parse_policy
from quittance.runtime.clock import iso
from quittance.usecases import correct, dispute_tickets
from quittance.usecases.apply_movement import follow_payment
from quittance.usecases.apply_payment import apply_payment
from quittance.usecases.charge_late import charge_late
from quittance.usecases.payment_message import ApplyPayment

_AUTHOR = "scenario"


class PureWorld:
    """Plays a scenario in memory."""

    def __init__(self) -> None:
        self._clock = SharedClock()

    def schedules(self) -> list[Schedule]:
        """Return the template's schedules."""
        return template_schedules()

    def set_up(self, scenario: Scenario) -> None:
        """Bring the book into being."""
        self._scenario = scenario
        self._book = read_book(scenario)
        self._zone = self._book.partner.zone
        self._accounts = {name: _opened(self._book, name) for name in self._book.accounts}
        self._billing = Billing(self._book, scenario.partner, scenario.price_rules)
        self._vendor = VendorInside(scenario, self._clock)
        self._access = Access(self._vendor)
        self._ledger = Ledger(self._accounts)
        self._paid: dict[str, tuple[str, Order]] = {}
        self._turns: Counter[tuple[str, str]] = Counter()
        self._bank = Bank(self._book.partner.id, scenario.partner)
        self._post = Post(self._book.partner, self._accounts)
        self._desk = Desk(self._book, self._accounts)
        self._policies = {policy.ref: policy for policy in self._book.policies.values()}
        for name, definition in scenario.policies.items():
            self._billing.publish(name, 1, definition)

    def move_to(self, moment: datetime) -> None:
        """Set the clock, by which the vendor lives, too."""
        self._now = self._clock.moment = moment

    def next_due(self) -> Mapping[str, datetime]:
        """Return the next moment of each kind of work."""
        dues = {
            "account": min((due for state in self._accounts.values() for due in self._dues(state)), default=None),
            "access": min((due for s in self._accounts.values() for due in self._access.dues(s)), default=None),
            "ticket": self._desk.next_due(),
        }
        return {lane: due for lane, due in dues.items() if due}

    def fire(self, schedule: Schedule, at: datetime) -> None:
        """Do what a schedule's function does."""
        match schedule.lane:
            case "account":
                for state in self._accounts.values():
                    posted = self._post.retry(state, at)
                    if posted or (state.file.due_at and state.file.due_at <= at):
                        self._settle(state)
            case "access":
                for state in self._accounts.values():
                    self._access.retry(state, at)
                    self._settle(state)
            case "ticket":
                self._desk.watch(at)

    def perform(self, step: Step) -> None:
        """Do a step and all that follows from it."""
        try:
            _VERBS[step.verb](self, step.fields)
        except Rejected as problem:
            raise Rejected(f"steps[{step.index}].{step.verb}: {problem.message}") from problem
        for state in self._accounts.values():
            self._settle(state)

    def observe(self, account: str, label: datetime) -> Observation:
        """Look at an account now."""
        state = self._accounts[account]
        bills = [
            Bill(
                id=one.id,
                number=one.number,
                net=one.net,
                vat=one.vat_total,
                gross=one.gross,
                due=one.due,
                ended=state.aftermath[one.id].ended if one.id in state.aftermath else None,
            )
            for _, one in sorted(state.invoices.items())
        ]
        seen = observe(state.file, bills, self._desk.of(account), self._now, self._zone)
        return {**seen, "at": label.isoformat()}

    def _settle(self, state: AccountState) -> None:
        """Assess until nothing changes: notices go out at once, access is switched as far as the vendor lets."""
        while True:
            self._unasked(state)
            charge_late(state.file, books=LateBooks(state), now=self._now)
            found = assess(state.file, self._now)
            decided = found.decides(state.file)
            state.file = apply(state.file, found, self._now)
            self._post.follow(state, self._now)
            self._access.follow(state, self._now)
            if not decided:
                return

    def _unasked(self, state: AccountState) -> None:
        for touched in book_unasked(state.file.profile.id, self._accounts, self._ledger, self._now):
            self._settle(self._accounts[touched])

    def _dues(self, state: AccountState) -> Iterator[datetime]:
        if state.file.due_at:
            yield state.file.due_at
        yield from self._post.dues(state)

    def _import(self, fields: dict[str, Any]) -> None:
        file = self._scenario.folder / fields["file"]
        self._billing.import_file(file, fields["vendor_invoice"], fields["dated"], self._accounts)

    def _bill(self, fields: dict[str, Any]) -> None:
        self._billing.bill(fields["period"], self._accounts, self._now)

    def _invoice(self, fields: dict[str, Any]) -> None:
        request = {
            key: value.isoformat() if key in ("issued", "due") else value
            for key, value in fields.items()
            if key not in ("id", "account")
        }
        self._billing.issue_manual(self._accounts[fields["account"]], fields["id"], request, self._now)

    def _pay(self, fields: dict[str, Any]) -> None:
        amount = Money.parse(fields["amount"], fields.get("currency", self._book.partner.currency))
        order = Order(payment=fields["id"], account=fields["account"], amount=amount, at=self._now)
        via = fields.get("via", "stripe")
        self._paid[fields["id"]] = via, order
        lines = ",".join(map(str, fields.get("lines", ()))) or None
        named = {"account": fields["account"], "invoice": fields.get("invoice"), "lines": lines}
        self._tell(fields["id"], "succeeded", amount, **named, **self._attempt(via, fields["id"], "succeeded"))
        account = self._accounts[fields["account"]]
        if ("stripe", f"pi_{fields['id']}") in account.payments:
            name = f"pi_{fields['id']}"
            partner = self._book.partner.id
            follow_payment(partner, fields["account"], "stripe", name, book=self._ledger, pause=_no_pause)

    def _pay_failed(self, fields: dict[str, Any]) -> None:
        nothing = Order(payment=fields["id"], account=fields.get("account"), amount=Money.zero("EUR"), at=self._now)
        via, order = self._paid.get(fields["id"], (fields.get("via", "stripe"), nothing))
        turn = self._turn(fields["id"], "failed")
        late = self._attempt(via, fields["id"], "failed")
        if late:
            late["movement_id"] = f"EV{turn}"
        self._tell(fields["id"], "failed", order.amount, account=order.account, **late)

    def _attempt(self, via: str, payment: str, kind: str) -> dict[str, Any]:
        """Return what tells one attempt from another where a debit can fail late and be tried again."""
        if via != "gocardless":
            return {}
        name = f"evt_{payment}_{kind}_{self._turns[payment, 'failed']}"
        return {"event_id": name, "occurred_at": iso(self._now)}

    def _refund(self, fields: dict[str, Any]) -> None:
        self._moved(fields, "refund", f"re_{fields['payment']}_{self._turn(fields['payment'], 'refunded')}")

    def _chargeback(self, fields: dict[str, Any]) -> None:
        self._moved(fields, "chargeback", f"dp:{self._turn(fields['payment'], 'chargeback')}")

    def _chargeback_reversed(self, fields: dict[str, Any]) -> None:
        self._moved(fields, "chargeback_reversed", f"dp:{self._turn(fields['payment'], 'chargeback_reversed')}")

    def _turn(self, payment: str, kind: str) -> int:
        self._turns[payment, kind] += 1
        return self._turns[payment, kind]

    def _moved(self, fields: dict[str, Any], kind: str, name: str) -> None:
        via, order = self._paid[fields["payment"]]
        amount = Money.parse(fields["amount"], order.amount.currency) if fields.get("amount") else order.amount
        movements.check(via, Movement(kind=kind, payment=fields["payment"], amount=amount), order)
        told = "refunded" if kind == "refund" else kind
        self._tell(fields["payment"], told, amount, movement_id=name)

    def _tell(self, payment: str, kind: str, amount: Money, **more: Any) -> None:
        message = ApplyPayment(
            partner=self._book.partner.id,
            provider="stripe",
            payment_id=f"pi_{payment}",
            kind=kind,
            amount=amount.minor,
            currency=amount.currency,
            received_at=iso(self._now),
            **{"event_id": f"evt_{payment}_{kind}_{more.get('movement_id')}", **more},
        )
        apply_payment(message, book=self._ledger, now=self._now, pause=_no_pause)

    def _credit(self, fields: dict[str, Any]) -> None:
        state = self._accounts[self._owner(fields)]
        note = fields.get("id") or f"CN-{fields['invoice']}-{self._turn(fields['invoice'], 'credit')}"
        request: dict[str, Any] = {name: fields[name] for name in ("amount", "lines", "reason") if name in fields}
        request["corrects"] = fields["invoice"]
        self._billing.credit(state, note, request, self._ledger, self._now)

    def _write_off(self, fields: dict[str, Any]) -> None:
        self._decided(fields, correct.write_off)

    def _reinstate(self, fields: dict[str, Any]) -> None:
        self._decided(fields, correct.reinstate)

    def _decided(self, fields: dict[str, Any], decide: Callable[..., Any]) -> None:
        account = self._accounts[self._owner(fields)].file.profile.id
        given = {"book": self._ledger, "now": self._now, "pause": _no_pause}
        decide(self._book.partner.id, account, fields["invoice"], None, **given)

    def _bank_statement(self, fields: dict[str, Any]) -> None:
        content = (self._scenario.folder / fields["file"]).read_bytes()
        for told in self._bank.read(fields["file"], content, self._accounts, self._now):
            apply_payment(told, book=self._ledger, now=self._now, pause=_no_pause)
            account = told.account or ""
            if account in self._accounts and (told.provider, told.payment_id) in self._accounts[account].payments:
                given = told.partner, account, told.provider, told.payment_id
                follow_payment(*given, book=self._ledger, pause=_no_pause)

    def _publish(self, fields: dict[str, Any]) -> None:
        name, definition = fields["policy"], fields["definition"]
        version = 1 + max((ref.version for ref in self._policies if ref.name == name), default=0)
        policy = parse_policy(name, version, definition, self._book.partner.currency, published_at=self._now)
        self._policies[policy.ref] = policy
        self._billing.publish(name, version, definition)
        for state in self._accounts.values():
            state.file = replace(state.file, policies=self._policies)

    def _assign(self, fields: dict[str, Any]) -> None:
        state = self._accounts[fields["account"]]
        profile = state.file.profile
        before = {"policy": profile.policy, "next_policy": profile.next_policy, "timezone": profile.timezone}
        after = reassigned(before, fields["policy"], fields.get("from"), self._now)
        changed = replace(profile, policy=after["policy"], next_policy=after.get("next_policy"))
        state.file = replace(state.file, profile=changed)

    def _promise(self, fields: dict[str, Any]) -> None:
        self._record(fields, lambda file, asked: (measures.promise(file, asked, now=self._now, author=_AUTHOR),))

    def _pause(self, fields: dict[str, Any]) -> None:
        self._record(fields, lambda file, asked: measures.pause(file, asked, now=self._now, author=_AUTHOR))

    def _unpause(self, fields: dict[str, Any]) -> None:
        self._record(fields, lambda file, _: measures.unpause(file, now=self._now, author=_AUTHOR))

    def _hold(self, fields: dict[str, Any]) -> None:
        self._record(fields, lambda file, asked: (measures.hold(file, asked, now=self._now, author=_AUTHOR),))

    def _release(self, fields: dict[str, Any]) -> None:
        reason = fields["reason"]
        self._record(fields, lambda file, _: (measures.release(file, reason, now=self._now, author=_AUTHOR),))

    def _dispute(self, fields: dict[str, Any]) -> None:
        owner, invoice = self._owner(fields), fields["invoice"]
        lines = self._accounts[owner].invoices[invoice].lines
        self._record(
            {**fields, "account": owner},
            lambda file, asked: (measures.dispute(file, invoice, asked, lines, now=self._now, author=_AUTHOR),),
        )

    def _dispute_closed(self, fields: dict[str, Any]) -> None:
        owner, invoice = self._owner(fields), fields["invoice"]

        def close(file: AccountFile, asked: dict[str, Any]) -> tuple[Measure, ...]:
            closed = measures.close_dispute(file, invoice, asked, now=self._now, author=_AUTHOR)
            wanted = measures.credit_request(file, closed) if closed.state == "upheld" else None
            if wanted:
                notes.append((closed.id, {**wanted, "corrects": invoice}))
            return (closed,)

        notes: list[tuple[str, dict[str, Any]]] = []
        self._record({**fields, "account": owner}, close)
        for note, request in notes:
            self._billing.credit(self._accounts[owner], note, request, self._ledger, self._now)

    def _owner(self, fields: dict[str, Any]) -> str:
        named, name = fields.get("account"), fields["invoice"]
        owners = [one for one in self._accounts if name in self._accounts[one].invoices and named in (None, one)]
        if len(owners) != 1:
            raise Rejected(f"invoice {name!r} is {'in no account' if not owners else 'in several: name the account'}")
        return owners[0]

    def _record(
        self, fields: dict[str, Any], agree: Callable[[AccountFile, dict[str, Any]], tuple[Measure, ...]]
    ) -> None:
        state = self._accounts[fields["account"]]
        state.file = measures.recorded(state.file, *agree(state.file, request_of(fields)))

    def _fault(self, fields: dict[str, Any]) -> None:
        if fields["target"] == "mail":
            self._post.fault(fields["until"])
        elif fields["target"] == "vendor":  # there are no queues here, and none may make a difference
            self._vendor.fault(fields["mode"], fields["until"])

    def _change_at_vendor(self, fields: dict[str, Any]) -> None:
        self._vendor.change(*at_vendor.place_of(self._scenario.accounts, fields))

    def _run(self, fields: dict[str, Any]) -> None:
        schedule = next((one for one in self.schedules() if one.name == fields["schedule"]), None)
        if schedule is None:
            raise Rejected(f"no schedule {fields['schedule']!r}")
        self.fire(schedule, self._now)

    def _ticket(self, fields: dict[str, Any]) -> None:
        definition = {name: value for name, value in fields.items() if name != "account"}
        if not self._desk.knows(fields["id"]):
            dispute_tickets.hold_back(definition, disputes=_Disputes(self, fields["account"]), now=self._now)
        self._desk.open(fields, self._now)

    def on_ticket(self, fields: dict[str, Any], action: str) -> None:
        """Apply an action to a ticket; closing one closes its dispute first."""
        if action == "close":
            account, ticket = self._desk.find(fields["ticket"])
            dispute_tickets.decide(ticket, fields.get("outcome"), disputes=_Disputes(self, account))
        self._desk.act(action, {name: value for name, value in fields.items() if name != "outcome"}, self._now)


class _Disputes:
    """The disputes of an account, as its tickets open and close them."""

    def __init__(self, world: PureWorld, account: str) -> None:
        self._world, self._account = world, account

    def open(self, invoice: str, asked: Mapping[str, Any]) -> None:
        """Open one."""
        self._world._dispute({"invoice": invoice, "account": self._account, **asked})  # noqa: SLF001  # a part of it

    def close(self, invoice: str, asked: Mapping[str, Any]) -> None:
        """Close it."""
        self._world._dispute_closed({"invoice": invoice, "account": self._account, **asked})  # noqa: SLF001

    def is_open(self, invoice: str) -> bool:
        """Look for it."""
        known = self._world._accounts[self._account].file.disputes  # noqa: SLF001
        return any(one.invoice == invoice and one.state == "open" for one in known)


def _no_pause(_: float) -> None:
    """Nobody else writes here."""


def _opened(book: Book, name: str) -> AccountState:
    registered = book.accounts[name]
    nothing = Money.zero(registered.profile.currency)
    policies = {PolicyRef(policy.ref.name, policy.ref.version): policy for policy in book.policies.values()}
    file = AccountFile(
        partner=book.partner.id,
        profile=registered.profile,
        balance=nothing,
        credit=nothing,
        subscriptions=registered.subscriptions,
        policies=policies,
        pays_for=_paid_for(book, name),
    )
    return AccountState(file)


def _paid_for(book: Book, name: str) -> tuple[str, ...]:
    return tuple(sorted(one for one, registered in book.accounts.items() if registered.profile.parent == name))


def _ticket_action(action: str) -> Callable[[PureWorld, dict[str, Any]], None]:
    return lambda world, fields: world.on_ticket(fields, action)


_VERBS: Mapping[str, Callable[[PureWorld, dict[str, Any]], None]] = {
    "import": PureWorld._import,  # noqa: SLF001  # the table of this module's own class
    "bill": PureWorld._bill,  # noqa: SLF001
    "invoice": PureWorld._invoice,  # noqa: SLF001
    "pay": PureWorld._pay,  # noqa: SLF001
    "pay_failed": PureWorld._pay_failed,  # noqa: SLF001
    "refund": PureWorld._refund,  # noqa: SLF001
    "chargeback": PureWorld._chargeback,  # noqa: SLF001
    "chargeback_reversed": PureWorld._chargeback_reversed,  # noqa: SLF001
    "credit": PureWorld._credit,  # noqa: SLF001
    "write_off": PureWorld._write_off,  # noqa: SLF001
    "reinstate": PureWorld._reinstate,  # noqa: SLF001
    "bank_statement": PureWorld._bank_statement,  # noqa: SLF001
    "publish": PureWorld._publish,  # noqa: SLF001
    "assign": PureWorld._assign,  # noqa: SLF001
    "promise": PureWorld._promise,  # noqa: SLF001
    "pause": PureWorld._pause,  # noqa: SLF001
    "unpause": PureWorld._unpause,  # noqa: SLF001
    "hold": PureWorld._hold,  # noqa: SLF001
    "release": PureWorld._release,  # noqa: SLF001
    "dispute": PureWorld._dispute,  # noqa: SLF001
    "dispute_closed": PureWorld._dispute_closed,  # noqa: SLF001
    "ticket": PureWorld._ticket,  # noqa: SLF001
    "fault": PureWorld._fault,  # noqa: SLF001
    "change_at_vendor": PureWorld._change_at_vendor,  # noqa: SLF001
    "run": PureWorld._run,  # noqa: SLF001
    **{verb: _ticket_action(action) for verb, action in TICKET_ACTIONS.items()},
}
