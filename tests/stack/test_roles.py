"""What a function's role lets it read, tried with that very role."""

import io
import json
import zipfile
from typing import Any

import pytest

from chalicelib.storage.keys import TableName
from tests.stack.town import Town

PROBE = """
import boto3, botocore.exceptions

def handler(event, context):
    client = boto3.client("dynamodb")
    readable = []
    for table, name in event.items():
        try:
            client.get_item(TableName=name, Key={"pk": {"S": "x"}, "sk": {"S": "A"}})
            readable.append(table)
        except botocore.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDeniedException", error
    return sorted(readable)
"""


def readable(town: Town, function: str) -> list[str]:
    """The tables that a function with this function's role can read."""
    client: Any = town.cloud.client("lambda")
    role = client.get_function_configuration(FunctionName=f"lastmile-local-{function}")["Role"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("probe.py", PROBE)
    name = f"probe-{function}"
    client.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role,
        Handler="probe.handler",
        Code={"ZipFile": code.getvalue()},
        Timeout=120,
    )
    names = {table.value: table_name for table, table_name in town.names.items()}
    reply = client.invoke(FunctionName=name, Payload=json.dumps(names).encode())
    answer = json.loads(reply["Payload"].read())
    client.delete_function(FunctionName=name)
    assert "FunctionError" not in reply, answer
    return list(answer)


def test_whoever_calls_strangers_cannot_read_who_the_recipients_are(town: Town) -> None:
    assert readable(town, "post_webhooks") == [TableName.CORE.value, TableName.EPH.value]


@pytest.mark.parametrize(
    ("function", "tables"),
    [
        ("plan_waves", {TableName.CORE}),
        ("solve_wave", {TableName.CORE, TableName.EPH}),
        ("merge_wave", {TableName.CORE, TableName.EPH}),
        ("match_drivers", {TableName.CORE, TableName.LIVE}),
        ("rematch_routes", {TableName.CORE, TableName.LIVE}),
    ],
)
def test_planner_and_matcher_cannot_read_who_the_recipients_are(
    town: Town, function: str, tables: set[TableName]
) -> None:
    assert readable(town, function) == sorted(table.value for table in tables)
