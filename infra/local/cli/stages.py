"""Runs gates one after the other and sums them up, whichever fails."""

import re
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from infra.local.cli import console, processes, project


@dataclass(frozen=True)
class Stage:
    """One gate: a program that exits with 0 where all is well."""

    name: str
    command: Sequence[str]
    env: dict[str, str] = field(default_factory=dict)
    quiet: bool = True
    """Its output matters only when it fails; a stage that is not quiet prints as it goes."""
    evidence: str = ""
    """What a quiet stage's output must match, for a tool that exits with 0 when it could read nothing."""


@dataclass(frozen=True)
class Outcome:
    """How a stage ended."""

    name: str
    status: int
    seconds: float


def run_all(stages: Sequence[Stage]) -> int:
    """Run every stage, print a summary, return 0 when all passed and else 1. Raises Interrupted."""
    outcomes = [_run(stage) for stage in stages]
    console.say("")
    for outcome in outcomes:
        console.say(_line(outcome))
    return 1 if any(outcome.status for outcome in outcomes) else 0


def _run(stage: Stage) -> Outcome:
    started = time.monotonic()
    status = _quietly(stage) if stage.quiet else _openly(stage)
    return Outcome(stage.name, status, time.monotonic() - started)


def _quietly(stage: Stage) -> int:
    with console.Progress(stage.name) as progress, tempfile.TemporaryFile() as output:
        env = project.environment(stage.env)
        status = processes.run(stage.command, env=env, cwd=project.ROOT, output=output, tick=progress.tick)
        output.seek(0)
        said = output.read().decode(errors="replace").rstrip()
        proof = re.search(stage.evidence, said)
        status = status or int(proof is None)
        progress.done("failed" if status or proof is None else f"ok {proof.group()}".rstrip())
    if status:
        console.say(said)
    return status


def _openly(stage: Stage) -> int:
    console.say(f"{stage.name} ...")
    return processes.run(stage.command, env=project.environment(stage.env), cwd=project.ROOT)


def _line(outcome: Outcome) -> str:
    mark = console.paint("failed", "1;31") if outcome.status else console.paint("ok    ", "32")
    return f"  {mark}  {outcome.name:<24} {outcome.seconds:6.1f} s"
