"""One role per function, with only the calls it makes.

The code's AWS calls are found by reading it: every module of the package that names boto3 or its
stubs is searched for calls on a client. What the code calls must be granted to some function, and
of a service that the code uses nothing may be granted that it never calls. Gateways and queues are
attributed to functions by what their entry modules ask wiring for; which function may reach which
data is written down here, apart from the policies, and the embedded cloud enforces the roles.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import Loader

from infra.package import ROOT
from infra.template.functions import FUNCTIONS
from infra.template.queues import QUEUES

CHALICELIB = ROOT / "chalicelib"

SERVICES = ("dynamodb", "s3", "sqs", "sns", "ssm", "geo-places", "geo-routes")

# A call whose permission has another name than its own.
PERMISSIONS = {
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "ssm:GetParameters": "ssm:GetParameters",
    "dynamodb:TransactGetItems": "dynamodb:GetItem",
}
TRANSACTED = {
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
    "Delete": "dynamodb:DeleteItem",
    "ConditionCheck": "dynamodb:ConditionCheckItem",
}
PRESIGNED = {"put_object": "s3:PutObject", "get_object": "s3:GetObject"}

# Lambda itself calls these for the function: its log, its trigger, its dead letters.
BY_LAMBDA = {
    *("logs:CreateLogStream", "logs:PutLogEvents"),
    *("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    *("dynamodb:DescribeStream", "dynamodb:GetRecords"),
    *("dynamodb:GetShardIterator", "dynamodb:ListStreams"),
}
# Never called: without it S3 answers "forbidden" for an object that is not there.
BESIDE_THE_CALLS = {"s3:ListBucket"}

# Chapters of the API that another function than the web function answers.
DIVERTED = {"dead_letters"}

# They take orders in as the web function does.
SHOP_FUNCTIONS = {"update_shops", "reconcile_orders", "receive_partner_events"}

MAY_REACH = {
    "PiiTable": {
        "api_handler",
        "make_papers",
        "send_messages",
        "receive_texts",
        # Names of accounts alone: the policy says by which keys.
        "tend_dead_letters",
        *SHOP_FUNCTIONS,
    },
    "MoneyTable": {"api_handler", "keep_books", "make_papers"},
    "LiveTable": {
        "api_handler",
        "take_positions",
        "match_drivers",
        "rematch_routes",
        "draw_sheets",
        "relay_events",
        "redeliver_events",
        "send_messages",
    },
    "EphTable": {
        "api_handler",
        "send_messages",
        "wake_texts",
        "receive_texts",
        "solve_wave",
        "post_webhooks",
        "wake_callbacks",
        "relay_events",
        "redeliver_events",
        "draw_sheets",
        "merge_wave",
        "roll_figures",
        "tend_dead_letters",
        "simulate",
        *SHOP_FUNCTIONS,
    },
    "ProofsBucket": {"api_handler", "check_proof", "make_papers", "update_shops"},
    "PayloadsBucket": {"api_handler", "solve_wave", "merge_wave", "simulate"},
    "operator-key": {"api_handler", "tend_dead_letters"},
}

# A gateway that entries ask wiring for -> the service whose permission it needs.
GATEWAYS = {
    "sms": "sns",
    "emails": "ses",
    "photos": "s3",
    "payloads": "s3",
    "places": "geo-places",
    "street_files": "s3",
    "route_matrix": "geo-routes",
    "vault": "ssm",
}


def _policy(name: str) -> list[dict[str, Any]]:
    path = ROOT / "infra" / "policies" / f"{name}.json"
    statements: list[dict[str, Any]] = json.loads(path.read_text())["Statement"]
    return statements


def _but_meters(name: str) -> list[dict[str, Any]]:
    return [one for one in _policy(name) if one["Sid"] != "KeepMeters"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_may_write_its_meters_and_nothing_else_by_that(name: str) -> None:
    """A new function copies the statement from any other policy."""
    (meters,) = [one for one in _policy(name) if one["Sid"] == "KeepMeters"]
    assert meters["Action"] == ["dynamodb:PutItem"]
    assert meters["Resource"] == {"Fn::GetAtt": ["EphTable", "Arn"]}
    keys = {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["MT#*"]}}
    assert meters["Condition"] == keys


def _entry_sources(name: str) -> list[str]:
    """The texts of a function's module and of the entry modules that it imports, in turn."""
    starts = [CHALICELIB / "entry" / "functions" / f"{name}.py"]
    # Whether the web function is whole shows in the app that registers its parts.
    if name == "api_handler" and (ROOT / "app.py").exists():
        starts = sorted((CHALICELIB / "entry" / "api").glob("*.py"))
        # Declared there as all routes are, answered by another function (template/diversions).
        starts = [path for path in starts if path.stem not in DIVERTED]
    ahead = [path for path in starts if path.exists() and path.read_text()]
    seen: dict[Path, str] = {}
    while ahead:
        path = ahead.pop()
        if path not in seen:
            seen[path] = path.read_text()
            ahead += _entry_imports(seen[path])
    return list(seen.values())


