"""Random histories of invoices, payments, promises, pauses, disputes, holds and time, swept on time, late or not.

Invariants 4 and 5 of collections hold in each; assessing again changes nothing; the due index never sleeps through
a change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quittance.domain import measures
from quittance.domain.account import AccountFile, Notice, Subscription
from quittance.domain.arrears import NONPAYMENT, Assessment, apply, assess
from quittance.domain.arrears_terms import (
    business_calendar,
    claim_concerns_at,
    full_days_after,
    is_calm,
    owed_invoices,
)
from quittance.domain.errors import Conflict, Rejected
from quittance.domain.forbearance import HOLD_REASONS, Dispute
from quittance.domain.money import Money, total
from quittance.domain.policy import Policy
from quittance.domain.upcoming import announced_from
from tests.unit.collections.books import SEAT, book, invoice, policy, utc

START = utc("2026-09-20T00:00")
HOUR = timedelta(hours=1)
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia")
SEATS = (SEAT, replace(SEAT, id="sub-2", product="OTHER"))

ALL = {"suspend": "all"}
FOREVER = utc("2099-01-01T00:00")
POLICIES = st.builds(
    policy,
    last=st.fixed_dictionaries(
        {
            "when": st.sampled_from([{"days": 30, "amount": "25.00"}, {"days": 15}, {"days": 30, "invoices": 2}]),
            "do": st.sampled_from(
                [[{"suspend": "all"}], [{"suspend": "unpaid_lines"}], [{"notice": "off"}, {"suspend": "all"}]]
            ),
            "after_notice": st.sampled_from([{"notice": "final", "days": 7}, {"notice": "reminder", "days": 2}]),
            "business_hours": st.booleans(),
        }
    ),
    restore_below=st.sampled_from(["0.01", "10.00"]),
    promise=st.sampled_from([{}, {"stops": "suspension"}, {"restores": True}, {"stops": "nothing"}]),
    clock=st.sampled_from(["due_date", "issue_date"]),
    upcoming=st.sampled_from([None, {"days": 2}, {"days": 9}]),
)
AMOUNTS = st.sampled_from([1, 999, 2499, 2500, 30_000])
EVENTS = st.one_of(
    st.tuples(st.just("invoice"), st.integers(1, 20), AMOUNTS),
    st.tuples(st.just("pay"), st.integers(0, 2), AMOUNTS),
    st.tuples(st.just("credit"), st.just(0), AMOUNTS),
    st.tuples(st.just("reopen"), st.integers(0, 2), AMOUNTS),
    st.tuples(st.just("deliver"), st.sampled_from([0, 0, 0, 1]), st.just(0)),
    st.tuples(st.just("promise"), st.integers(0, 12), AMOUNTS),
    st.tuples(st.just("pause"), st.sampled_from([0, 1, 5, 30]), st.just(0)),
    st.tuples(st.just("unpause"), st.just(0), st.just(0)),
    st.tuples(st.just("dispute"), st.integers(0, 2), st.sampled_from([1, 2])),
    st.tuples(st.just("close"), st.integers(0, 2), st.sampled_from([0, 1])),
    st.tuples(st.just("hold"), st.sampled_from([0, 1]), st.just(0)),
    st.tuples(st.just("release"), st.sampled_from([0, 1]), st.just(0)),
    st.tuples(st.just("switch"), st.just(0), st.just(0)),
    st.tuples(st.just("nothing"), st.just(0), st.just(0)),
)
HOURS = st.one_of(st.integers(0, 40), st.sampled_from([24 * 5, 24 * 8, 24 * 16]))
STEPS = st.builds(
    lambda steps: [(0, ("invoice", 3, 30_000)), *steps],
    st.lists(st.tuples(HOURS, EVENTS), min_size=2, max_size=14),
)
MAIL = st.sampled_from([None, timedelta(0), timedelta(hours=5), timedelta(days=2)])  # None: only when told to deliver


@dataclass
class History:
    """An account whose facts change, whose assessments are recorded, and whose sweeps the test decides."""

    file: AccountFile
    mail: timedelta | None = None
    decisions: list[tuple[datetime, str, tuple[str, ...], tuple[tuple[str, str], ...]]] = field(default_factory=list)
    invoices: int = 0

    def assess(self, now: datetime) -> Assessment:
        self._post(now)
        found = assess(self.file, now)
        check_invariants(self.file, found, now)
        if found.decides(self.file):
            access = tuple((one.id, one.desired) for one in found.subscriptions)
            self.decisions.append((now, found.stage, tuple(n.id for n in found.notices), access))
        self.file = apply(self.file, found, now)
        return found

    def wake(self, now: datetime) -> None:
        """Assess if the account is due, as a sweep does."""
        self._post(now)
        if self.file.due_at and self.file.due_at <= now:
            self.assess(now)

    def _post(self, now: datetime) -> None:
        """Give what has been queued for as long as the mail takes; that makes the account due."""
        ripe = [n.id for n in self.file.notices if n.state == "queued" and self._arrives(n) <= now]
        if ripe:
            sent = (
                replace(n, state="sent", sent_at=self._arrives(n)) if n.id in ripe else n for n in self.file.notices
            )
            self.file = replace(self.file, notices=tuple(sent), due_at=now)

    def _arrives(self, notice: Notice) -> datetime:
        return FOREVER if self.mail is None else notice.decided_at + self.mail

    def happen(self, event: Any, now: datetime) -> None:
        """Change a fact; the account is then due at once."""
        kind, which, amount = event
        getattr(self, f"_{kind}")(which, amount, now)
        self.file = replace(self.file, due_at=now)

    def _invoice(self, days: int, amount: int, now: datetime) -> None:
        issued = now.astimezone(self.file.profile.zone).date()
        self.invoices += 1
        ref = next(iter(self.file.policies))
        products = [frozenset({"OTHER"}), frozenset({"CFQ7TTC0LH18"}), None][self.invoices % 3]
        due = str(issued + timedelta(days=days))
        one = invoice(f"I{self.invoices}", due, issued=str(issued), ref=ref, products=products)
        self.file = replace(
            self.file,
            open={**self.file.open, one.id: replace(one, remaining=Money(amount, "EUR"), gross=Money(amount, "EUR"))},
        )

    def _pay(self, which: int, amount: int, _now: datetime) -> None:
        if owed := sorted(self.file.open):
            one = self.file.open[owed[which % len(owed)]]
            left = Money(max(one.remaining.minor - amount, 0), "EUR")
            self.file = replace(self.file, open={**self.file.open, one.id: replace(one, remaining=left)})

    def _nothing(self, *_: Any) -> None:
        """Let time pass."""

    def _credit(self, _which: int, amount: int, _now: datetime) -> None:
        self.file = replace(self.file, credit=Money(amount, "EUR"))

    def _reopen(self, which: int, amount: int, _now: datetime) -> None:
        if owed := sorted(self.file.open):
            one = self.file.open[owed[which % len(owed)]]
            again = replace(one, remaining=Money(amount, "EUR"), reopened=one.reopened + 1)
            self.file = replace(self.file, open={**self.file.open, one.id: again})

    def _agree(self, agree: Callable[[], Any]) -> None:
        """Record what is agreed; what the rules refuse does not happen."""
        try:
            agreed = agree()
        except (Rejected, Conflict):
            return
        self.file = measures.recorded(self.file, *(agreed if isinstance(agreed, tuple) else (agreed,)))

    def _promise(self, days: int, amount: int, now: datetime) -> None:
        until = now.astimezone(self.file.profile.zone).date() + timedelta(days=days)
        asked = {"amount": str(Money(amount, "EUR")), "until": str(until)}
        self._agree(lambda: measures.promise(self.file, asked, now=now, author="test"))

    def _pause(self, days: int, _amount: int, now: datetime) -> None:
        asked = {"reason": "test", "until": (now + timedelta(days=days)).isoformat() if days else None}
        self._agree(lambda: measures.pause(self.file, asked, now=now, author="test"))

    def _unpause(self, _which: int, _amount: int, now: datetime) -> None:
        self._agree(lambda: measures.unpause(self.file, now=now, author="test"))

    def _dispute(self, which: int, parts: int, now: datetime) -> None:
        if owed := sorted(self.file.open):
            one = self.file.open[owed[which % len(owed)]]
            made = Dispute(
                id=f"{one.id}.{now.isoformat()}",
                invoice=one.id,
                amount=Money(one.gross.minor // parts, "EUR"),
                author="test",
                since=now,
            )
            if all(known.invoice != one.id or known.state == "rejected" for known in self.file.disputes):
                self.file = measures.recorded(self.file, made)

    def _close(self, which: int, upheld: int, now: datetime) -> None:
        if owed := sorted(self.file.open):
            asked = {"outcome": "upheld" if upheld else "rejected"}
            name = owed[which % len(owed)]
            self._agree(lambda: measures.close_dispute(self.file, name, asked, now=now, author="test"))

    def _hold(self, which: int, _amount: int, now: datetime) -> None:
        asked = {"reason": HOLD_REASONS[which]}
        self._agree(lambda: measures.hold(self.file, asked, now=now, author="test"))

    def _release(self, which: int, _amount: int, now: datetime) -> None:
        self._agree(lambda: measures.release(self.file, HOLD_REASONS[which], now=now, author="test"))

    def _switch(self, *_: Any) -> None:
        """Let the vendor do what is wanted."""
        done = tuple(replace(one, actual=one.desired) for one in self.file.subscriptions)
        self.file = replace(self.file, subscriptions=done)

    def _deliver(self, bounced: int, _amount: int, now: datetime) -> None:
        state = "bounced" if bounced else "sent"
        notices = tuple(replace(n, state=state, sent_at=now) if n.state == "queued" else n for n in self.file.notices)
        self.file = replace(self.file, notices=notices)


def check_invariants(file: AccountFile, found: Assessment, now: datetime) -> None:
    after = {one.id: one for one in apply(file, found, now).subscriptions}
    for before in file.subscriptions:
        if NONPAYMENT in after[before.id].reasons - before.reasons:
            check_suspension(file, before, found, now)
    owed = list(owed_invoices(file, now))
    overdue = total((amount for _, amount in owed), "EUR")
    (rules,) = file.policies.values()
    if not owed or overdue < rules.restore_below:  # invariant 5
        assert all(NONPAYMENT not in one.reasons for one in after.values())
    for one in after.values():  # holds apart: their reasons are there as long as they are, whatever is paid
        assert one.reasons - {NONPAYMENT} == file.held_for
        assert (one.desired == "suspended") == bool(one.reasons)
    check_standstill(file, found, now)
    ids = [notice.id for notice in (*file.notices, *found.notices)]
    assert len(ids) == len(set(ids))
    check_announcements(file, found, now)


def check_announcements(file: AccountFile, found: Assessment, now: datetime) -> None:
    """An invoice is announced once, before its due date has ended, while something is to be paid on it."""
    told = [name for one in file.notices if one.kind == "upcoming" for name in one.invoices]
    for name in (name for one in found.notices if one.kind == "upcoming" for name in one.invoices):
        one = file.open[name]
        assert name not in told
        assert now.astimezone(file.profile.zone).date() <= one.due
        assert one.collectable.minor > 0


def check_standstill(file: AccountFile, found: Assessment, now: datetime) -> None:
    """Invariant 4: while a pause or a promise stands nothing is suspended for non-payment; told in other words."""
    today = now.astimezone(file.profile.zone).date()
    broken = {one.id for one in found.promises if one.state == "broken"}
    promised = [
        one
        for one in file.promises
        if one.state in ("open", "kept") and one.id not in broken and today <= one.until and one.stops != "nothing"
    ]
    paused = any(one.ended_at is None and (one.until is None or now < one.until) for one in file.pauses)
    before = {one.id: one.reasons for one in file.subscriptions}
    if paused or promised:
        assert all(NONPAYMENT not in one.reasons - before[one.id] for one in found.subscriptions)
    if paused or any(one.stops == "all" for one in promised):
        assert found.notices == ()
    for one in found.promises:
        paid = one.owed.minor - max(
            sum(file.open[name].remaining.minor for name in one.invoices if name in file.open) - file.credit.minor, 0
        )
        assert (one.state == "kept") == (paid >= one.amount.minor)


def check_suspension(file: AccountFile, _before: Subscription, found: Assessment, now: datetime) -> None:
    """Invariant 4, told once more in other words than the engine's."""
    (rules,) = file.policies.values()
    stage = next(stage for stage in rules.stages if stage.suspend)
    assert found.overdue >= rules.restore_below
    assert stage.when.amount is None or found.overdue >= stage.when.amount
    assert stage.after_notice is not None
    (relied,) = found.relied
    assert relied in file.notices
    assert relied.kind == stage.after_notice.notice
    assert any(
        owed.id in relied.invoices and relied.openings.get(owed.id, 0) == owed.reopened for owed, _ in found.owed
    )
    assert relied.given_at is not None
    zone = file.profile.zone
    assert now - relied.given_at >= timedelta(days=stage.after_notice.days)
    assert full_days_after(relied.given_at, stage.after_notice.days, zone) <= now
    if stage.business_hours:
        assert business_calendar(rules, file.profile).is_open(now)


