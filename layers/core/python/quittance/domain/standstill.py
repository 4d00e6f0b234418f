"""What an account's promises, pause, disputes and holds mean at a moment for collecting and for access.

A promise is kept as soon as what it names is paid, and broken when an instalment's day ends unpaid. What is paid counts
by what is still owed on the invoices that were open when it was made, less credit, so that money counts wherever it
went. A kept promise stands until its day all the same: paying early must not bring the next notice forward. While a
pause or a promise stands, the stage is still what the facts say; only its actions wait.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from quittance.domain.account import AccountFile
from quittance.domain.forbearance import Pause, Promise, PromiseState
from quittance.domain.money import Money, total

KEPT = timedelta(days=90)
"""How long promises and pauses that are over stay with what is read for each decision."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """What waits at a moment, and for what: the promises and the pause in force."""

    file: AccountFile
    now: datetime
    promises: tuple[Promise, ...]
    pause: Pause | None

    @classmethod
    def of(cls, file: AccountFile, now: datetime) -> Standstill:
        """Find what is in force."""
        zone = file.profile.zone
        promises = tuple(one for one in file.promises if one.in_force(now, zone) and one.stops != "nothing")
        return cls(file, now, promises, next((one for one in file.pauses if one.in_force(now)), None))

    @property
    def stops_notices(self) -> bool:
        """Tell whether no notice may be decided or sent."""
        return self.pause is not None or any(one.stops == "all" for one in self.promises)

    @property
    def stops_suspension(self) -> bool:
        """Tell whether nothing may be suspended for non-payment."""
        return self.pause is not None or bool(self.promises)

    @property
    def restores(self) -> bool:
        """Tell whether access that was suspended for non-payment comes back meanwhile."""
        return any(one.restores for one in self.promises)

    def moments(self) -> Iterator[datetime]:
        """Yield the moments to come at which time alone ends or breaks something."""
        zone = self.file.profile.zone
        for one in self.file.promises:
            if one.in_force(self.now, zone):
                yield from (at for at, _ in one.deadlines(zone) if at > self.now)
        if self.pause and self.pause.until:
            yield self.pause.until

    def facts(self) -> Iterator[str]:
        """Yield, in plain words, what stands and what was disputed."""
        for one in self.promises:
            what = "nothing is sent or suspended" if one.stops == "all" else "nothing is suspended"
            back = ", and access comes back" if one.restores else ""
            yield f"{one.amount} {one.amount.currency} is promised by {one.until}: until then {what}{back}"
        if self.pause:
            until = f"until {_told(self.file, self.pause.until)}" if self.pause.until else "until somebody ends it"
            yield f"collecting is paused {until}: {self.pause.reason}"
        yield from disputed_facts(self.file)
        for hold in self.file.holds:
            if hold.in_force:
                yield f"all access is withheld since {_told(self.file, hold.since)}, whatever is paid: {hold.reason}"


def disputed_facts(file: AccountFile) -> Iterator[str]:
    """Yield what is disputed and therefore does not age."""
    for invoice in file.open.values():
        if invoice.disputed:
            currency = invoice.disputed.currency
            yield f"{invoice.disputed} {currency} of invoice {invoice.number} is disputed and does not age"


def settled_promises(file: AccountFile, now: datetime) -> tuple[Promise, ...]:
    """Return the open promises that are kept or broken at a moment, as they then are."""
    found = ((one, _outcome(file, one, now)) for one in file.promises if one.state == "open")
    return tuple(replace(one, state=state, ended_at=now) for one, state in found if state != "open")


def still_owed(file: AccountFile, invoices: tuple[str, ...]) -> Money:
    """Return what is owed on invoices less the account's credit, never below zero; settled ones are gone."""
    nothing = Money.zero(file.profile.currency)
    listed = (file.open[name].remaining for name in invoices if name in file.open)
    return max(total(listed, file.profile.currency) - max(file.credit, nothing), nothing)


def bygone(file: AccountFile, now: datetime) -> tuple[Promise | Pause, ...]:
    """Return the promises and pauses that ended so long ago that no decision can rest on them any more."""
    zone, long_ago = file.profile.zone, now - KEPT
    promises = (one for one in file.promises if one.state != "open" and one.ends(zone) < long_ago)
    pauses = (one for one in file.pauses if (ended := one.ended_at or one.until) and ended < long_ago)
    return (*promises, *pauses)


def _outcome(file: AccountFile, promise: Promise, now: datetime) -> PromiseState:
    paid = promise.owed - still_owed(file, promise.invoices)
    if paid >= promise.amount:
        return "kept"
    late = any(at <= now and paid < asked for at, asked in promise.deadlines(file.profile.zone))
    return "broken" if late else "open"


def _told(file: AccountFile, moment: datetime) -> str:
    return f"{moment.astimezone(file.profile.zone):%Y-%m-%d %H:%M %Z}"
