"""A partner's book in the real store, on the table in memory: what tells of money, what follows, and who dies when.

Nothing is simulated but AWS and the calendar: use cases, store and the relay's rules are the product's own. What the
stream would tell waits in `outbox`, until a test delivers it, in whatever order, and once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

from infra.local.bench.ground import Ground
from infra.local.verify import books, once
from infra.local.verify.table import Table, decode
from quittance.domain.bank import BankLine, Statement
from quittance.domain.claim import Claim
from quittance.domain.errors import Rejected
from quittance.domain.money import Money
from quittance.runtime.clock import iso
from quittance.store import bank, invoices, numbers
from quittance.store.accounts import AccountStore
from quittance.store.models import Item
from quittance.store.payments import PaymentBook
from quittance.store.policies import PolicyStore
from quittance.usecases import billing, correct
from quittance.usecases.apply_movement import follow_payment
from quittance.usecases.apply_payment import apply_payment
from quittance.usecases.assess import assess_account
from quittance.usecases.decide_line import decide_line, parse_decision
from quittance.usecases.issue_invoice import issue_invoice
from quittance.usecases.messages import Assess, FollowPayment, IssueInvoice, Message
from quittance.usecases.payment_message import ApplyPayment
from quittance.usecases.read_statement import read_statement
from quittance.usecases.relay import Change, claim_for, messages_for, payment_for
from tests.dynamo import door
from tests.dynamo.door import as_read
from tests.dynamo.engine import Dynamo

NOW = datetime(2026, 12, 20, 21, 0, tzinfo=UTC)
ACCOUNTS = ("contoso", "fabrikam")
BANK = "DE89370400440532013000"
POLICY = {
    "clock": "due_date",
    "payment_days": 30,
    "allocation": "oldest_due",
    "stages": [{"name": "reminder", "when": {"days": 400}, "do": [{"notice": "reminder"}]}],
    "restore_below": "0.01",
    "tolerance": {"under": "0.02", "over": "0.02"},
}


class Crash(BaseException):
    """The process dies here: nothing may catch it."""


class RealBook:
    """Two accounts of one partner; `request` numbers the requests of a delivery, and one of them may be its last."""

    def __init__(self, dynamo: Dynamo) -> None:
        self._dynamo = dynamo
        self._books: Any = invoices
        self.outbox: list[Message | Claim] = []
        self.delivered: list[Message | Claim] = []
        self._left: int | None = None
        self._meanwhile: tuple[Callable[[], Any], int] | None = None
        self.requests = 0
        self._ground()
        self._pristine = self.table.snapshot()
        self.table.watched = self._changed

    @property
    def table(self) -> Any:
        """The table itself."""
        return self._dynamo.tables[Item.Meta.table_name]

    def _ground(self) -> None:
        make_table(Item._get_connection().connection.client)
        ground = Ground(SimpleNamespace(table=Item.Meta.table_name), "acme", now=NOW, policy=POLICY)  # type: ignore[arg-type]
        for name in ACCOUNTS:
            ground.account(name, subscriptions=0)

    def renew(self) -> None:
        """Begin anew."""
        self.table.restore(self._pristine)
        self.outbox, self.delivered, self._left = [], [], None

    # -- what dies, and comes again ------------------------------------------------------------------------------------

    def requested(self, event_name: str, **_: Any) -> None:
        """Count a request; die before it, or when its answer should come back."""
        answered = event_name.startswith("after-call")
        if not answered:
            self.requests += 1
        if self._meanwhile and not answered:
            self._interrupt()
        if self._left is None or answered != self._after:
            return
        self._left -= 1
        if self._left <= 0:
            self._left = None
            raise Crash

    def _interrupt(self) -> None:
        work, left = self._meanwhile or (_nothing, 0)
        self._meanwhile = (work, left - 1) if left > 1 else None
        if left == 1:
            work()

    def with_another(self, work: Callable[[], Any], other: Callable[[], Any], at: int) -> bool:
        """Do a work, and all of another just before its n-th request; False where it makes fewer."""
        self._meanwhile = (other, at)
        work()
        came, self._meanwhile = self._meanwhile is None, None
        return came

    def done(self, work: Callable[[], Any], crash: tuple[int, bool] | None = None) -> None:
        """Do a piece of work as a queue does: after a crash, once more. What is refused is refused the second time."""
        self._left, self._after = crash or (None, False)
        try:
            work()
        except Crash:
            work()
        finally:
            self._left = None

    # -- what happens --------------------------------------------------------------------------------------------------

    def bill(self, account: str, name: str, minor: int, day: int, crash: tuple[int, bool] | None = None) -> None:
        """Ask for an invoice; it is issued when its message is delivered."""
        line = {"text": "Advice", "net": str(Money(minor, "EUR")), "vat_percent": "0"}
        body = {"issued": "2026-11-01", "due": f"2026-12-{day:02d}", "lines": [line]}
        ask = lambda: billing.request_manual_invoice("acme", account, name, body, now=NOW, books=self._books)  # noqa: E731
        self.done(ask, crash)

    def tell(self, told: ApplyPayment, crash: tuple[int, bool] | None = None) -> None:
        """Deliver what a provider tells."""
        self.done(lambda: apply_payment(told, book=PaymentBook(), now=NOW, pause=_no_pause), crash)

    def read(self, name: str, lines: tuple[BankLine, ...], crash: tuple[int, bool] | None = None) -> None:
        """Read a bank statement."""
        statements = [Statement(bank=BANK, id=name, lines=lines)]
        book: Any = bank
        self.done(
            lambda: read_statement("acme", name, name.encode(), parse=lambda _: statements, book=book, now=NOW), crash
        )

    def decide(self, line: str, decision: dict[str, Any], crash: tuple[int, bool] | None = None) -> None:
        """A person decides whose a bank line is."""
        book: Any = bank
        wish = parse_decision(decision)
        self.done(lambda: decide_line("acme", line, wish, by="desk", now=NOW, book=book), crash)

    def correct(self, what: Any, account: str, name: str, wish: Any, crash: tuple[int, bool] | None = None) -> None:
        """A person corrects something."""
        self.done(lambda: what("acme", account, name, wish, book=PaymentBook(), now=NOW, pause=_no_pause), crash)

    def credit(self, account: str, invoice: str, note: str, minor: int, crash: tuple[int, bool] | None = None) -> None:
        """Ask for a credit note."""
        wish = {"amount": str(Money(minor, "EUR")), "reason": "goodwill"}
        ask = lambda: billing.request_credit_note("acme", account, invoice, note, wish, now=NOW, books=self._books)  # noqa: E731
        self.done(ask, crash)

    # -- what follows --------------------------------------------------------------------------------------------------

    def _changed(self, old: Any, new: Any) -> None:
        change = Change(old=old, new=new)
        if claim := claim_for(change):
            self.outbox.append(claim)
        if payment := payment_for(change):
            self.outbox.append(payment)
        self.outbox += [one for one in messages_for(change) if isinstance(one, _FOLLOWED)]

    def deliver(self, message: Message | Claim, crash: tuple[int, bool] | None = None) -> None:
        """Deliver a message of the relay, or do what the relay does itself; what is refused is parked with an alarm."""
        with suppress(Rejected):
            self._deliver(message, crash)
        self.delivered.append(message)

    def _deliver(self, message: Message | Claim, crash: tuple[int, bool] | None) -> None:
        match message:
            case Claim():
                self.done(lambda: numbers.register("acme", message), crash)
            case ApplyPayment():
                self.tell(message, crash)
            case FollowPayment():
                named = (message.partner, message.account, message.provider, message.payment_id)
                self.done(lambda: follow_payment(*named, book=PaymentBook(), pause=_no_pause), crash)
            case IssueInvoice():
                self.done(lambda: issue_invoice(message, books=self._books, now=NOW, pause=_no_pause), crash)
            case Assess():
                accounts = AccountStore(PolicyStore())
                self.done(lambda: assess_account(message, accounts=accounts, now=NOW, pause=_no_pause), crash)

    def settle(self) -> None:
        """Deliver all that waits, and what follows from it."""
        for _ in range(500):
            if not self.outbox:
                return
            self.deliver(self.outbox.pop(0))
        raise AssertionError("the messages do not come to rest")

    # -- what is ---------------------------------------------------------------------------------------------------------

    def seen(self) -> Table:
        """Return the table as `verify` reads it."""
        return Table(decode(as_read(item)) for item in self.table.items.values())

    def check(self) -> None:
        """Invariants 1 and 3, by the rules of `verify`."""
        table = self.seen()
        assert [str(one) for check in (books.check, once.check) for one in check(table)] == []


_FOLLOWED = (ApplyPayment, FollowPayment, IssueInvoice, Assess)


def _nothing() -> None:
    """Do nothing."""


def _no_pause(_: object) -> None:
    """Nobody waits in a test."""


def make_table(client: Any) -> None:
    """Create the table with its index."""
    keys = [("pk", "HASH"), ("sk", "RANGE")]
    due = [("due_lane", "HASH"), ("due_at", "RANGE")]
    client.create_table(
        TableName=Item.Meta.table_name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys + due],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "due",
                "KeySchema": [{"AttributeName": name, "KeyType": kind} for name, kind in due],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )


@contextmanager
def real_book() -> Iterator[RealBook]:
    """Open a book behind the models' own client."""
    for model in (Item, *Item.__subclasses__()):
        model._connection = None
    client = Item._get_connection().connection.client
    with door.at_the_call(Dynamo(), client) as dynamo:
        book = RealBook(dynamo)
        for event in ("before-call.dynamodb", "after-call.dynamodb"):
            client.meta.events.register_first(event, book.requested)
        yield book
    for model in (Item, *Item.__subclasses__()):
        model._connection = None


def told(payment: str, kind: str, amount: int, **more: Any) -> ApplyPayment:
    """What a provider tells of a payment."""
    fields: dict[str, Any] = {
        "partner": "acme",
        "provider": "stripe",
        "event_id": f"evt_{payment}_{kind}_{more.get('movement_id')}",
        "payment_id": payment,
        "kind": kind,
        "amount": amount,
        "currency": "EUR",
        "received_at": iso(NOW),
    }
    return ApplyPayment(**{**fields, **more})


def line(number: int, minor: int, text: str, **more: Any) -> BankLine:
    """One movement of the bank account; its number is the bank's own reference."""
    given = {"booked": date(2026, 12, 18), "incoming": True, "reference": f"REF{number}", "texts": (text,)}
    return BankLine(amount=Money(minor, "EUR"), **{**given, **more})
