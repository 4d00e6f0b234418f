"""The table in memory does what moto's does: every kind of request that the store makes, in any order."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from tests.dynamo import door
from tests.dynamo.engine import Dynamo

TABLE = "t"
INDEX = {
    "KeySchema": [{"AttributeName": "due_lane", "KeyType": "HASH"}, {"AttributeName": "due_at", "KeyType": "RANGE"}]
}
SCHEMA: dict[str, Any] = {
    "TableName": TABLE,
    "BillingMode": "PAY_PER_REQUEST",
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "due_lane", "due_at")
    ],
    "GlobalSecondaryIndexes": [{"IndexName": "due", **INDEX, "Projection": {"ProjectionType": "KEYS_ONLY"}}],
}


class Pair:
    """moto and the table in memory, asked the same."""

    def __init__(self) -> None:
        self.moto = boto3.client("dynamodb", region_name="eu-central-1")
        self.dynamo = Dynamo()
        self.ours = boto3.client("dynamodb", region_name="eu-central-1")
        self._open = door.at_the_call(self.dynamo, self.ours)
        self._open.__enter__()

    def renew(self) -> None:
        if TABLE in self.dynamo.tables:
            self.moto.delete_table(TableName=TABLE)
        self.moto.create_table(**SCHEMA)
        self.ours.create_table(**SCHEMA)

    def ask(self, operation: str, request: dict[str, Any]) -> Any:
        found = [_answer(client, operation, request) for client in (self.ours, self.moto)]
        assert found[0] == found[1], f"{operation} {json.dumps(request)}"
        return found[0]

    def same(self) -> None:
        ours, motos = (_sorted(client.scan(TableName=TABLE)["Items"]) for client in (self.ours, self.moto))
        assert ours == motos


@pytest.fixture(scope="module")
def pair():
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_ACCESS_KEY_ID", "testing")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
        yield Pair()


def _sorted(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def _answer(client: Any, operation: str, request: dict[str, Any]) -> Any:
    """An answer without what differs by nature: words, sizes, the order of a batch, the end of a full page."""
    try:
        found = client._make_api_call(operation, request)
    except ClientError as problem:
        code = problem.response["Error"]["Code"]
        reasons = [one["Code"] for one in problem.response.get("CancellationReasons", ())]
        # The service names the part of a transaction that is invalid, as we do; moto refuses the whole.
        return ("ValidationException", []) if "ValidationError" in reasons else (code, reasons)
    found.pop("ResponseMetadata")
    for name in ("LastEvaluatedKey", "ItemCollectionMetrics", "ConsumedCapacity", "Table"):
        found.pop(name, None)
    if "Responses" in found:
        found["Responses"] = {table: _sorted(items) for table, items in found["Responses"].items()}
    return json.loads(json.dumps(found, sort_keys=True))


NUMBERS = st.integers(-20, 20).map(lambda n: {"N": str(n)})
TEXTS = st.sampled_from(["", "a", "ab", "b"]).map(lambda s: {"S": s})
INNER = st.dictionaries(st.sampled_from(["I1", "I2"]), NUMBERS, max_size=2).map(lambda m: {"M": m})
OPEN = st.dictionaries(st.sampled_from(["I1", "I2"]), INNER, max_size=2).map(lambda m: {"M": m})
VALUES = st.one_of(NUMBERS, TEXTS, OPEN, st.just({"BOOL": True}))
KEYS = st.fixed_dictionaries(
    {
        "pk": st.sampled_from("PQ").map(lambda s: {"S": s}),
        "sk": st.sampled_from(["C#1", "C#2", "D"]).map(lambda s: {"S": s}),
    }
)
DUE = st.fixed_dictionaries(
    {"due_lane": st.just({"S": "l"}), "due_at": st.sampled_from(["1", "2", "3"]).map(lambda s: {"S": s})}
)
# moto cannot order values of different types, and sets paths within what is no map: each attribute has its type
ATTRIBUTES = st.fixed_dictionaries({}, optional={"n": NUMBERS, "x": NUMBERS, "s": TEXTS, "open": OPEN, "any": VALUES})
ITEMS = st.builds(lambda key, some, due: {**some, **due, **key}, KEYS, ATTRIBUTES, st.one_of(st.just({}), DUE))
PATHS = st.sampled_from(["#n", "#s", "#x", "#open", "#open.#i", "#open.#i.#i", "#any"])
NUMERIC = st.sampled_from(["#n", "#x", "#open.#i.#i"])
NAMES = {"#any": "any", "#n": "n", "#s": "s", "#x": "x", "#open": "open", "#i": "I1", "#pk": "pk", "#sk": "sk"}


@st.composite
def conditions(draw: Any) -> str:
    path, kind = draw(PATHS), draw(st.integers(0, 8))
    texts = [
        f"attribute_exists ({path})",
        f"attribute_not_exists ({path})",
        f"{path} {draw(st.sampled_from(['=', '<>']))} :a",
        f"{draw(NUMERIC)} {draw(st.sampled_from(['<', '<=', '>', '>=']))} :n",
        "begins_with (#s, :s)",
        f"{path} IN (:a, :b)",
        f"({draw(NUMERIC)} >= :n AND {path} = :b)",
        f"(attribute_not_exists ({path}) OR {draw(PATHS)} = :a)",
        f"(NOT {path} = :a)",
    ]
    return texts[kind]


@st.composite
def updates(draw: Any) -> str:
    kind = draw(st.integers(0, 6))
    texts = [
        "SET #any = :a",
        "SET #open.#i = :m",
        "SET #open.#i.#i = #open.#i.#i - :b, #any = :a",
        "SET #n = if_not_exists(#n, :n) ADD #x :n",
        "ADD #n :n",
        "REMOVE #n, #s",
        "SET #s = :s REMOVE #x ADD #n :n",
    ]
    return texts[kind]


@st.composite
def writes(draw: Any) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(["Put", "Update", "Delete", "ConditionCheck"]))
    texts = {}
    if kind == "ConditionCheck" or draw(st.booleans()):
        texts["ConditionExpression"] = draw(conditions())
    if kind == "Update":
        texts["UpdateExpression"] = draw(updates())
    what = {"Item": draw(ITEMS)} if kind == "Put" else {"Key": draw(KEYS)}
    return kind, {"TableName": TABLE, **what, **texts, **_placeholders(draw, texts)}


def _placeholders(draw: Any, texts: dict[str, str]) -> dict[str, Any]:
    told = " ".join(texts.values())
    words = {word for part in told.replace(".", " ").split() for word in [part.strip("(),")] if word[0] in "#:"}
    given = {":a": draw(VALUES), ":b": draw(NUMBERS), ":n": draw(NUMBERS), ":s": {"S": "a"}, ":m": draw(INNER)}
    names = {word: NAMES[word] for word in sorted(words) if word[0] == "#"}
    values = {word: given[word] for word in sorted(words) if word[0] == ":"}
    found: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
    return {**found, **({"ExpressionAttributeValues": values} if values else {})}


@st.composite
def requests(draw: Any) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(["write", "write", "transact", "transact", "get", "batch", "query", "due"]))
    here = {"TableName": TABLE}
    if kind == "write":
        name, request = draw(writes().filter(lambda one: one[0] != "ConditionCheck"))
        if name == "Update":
            request["ReturnValues"] = "ALL_NEW"
        return f"{name}Item", request
    if kind == "transact":
        some = draw(st.lists(writes(), min_size=1, max_size=3, unique_by=lambda one: str(_place(one[1]))))
        return "TransactWriteItems", {"TransactItems": [{name: request} for name, request in some]}
    if kind == "get":
        return "GetItem", {**here, "Key": draw(KEYS), "ConsistentRead": True}
    if kind == "batch":
        keys = draw(st.lists(KEYS, min_size=1, max_size=3, unique_by=str))
        return "BatchGetItem", {"RequestItems": {TABLE: {"Keys": keys}}}
    if kind == "due":
        values = {":lane": {"S": "l"}, ":until": {"S": draw(st.sampled_from("0123"))}}
        condition = "due_lane = :lane AND due_at <= :until"
        return "Query", {
            **here,
            "IndexName": "due",
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": values,
        }
    return "Query", {**here, **_query(draw)}


def _query(draw: Any) -> dict[str, Any]:
    beyond, more = draw(
        st.sampled_from(
            [
                ("", {}),
                (" AND begins_with (#sk, :s)", {":s": {"S": "C#"}}),
                (" AND #sk BETWEEN :s AND :t", {":s": {"S": "C#1"}, ":t": {"S": "C#9"}}),
                (" AND #sk > :s", {":s": {"S": "C#1"}}),
            ]
        )
    )
    names = {"#pk": "pk", **({"#sk": "sk"} if beyond else {})}
    filtered = draw(st.sampled_from([{}, {"FilterExpression": "attribute_not_exists (#n)"}]))
    if filtered:
        names["#n"] = "n"
    return {
        "KeyConditionExpression": f"#pk = :pk{beyond}",
        "ExpressionAttributeNames": names,
        "ExpressionAttributeValues": {":pk": {"S": "P"}, **more},
        "ScanIndexForward": draw(st.booleans()),
        **filtered,
        **draw(st.sampled_from([{}, {"Limit": 1}, {"Limit": 2}])),
    }


def _place(request: dict[str, Any]) -> tuple[str, str]:
    key = request.get("Key") or request["Item"]
    return key["pk"]["S"], key["sk"]["S"]


@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(story=st.lists(requests(), min_size=10, max_size=30))
def test_any_requests_are_answered_as_moto_answers_them(pair, story):
    pair.renew()
    for operation, request in story:
        pair.ask(operation, request)
    pair.same()
