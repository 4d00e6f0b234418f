"""Issues one invoice: prices its charges, gives it the next number of its series, and books it, all in one transaction.

Nothing is remembered between tries: the counter (one more than the last), the slot (still a draft with the same
chunks) and the account's head stand in the transaction's conditions, so issuing twice, at once or after a crash
leaves neither a gap nor a second invoice.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from quittance.domain.assignment import assigned
from quittance.domain.charges import Charge
from quittance.domain.credit_note import Corrected, check, credit_lines
from quittance.domain.errors import Conflict, NotFound, QuittanceError, Rejected, Transient
from quittance.domain.invoice import IssuedInvoice, build_invoice, due_date, lines_from
from quittance.domain.late_charges import LateCharge
from quittance.domain.late_lines import late_lines
from quittance.domain.manual_lines import parse_lines
from quittance.domain.numbering import Series, document_number, legal_entity, prefix_of, series_year
from quittance.domain.policy import PolicyRef
from quittance.domain.pricing import parse_rules, price
from quittance.domain.vat import Treatment, tax_party, treatment
from quittance.usecases.messages import IssueInvoice

DRAFT, READY, ISSUED = "draft", "ready", "issued"
_TRIES = 25
_LONGEST_PAUSE = 0.08


class NumberTaken(Conflict):
    """Another document got this number first; the next one is free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that an invoice is made of, as read at one moment. Bodies are the stored JSON of profiles and rules."""

    partner: str
    account: str
    invoice: str
    state: str
    period: str | None
    chunks: tuple[str, ...]
    request: Mapping[str, Any]
    partner_body: Mapping[str, Any]
    account_body: Mapping[str, Any]
    price_rules: Sequence[Any]
    currency: str
    due_at: str | None
    credit: int = 0
    calm: bool = False
    refused_before: bool = False
    corrected: Corrected | None = None

    @property
    def manual(self) -> bool:
        """Whether a person gave the lines."""
        return self.state == READY


class Sources(Protocol):
    """What an invoice is made from."""

    def policy(self, partner: str, name: str, at: datetime) -> tuple[PolicyRef, Mapping[str, Any]] | None:
        """Return the version of a policy in force at a moment with its definition; None before its first is."""
        ...

    def charges(self, case: Case) -> list[Charge]:
        """Return the charges of the slot's chunks."""
        ...

    def late_charges(self, case: Case) -> list[LateCharge]:
        """Return the fees and interest for paying late that the slot has taken."""
        ...


class Books(Sources, Protocol):
    """The part of the table that issuing reads and writes (store.invoices)."""

    def load(self, partner: str, account: str, invoice: str) -> Case | None:
        """Read an invoice and all around it; None where there is no such invoice."""
        ...

    def last_number(self, partner: str, entity: str, series: Series, year: int) -> int:
        """Return the last number given in a series, 0 before the first."""
        ...

    def issue(self, case: Case, issued: IssuedInvoice, counter: tuple[str, int], now: datetime) -> None:
        """Write counter, invoice and head together; NumberTaken or Conflict when one changed meanwhile."""
        ...

    def refuse(self, case: Case, problem: QuittanceError, now: datetime) -> None:
        """Keep why an invoice cannot be issued where a person finds it."""
        ...


def issue_invoice(
    command: IssueInvoice, *, now: datetime, books: Books, pause: Callable[[float], None]
) -> IssuedInvoice | None:
    """Issue a draft or a manual invoice; None when it is issued already or cannot be (then the reason is kept).

    Raises NotFound for an unknown invoice, Transient when others kept being faster.
    """
    for _ in range(_TRIES):
        case = books.load(command.partner, command.account, command.invoice)
        if case is None:
            raise NotFound(f"invoice {command.invoice!r} of account {command.account!r} does not exist")
        if case.state == ISSUED:
            return None
        try:
            draft = compose(case, books=books, now=now)
        except Rejected as problem:
            books.refuse(case, problem, now)
            return None
        try:
            return _give_number(case, draft, now=now, books=books, pause=pause)
        except Conflict:
            pause(random.uniform(0, _LONGEST_PAUSE))  # noqa: S311  # spreads colliding writers, no secret
    raise Transient(f"invoice {command.invoice!r}: others kept changing it; try again", retry_after=1)


