"""A dry run over the book: what a draft, or another assignment, would do to each account beside what is in force.

Accounts are read by the partner's list of accounts, one query each; nothing is written. A page of accounts at a time:
whoever wants the whole book follows `next`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from io import StringIO
from typing import Any, Protocol

from quittance.domain.account import AccountFile
from quittance.domain.assignment import assigned
from quittance.domain.calendar import start_of_day
from quittance.domain.dry_run import EFFECTS, Change, Event, Replay, as_of, judged_by, pinned_to, replay
from quittance.domain.errors import NotFound
from quittance.domain.money import Money
from quittance.domain.partner import Partner
from quittance.domain.policy import Policy
from quittance.domain.policy_parsing import parse_policy
from quittance.domain.reading import Fields

LONGEST_DAYS = 400
MOST_ACCOUNTS = 200
COLUMNS = ("policy", "account", "name", "at", "effect", "what", "stage", "days", "overdue", "currency")
_RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """An account's past: its facts in order, and of each subscription when it was suspended for non-payment or not."""

    changes: tuple[Change, ...]
    access: tuple[tuple[datetime, str, bool], ...] = ()

    def suspended(self, moment: datetime) -> dict[str, bool]:
        """Return what was in force at a moment, by subscription."""
        return {name: held for at, name, held in sorted(self.access) if at <= moment}


class Accounts(Protocol):
    """Loads account files (store.accounts)."""

    def load(self, partner: str, account: str) -> AccountFile:
        """Return the account's facts of one moment."""
        ...


class Histories(Protocol):
    """Loads what an account's partition tells of the past (store.histories)."""

    def read(self, file: AccountFile) -> tuple[AccountFile, History]:
        """Return the file with every policy its invoices pin, and its past."""
        ...


class Book(Protocol):
    """What belongs to the partner as a whole (store.partners)."""

    def read_partner(self, partner: str) -> Partner:
        """Return the partner."""
        ...

    def latest_policy(self, partner: str, name: str) -> tuple[int, str, dict[str, Any]] | None:
        """Return a policy's latest version, when it was published, its definition."""
        ...

    def read_draft(self, partner: str, name: str) -> tuple[str, dict[str, Any]] | None:
        """Return when the stored draft was written and its definition."""
        ...

    def account_entries(self, partner: str, *, after: str | None, limit: int) -> list[tuple[str, str]]:
        """Return ids and names of a page of accounts."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What is asked: a definition (None: the published one), whom it is tried on (None: who has the policy), when."""

    definition: Any
    stored: bool
    accounts: tuple[str, ...] | None
    start: datetime
    until: datetime
    past: bool
    after: str | None
    limit: int


def dry_run(
    partner: str, name: str, body: object, *, now: datetime, book: Book, accounts: Accounts, histories: Histories
) -> dict[str, Any]:
    """Return, account by account, what a policy would do and what the policies in force do, with the cash at stake.

    `body` may hold `definition` (a draft; left out: the latest published version) or `draft: true` (the stored draft),
    `accounts` (to try another
    assignment; left out: the accounts the policy is assigned to), `from` (a past date; left out: now), `days`, and
    `after` and `limit` for pages. The due dates of invoices stay as issued.
    """
    owner = book.read_partner(partner)
    request = _request(body, owner, now)
    if request.stored:
        drafted = book.read_draft(partner, name)
        if drafted is None:
            raise NotFound(f"policy {name!r} has no draft; put one, or give its definition here")
        request = replace(request, definition=drafted[1])
    rules = _Rules(name, request.definition, book.latest_policy(partner, name))
    rules.at(owner.currency)  # a draft that cannot be published is refused before anything is read
    page, following = _page(partner, request, book)
    rows = []
    for account in page:
        file = accounts.load(partner, account)
        if request.accounts is None and name not in _assigned(file, now):
            continue
        row = _row(file, rules.at(file.profile.currency), request, histories, owner)
        rows.append({**row, "assigned": _assigned(file, now)[0]})
    return {
        "policy": name,
        "version": rules.version,
        "draft": request.definition is not None,
        "from": request.start.astimezone(owner.zone).isoformat(),
        "until": request.until.astimezone(owner.zone).isoformat(),
        "accounts": rows,
        "totals": {"proposed": _totals(rows, "proposed"), "in_force": _totals(rows, "in_force")},
        "next": following,
    }