def new(rules: Policy, zone: str, mail: timedelta | None) -> History:
    return History(book(policies=(rules,), subscriptions=SEATS, profile={"timezone": zone}), mail)


@settings(max_examples=150, deadline=None)
@given(POLICIES, st.sampled_from(ZONES), MAIL, STEPS, st.lists(st.integers(0, 24 * 60), max_size=25))
def test_the_invariants_hold_however_badly_it_is_swept(
    rules: Policy, zone: str, mail: Any, steps: Any, sweeps: list[int]
) -> None:
    history, now = new(rules, zone, mail), START
    moments = sorted(START + hours * HOUR for hours in sweeps)
    for hours, event in steps:
        later = now + hours * HOUR
        for moment in [m for m in moments if now < m <= later]:  # some sweeps run, most are missed
            history.assess(moment)
            assert not assess(history.file, moment).decides(history.file)  # doubled
        now = later
        history.happen(event, now)
        history.assess(now)


@settings(max_examples=80, deadline=None)
@given(POLICIES, st.sampled_from(ZONES), MAIL, STEPS)
def test_the_due_moment_sleeps_through_nothing(rules: Policy, zone: str, mail: Any, steps: Any) -> None:
    hourly, due_only = new(rules, zone, mail), new(rules, zone, mail)
    now = START
    for hours, event in steps:
        for _ in range(hours):
            now += HOUR
            hourly.assess(now)
            due_only.wake(now)
            assert due_only.decisions == hourly.decisions
        for history in (hourly, due_only):
            history.happen(event, now)
            history.assess(now)
        assert due_only.decisions == hourly.decisions


