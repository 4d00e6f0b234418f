"""Invariants 4 and 5: what a suspension for non-payment rests on, and that none outlasts what it was for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from infra.local.verify.table import Record, Table
from infra.local.verify.violations import Violation, broken, missing
from quittance.domain.account import Profile
from quittance.domain.arrears import NONPAYMENT
from quittance.domain.arrears_terms import business_calendar, full_days_after
from quittance.domain.errors import Rejected
from quittance.domain.money import Money
from quittance.domain.policy import Policy, Stage
from quittance.domain.policy_parsing import parse_policy
from quittance.runtime.clock import parse_iso
from quittance.store import keys
from quittance.store.accounts import profile_of

_GIVEN = ("sent", "delivered")


def check(table: Table) -> Iterator[Violation]:
    """Prove every decision that suspended, then every subscription as it is."""
    for decision in table.of("decision"):
        if _suspended_by(decision):
            yield from _Proof(table, decision).violations()
    for subscription in table.of("subscription"):
        if NONPAYMENT in subscription.get("reasons", ()):
            yield from _decided(table, subscription)
            yield from _still_owed(table, subscription)
        yield from _on_its_way(subscription)


def _suspended_by(decision: Record) -> list[str]:
    """Return the subscriptions that a decision suspended for non-payment."""
    changes = decision.body.get("access", ())
    return [one["subscription"] for one in changes if NONPAYMENT in one.get("added", one["reasons"])]


def _decided(table: Table, subscription: Record) -> Iterator[Violation]:
    """The last word on a subscription's access is a decision to suspend it."""
    name = subscription.get("subscription")
    last: dict[str, Any] | None = None
    for decision in table.within(subscription.pk, "decision"):
        last = next((one for one in decision.body.get("access", ()) if one["subscription"] == name), last)
    if last is None or NONPAYMENT not in last["reasons"]:
        found = "none" if last is None else f"the last one wants it {last['wanted']}"
        yield broken(4, "a suspension has its decision", subscription, expected="a decision", found=found)


def _still_owed(table: Table, subscription: Record) -> Iterator[Violation]:
    """Nothing is suspended while the account is clear; what was just paid is due, so an assessment follows."""
    key = keys.head(subscription.partner, str(subscription.account))
    head = table.get(key)
    if head is None:
        yield missing(5, "a suspended account has a head", key.pk, key.sk, expected="what it owes")
        return
    rule = "nothing stays suspended for non-payment once it is settled"
    if head.get("stage", "clear") == "clear":
        yield broken(5, rule, subscription, expected="access, the account's stage is clear", found="suspended")
        return
    owed = sum(entry["remaining"] - entry.get("disputed", 0) for entry in head.get("open", {}).values())
    if owed - head.get("credit", 0) <= 0 and not head.get("due_lane"):
        found = "suspended, and no assessment is due"
        yield broken(5, rule, subscription, expected="access, nothing is owed", found=found)


def _on_its_way(subscription: Record) -> Iterator[Violation]:
    """What is wanted has come about, or a next try is due."""
    wanted, actual = subscription.get("desired", "active"), subscription.get("actual", "active")
    if wanted != actual and not subscription.get("due_lane"):
        found = f"{actual}, and no try is due"
        yield broken(5, "access becomes what is wanted", subscription, expected=wanted, found=found)
    if (wanted == "suspended") != bool(subscription.get("reasons", ())):
        reasons = ", ".join(subscription.get("reasons", ())) or "none"
        rule = "access is suspended for reasons, and only then"
        yield broken(5, rule, subscription, expected=f"reasons for {wanted}", found=reasons)