class _Rules:
    """The policy that is tried, with its amounts in each account's currency."""

    def __init__(self, name: str, definition: Any, latest: tuple[int, str, dict[str, Any]] | None) -> None:
        if definition is None and latest is None:
            raise NotFound(f"there is no policy {name!r}; give the definition of a draft")
        version, _, published = latest or (0, "", {})
        self.version = version if definition is None else version + 1
        self._name = name
        self._definition = published if definition is None else definition
        self._at = "" if definition is None else "definition"

    def at(self, currency: str) -> Policy:
        """Return the policy in a currency."""
        return parse_policy(self._name, self.version, self._definition, currency, at=self._at)


def _request(body: object, owner: Partner, now: datetime) -> _Request:
    fields = Fields(body)
    first, days = fields.day("from", None), fields.whole("days", 60, least=1, most=LONGEST_DAYS)
    start = now if first is None else start_of_day(first, owner.zone)
    if start > now:
        raise fields.refuse("from", f"{first} is to come; leave it out to begin now")
    listed = fields.items("accounts", None, most=MOST_ACCOUNTS)
    request = _Request(
        definition=fields.raw("definition", None),
        stored=fields.flag("draft", default=False),
        accounts=None if listed is None else tuple(str(name) for name in listed),
        start=start,
        until=start + timedelta(days=days),
        past=first is not None,
        after=fields.name("after", None),
        limit=fields.whole("limit", 100, least=1, most=MOST_ACCOUNTS),
    )
    fields.done()
    return request


def _page(partner: str, request: _Request, book: Book) -> tuple[Sequence[str], str | None]:
    if request.accounts is not None:
        return tuple(dict.fromkeys(request.accounts)), None
    found = [name for name, _ in book.account_entries(partner, after=request.after, limit=request.limit)]
    return found, found[-1] if len(found) == request.limit else None


def _row(file: AccountFile, policy: Policy, request: _Request, histories: Histories, owner: Partner) -> dict[str, Any]:
    proposed, in_force = _replays(file, policy, request, histories)
    events = {"proposed": _shown(proposed, owner), "in_force": _shown(in_force, owner)}
    return {
        "account": file.profile.id,
        "name": file.profile.name,
        "currency": file.profile.currency,
        "differs": events["proposed"] != events["in_force"],
        **events,
    }


def _replays(file: AccountFile, policy: Policy, request: _Request, histories: Histories) -> tuple[Replay, Replay]:
    changes: Sequence[Change] = ()
    if request.past:
        file, history = histories.read(file)
        changes = history.changes
        file = as_of(file, changes, request.start, history.suspended(request.start))
    span = (request.start, request.until)
    proposed = replay(judged_by(file, policy), *span, pinned_to(changes, policy))
    return proposed, replay(file, *span, changes)


def _assigned(file: AccountFile, now: datetime) -> tuple[str, ...]:
    """Return the policy an account is assigned to, and the one it will be."""
    profile = file.profile
    following = (profile.next_policy["policy"],) if profile.next_policy else ()
    return (assigned(profile.policy, profile.next_policy, now, profile.zone), *following)


def _shown(run: Replay, owner: Partner) -> list[dict[str, Any]]:
    return [_event(event, owner) for event in run.events]


def _event(event: Event, owner: Partner) -> dict[str, Any]:
    return {
        "at": event.at.astimezone(owner.zone).isoformat(),
        "effect": event.effect,
        "what": event.what,
        "stage": event.stage,
        "days": event.days,
        "overdue": str(event.overdue),
    }


def _totals(rows: Iterable[Mapping[str, Any]], which: str) -> list[dict[str, Any]]:
    """Return, by currency and effect, how many accounts it meets and what they have overdue when it first does."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        for effect in EFFECTS:
            first = next((event for event in row[which] if event["effect"] == effect), None)
            if first:
                found.setdefault((row["currency"], effect), []).append(first["overdue"])
    return [
        {"currency": currency, "effect": effect, "accounts": len(amounts), "overdue": _sum(amounts, currency)}
        for (currency, effect), amounts in sorted(found.items(), key=lambda one: (one[0][0], EFFECTS.index(one[0][1])))
    ]


def _sum(amounts: Iterable[str], currency: str) -> str:
    return str(Money(sum(Money.parse(text, currency).minor for text in amounts), currency))


def as_csv(found: Mapping[str, Any]) -> str:
    """Return a dry run as CSV (RFC 4180), an event a line; a text that a spreadsheet would run is made plain."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_lines(found))
    return text.getvalue()


def _lines(found: Mapping[str, Any]) -> Iterator[list[str]]:
    for row in found["accounts"]:
        for which in ("proposed", "in_force"):
            for event in row[which]:
                values = {**event, "policy": which, "account": row["account"], "name": row["name"]}
                yield [_plain(str({**values, "currency": row["currency"]}[column])) for column in COLUMNS]


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(_RUNS_AS_FORMULA) else text