class Quiet(History):
    """As the table keeps it: a claim before its due date, and a settling payment on a calm account, are not weighed."""

    calm = True

    def assess(self, now: datetime) -> Assessment:
        found = super().assess(now)
        self.calm = is_calm(self.file, now)
        return found

    def tell(self, event: Any, now: datetime) -> None:
        before = self.file
        self.happen(event, now)
        concern = self._concern(before, now)
        if concern is None or concern <= now:
            self.assess(now)
        else:
            self.file = replace(self.file, due_at=min(before.due_at or FOREVER, concern))
        if self.file.due_at == FOREVER:
            self.file = replace(self.file, due_at=None)

    def _concern(self, before: AccountFile, now: datetime) -> datetime | None:
        """Return when what happened concerns collections; None for at once."""
        new = [one for name, one in self.file.open.items() if name not in before.open]
        paid = [(one, before.open[one.id]) for one in self.file.open.values() if one != before.open.get(one.id, one)]
        same = replace(self.file, open=before.open, due_at=before.due_at) == before
        if same and new and not before.credit.minor:
            reminded = announced_from(new[0], self.file.policies[new[0].policy], before.profile.zone)
            day = reminded.astimezone(before.profile.zone).date() if reminded else None
            return claim_concerns_at(new[0].gross.minor, new[0].due, before.profile.zone, now, remind_on=day)
        settles = all(after == replace(old, remaining=Money(0, "EUR")) for after, old in paid)
        return FOREVER if same and paid and settles and self.calm else None