def _entry_imports(source: str) -> list[Path]:
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            found += [ROOT / (name.replace(".", "/") + ".py") for name in names]
    entry = CHALICELIB / "entry"
    return [path for path in found if path.exists() and path.is_relative_to(entry)]


def _granted(name: str) -> set[str]:
    allowed = [s for s in _policy(name) if s["Effect"] == "Allow"]
    return {action for statement in allowed for action in statement["Action"]}


def _operations() -> dict[str, str]:
    """Python's name of each call -> its IAM action, for the services we use."""
    loader = Loader()
    found = {}
    for service in SERVICES:
        model = loader.load_service_model(service, "service-2")
        for operation in model["operations"]:
            action = f"{service}:{operation}"
            found[xform_name(operation)] = PERMISSIONS.get(action, action)
    return found


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    """Calls of a method on anything but `self`: a client, however it is named."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            receiver = node.func.value
            if not (isinstance(receiver, ast.Name) and receiver.id == "self"):
                yield node


def _actions_called(source: str, operations: dict[str, str]) -> set[str]:
    tree = ast.parse(source)
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    found = set()
    for call in _calls(tree):
        name = call.func.attr  # type: ignore[attr-defined]
        if name == "transact_write_items":
            found |= {action for kind, action in TRANSACTED.items() if kind in texts}
        elif name == "generate_presigned_post":
            found.add("s3:PutObject")
        elif name == "generate_presigned_url":
            found |= {action for kind, action in PRESIGNED.items() if kind in texts}
        elif name in operations:
            found.add(operations[name])
    return found


@pytest.fixture(scope="module")
def called() -> set[str]:
    operations = _operations()
    found: set[str] = set()
    for path in sorted(CHALICELIB.rglob("*.py")):
        source = path.read_text()
        if re.search(r"\b(boto3|botocore)\b", source):
            found |= _actions_called(source, operations)
    return found


def test_reading_the_code_finds_its_calls() -> None:
    source = """
