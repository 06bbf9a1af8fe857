"""The stack that CloudFormation is asked for."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.loaders
import pytest

from chalicelib.domain.accounts.sessions import SESSION_LIVES
from chalicelib.domain.accounts.signing_in import STEP_LIVES
from chalicelib.domain.dispatch.waves import fanout
from chalicelib.kit.errors import LastmileError
from infra.template.functions import FUNCTIONS, WITH_PICTURES, WITH_SOLVER, WORKERS_AT_MOST
from infra.template.queues import (
    MAX_RECEIVES,
    QUEUES,
    VISIBILITY_PER_TIMEOUT,
    dead_letter_queues,
)
from infra.template.refusals import REFUSALS
from infra.template.tables import TABLES

GOLDEN = Path(__file__).resolve().parent.parent / "golden" / "functions.json"

FREE_ALARMS = 10

# Billed by the hour or month whether or not anything happens.
COSTLY_WHILE_IDLE = (
    "AWS::KMS::",
    "AWS::SecretsManager::",
    "AWS::EC2::",
    "AWS::ElastiCache::",
    "AWS::RDS::",
    "AWS::WAFv2::",
)


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


def _of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def _row(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "handler": properties["Handler"],
        "memory_mb": properties["MemorySize"],
        "timeout_s": properties["Timeout"],
        "layers": properties.get("Layers", []),
        "triggers": properties.get("Events", {}),
    }


def test_the_linter_finds_nothing(template: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template))
    linter = "from cfnlint.runner import main; main()"
    command = [sys.executable, "-W", "ignore", "-c", linter, "--template", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_intrinsic_was_merged_with_another(template: dict[str, Any]) -> None:
    """Chalice merges dicts, and `{"Fn::Sub": ...}` with `{"Ref": ...}` makes nonsense."""
    mixed = [
        node
        for node in _walk(template["Resources"])
        if len(node) > 1 and any(key == "Ref" or key.startswith("Fn::") for key in node)
    ]
    assert mixed == []


def test_functions_have_the_agreed_shape_and_triggers(template: dict[str, Any]) -> None:
    functions = _of_type(template, "AWS::Serverless::Function")
    found = {name: _row(properties) for name, properties in sorted(functions.items())}
    assert found == json.loads(GOLDEN.read_text())


def test_answers_are_compressed_as_the_figures_of_the_documents_assume(
    template: dict[str, Any],
) -> None:
    (api,) = _of_type(template, "AWS::Serverless::Api").values()
    assert api["MinimumCompressionSize"] == 1000


def test_only_who_needs_a_layer_carries_it(template: dict[str, Any]) -> None:
    functions = _of_type(template, "AWS::Serverless::Function")
    carried = {name: properties.get("Layers", []) for name, properties in functions.items()}
    for layer, carriers in (("SolverLayer", WITH_SOLVER), ("PicturesLayer", WITH_PICTURES)):
        carrying = {name for name, layers in carried.items() if {"Ref": layer} in layers}
        assert carrying == {FUNCTIONS[name] for name in carriers}


def test_every_function_writes_to_a_log_that_forgets(template: dict[str, Any]) -> None:
    groups = _of_type(template, "AWS::Logs::LogGroup")
    named = {group["LogGroupName"]["Fn::Sub"] for group in groups.values()}
    assert named == {f"/aws/lambda/${{{resource}}}" for resource in FUNCTIONS.values()}
    assert {group["RetentionInDays"] for group in groups.values()} == {30}


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
def test_a_message_stays_hidden_for_six_timeouts_of_its_worker(
    template: dict[str, Any], queue: Any
) -> None:
    worker = template["Resources"][FUNCTIONS[queue.worker]]["Properties"]
    properties = template["Resources"][queue.resource]["Properties"]
    assert properties["VisibilityTimeout"] >= VISIBILITY_PER_TIMEOUT * worker["Timeout"]


@pytest.mark.parametrize("queue", QUEUES, ids=lambda queue: queue.name)
def test_what_cannot_be_done_ends_in_the_dead_letter_queue(
    template: dict[str, Any], queue: Any
) -> None:
    redrive = template["Resources"][queue.resource]["Properties"]["RedrivePolicy"]
    assert redrive["maxReceiveCount"] == MAX_RECEIVES
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": [queue.dead_letters, "Arn"]}


def test_aws_makes_queue_triggers_that_answer_per_message(transformed: dict[str, Any]) -> None:
    mappings = _of_type(transformed, "AWS::Lambda::EventSourceMapping").values()
    answering = {
        mapping["EventSourceArn"]["Fn::Sub"]
        for mapping in mappings
        if mapping.get("FunctionResponseTypes") == ["ReportBatchItemFailures"]
    }
    assert answering == {"${" + queue.resource + ".Arn}" for queue in QUEUES}


def test_the_stream_halves_a_failing_batch_and_keeps_what_fails(
    transformed: dict[str, Any],
) -> None:
    mappings = _of_type(transformed, "AWS::Lambda::EventSourceMapping").values()
    (stream,) = (m for m in mappings if m.get("BisectBatchOnFunctionError"))
    assert stream["EventSourceArn"] == {"Fn::GetAtt": ["CoreTable", "StreamArn"]}
    assert stream["StartingPosition"] == "TRIM_HORIZON"
    assert stream["DestinationConfig"]["OnFailure"]["Destination"] == {
        "Fn::GetAtt": ["RelayDlq", "Arn"]
    }


def test_only_uploads_to_the_proofs_bucket_wake_check_proof(transformed: dict[str, Any]) -> None:
    rules = _of_type(transformed, "AWS::Events::Rule").values()
    (rule,) = (r for r in rules if "EventPattern" in r and "EventBusName" not in r)
    assert rule["EventPattern"] == {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {
            "bucket": {"name": [{"Ref": "ProofsBucket"}]},
            "object": {"key": [{"prefix": "incoming/"}]},
        },
    }


def test_shopifys_bus_wakes_a_function_only_where_it_is_named(
    transformed: dict[str, Any],
) -> None:
    resources = transformed["Resources"]
    rule, permission = resources["ShopifyEventsRule"], resources["ShopifyEventsPermission"]
    assert {rule["Condition"], permission["Condition"]} == {"WithShopifyEvents"}
    assert rule["Properties"]["EventBusName"] == {"Ref": "ShopifyEventBus"}
    assert rule["Properties"]["EventPattern"] == {"source": [{"prefix": "aws.partner/shopify.com"}]}
    assert transformed["Parameters"]["ShopifyEventBus"]["Default"] == ""
    (target,) = rule["Properties"]["Targets"]
    assert target["Arn"] == {"Fn::GetAtt": ["ReceivePartnerEvents", "Arn"]}
    assert permission["Properties"]["SourceArn"] == {"Fn::GetAtt": ["ShopifyEventsRule", "Arn"]}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_is_billed_by_use(template: dict[str, Any], table: Any) -> None:
    properties = template["Resources"][table.resource]["Properties"]
    assert properties["BillingMode"] == "PAY_PER_REQUEST"


def test_nothing_costs_while_nothing_happens(transformed: dict[str, Any]) -> None:
    kinds = {resource["Type"] for resource in transformed["Resources"].values()}
    assert [kind for kind in kinds if kind.startswith(COSTLY_WHILE_IDLE)] == []
    assert not any("ProvisionedConcurrencyConfig" in node for node in _walk(transformed))
    essential = [
        name
        for name, resource in transformed["Resources"].items()
        if resource.get("Condition") == "WithAlarms"
    ]
    assert len(essential) <= FREE_ALARMS


def test_a_round_is_waited_for_as_long_as_the_deployed_workers_need() -> None:
    """Parts beyond those that run side by side wait for a worker: the round counts with it."""
    assert WORKERS_AT_MOST["waves"] == fanout.SIDE_BY_SIDE


def test_a_closing_is_taken_over_when_its_worker_cannot_live_any_more(
    template: dict[str, Any],
) -> None:
    assert template["Resources"]["MergeWave"]["Properties"]["Timeout"] <= fanout.CLOSING_S


def test_every_failure_place_has_an_alarm(template: dict[str, Any]) -> None:
    alarms = template["Resources"].keys()
    assert {f"{name}Alarm" for name in dead_letter_queues()} <= alarms
    assert {f"{resource}ErrorsAlarm" for resource in FUNCTIONS.values()} <= alarms


@pytest.mark.parametrize(("name", "days"), [("ProofsBucket", 90), ("PayloadsBucket", 1)])
def test_a_bucket_is_closed_and_forgets(template: dict[str, Any], name: str, days: int) -> None:
    bucket = template["Resources"][name]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    rule, *also = bucket["LifecycleConfiguration"]["Rules"]
    assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", days)
    # Uploads that nobody came to look at.
    assert [(one["Prefix"], one["ExpirationInDays"]) for one in also] == (
        [("incoming/", 1)] if name == "ProofsBucket" else [("simulations/", 30)]
    )
    (statement,) = template["Resources"][f"{name}Policy"]["Properties"]["PolicyDocument"][
        "Statement"
    ]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_pings_lead_past_the_web_function(transformed: dict[str, Any]) -> None:
    leads = {
        (path, method): operation["x-amazon-apigateway-integration"]["uri"]["Fn::Sub"]
        for path, item in transformed["Resources"]["RestAPI"]["Properties"]["Body"]["paths"].items()
        for method, operation in item.items()
        if "x-amazon-apigateway-integration" in operation
    }
    past = {where for where, uri in leads.items() if "${TakePositions.Arn}" in uri}
    assert past == {
        ("/v1/driver/location", "post"),
        ("/v1/trackers/{device_key}", "get"),
        ("/v1/trackers/{device_key}", "post"),
    }
    tending = {where for where, uri in leads.items() if "${TendDeadLetters.Arn}" in uri}
    assert tending == {where for where in leads if where[0].startswith("/v1/dead-letters")} != set()
    others = leads.keys() - past - tending
    assert all("${APIHandler.Arn}" in leads[where] for where in others)
    stage = transformed["Resources"]["RestAPIapiStage"]["Properties"]
    throttled = {setting["ResourcePath"] for setting in stage["MethodSettings"]}
    assert throttled == {"/*", "/~1v1~1driver~1location", "/~1v1~1trackers~1{device_key}"}


def test_what_the_gateway_itself_refuses_is_a_problem_with_a_code_of_ours(
    transformed: dict[str, Any],
) -> None:
    responses = transformed["Resources"]["RestAPI"]["Properties"]["Body"][
        "x-amazon-apigateway-gateway-responses"
    ]
    codes = {}
    for kind, response in responses.items():
        (text,) = response["responseTemplates"].values()
        problem = json.loads(text)
        assert str(problem["status"]) == response["statusCode"]
        assert problem["request_id"] == "$context.requestId"
        assert response["responseParameters"]["gatewayresponse.header.Content-Type"] == (
            "'application/problem+json'"
        )
        codes[kind] = problem["code"]
    assert codes["MISSING_AUTHENTICATION_TOKEN"] == codes["INVALID_SIGNATURE"] == "not_found"
    assert codes["THROTTLED"] == "rate_limited"
    assert codes["REQUEST_TOO_LARGE"] == "payload_too_large"
    assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= codes.keys() == REFUSALS.keys()


def test_every_refusal_is_one_that_the_gateway_knows() -> None:
    """A misspelt kind would be refused by AWS alone, in the middle of a deployment."""
    model = botocore.loaders.Loader().load_service_model("apigateway", "service-2")
    assert REFUSALS.keys() <= set(model["shapes"]["GatewayResponseType"]["enum"])
    assert all(isinstance(error, LastmileError) for error in REFUSALS.values())


def test_nobody_signs_up_by_themselves_and_the_desk_shows_a_second_proof(
    template: dict[str, Any],
) -> None:
    pools = {
        name: one
        for name, one in template["Resources"].items()
        if one["Type"] == "AWS::Cognito::UserPool"
    }
    assert set(pools) == {"DeskPool", "TeamPool"}
    for pool in pools.values():
        assert pool["Condition"] == "WithCognito"
        properties = pool["Properties"]
        assert properties["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
        # Cognito knows our ids alone: there is no attribute to keep anything of a person in.
        assert not {"Schema", "AutoVerifiedAttributes", "UsernameAttributes"} & set(properties)
    assert template["Parameters"]["DeskMfa"]["Default"] == "ON"
    assert template["Parameters"]["SignIn"]["Default"] == "local"


def test_only_our_own_function_can_ask_cognito_for_a_token(template: dict[str, Any]) -> None:
    clients = _of_type(template, "AWS::Cognito::UserPoolClient")
    assert len(clients) == 2
    for client in clients.values():
        assert client["ExplicitAuthFlows"] == ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
        assert client["IdTokenValidity"] == SESSION_LIVES.total_seconds() / 3600
        assert client["AuthSessionValidity"] == STEP_LIVES.total_seconds() / 60
