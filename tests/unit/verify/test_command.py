"""`./quittance verify`: finding the stack, reading it while it moves, and what is printed."""

from __future__ import annotations

import json
import os

import pytest
from rich.console import Console

from infra.local.verify import cli
from infra.local.verify.locate import Located, NotRunning, locate
from infra.local.verify.outside import Parked
from infra.local.verify.stack import verify_stack
from infra.local.verify.violations import Violation

HEAD = {
    "pk": {"S": "P#acme#A#contoso"},
    "sk": {"S": "C#HEAD"},
    "kind": {"S": "head"},
    "currency": {"S": "EUR"},
    "balance": {"N": "7"},
}
BALANCE = Violation(1, "balance is what was posted to it", "P#acme#A#contoso", "C#HEAD", "0", "7")


class Readings:
    """A table that is read several times, with other items each time."""

    def __init__(self, *readings):
        self.readings = list(readings)

    def __call__(self, _service):
        return self

    def get_paginator(self, _operation):
        return self

    def paginate(self, **_):
        return [{"Items": self.readings.pop(0)}]


@pytest.fixture
def state(tmp_path, monkeypatch):
    place = tmp_path / "stack.json"
    monkeypatch.setattr(cli, "locate", lambda: locate(place))
    return place


def test_what_lasts_is_a_violation():
    found = verify_stack(Readings([HEAD], [HEAD], [HEAD], [HEAD]), {"TableName": "T"}, pause=lambda _: None)
    assert BALANCE in found


def test_what_was_only_in_motion_is_none():
    settled = {**HEAD, "balance": {"N": "0"}}
    table = Readings([HEAD], [HEAD], [settled])
    assert verify_stack(table, {"TableName": "T"}, pause=lambda _: None) == []
    assert table.readings == []


def test_a_stack_is_found_by_the_file_it_leaves(state):
    told = {
        "pid": os.getpid(),
        "endpoint": "http://127.0.0.1:4",
        "region": "eu-central-1",
        "outputs": {"TableName": "T"},
    }
    state.write_text(json.dumps(told))
    assert locate(state) == Located("http://127.0.0.1:4", "eu-central-1", {"TableName": "T"})


@pytest.mark.parametrize("left", [None, '{"pid": 99999999, "endpoint": "", "region": "", "outputs": {}}'])
def test_without_a_running_stack_it_says_how_to_start_one(state, left, capsys):
    if left:
        state.write_text(left)
    with pytest.raises(NotRunning):
        locate(state)
    assert cli.main([]) == cli.NOTHING_TO_VERIFY
    assert "./quittance up" in capsys.readouterr().err


@pytest.mark.parametrize(("violations", "status"), [([], cli.HOLD), ([BALANCE], cli.BROKEN)])
def test_json_is_all_there_is_on_standard_output(monkeypatch, capsys, violations, status):
    monkeypatch.setattr(cli, "locate", lambda: Located("", "", {}))
    monkeypatch.setattr(Located, "clients", None)
    monkeypatch.setattr(cli, "verify_stack", lambda *_: violations)
    monkeypatch.setattr(cli, "parked", lambda *_: [Parked("dead", "letter")])
    assert cli.main(["--json"]) == status
    told = json.loads(capsys.readouterr().out)
    assert told["parked"] == [{"place": "dead", "what": "letter"}]
    assert [one["pk"] for one in told["violations"]] == [violation.pk for violation in violations]


def test_a_violation_names_item_rule_expected_and_found(capsys):
    cli.show([BALANCE], [], Console(width=200))
    out = capsys.readouterr().out
    assert "1 broken" in out
    assert "P#acme#A#contoso C#HEAD: balance is what was posted to it: expected 0, found 7" in out
