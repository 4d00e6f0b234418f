"""The schedules of template.yaml, read without anything to deploy it to."""

from __future__ import annotations

import json
from functools import cache

from infra.local.scenario.schedules import Schedule, parse_schedule
from infra.local.stack.embedded import ROOT
from infra.local.stack.template import load


@cache
def template_schedules() -> list[Schedule]:
    """Return every AWS::Scheduler::Schedule of the template."""
    resources = load(ROOT / "template.yaml")["Resources"].values()
    found = [one["Properties"] for one in resources if one["Type"] == "AWS::Scheduler::Schedule"]
    return [parse_schedule(json.loads(one["Target"]["Input"])["schedule"], one["ScheduleExpression"]) for one in found]
