"""A dry run of the policy in force predicts what the simulator then does, to the minute; and it changes nothing."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.local.scenario.model import Scenario, Step, midnight
from infra.local.scenario.play import Listener, Play
from infra.local.simulate.world import PureWorld
from quittance.domain.dry_run import judged_by, replay
from tests.functional.api.conftest import ACCOUNT, PARTNER
from tests.unit.collections.books import STANDARD

FIRST = date(2026, 9, 1)
DAYS = 70
STEPS = st.lists(
    st.tuples(
        st.integers(0, 60 * 24),
        st.one_of(
            st.tuples(st.just("invoice"), st.integers(1, 30), st.sampled_from([9, 2500, 24995])),
            st.tuples(st.just("pay"), st.integers(0, 2), st.sampled_from([11, 3000, 29744, 60000])),
        ),
    ),
    min_size=1,
    max_size=7,
)
POLICIES = st.fixed_dictionaries(
    {
        "days": st.sampled_from([3, 20, 30]),
        "notice": st.sampled_from([{"notice": "final", "days": 7}, {"notice": "reminder", "days": 1}]),
        "suspend": st.sampled_from(["all", "unpaid_lines"]),
        "business_hours": st.booleans(),
    }
)


def definition(given_: dict[str, Any]) -> dict[str, Any]:
    made = copy.deepcopy(STANDARD)
    reminder, final, last = made["stages"]
    last.update(when={"days": 30 + given_["days"]}, do=[{"suspend": given_["suspend"]}], after_notice=given_["notice"])
    last["business_hours"] = given_["business_hours"]
    return {**made, "stages": [reminder, final, last]}


def scenario(rules: dict[str, Any], history: Any) -> Scenario:
    zone = PARTNER["timezone"]
    start = midnight(FIRST, _zone(zone))
    steps = []
    for i, (hours, (kind, number, minor)) in enumerate(sorted(history, key=lambda one: one[0])):
        at = start + timedelta(hours=hours)
        fields: dict[str, Any]
        if kind == "invoice":
            issued = at.astimezone(_zone(zone)).date()
            line = {"text": "Setup", "net": f"{minor / 100:.2f}", "vat_percent": "19"}
            fields = {"id": f"I{i}", "issued": issued, "due": issued + timedelta(days=number), "lines": [line]}
        else:
            fields = {"id": f"P{i}", "amount": f"{minor / 100:.2f}"}
        steps.append(Step(at=at, verb=kind, fields={"account": "contoso", **fields}, index=i))
    return Scenario(
        file=Path("none.yaml"),
        title="random",
        start=start,
        partner={name: value for name, value in PARTNER.items() if name != "support_entitlements"},
        policies={"standard": definition(rules)},
        support_plans={},
        price_rules=[],
        accounts=[{name: value for name, value in ACCOUNT.items() if name != "support_plan"}],
        steps=steps,
        observe=[],
    )


def _zone(name: str) -> Any:
    from zoneinfo import ZoneInfo  # noqa: PLC0415  # for this one line

    return ZoneInfo(name)


@settings(max_examples=120, deadline=None)
@given(POLICIES, STEPS)
def test_a_dry_run_of_the_policy_in_force_predicts_what_then_happens(rules: dict[str, Any], history: Any) -> None:
    told, world = scenario(rules, history), PureWorld()
    play = Play(told, world, Listener())
    play.run()
    now: datetime = told.steps[-1].at
    before = world._accounts["contoso"].file  # the simulator's own state is what is predicted
    kept = copy.deepcopy(before)

    predicted = replay(before, now, now + timedelta(days=DAYS))
    judged = replay(judged_by(before, before.policies["standard", 1]), now, now + timedelta(days=DAYS))
    assert before == kept
    assert judged.events == predicted.events

    play._advance(now + timedelta(days=DAYS))  # time passes, nobody pays
    after = world._accounts["contoso"].file
    # how a mail went out is no part of what was to be predicted
    sent, foreseen = ([replace(n, tries=0, mail=None) for n in one.notices] for one in (after, predicted.file))
    assert sent == foreseen
    assert (after.stage, after.stage_since) == (predicted.file.stage, predicted.file.stage_since)
    assert after.subscriptions == predicted.file.subscriptions
    assert after.overdue(now) == predicted.file.overdue(now)
    warned = [(event.at, event.what) for event in predicted.events if event.effect == "warned"]
    assert warned == [(one.sent_at, one.kind) for one in after.notices[len(before.notices) :]]
