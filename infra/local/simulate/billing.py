"""Imports and invoices in memory, priced and added up by the very rules that the functions use."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, tzinfo
from io import BytesIO
from pathlib import Path
from typing import Any

from infra.local.scenario.book import Book
from infra.local.simulate.money import Ledger
from infra.local.simulate.state import AccountState
from quittance.domain.charges import Charge
from quittance.domain.credit_note import Corrected
from quittance.domain.invoice import IssuedInvoice
from quittance.domain.late_charges import LateCharge, Move
from quittance.domain.ledger import REVENUE, VAT
from quittance.domain.money import Money
from quittance.domain.movement import credited
from quittance.domain.numbering import document_number, prefix_of, series_year
from quittance.domain.periods import billing_period, shifted
from quittance.domain.policy import PolicyRef
from quittance.domain.reconciliation import read
from quittance.usecases.issue_invoice import Case, compose

_LOOK_BACK = 3


class Billing:
    """The partner's drafts, its published policies and the counters of its numbers."""

    def __init__(self, book: Book, scenario_body: Mapping[str, Any], rules: list[Any]) -> None:
        self._book = book
        self._rules = rules
        self._body = scenario_body
        self._last: dict[tuple[str, int], int] = defaultdict(int)
        self._published: dict[str, tuple[PolicyRef, Mapping[str, Any]]] = {}
        self._charges: dict[str, list[Charge]] = {}
        self._taken: list[LateCharge] = []

    def publish(self, name: str, version: int, definition: Mapping[str, Any]) -> None:
        """Make a policy's version the one that new invoices pin."""
        self._published[name] = (PolicyRef(name, version), definition)

    def import_file(self, file: Path, vendor_invoice: str, dated: date, accounts: Mapping[str, AccountState]) -> None:
        """Put the file's charges into their accounts' drafts; a period that is issued passes on to the next."""
        period, _ = billing_period(dated)
        owners = {state.file.profile.vendor_customer: state for state in accounts.values()}
        for charge in read(BytesIO(file.read_bytes()), vendor_invoice=vendor_invoice):
            if owner := owners.get(charge.vendor_customer):
                owner.drafts.setdefault(_free_slot(owner, period), []).append(charge)

    def bill(self, period: str, accounts: Mapping[str, AccountState], now: datetime) -> None:
        """Issue the drafts of a period and the ones before, oldest first, accounts in the order of their names."""
        for back in range(_LOOK_BACK, -1, -1):
            slot = shifted(period, -back)
            for name in sorted(accounts):
                if slot in accounts[name].drafts or self._late(accounts[name], slot):
                    self._issue(accounts[name], slot, {}, slot, now)

    def issue_manual(self, state: AccountState, invoice: str, request: Mapping[str, Any], now: datetime) -> None:
        """Issue an invoice whose lines a person gave."""
        if invoice not in state.invoices:
            self._issue(state, invoice, request, None, now)

    def credit(self, state: AccountState, note: str, request: Mapping[str, Any], ledger: Ledger, now: datetime) -> None:
        """Issue the credit note that corrects an invoice."""
        invoice = state.invoices[request["corrects"]]
        position = ledger.position(self._book.partner.id, state.file.profile.id, [invoice.id])
        if position is None or note in state.invoices:
            return
        befell = position.of(invoice.id)
        corrected = Corrected(
            invoice=invoice.id,
            number=invoice.number,
            gross=invoice.gross,
            credited=Money(befell.credited, invoice.currency),
            lines=[line.to_mapping() for line in invoice.lines],
            vat=[{**asdict(row), "net": row.net.minor, "vat": row.vat.minor} for row in invoice.vat],
        )
        case = replace(self._case(state, note, request, None), corrected=corrected)
        issued = self._numbered(case, compose(case, books=self, now=now))
        state.invoices[note] = issued
        effect = credited(position, invoice.id, -issued.net.minor, -issued.vat_total.minor, (REVENUE, VAT))
        ledger.correct(self._book.partner.id, state.file.profile.id, "credited", effect, position, at=now, reason="")

    def _issue(
        self, state: AccountState, name: str, request: Mapping[str, Any], period: str | None, now: datetime
    ) -> None:
        case = self._case(state, name, request, period)
        self._charges, self._taken = state.drafts, self._late(state, period)
        state.book(self._numbered(case, compose(case, books=self, now=now)), period)

    def _numbered(self, case: Case, draft: IssuedInvoice) -> IssuedInvoice:
        year = series_year(draft.issued)
        number = self._last[draft.series, year] = self._last[draft.series, year] + 1
        prefix = prefix_of(case.partner, self._body)
        return draft.numbered(document_number(prefix=prefix, series=draft.series, year=year, number=number))

    def _case(self, state: AccountState, name: str, request: Mapping[str, Any], period: str | None) -> Case:
        profile = state.file.profile
        return Case(
            partner=self._book.partner.id,
            account=profile.id,
            invoice=name,
            state="draft" if period else "ready",
            period=period,
            chunks=(),
            request=request,
            partner_body=self._body,
            account_body={
                "policy": profile.policy,
                "next_policy": profile.next_policy,
                "timezone": profile.timezone,
                "country": profile.country,
                "vat_id": profile.vat_id,
                "locale": profile.locale,
            },
            price_rules=self._rules,
            currency=profile.currency,
            due_at=None,
        )

    # -- what composing an invoice reads ---------------------------------------------------------------------------

    def policy(self, partner: str, name: str, at: datetime) -> tuple[PolicyRef, Mapping[str, Any]] | None:
        """Return a policy's latest published version with its definition; all are in force at once."""
        return self._published.get(name)

    def charges(self, case: Case) -> list[Charge]:
        """Return the charges that wait in the draft."""
        return self._charges.get(case.invoice, [])

    def late_charges(self, case: Case) -> list[LateCharge]:
        """Return the fees and interest that wait in the draft."""
        return self._taken

    def _late(self, state: AccountState, slot: str | None) -> list[LateCharge]:
        """Return a draft's late charges, without fees of notices that turned out not to be given."""
        given = {one.id for one in state.file.notices if one.given_at}
        return [one for one in state.late.get(slot or "", ()) if not one.notice or one.notice in given]


class LateBooks:
    """What charging for paying late asks of the table, of one account."""

    def __init__(self, state: AccountState) -> None:
        self._state = state

    def moves(self, partner: str, account: str, invoice: str, zone: tzinfo) -> Sequence[Move]:
        """Return what settled an invoice."""
        return self._state.moves.get(invoice, [])

    def charge(self, partner: str, account: str, owed: LateCharge, *, period: str) -> bool:
        """Put a charge into the first draft that is not issued, once."""
        state = self._state
        if owed.id in state.charged:
            return False
        state.charged.add(owed.id)
        state.late.setdefault(_free_slot(state, period), []).append(owed)
        marked = (replace(one, charged=True) if one.id == owed.notice else one for one in state.file.notices)
        state.file = replace(state.file, notices=tuple(marked))
        return True


def _free_slot(state: AccountState, period: str) -> str:
    while period in state.invoices:
        period = shifted(period, 1)
    return period
