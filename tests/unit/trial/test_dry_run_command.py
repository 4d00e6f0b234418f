"""`./quittance dry-run` in the terminal: what it asks, how it shows what comes back."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

import pytest

from infra.local import trial
from infra.local.scenario.api import ApiError
from infra.local.verify.locate import Located, NotRunning

EVENT = {
    "at": "2026-12-08T09:00:00+01:00",
    "effect": "suspended",
    "what": "sub-1",
    "stage": "suspended",
    "days": 30,
    "overdue": "297.44",
}


def page(account: str, following: str | None) -> dict[str, Any]:
    row = {"account": account, "name": account.title(), "currency": "EUR", "proposed": [EVENT], "in_force": []}
    total = {"currency": "EUR", "effect": "suspended", "accounts": 1, "overdue": "297.44"}
    return {
        "policy": "standard",
        "version": 2,
        "draft": True,
        "from": "2026-11-01T00:00:00+01:00",
        "until": "2026-12-31T00:00:00+01:00",
        "accounts": [row],
        "totals": {"proposed": [total], "in_force": []},
        "next": following,
    }


class Api:
    """Answers two pages."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append((path, body))
        return page("fabrikam", None) if body.get("after") else page("contoso", "contoso")


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    made = Api()
    monkeypatch.setattr(trial, "locate", lambda: Located("", "", {}, "http://127.0.0.1:4", "token"))
    monkeypatch.setattr(trial, "PartnerApi", lambda *_: made)
    return made


def test_a_draft_is_read_and_every_page_is_asked_for(api, tmp_path, capsys):
    draft = tmp_path / "draft.yaml"
    draft.write_text("payment_days: 14\ncalendar: {holidays: [2026-12-24]}\nstages: []\n")
    assert trial.main(["standard", str(draft), "--days", "90", "--json"]) == 0
    first, second = api.asked
    assert first == (
        "/policies/standard/dry-runs",
        {
            "definition": {"payment_days": 14, "calendar": {"holidays": ["2026-12-24"]}, "stages": []},
            "days": 90,
        },
    )
    assert second[1]["after"] == "contoso"
    found = json.loads(capsys.readouterr().out)
    assert [row["account"] for row in found["accounts"]] == ["contoso", "fabrikam"]
    assert found["totals"]["proposed"] == [
        {"currency": "EUR", "effect": "suspended", "accounts": 2, "overdue": "594.88"}
    ]


def test_the_table_and_the_csv_say_the_same(api, capsys):
    assert trial.main(["standard", "--account", "contoso"]) == 0
    shown = capsys.readouterr().out
    assert "2026-12-08 09:00" in shown
    assert "2 accounts, 594.88 EUR overdue when it happens" in shown
    assert trial.main(["standard", "--csv", "--from", "2026-11-01"]) == 0
    rows = list(csv.DictReader(StringIO(capsys.readouterr().out)))
    assert [(row["account"], row["what"], row["overdue"]) for row in rows] == [
        ("contoso", "sub-1", "297.44"),
        ("fabrikam", "sub-1", "297.44"),
    ]
    assert api.asked[0][1] == {"accounts": ["contoso"]}
    assert api.asked[-2][1] == {"from": "2026-11-01"}


@pytest.mark.parametrize("problem", [NotRunning("no stack is running"), ApiError("422 definition.stages")])
def test_what_cannot_be_asked_is_said(api, monkeypatch, capsys, problem):
    def refuse() -> Located:
        raise problem

    monkeypatch.setattr(trial, "locate", refuse)
    assert trial.main(["standard"]) == 2
    assert str(problem) in capsys.readouterr().err