@settings(max_examples=80, deadline=None)
@given(POLICIES, st.sampled_from(ZONES), MAIL, STEPS)
def test_what_is_not_weighed_changes_no_decision(rules: Policy, zone: str, mail: Any, steps: Any) -> None:
    weighed, quiet = new(rules, zone, mail), Quiet(**vars(new(rules, zone, mail)))
    now = START
    for hours, event in steps:
        for _ in range(hours):
            now += HOUR
            weighed.assess(now)
            quiet.wake(now)
            assert quiet.decisions == weighed.decisions
        weighed.happen(event, now)
        weighed.assess(now)
        quiet.tell(event, now)
        assert quiet.decisions == weighed.decisions


@settings(max_examples=60, deadline=None)
@given(POLICIES, MAIL, STEPS)
def test_assessing_is_a_function_of_the_file_and_the_moment(rules: Policy, mail: Any, steps: Any) -> None:
    history, now = new(rules, "Europe/Berlin", mail), START
    for hours, event in steps:
        now += hours * HOUR
        history.happen(event, now)
        assert assess(history.file, now) == assess(history.file, now)
        history.assess(now)
        assert not assess(history.file, now).decides(history.file)


def test_an_account_that_owes_nothing_never_wakes() -> None:
    found = assess(book(), START)
    assert (found.next_due, found.stage, found.facts) == (
        None,
        "clear",
        (f"nothing is overdue on {date(2026, 9, 20)} in Europe/Berlin",),
    )
