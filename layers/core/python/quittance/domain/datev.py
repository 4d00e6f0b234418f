"""DATEV posting batches: entries as pairs of account and contra account, in the numbers of the partner's accountant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from quittance.domain.errors import Rejected
from quittance.domain.journal import JournalEntry
from quittance.domain.ledger import CUSTOMER_CREDIT, LEDGER_ACCOUNTS, RECEIVABLE, Posting
from quittance.domain.names import checked
from quittance.domain.reading import Fields

CHARTS = ("03", "04")
_NUMBER = re.compile(r"[1-9]\d{2,8}")
_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_CASH = "cash"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatevSettings:
    """Client data and account numbers: one number for each ledger account, and, if wanted, one for each customer.

    `accounts` maps ledger accounts to general accounts; `cash` stands for every provider that has none of its own.
    `debtors` maps customers' accounts to personal accounts, used for their claims and credit; else the general ones.
    """

    adviser: int
    client: int
    year_starts: str
    account_length: int
    accounts: Mapping[str, str]
    debtors: Mapping[str, str]
    chart: str | None = None

    def number(self, ledger: str, account: str) -> str:
        """Return an account's number; Rejected names the ledger account that has none."""
        if ledger in (RECEIVABLE, CUSTOMER_CREDIT) and account in self.debtors:
            return self.debtors[account]
        family = ledger.partition(":")[0]
        found = self.accounts.get(ledger) or (self.accounts.get(_CASH) if family == _CASH else None)
        if found is None:
            raise Rejected(
                f"accounts.{ledger}: has no number; put it in the DATEV settings", field=f"accounts.{ledger}"
            )
        return found

    def year_of(self, day: date) -> date:
        """Return the first day of the fiscal year that a day is in."""
        month, first = (int(part) for part in self.year_starts.split("-"))
        begin = date(day.year, month, first)
        return begin if begin <= day else date(day.year - 1, month, first)


def parse_settings(definition: object) -> DatevSettings:
    """Read the settings of DATEV exports; Rejected names the field."""
    fields = Fields(definition)
    length = fields.whole("account_length", 4, least=4, most=8)
    starts = fields.text("year_starts", "01-01")
    if not _DAY.fullmatch(starts) or starts == "02-29":
        raise fields.refuse("year_starts", "write month and day of the fiscal year's first day, such as 01-01")
    found = DatevSettings(
        adviser=fields.whole("adviser", least=1001, most=9_999_999),
        client=fields.whole("client", least=1, most=99_999),
        year_starts=starts,
        account_length=length,
        accounts={name: _number(fields, f"accounts.{name}", value, length) for name, value in _ledger(fields)},
        debtors={
            checked(name, "debtors"): _number(fields, f"debtors.{name}", value, length + 1)
            for name, value in _mapping(fields, "debtors").items()
        },
        chart=fields.choice("chart", CHARTS, None),
    )
    fields.done()
    return found


def _mapping(fields: Fields, name: str) -> Mapping[str, object]:
    found = fields.raw(name, {})
    if not isinstance(found, Mapping):
        raise fields.refuse(name, "write an object of names and account numbers")
    return found


def _ledger(fields: Fields) -> Iterator[tuple[str, object]]:
    for name, value in _mapping(fields, "accounts").items():
        if name not in LEDGER_ACCOUNTS and str(name).partition(":")[0] != _CASH:
            known = ", ".join((*sorted(LEDGER_ACCOUNTS), "cash", "cash:<provider>"))
            raise fields.refuse(f"accounts.{name}", f"is not a ledger account; they are {known}")
        yield str(name), value


def _number(fields: Fields, path: str, value: object, length: int) -> str:
    if not isinstance(value, str) or not _NUMBER.fullmatch(value) or len(value) > length:
        raise fields.refuse(path, f"write an account number of at most {length} digits as text")
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """One line of a batch: a positive amount in minor units, debited to one account and credited to the other."""

    debit: str
    credit: str
    amount: int
    currency: str
    posted: date
    document: str
    text: str


def bookings(posted: date, entry: JournalEntry, settings: DatevSettings) -> Iterator[Booking]:
    """Yield an entry as pairs of one debit and one credit, the sums of each account kept to the cent.

    Pairs on one and the same number move nothing and are left out.
    """
    text = entry.kind.replace("_", " ")
    if posted != entry.day:
        text = f"{text} of {entry.day.isoformat()}"
    for debit, credit, amount in _pairs(entry.postings):
        numbers = settings.number(debit, entry.account), settings.number(credit, entry.account)
        if numbers[0] != numbers[1]:
            yield Booking(
                debit=numbers[0],
                credit=numbers[1],
                amount=amount,
                currency=entry.currency,
                posted=posted,
                document=entry.reference,
                text=f"{text} {entry.account}",
            )


def _pairs(postings: Iterable[Posting]) -> Iterator[tuple[str, str, int]]:
    """Match debits with credits in their order until both are used up: a balanced entry leaves nothing."""
    lines = [(one.account, one.amount.minor) for one in postings]
    debits = [(account, minor) for account, minor in lines if minor > 0]
    credits_ = [(account, -minor) for account, minor in lines if minor < 0]
    while debits and credits_:
        (debit, owed), (credit, given) = debits[0], credits_[0]
        amount = min(owed, given)
        yield debit, credit, amount
        debits[:1] = [(debit, owed - amount)] if owed > amount else []
        credits_[:1] = [(credit, given - amount)] if given > amount else []
