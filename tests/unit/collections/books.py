"""Small books of account to assess: an account, its invoices, notices and subscriptions in a few words."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from quittance.domain.account import AccountFile, Notice, OpenInvoice, Profile, Subscription
from quittance.domain.arrears import apply, assess
from quittance.domain.forbearance import Hold, Instalment, Pause, Promise
from quittance.domain.money import Money
from quittance.domain.policy import Policy, PolicyRef
from quittance.domain.policy_parsing import parse_policy

STANDARD: dict[str, Any] = {
    "clock": "due_date",
    "payment_days": 30,
    "stages": [
        {"name": "reminder", "when": {"days": 1}, "do": [{"notice": "reminder"}]},
        {"name": "final", "when": {"days": 14, "amount": "25.00"}, "do": [{"notice": "final"}]},
        {
            "name": "suspended",
            "when": {"days": 30, "amount": "25.00"},
            "do": [{"suspend": "all"}],
            "after_notice": {"notice": "final", "days": 7},
            "business_hours": True,
        },
    ],
    "restore_below": "0.01",
}
PROFILE = Profile(
    id="contoso",
    name="Contoso AG",
    country="DE",
    timezone="Europe/Berlin",
    currency="EUR",
    email="billing@contoso.example",
    policy="standard",
)
SEAT = Subscription(id="sub-1", product="CFQ7TTC0LH18", name="Microsoft 365 E3", kind="nce_license", quantity=25)


def eur(text: str) -> Money:
    return Money.parse(text, "EUR")


def policy(name: str = "standard", version: int = 1, **changes: Any) -> Policy:
    """Return the standard policy with changes at its top level, or of its last stage as `last={...}`."""
    definition = copy.deepcopy(STANDARD)
    last = changes.pop("last", {})
    definition["stages"][-1].update(last)
    return parse_policy(name, version, definition | changes, "EUR")


def invoice(name: str, due: str, amount: str = "297.44", **more: Any) -> OpenInvoice:
    """Return an open invoice; `disputed` in EUR, `ref` of another policy, `issued` otherwise 2026-10-09."""
    disputed = more.pop("disputed", None)
    return OpenInvoice(
        id=name,
        number=f"ACME-{name}",
        issued=date.fromisoformat(more.pop("issued", "2026-10-09")),
        due=date.fromisoformat(due),
        gross=more.pop("gross", eur(amount)),
        remaining=eur(amount),
        policy=more.pop("ref", PolicyRef("standard", 1)),
        disputed=eur(disputed) if disputed else None,
        **more,
    )


def given(kind: str, sent: str | None, *about: str, cause: str | None = None, state: str = "sent") -> Notice:
    """Return a notice about invoices, given at a UTC moment."""
    cause = cause or f"{about[0]}.0"
    moment = utc(sent) if sent else utc("2026-11-22T00:00")
    return Notice(
        id=f"{cause}.{kind}",
        kind=kind,
        cause=cause,
        invoices=about,
        decided_at=moment,
        state=state,  # type: ignore[arg-type]
        sent_at=moment if sent else None,
        openings={name: int(cause.rpartition(".")[2]) for name in about[:1] if not cause.endswith(".0")},
    )


def book(*invoices: OpenInvoice, credit: str = "0.00", policies: tuple[Policy, ...] = (), **more: Any) -> AccountFile:
    """Return an account with these open invoices, one seat and the standard policy."""
    known = {one.ref: one for one in policies or (policy(),)}
    owed = Money(sum(one.remaining.minor for one in invoices), "EUR")
    profile = replace(PROFILE, **more.pop("profile", {}))
    more.setdefault("subscriptions", (SEAT,))
    return AccountFile(
        partner="acme",
        profile=profile,
        balance=owed - eur(credit),
        credit=eur(credit),
        open={one.id: one for one in invoices},
        policies=known,
        **more,
    )


def suspended(seat: Subscription = SEAT, *reasons: str) -> Subscription:
    return replace(
        seat, desired="suspended", actual="suspended", reasons=frozenset(reasons or ("nonpayment",)), generation=1
    )


def hold(reason: str = "fraud", since: str = "2026-10-01T08:00", released: str | None = None) -> Hold:
    """Return a hold, in force unless released."""
    return Hold(
        id=f"{reason}.{since}",
        reason=reason,  # type: ignore[arg-type]
        author="admin",
        since=utc(since),
        released_at=utc(released) if released else None,
    )


def pause(until: str | None = None, *, since: str = "2026-10-01T08:00", ended: str | None = None) -> Pause:
    """Return a pause of collecting, its moments in UTC."""
    return Pause(
        id=since,
        reason="talks",
        author="admin",
        since=utc(since),
        until=utc(until) if until else None,
        ended_at=utc(ended) if ended else None,
    )


def promise(
    amount: str, *parts: tuple[str, str], until: str = "", owed: str = "297.44", about: Any = ("I1",), **more: Any
) -> Promise:
    """Return a promise to pay by a local day, or in parts of (day, amount)."""
    parts = parts or ((until, amount),)
    terms = {"stops": "all", "restores": False, "made_at": utc("2026-11-20T09:00"), "author": "desk", "id": "P1"}
    return Promise(
        amount=eur(amount),
        until=date.fromisoformat(parts[-1][0]),
        instalments=tuple(Instalment(due=date.fromisoformat(day), amount=eur(part)) for day, part in parts),
        invoices=about,
        owed=eur(owed),
        **(terms | more),
    )


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def at(text: str, zone: str = "Europe/Berlin") -> datetime:
    """Return a moment by the clock on a wall."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def deliver(file: AccountFile, now: datetime) -> AccountFile:
    """Give every queued notice now."""
    sent = tuple(replace(n, state="sent", sent_at=now) if n.state == "queued" else n for n in file.notices)
    return replace(file, notices=sent)


def run(file: AccountFile, now: datetime) -> AccountFile:
    """Assess, apply, deliver."""
    return deliver(apply(file, assess(file, now), now), now)
