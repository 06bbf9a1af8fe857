"""moto answers the same, byte by byte, with and without its short ways (tests/quick_moto.py)."""

from collections.abc import Callable, Iterator
from random import Random

import boto3
import pytest
from boto3.dynamodb.types import TypeSerializer
from botocore.exceptions import ClientError

from chalicelib.storage.keys import Index, TableName
from tests import quick_moto
from tests.conftest import create_tables

_SERIALIZE = TypeSerializer().serialize
TEXTS = ("1", "2", "2#1", "ü", "𝄞")


def wire(item: dict[str, object]) -> dict[str, object]:
    return {name: _SERIALIZE(value) for name, value in item.items()}


def an_item(rng: Random) -> dict[str, object]:
    """Of everything that an attribute can be."""
    item: dict[str, object] = {"pk": rng.choice("AB"), "sk": rng.choice(TEXTS), "version": 1}
    for index in Index:
        item |= {f"{index}{part}": rng.choice(TEXTS) for part in ("pk", "sk") if rng.random() < 0.8}
    deep = {
        "list": [1, "ü", None, True, False, {}, []],
        "none": None,
        "raw": b"\x00\xff",
        "big": 10**30,
    }
    return {
        **item,
        "pending": deep,
        "list": [deep, []],
        "raw": b"",
        "set": {"a"},
        "numbers": {1, 2},
    }


def answers(pace: Callable[[pytest.MonkeyPatch], None]) -> Iterator[object]:
    """What moto says to the same hundred calls, as it came over the wire."""
    rng, heard = Random(1), []
    with pytest.MonkeyPatch.context() as patch:
        pace(patch)
        client = boto3.client("dynamodb")
        core = create_tables(client, pace.__name__)[TableName.CORE]
        client.meta.events.register(
            "after-call", lambda http_response, **_: heard.append(http_response.content)
        )
        for _ in range(25):
            try:
                client.transact_write_items(TransactItems=writes(rng, core))
            except ClientError as refused:
                yield refused.response["Error"]
            asked = a_query(rng, core)
            page = client.query(**asked)
            if "LastEvaluatedKey" in page:
                client.query(**asked, ExclusiveStartKey=page["LastEvaluatedKey"])
            key = {name: _SERIALIZE(rng.choice(of)) for name, of in (("pk", "AB"), ("sk", TEXTS))}
            client.get_item(TableName=core, Key=key)
            client.batch_get_item(RequestItems={core: {"Keys": [key]}})
        client.scan(TableName=core)
        yield from heard


def writes(rng: Random, core: str) -> list[dict[str, object]]:
    """Two items, one of which may be there already: about half are refused and undone."""
    made = {(item["pk"], item["sk"]): item for item in (an_item(rng), an_item(rng))}
    guard = {
        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    actions: list[dict[str, object]] = [
        {"Put": {"TableName": core, "Item": wire(item), **(guard if number else {})}}
        for number, item in enumerate(made.values())
    ]
    return actions


def a_query(rng: Random, core: str) -> dict[str, object]:
    index = rng.choice((None, *Index))
    prefix = "" if index is None else index.value
    condition = rng.choice(("", " AND begins_with(#sk, :sk)", " AND #sk >= :sk"))
    asked: dict[str, object] = {
        "TableName": core,
        "KeyConditionExpression": "#pk = :pk" + condition,
        "ExpressionAttributeNames": {"#pk": f"{prefix}pk"},
        "ExpressionAttributeValues": {":pk": _SERIALIZE(rng.choice((*TEXTS, "A", "B")))},
        "Limit": rng.randrange(1, 4),
        "ScanIndexForward": rng.random() < 0.5,
    }
    if condition:
        asked["ExpressionAttributeNames"]["#sk"] = f"{prefix}sk"
        asked["ExpressionAttributeValues"][":sk"] = _SERIALIZE(rng.choice(TEXTS))
    return {**asked, "IndexName": index.index_name} if index else asked


def test_moto_says_the_same_with_its_short_ways(aws: None) -> None:
    short, long = list(answers(quick_moto.hasten)), list(answers(quick_moto.leave_alone))
    assert len(short) > 100
    assert any(isinstance(one, dict) for one in short)
    assert any(b'"LastEvaluatedKey"' in one for one in short if isinstance(one, bytes))
    assert short == [renamed(one) for one in long]


def renamed(one: object) -> object:
    return one.replace(b"leave_alone-", b"hasten-") if isinstance(one, bytes) else one
