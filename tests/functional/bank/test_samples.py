"""The sample events tell one story: a statement is taken, read, decided on and booked."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

from tests.functional.api.conftest import Context

EVENTS = Path(__file__).parents[3] / "events"


def sample(name: str) -> Any:
    return json.loads((EVENTS / f"{name}.json").read_text(encoding="utf-8"))


def feed(name: str) -> Any:
    return importlib.import_module(f"functions.{name.partition('/')[0]}.app").handler(sample(name), Context())


def test_the_samples_tell_one_story(world):
    taken = feed("partner_api/bank_statement")
    assert taken["statusCode"] == 202
    world.read(f"acme/bank-statements/{json.loads(taken['body'])['statement']}")
    assert [line["amount"] for line in world.waiting()] == ["297.44"]
    assert feed("partner_api/bank_statement_decision")["statusCode"] == 200
    (message,) = world.relay()
    told = json.loads(sample("payment_application/bank_transfer")["Records"][0]["body"])
    same = ("provider", "event_id", "payment_id", "kind", "amount", "currency", "account", "invoice")
    assert {name: message[name] for name in same} == {name: told[name] for name in same}
    assert feed("payment_application/bank_transfer") == {"batchItemFailures": []}
    assert world.owed("contoso") == {"I1": 0, "balance": 0}


def test_a_dropped_statement_is_read(world):
    event = sample("vendor_import/bank_statement")
    told = json.loads(event["Records"][0]["body"])
    told["Records"][0]["s3"]["bucket"]["name"] = "imports"
    event["Records"][0]["body"] = json.dumps(told)
    world.put(sample("partner_api/bank_statement")["body"].encode(), told["Records"][0]["s3"]["object"]["key"])
    handler = importlib.import_module("functions.vendor_import.app").handler
    assert handler(event, Context()) == {"batchItemFailures": []}
    assert [line["state"] for line in world.waiting()] == ["waiting"]