def _give_number(
    case: Case, draft: IssuedInvoice, *, now: datetime, books: Books, pause: Callable[[float], None]
) -> IssuedInvoice:
    """Try one number after the other; what was priced stays right when only the number was taken."""
    entity, year = legal_entity(case.partner, case.partner_body), series_year(draft.issued)
    prefix = prefix_of(case.partner, case.partner_body)
    for _ in range(_TRIES):
        last = books.last_number(case.partner, entity, draft.series, year)
        number = document_number(prefix=prefix, series=draft.series, year=year, number=last + 1)
        issued = draft.numbered(number)
        try:
            books.issue(case, issued, (entity, last + 1), now)
        except (NumberTaken, Transient):
            pause(random.uniform(0, _LONGEST_PAUSE))  # noqa: S311  # as above
        else:
            return issued
    raise Transient(f"series {entity} {draft.series} {year}: others kept taking the number; try again", retry_after=1)


def compose(case: Case, *, books: Sources, now: datetime) -> IssuedInvoice:
    """Price and add up an invoice without its number; Rejected says what its partner has to put right."""
    ref, definition = _policy(case, books, now)
    issued = _issue_date(case, now)
    due = _day(case.request, "due") or due_date(issued, int(definition.get("payment_days", 0)))
    if case.manual:
        if case.request.get("corrects"):
            return _credit_note(case, ref, issued)
        lines = parse_lines(case.request.get("lines"), case.currency, _manual_default(case))
        made = build_invoice(
            id=case.invoice,
            issued=issued,
            due=due,
            period=case.period,
            currency=case.currency,
            policy=ref,
            lines=lines,
            allocation=definition.get("allocation", "oldest_due"),
        )
        return replace(made, remind_on=_remind_on(made, definition))
    rules, how = parse_rules(case.price_rules), _treatment(case)
    found, absorbed = lines_from((price(charge, rules) for charge in books.charges(case)), how)
    found += late_lines(books.late_charges(case), _locale(case), [line.vat.category for line in found])
    made = build_invoice(
        id=case.invoice,
        issued=issued,
        due=due,
        period=case.period,
        currency=case.currency,
        policy=ref,
        lines=found,
        absorbed=absorbed,
        allocation=definition.get("allocation", "oldest_due"),
    )
    return replace(made, remind_on=_remind_on(made, definition))


def _remind_on(made: IssuedInvoice, definition: Mapping[str, Any]) -> date | None:
    """Return the day from which the customer is reminded; None where the policy, or the time there is, has none."""
    days = (definition.get("upcoming") or {}).get("days")
    day = made.due - timedelta(days=days) if days else made.issued
    return day if made.issued < day else None


def _credit_note(case: Case, ref: PolicyRef, issued: date) -> IssuedInvoice:
    """Compose the credit note that corrects an invoice; it is due at once, for it is a promise of ours."""
    if case.corrected is None:
        raise Rejected(f"corrects: there is no issued invoice {case.request['corrects']!r}", field="corrects")
    note = build_invoice(
        id=case.invoice,
        issued=issued,
        due=issued,
        period=None,
        currency=case.currency,
        policy=ref,
        lines=credit_lines(case.corrected, case.request, _manual_default(case)),
    )
    check(case.corrected, note.gross)
    return note


def _policy(case: Case, books: Sources, now: datetime) -> tuple[PolicyRef, Mapping[str, Any]]:
    body = case.account_body
    zone = ZoneInfo(str(body.get("timezone") or case.partner_body.get("timezone") or "UTC"))
    name = assigned(str(body.get("policy") or ""), body.get("next_policy"), now, zone)
    found = books.policy(case.partner, name, now) if name else None
    if found is None:
        raise Rejected(f"policy: account {case.account!r} names {name!r}, which is not in force", field="policy")
    return found


def _issue_date(case: Case, now: datetime) -> date:
    """Return the given issue date, or today where the partner is: its calendar makes the number's year."""
    zone = ZoneInfo(str(case.partner_body.get("timezone") or "UTC"))
    return _day(case.request, "issued") or now.astimezone(zone).date()


def _day(request: Mapping[str, Any], name: str) -> date | None:
    value = request.get(name)
    try:
        return date.fromisoformat(value) if value else None
    except (TypeError, ValueError):
        raise Rejected(f"{name}: {value!r} is not a date such as 2026-10-09", field=name) from None


def _locale(case: Case) -> str:
    return str(case.account_body.get("locale") or case.partner_body.get("locale") or "en")


def _treatment(case: Case) -> Treatment:
    return treatment(tax_party(case.partner_body, "partner"), tax_party(case.account_body, "account"))


def _manual_default(case: Case) -> Treatment | None:
    """Return how the countries tax a line, None where only the person who wrote it can say."""
    try:
        return _treatment(case)
    except Rejected:
        return None