class _Proof:
    """One decision to suspend, held against the policy that it names."""

    def __init__(self, table: Table, decision: Record) -> None:
        self._table = table
        self._decision = decision
        self._body = decision.body
        self._at = parse_iso(str(decision.get("decided_at")))

    def violations(self) -> Iterator[Violation]:
        policy = self._policy()
        if policy is None:
            found = self._body.get("policy")
            yield self._broken("the decision names a published policy", "policy and version", found)
            return
        stage = self._stage(policy)
        if stage is None:
            told = f"{self._body.get('overdue')} overdue for {self._body.get('days')} days"
            yield self._broken("a suspending stage of the policy held", "its days, amount and invoices", told)
            return
        if self._overdue < policy.restore_below:
            yield self._broken("what was overdue keeps access suspended", policy.restore_below, self._overdue)
        profile = self._profile()
        if profile is None:
            yield self._broken("the account has a profile", "its time zone", "none")
            return
        if stage.after_notice:
            yield from self._notice(stage, profile)
        standing = self._body.get("standing", {})
        if standing.get("pause") or standing.get("promises"):
            found = standing.get("pause") or standing["promises"]
            yield self._broken("no pause and no promise stood against it", "none in force", found)
        if stage.business_hours and not business_calendar(policy, profile).is_open(self._at):
            yield self._broken("it was decided within business hours", "business hours", self._at.isoformat())

    def _policy(self) -> Policy | None:
        named = self._body.get("policy") or {}
        if not named:
            return None
        stored = self._table.get(keys.policy(self._decision.partner, named["name"], named["version"]))
        if stored is None:
            return None
        try:
            return parse_policy(named["name"], named["version"], stored.body, self._currency)
        except Rejected:
            return None

    @property
    def _currency(self) -> str:
        return str(self._body.get("currency"))

    @property
    def _overdue(self) -> Money:
        return Money.parse(self._body.get("overdue"), self._currency)

    def _stage(self, policy: Policy) -> Stage | None:
        """Return the last suspending stage whose conditions the decision's own figures fulfil."""
        days, invoices = self._body.get("days", 0), len(self._body.get("invoices", ()))
        holding = [
            stage
            for stage in policy.stages
            if stage.suspend
            and stage.when.days <= days
            and (stage.when.amount is None or stage.when.amount <= self._overdue)
            and (stage.when.invoices or 1) <= invoices
        ]
        return holding[-1] if holding else None

    def _notice(self, stage: Stage, profile: Profile) -> Iterator[Violation]:
        """The notice that the stage requires was given, to this account, and its full days had passed."""
        assert stage.after_notice  # noqa: S101  # the caller has looked
        kind, days = stage.after_notice.notice, stage.after_notice.days
        relied = next((one for one in self._body.get("relied", ()) if one["kind"] == kind), None)
        if relied is None or not relied.get("given_at"):
            yield self._broken(f"the notice {kind} was given", f"a notice {kind}", relied or "none")
            return
        aged = full_days_after(parse_iso(relied["given_at"]), days, profile.zone)
        if aged > self._at:
            rule = f"the notice {kind} was {days} full days old"
            yield self._broken(rule, f"not before {aged.isoformat()}", self._at.isoformat())
        yield from self._kept(relied)

    def _kept(self, relied: dict[str, Any]) -> Iterator[Violation]:
        """The notice itself says the same; one that came back later was given all the same."""
        key = keys.notice(self._decision.partner, str(self._decision.account), relied["id"])
        notice = self._table.get(key)
        if notice is None or not notice.get("sent_at"):
            found = notice.get("state") if notice else "nothing"
            yield missing(4, "the notice relied on was sent", key.pk, key.sk, expected="sent", found=found)
        elif _moment(notice.get("sent_at")) != _moment(relied["given_at"]):
            rule, found = "the notice was sent when the decision says", relied["given_at"]
            yield self._broken(rule, notice.get("sent_at"), found)

    def _profile(self) -> Profile | None:
        account = str(self._decision.account)
        stored = self._table.get(keys.account(self._decision.partner, account))
        return profile_of(account, stored.body) if stored else None

    def _broken(self, rule: str, expected: object, found: object) -> Violation:
        return broken(4, rule, self._decision, expected=expected, found=found)


def _moment(text: Any) -> datetime:
    return parse_iso(str(text))
