"""What the simulator remembers of one account and of the partner, in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from quittance.domain.account import AccountFile, OpenInvoice
from quittance.domain.charges import Charge
from quittance.domain.effect import Aftermath, Effect
from quittance.domain.invoice import IssuedInvoice
from quittance.domain.late_charges import LateCharge, Move
from quittance.domain.money import Money
from quittance.domain.movement import History


@dataclass(frozen=True)
class Pending:
    """How far the access change of one subscription has come."""

    generation: int
    attempts: int = 0
    due_at: datetime | None = None
    operation: str | None = None
    snapshot: Mapping[str, Any] | None = None
    watched: bool = False
    warned: str | None = None


@dataclass
class AccountState:
    """One account: its file as collections see it, its documents, what waits to be billed."""

    file: AccountFile
    invoices: dict[str, IssuedInvoice] = field(default_factory=dict)
    drafts: dict[str, list[Charge]] = field(default_factory=dict)
    payments: dict[tuple[str, str], History] = field(default_factory=dict)
    aftermath: dict[str, Aftermath] = field(default_factory=dict)
    credit_uses: list[Effect] = field(default_factory=list)
    entries: list[Effect] = field(default_factory=list)
    pending: dict[str, Pending] = field(default_factory=dict)
    moves: dict[str, list[Move]] = field(default_factory=dict)
    """What settled each invoice, or let it be owed again, in the order of booking."""
    late: dict[str, list[LateCharge]] = field(default_factory=dict)
    """Fees and interest for paying late, by the draft that took them."""
    charged: set[str] = field(default_factory=set)
    posted: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    """Notices that mail has not taken yet: how often each was tried, and when it is tried again."""

    def book(self, invoice: IssuedInvoice, period: str | None) -> None:
        """Owe an issued invoice, whose draft is thereby billed; a credit note's gross becomes credit."""
        self.invoices[invoice.id] = invoice
        if period:
            self.drafts.pop(period, None)
            self.late.pop(period, None)
        nothing = Money.zero(invoice.currency)
        if invoice.kind == "credit_note":
            self._change(invoice.gross, credit=-invoice.gross, opened={})
            return
        self._change(invoice.gross, credit=nothing, opened={invoice.id: self.opened(invoice)})

    def opened(self, invoice: IssuedInvoice) -> OpenInvoice:
        """Return an issued invoice as it is first owed."""
        return OpenInvoice(
            id=invoice.id,
            number=invoice.number,
            issued=invoice.issued,
            due=invoice.due,
            gross=invoice.gross,
            remaining=invoice.gross,
            policy=invoice.policy,
            products=None if invoice.products is None else frozenset(invoice.products),
            order=invoice.allocation,
        )

    def _change(self, balance: Money, *, credit: Money, opened: dict[str, OpenInvoice]) -> None:
        self.file = replace(
            self.file,
            balance=self.file.balance + balance,
            credit=self.file.credit + credit,
            open={**self.file.open, **opened},
            version=self.file.version + 1,
        )
