"""A reading or a decision that dies at any request, before or after it reached AWS, and is done again."""

from __future__ import annotations

import pytest

from quittance.store.models import Item
from tests.functional.bank.conftest import DATA
from tests.functional.bank.test_decisions import transfer
from tests.functional.payments.cloud import models_client
from tests.functional.payments.test_crash import Crash, crash_at

CAMT = (DATA / "camt053_v02_german_bank.xml").read_bytes()
RETURNS = (DATA / "camt053_v08_returns.xml").read_bytes()
# A batch of one sure and one unclear transfer, and the return of the sure one.
BATCH_AND_RETURN = b"".join(
    (
        CAMT[: CAMT.index(b"<Ntry>")],
        CAMT[CAMT.index(b"<Ntry>", CAMT.index(b"VIELEN DANK")) : CAMT.index(b"<Ntry>", CAMT.index(b"FAB-77"))],
        RETURNS[RETURNS.index(b"<Ntry>") : RETURNS.index(b"<Ntry>", RETURNS.index(b"MD06"))],
        b"</Stmt></BkToCstmrStmt></Document>",
    )
)
KEY = "acme/bank-statements/statement.xml"


def restore(world, wanted):
    for key in world.items():
        world.table.delete_item(TableName=Item.Meta.table_name, Key={"pk": {"S": key[0]}, "sk": {"S": key[1]}})
    for item in wanted.values():
        world.table.put_item(TableName=Item.Meta.table_name, Item=item)


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
def test_a_reading_that_died_is_completed_by_the_next(world, answered):
    world.put(BATCH_AND_RETURN, KEY)
    pristine = world.items()
    assert world.read(KEY) == {"batchItemFailures": []}
    wanted = world.items()
    for call in range(1, 60):
        restore(world, pristine)
        with crash_at(models_client(), call, answered=answered) as made:
            failed = world.read(KEY)["batchItemFailures"]
        if len(made) < call:
            break
        assert failed
        assert world.read(KEY) == {"batchItemFailures": []}
        assert world.items() == wanted
    assert call > 10


@pytest.mark.parametrize("answered", [False, True], ids=["before", "after"])
def test_a_decision_that_died_is_completed_by_the_next(world, answered):
    world.drop(transfer())
    (line,) = world.waiting()
    place = f"/v1/bank-lines/{line['id']}/decision"
    pristine = world.items()
    assert world.call("POST", place, {"account": "contoso"}).status == 200
    wanted = world.items()
    for call in range(1, 20):
        restore(world, pristine)
        made: list[str] = []
        try:
            with crash_at(models_client(), call, answered=answered) as made:
                world.call("POST", place, {"account": "contoso"})
        except Crash:
            assert world.call("POST", place, {"account": "contoso"}).status == 200
            assert world.items() == wanted
        if len(made) < call:
            break
    assert call > 2