import boto3
self._client.get_item(Key={})
sqs.send_message_batch(Entries=[])
client.generate_presigned_url("get_object", Params={})
client.transact_write_items(TransactItems=[{"Put": 1}, {"ConditionCheck": 2}])
self.query()
"""
    assert _actions_called(source, _operations()) == {
        *("dynamodb:GetItem", "sqs:SendMessage", "s3:GetObject"),
        *("dynamodb:PutItem", "dynamodb:ConditionCheckItem"),
    }


def test_every_call_in_the_code_is_granted_to_some_function(called: set[str]) -> None:
    granted = {action for name in FUNCTIONS for action in _granted(name)}
    assert called - granted == set()


def test_nothing_is_granted_that_the_code_never_calls(called: set[str]) -> None:
    """Of services the code does not use yet we cannot tell."""
    granted = {action for name in FUNCTIONS for action in _granted(name)} - BY_LAMBDA
    granted -= BESIDE_THE_CALLS
    used = {action.split(":")[0] for action in called}
    assert {action for action in granted - called if action.split(":")[0] in used} == set()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_functions_role_holds_its_policy_and_nothing_else(
    template: dict[str, Any], name: str
) -> None:
    resources = template["Resources"]
    role = resources[FUNCTIONS[name]]["Properties"]["Role"]["Fn::GetAtt"][0]
    assert [n for n, r in resources.items() if r["Type"] == "AWS::IAM::Role"].count(role) == 1
    properties = resources[role]["Properties"]
    assert [p["PolicyDocument"]["Statement"] for p in properties["Policies"]] == [_policy(name)]
    assert "ManagedPolicyArns" not in properties


def test_no_two_functions_share_a_role(template: dict[str, Any]) -> None:
    roles = [
        json.dumps(template["Resources"][resource]["Properties"]["Role"])
        for resource in FUNCTIONS.values()
    ]
    assert len(set(roles)) == len(roles)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_actions_are_named_and_so_are_resources(name: str) -> None:
    for statement in _policy(name):
        assert not any("*" in action for action in statement["Action"]), statement
        if statement["Effect"] == "Allow" and statement["Resource"] == "*":
            # A text goes to a phone number, which has no ARN; topics are denied beside it.
            # Source: Amazon SNS developer guide, "Identity-based policies: publish to phones".
            # Nor has the list of opt-outs one. Source: service authorization reference, Amazon SNS.
            assert statement["Action"][0] == "sns:Publish"
            assert set(statement["Action"][1:]) <= {"sns:CheckIfPhoneNumberIsOptedOut"}
            denied = [s for s in _policy(name) if s["Effect"] == "Deny"]
            assert denied[0]["Action"] == ["sns:Publish"]


@pytest.mark.parametrize(("target", "allowed"), MAY_REACH.items())
def test_data_is_reached_only_by_those_who_need_it(target: str, allowed: set[str]) -> None:
    reaching = {name for name in FUNCTIONS if target in json.dumps(_but_meters(name))}
    assert reaching == allowed


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_use_exactly_the_gateways_it_asks_for(name: str) -> None:
    sources = _entry_sources(name)
    if not sources:
        pytest.skip(f"{name} is not written yet")
    text = "\n".join(sources)
    asked = {service for gate, service in GATEWAYS.items() if f"wiring.{gate}()" in text}
    granted = {action.split(":")[0] for action in _granted(name)} & set(GATEWAYS.values())
    assert granted == asked


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_may_send_to_exactly_the_queues_it_names(name: str) -> None:
    sources = _entry_sources(name)
    if not sources:
        pytest.skip(f"{name} is not written yet")
    text = "\n".join(sources)
    if "SUBSCRIBERS" in text:
        text += (CHALICELIB / "listeners.py").read_text()
    named = {queue.resource for queue in QUEUES if f"(Queue.{queue.name.upper()}," in text}
    if name == "tend_dead_letters":
        # Whatever died goes back to wherever it came from.
        named = {queue.resource for queue in QUEUES}
    granted = {
        queue.resource
        for queue in QUEUES
        for statement in _policy(name)
        if "sqs:SendMessage" in statement["Action"]
        and f'"{queue.resource}"' in json.dumps(statement)
    }
    assert granted == named


@pytest.mark.parametrize("name", FUNCTIONS)
def test_who_commits_nothing_may_write_nothing_to_the_core_table(name: str) -> None:
    text = "\n".join(_entry_sources(name))
    if "work.run" in text or "SUBSCRIBERS" in text:
        return
    writing = {"dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:UpdateItem"}
    core = [one for one in _but_meters(name) if '"CoreTable"' in json.dumps(one)]
    assert not any(writing & set(one["Action"]) for one in core)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_function_may_scan_or_redefine_a_table(name: str) -> None:
    forbidden = {"dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:UpdateTable"}
    assert _granted(name) & forbidden == set()


def test_one_function_alone_takes_messages_out_of_dead_letter_queues() -> None:
    taking = {
        name
        for name in FUNCTIONS
        for statement in _policy(name)
        if "Dlq" in json.dumps(statement["Resource"])
        and {"sqs:ReceiveMessage", "sqs:DeleteMessage"} & set(statement["Action"])
    }
    assert taking == {"tend_dead_letters"}


def test_who_answers_strangers_may_count_dead_letters_and_nothing_else() -> None:
    granted = {
        action
        for statement in _policy("api_handler")
        if "Dlq" in json.dumps(statement["Resource"])
        for action in statement["Action"]
    }
    assert granted == {"sqs:GetQueueAttributes"}
