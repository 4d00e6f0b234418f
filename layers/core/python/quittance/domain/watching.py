"""Watching what is suspended: what was changed at the vendor behind our back, and terms that are about to end.

Whoever resumes at the vendor what we suspended may have a reason: it is shown to a person and never fought over. What
is said of terms is from the vendor's pages and resellers' (facts: the extended service term of 2026-05-04).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from quittance.domain.access import Switch, VendorState
from quittance.domain.exposure import BILLED_TO_TERM_END, until_term_end
from quittance.domain.money import Money

LOOK_EVERY = timedelta(hours=24)
LOOK_AGAIN = timedelta(hours=1)
WARN_DAYS_BEFORE = (3, 14)
CHANGED = "changed"
"""The name of the one task there is of a subscription's drift: the next one takes its place."""
GONE = "not there"
"""The status of a subscription that the vendor does not know."""


@dataclass(frozen=True, slots=True)
class ExtendedTerm:
    """What the vendor adds, in per cent, where a term is extended: with a monthly plan, and where there is none."""

    monthly_plan: Decimal = Decimal(3)
    no_monthly_plan: Decimal = Decimal(23)


def differences(switch: Switch, state: VendorState) -> tuple[str, ...]:
    """Return in words how the vendor's state of a subscription differs from what suspending left, or is registered."""
    suspended = switch.subscription.actual == "suspended"
    return tuple(_differences(switch, state) if suspended else _of_active(switch, state))


def _of_active(switch: Switch, state: VendorState) -> Iterator[str]:
    """What is active is compared with what is registered, as far as it is."""
    registered = switch.subscription
    if state.status != "active":
        yield f"the vendor has it as {state.status}, it was active"
    if state.status == GONE:
        return
    if registered.auto_renew not in (None, state.auto_renew):
        yield f"auto-renew is {_switch(state.auto_renew)} at the vendor, registered is {_switch(not state.auto_renew)}"
    if state.quantity not in (None, registered.quantity):
        yield f"the quantity is {state.quantity} at the vendor, registered is {registered.quantity}"


def _differences(switch: Switch, state: VendorState) -> Iterator[str]:
    if state.status != "suspended":
        yield f"the vendor has it as {state.status}, it was suspended"
    if state.status == GONE:
        return
    if switch.snapshot is None and switch.subscription.kind != "add_on":  # which goes with its parent
        yield "it was suspended at the vendor before we did it"
    kept = switch.snapshot or {}
    renews = False if switch.subscription.kind in BILLED_TO_TERM_END else kept.get("auto_renew", state.auto_renew)
    if state.auto_renew != renews:
        yield f"auto-renew is {_switch(state.auto_renew)} at the vendor, it was {_switch(renews)}"
    if state.quantity is not None and kept.get("quantity", state.quantity) != state.quantity:
        yield f"the quantity is {state.quantity} at the vendor, it was {kept['quantity']}"


def _switch(on: bool) -> str:  # noqa: FBT001  # it is what is told
    return "on" if on else "off"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What can be done before a term ends: `until_end` is what it still costs by then, `monthly_after` what then.

    None where nothing is known of what the vendor charges; VAT apart.
    """

    name: str
    says: str
    until_end: Money | None
    monthly_after: Money | None

    def to_mapping(self) -> dict[str, str | None]:
        """Return the JSON form: amounts as decimal strings."""
        costs = {"until_term_end": self.until_end, "monthly_after": self.monthly_after}
        return {"choice": self.name, "says": self.says} | {k: None if v is None else str(v) for k, v in costs.items()}


def warning_due(switch: Switch, ends: date, today: date) -> str | None:
    """Return the warning to give of a suspended subscription's term end, None where none is, or it was given.

    One is given from 14 days before the end and another from 3: named by the day of the end, so that each comes once.
    """
    if switch.subscription.kind not in BILLED_TO_TERM_END or ends < today:
        return None
    days = (ends - today).days
    reached = min((before for before in WARN_DAYS_BEFORE if days <= before), default=None)
    name = f"{ends.isoformat()}#{reached:02d}" if reached is not None else None
    given = switch.warned or ""
    if name is None or (given[:10] == name[:10] and given <= name):
        return None
    return name


def choices(ends: date, today: date, monthly: Money | None, extended: ExtendedTerm) -> list[Choice]:
    """Return what can be done about a suspended subscription whose term ends, with its costs."""
    left = until_term_end(monthly, ends, today) if monthly else None
    nothing = Money.zero(monthly.currency) if monthly else None

    def choice(name: str, says: str, after: Money | None) -> Choice:
        return Choice(name=name, says=says, until_end=left, monthly_after=after)

    low, high = (_plus(monthly, percent) for percent in (extended.monthly_plan, extended.no_monthly_plan))
    paid = f"with {extended.monthly_plan} % added, {extended.no_monthly_plan} % ({high}) where there is no monthly plan"
    return [
        choice("restore_and_renew", "give access back before the end and let it renew for another term", monthly),
        choice("keep_suspended", "leave it suspended; it expires with its term and its data is deleted later", nothing),
        choice("extended_term", f"resume it with auto-renew off: it runs on month by month {paid}", low),
        choice("cancel_at_end", "resume it and set it to cancel at the end of its term", nothing),
    ]


def _plus(monthly: Money | None, percent: Decimal) -> Money | None:
    return Money.rounded(monthly.decimal * (1 + percent / 100), monthly.currency) if monthly else None
