"""A deployment can be repeated, keeps its secrets, and says why it failed."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.stub import Stubber

from local.cloud import session
from local.deploy import (
    MAX_INLINE_TEMPLATE_BYTES,
    DeploymentFailed,
    Target,
    deploy,
    deploy_template,
    read_secret,
)
from local.stack import PlayClock, RunningStack
from tests.local.small_stack import call, template

pytestmark = pytest.mark.ministack


@pytest.fixture
def target(small_stack: RunningStack) -> Iterator[Target]:
    target = Target(session(), small_stack.aws_endpoint_url)
    yield target
    target.close()


def test_the_second_deployment_changes_nothing_and_keeps_the_secrets(
    target: Target, small_stack: RunningStack, small_package: Path
) -> None:
    said: list[str] = []
    outputs = deploy(target, "local", {}, package=small_package, progress=said.append)
    assert outputs == small_stack.outputs
    assert read_secret(target, "local", "operator-key") == small_stack.operator_key
    assert small_stack.operator_key.startswith("lm_op_")
    assert call(small_stack, "GET", "/healthz").status == 200


def test_settings_not_named_again_keep_their_value(
    target: Target, small_stack: RunningStack, small_package: Path
) -> None:
    deploy(target, "local", {"Other": "x"}, package=small_package, progress=lambda _: None)
    seen = json.loads(call(small_stack, "POST", "/x", b"{}").body)
    assert seen["base_url"] == small_stack.base_url


def test_a_template_too_large_to_be_sent_is_read_from_the_bucket(
    target: Target, small_package: Path, tmp_path: Path
) -> None:
    package = tmp_path / "package"
    shutil.copytree(small_package, package)
    long = template() | {"Metadata": {"Padding": "x" * MAX_INLINE_TEMPLATE_BYTES}}
    (package / "template.json").write_text(json.dumps(long))
    outputs = deploy(target, "large", {}, package=package, progress=lambda _: None)
    assert outputs["TableName"].startswith("lastmile-large-")


def test_a_failed_deployment_names_the_resource_and_the_reason() -> None:
    """The embedded cloud creates almost anything, so CloudFormation's answers are scripted."""
    target = Target(session())
    name = "lastmile-broken"
    failed_at = {"StackName": name, "CreationTime": datetime(2026, 11, 23, tzinfo=UTC)}
    event = {"StackId": "1", "EventId": "1", "Timestamp": datetime(2026, 11, 23, tzinfo=UTC)}
    refusal = event | {
        "StackName": name,
        "LogicalResourceId": "CoreTable",
        "ResourceType": "AWS::DynamoDB::Table",
        "ResourceStatus": "CREATE_FAILED",
        "ResourceStatusReason": "no key schema",
    }
    with Stubber(target.client("cloudformation")) as answers:
        answers.add_client_error("describe_stacks", "ValidationError", f"{name} does not exist")
        answers.add_response("create_stack", {"StackId": "1"})
        rolled_back = failed_at | {"StackStatus": "ROLLBACK_COMPLETE"}
        answers.add_response("describe_stacks", {"Stacks": [rolled_back]})
        answers.add_response("describe_stack_events", {"StackEvents": [refusal]})
        with pytest.raises(DeploymentFailed, match=r"CoreTable .*: no key schema"):
            deploy_template(target, name, "{}", {}, lambda _: None, "bucket")
    target.close()


def test_a_fast_clock_is_told_to_the_stack_as_one_line_through_two_instants() -> None:
    assert PlayClock().parameters() == {"ClockRate": "1"}
    parameters = PlayClock(rate=60).parameters()
    assert parameters["ClockRate"] == "60"
    assert parameters["ClockAnchor"] == parameters["ClockStart"]
