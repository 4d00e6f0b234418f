"""Whatever happens, on whatever bad days: invariants 4, 5 and 6 hold at every assessment that a story leads to."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from infra.local.scenario.play import Listener, Play
from infra.local.simulate import world as simulated
from infra.local.simulate.world import PureWorld
from quittance.domain.account import AccountFile
from quittance.domain.arrears import NONPAYMENT, Assessment, apply, assess
from quittance.domain.arrears_terms import business_calendar, full_days_after, owed_invoices
from quittance.domain.money import total
from quittance.domain.policy import Policy
from tests.property.stories import tell

SEEDS = range(100, 106)


class Judge:
    """Assesses as everybody does and holds what comes of it against the invariants, told in other words."""

    def __init__(self) -> None:
        self.suspended = self.assessed = 0
        self.pinned: dict[tuple[str, str], object] = {}

    def __call__(self, file: AccountFile, now: datetime) -> Assessment:
        found = assess(file, now)
        after = apply(file, found, now)
        owed = list(owed_invoices(file, now))
        overdue = total((amount for _, amount in owed), file.profile.currency)
        rules = file.policies[owed[0][0].policy] if owed else None
        for before, one in zip(file.subscriptions, after.subscriptions, strict=True):
            if NONPAYMENT in one.reasons - before.reasons:
                assert rules
                assert overdue >= rules.restore_below
                self._fair(file, found, rules, now)
            if rules is None or overdue < rules.restore_below:  # invariant 5
                assert NONPAYMENT not in one.reasons
            assert one.reasons - {NONPAYMENT} == file.held_for
            assert (one.desired == "suspended") == bool(one.reasons)
        for name, invoice in file.open.items():  # invariant 6
            assert self.pinned.setdefault((file.profile.id, name), invoice.policy) == invoice.policy
        self.assessed += 1
        return found

    def _fair(self, file: AccountFile, found: Assessment, rules: Policy, now: datetime) -> None:
        """Invariant 4."""
        self.suspended += 1
        stage = [one for one in rules.stages if one.suspend and one.when.days <= found.days][-1]
        assert stage.when.amount is None or found.overdue >= stage.when.amount
        assert stage.after_notice
        (notice,) = [one for one in found.relied if one.kind == stage.after_notice.notice]
        assert notice.state in ("sent", "delivered")
        assert notice.sent_at
        assert full_days_after(notice.sent_at, stage.after_notice.days, file.profile.zone) <= now
        assert not any(one.ended_at is None and (one.until is None or now < one.until) for one in file.pauses)
        today = now.astimezone(file.profile.zone).date()
        assert not any(one.state == "kept" and today <= one.until for one in file.promises)
        broken = {one.id for one in found.promises if one.state == "broken"}
        assert all(one.id in broken or one.until < today for one in file.promises if one.state == "open")
        if stage.business_hours:
            assert business_calendar(rules, file.profile).is_open(now)


def test_no_story_breaks_an_invariant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suspended = 0
    for scenario in [tell(seed, tmp_path, accounts=3, steps=24) for seed in SEEDS]:
        judge = Judge()
        monkeypatch.setattr(simulated, "assess", judge)
        Play(scenario, PureWorld(), Listener()).run()
        assert judge.assessed > len(scenario.steps)
        suspended += judge.suspended
    assert suspended >= len(SEEDS)  # else there was nothing to be judged
