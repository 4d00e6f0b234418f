"""What stands between a debt and its collection: a promise to pay, a pause, a dispute; and holds, which need no debt.

Each is a fact with its author and its moments. Amounts are in the account's currency. How a fact weighs on what
collections do is said in `standstill` and `arrears`, not here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any, Literal, Self, cast
from zoneinfo import ZoneInfo

from quittance.domain.calendar import start_of_day
from quittance.domain.money import Money
from quittance.domain.policy import Stops

HoldReason = Literal["administrative", "fraud"]
HOLD_REASONS: tuple[HoldReason, ...] = ("administrative", "fraud")
PromiseState = Literal["open", "kept", "broken", "withdrawn"]
DisputeState = Literal["open", "upheld", "rejected"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """A part of a promised amount and the local day by whose end it is paid."""

    due: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """A promise to pay `amount` by the end of `until` in the account's time zone, at once or in instalments.

    What was owed on `invoices` when it was made is `owed`: what is owed on them less tells what was paid since.
    `stops` and `restores` are the policy's terms at that time; they stay with the promise.
    """

    id: str
    amount: Money
    until: date
    instalments: tuple[Instalment, ...]
    invoices: tuple[str, ...]
    owed: Money
    stops: Stops
    restores: bool
    made_at: datetime
    author: str
    state: PromiseState = "open"
    ended_at: datetime | None = None

    def ends(self, zone: ZoneInfo) -> datetime:
        """Return the moment from which the promise stops nothing any more."""
        return day_ends(self.until, zone)

    def deadlines(self, zone: ZoneInfo) -> Iterator[tuple[datetime, Money]]:
        """Yield the end of each instalment's day and what has to be paid by then in all."""
        sums = accumulate(part.amount.minor for part in self.instalments)
        for part, paid in zip(self.instalments, sums, strict=True):
            yield day_ends(part.due, zone), Money(paid, self.amount.currency)

    def in_force(self, now: datetime, zone: ZoneInfo) -> bool:
        """Tell whether it counts: until its day ends, paid early or not, unless it was broken or withdrawn."""
        return self.state in ("open", "kept") and now < self.ends(zone)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form: amounts as decimal strings, moments in UTC."""
        return {
            "id": self.id,
            "amount": str(self.amount),
            "currency": self.amount.currency,
            "until": self.until.isoformat(),
            "instalments": [{"due": part.due.isoformat(), "amount": str(part.amount)} for part in self.instalments],
            "invoices": list(self.invoices),
            "owed": str(self.owed),
            "stops": self.stops,
            "restores": self.restores,
            "made_at": _text(self.made_at),
            "author": self.author,
            "state": self.state,
            "ended_at": _text(self.ended_at),
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the JSON form back."""
        currency = data["currency"]
        return cls(
            id=data["id"],
            amount=Money.parse(data["amount"], currency),
            until=date.fromisoformat(data["until"]),
            instalments=tuple(
                Instalment(due=date.fromisoformat(part["due"]), amount=Money.parse(part["amount"], currency))
                for part in data["instalments"]
            ),
            invoices=tuple(data["invoices"]),
            owed=Money.parse(data["owed"], currency),
            stops=data["stops"],
            restores=data["restores"],
            made_at=_moment(data["made_at"]) or _NEVER,
            author=data["author"],
            state=data["state"],
            ended_at=_moment(data.get("ended_at")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """No collecting from `since` on, until `until` (None: until somebody ends it); access stays as it is."""

    id: str
    reason: str
    author: str
    since: datetime
    until: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None

    @property
    def state(self) -> str:
        """Whether a person `ended` it or it is `set`; time alone may have ended a set one."""
        return "ended" if self.ended_at else "set"

    def in_force(self, now: datetime) -> bool:
        """Tell whether it stops collecting at a moment."""
        return self.ended_at is None and (self.until is None or now < self.until)

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form: moments in UTC."""
        return {
            "id": self.id,
            "reason": self.reason,
            "author": self.author,
            "since": _text(self.since),
            "until": _text(self.until),
            "ended_at": _text(self.ended_at),
            "ended_by": self.ended_by,
            "state": self.state,
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the JSON form back."""
        return cls(
            id=data["id"],
            reason=data["reason"],
            author=data["author"],
            since=_moment(data["since"]) or _NEVER,
            until=_moment(data.get("until")),
            ended_at=_moment(data.get("ended_at")),
            ended_by=data.get("ended_by"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """All access is withheld for a reason of its own until it is released, whatever is paid, at any hour."""

    id: str
    reason: HoldReason
    author: str
    since: datetime
    note: str = ""
    released_at: datetime | None = None
    released_by: str | None = None

    @property
    def state(self) -> str:
        """Whether it is `held` or `released`."""
        return "released" if self.released_at else "held"

    @property
    def in_force(self) -> bool:
        """Tell whether access is withheld for it."""
        return self.released_at is None

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form: moments in UTC."""
        return {
            "id": self.id,
            "reason": self.reason,
            "author": self.author,
            "since": _text(self.since),
            "note": self.note,
            "released_at": _text(self.released_at),
            "released_by": self.released_by,
            "state": self.state,
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the JSON form back."""
        return cls(
            id=data["id"],
            reason=data["reason"],
            author=data["author"],
            since=_moment(data["since"]) or _NEVER,
            note=data.get("note", ""),
            released_at=_moment(data.get("released_at")),
            released_by=data.get("released_by"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """An invoice, or some of its lines (counted from 1), that the customer does not accept; `amount` does not age.

    Upheld, the amount is to be credited and stays out of collecting until it is; rejected, it ages again from the
    invoice's due date, as if it had never been disputed.
    """

    id: str
    invoice: str
    amount: Money
    author: str
    since: datetime
    lines: tuple[int, ...] | None = None
    reason: str = ""
    state: DisputeState = "open"
    closed_at: datetime | None = None
    closed_by: str | None = None

    def to_mapping(self) -> dict[str, Any]:
        """Return the JSON form: the amount as a decimal string, moments in UTC."""
        return {
            "id": self.id,
            "invoice": self.invoice,
            "amount": str(self.amount),
            "currency": self.amount.currency,
            "author": self.author,
            "since": _text(self.since),
            "lines": None if self.lines is None else list(self.lines),
            "reason": self.reason,
            "state": self.state,
            "closed_at": _text(self.closed_at),
            "closed_by": self.closed_by,
        }

    @classmethod
    def from_mapping(cls, data: Mapping[str, Any]) -> Self:
        """Read the JSON form back."""
        lines = data.get("lines")
        return cls(
            id=data["id"],
            invoice=data["invoice"],
            amount=Money.parse(data["amount"], data["currency"]),
            author=data["author"],
            since=_moment(data["since"]) or _NEVER,
            lines=None if lines is None else tuple(lines),
            reason=data.get("reason", ""),
            state=cast("DisputeState", data["state"]),
            closed_at=_moment(data.get("closed_at")),
            closed_by=data.get("closed_by"),
        )


Measure = Promise | Pause | Hold | Dispute
_NEVER = datetime.min.replace(tzinfo=UTC)


def day_ends(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a local day is over."""
    return start_of_day(day + timedelta(days=1), zone)


def _text(moment: datetime | None) -> str | None:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
