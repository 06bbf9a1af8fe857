"""Deploy the packaged stack through CloudFormation: to an AWS account or to the embedded cloud.

`make deploy STAGE=prod`, or `python -m local.deploy --stage prod --parameter Alarms=all`. It can be
repeated: zips are stored under their content's hash, secrets are made once, settings not named keep
their value. Credentials and region come from where boto3 always looks for them.
The stack is called lastmile-<stage>, its zips wait in lastmile-artifacts-<account>-<region>.
"""

import argparse
import base64
import hashlib
import json
import os
import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.expand import expand

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "build/package"
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
# Larger templates have to be read from a bucket. Source: CloudFormation quotas.
MAX_INLINE_TEMPLATE_BYTES = 51_200

Progress = Callable[[str], None]


class DeploymentFailed(RuntimeError):
    """The stack did not get there; the message lists the resources that refused, and why."""


@dataclass(frozen=True, slots=True)
class Target:
    """An AWS account and region, or something that answers like one."""

    session: boto3.Session
    endpoint_url: str | None = None
    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """A client per service, kept: making one takes longer than most calls."""
        if service not in self._clients:
            client = self.session.client(service, endpoint_url=self.endpoint_url)
            self._clients[service] = client
        return self._clients[service]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()

    @property
    def region(self) -> str:
        region = self.session.region_name
        if not region:
            raise DeploymentFailed("say which region: AWS_REGION=eu-central-1 make deploy ...")
        return str(region)


def stack_name(stage: str) -> str:
    return f"lastmile-{stage}"


def deploy(
    target: Target,
    stage: str,
    parameters: Mapping[str, str],
    *,
    package: Path = PACKAGE,
    progress: Progress = print,
) -> dict[str, str]:
    """Upload, create or update, wait; returns the stack's outputs."""
    manifest = json.loads((package / "manifest.json").read_text())
    bucket = artifacts_bucket(target)
    progress("uploading the function and its layers")
    chosen = {
        "Stage": stage,
        "CodeBucket": bucket,
        "FunctionZipKey": _upload(target, bucket, package / manifest["function"]["path"]),
        "SolverLayerKey": _upload(target, bucket, package / manifest["solver_layer"]["path"]),
        "PicturesLayerKey": _upload(target, bucket, package / manifest["pictures_layer"]["path"]),
        **parameters,
    }
    ensure_secrets(target, stage)
    template = (package / manifest["template"]).read_text()
    outputs = deploy_template(target, stack_name(stage), template, chosen, progress, bucket)
    url = outputs.get("ApiUrl", "")
    if url and not _parameters_of(target, stack_name(stage)).get("PublicBaseUrl"):
        # Only now is it known; links in texts need it.
        progress(f"links will start with {url}")
        chosen["PublicBaseUrl"] = url
        outputs = deploy_template(target, stack_name(stage), template, chosen, progress, bucket)
    return outputs


def artifacts_bucket(target: Target) -> str:
    """The bucket for zips, made on the first deployment."""
    account = target.client("sts").get_caller_identity()["Account"]
    name = f"lastmile-artifacts-{account}-{target.region}"
    s3 = target.client("s3")
    try:
        s3.head_bucket(Bucket=name, ExpectedBucketOwner=account)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"404", "NoSuchBucket"}:
            raise
        # The oldest region is the one that must not be named. Source: S3 API, CreateBucket.
        place = {"CreateBucketConfiguration": {"LocationConstraint": target.region}}
        s3.create_bucket(Bucket=name, **({} if target.region == "us-east-1" else place))
        s3.put_public_access_block(
            Bucket=name,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
    return name


def _upload(target: Target, bucket: str, path: Path) -> str:
    """Store a file under its hash; what is there already is not sent again."""
    content = path.read_bytes()
    key = f"{path.stem}-{hashlib.sha256(content).hexdigest()[:32]}{path.suffix}"
    s3 = target.client("s3")
    try:
        s3.head_object(Bucket=bucket, Key=key)
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"404", "NoSuchKey"}:
            raise
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    return key


def ensure_secrets(target: Target, stage: str) -> None:
    """Make the stage's two secrets unless they are there; they never leave Parameter Store here."""
    made = {
        "server-key": base64.b64encode(secrets.token_bytes(32)).decode(),
        "operator-key": f"lm_op_{secrets.token_urlsafe(32)}",
    }
    ssm = target.client("ssm")
    for name, value in made.items():
        try:
            ssm.put_parameter(Name=f"/lastmile/{stage}/{name}", Value=value, Type="SecureString")
        except ssm.exceptions.ParameterAlreadyExists:
            continue


def read_secret(target: Target, stage: str, name: str) -> str:
    found = target.client("ssm").get_parameter(
        Name=f"/lastmile/{stage}/{name}", WithDecryption=True
    )
    return str(found["Parameter"]["Value"])


def deploy_template(
    target: Target,
    name: str,
    template: str,
    parameters: Mapping[str, str],
    progress: Progress,
    bucket: str,
) -> dict[str, str]:
    """Create or update one stack and wait until it stands; returns its outputs."""
    cloudformation = target.client("cloudformation")
    current = _describe(cloudformation, name)
    if current and current["StackStatus"] in {"ROLLBACK_COMPLETE", "REVIEW_IN_PROGRESS"}:
        # A first creation that failed can only be removed. Source: CloudFormation, status codes.
        cloudformation.delete_stack(StackName=name)
        _wait(cloudformation, name, progress)
        current = None
    declared = json.loads(template).get("Parameters", {})
    kept = {p["ParameterKey"] for p in current.get("Parameters", [])} if current else set()
    request: dict[str, Any] = {
        "StackName": name,
        "Capabilities": CAPABILITIES,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": parameters[key]}
            if key in parameters
            else {"ParameterKey": key, "UsePreviousValue": True}
            for key in declared
            if key in parameters or key in kept
        ],
        **_template_argument(target, bucket, template, parameters),
    }
    progress(f"{'updating' if current else 'creating'} the stack {name}")
    try:
        if current:
            cloudformation.update_stack(**request)
        else:
            cloudformation.create_stack(**request)
    except ClientError as error:
        if "No updates are to be performed" not in str(error):
            raise
        progress("nothing has changed")
        return _outputs(current or {})
    stack = _wait(cloudformation, name, progress)
    if stack is None or stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise DeploymentFailed(_reasons(cloudformation, name))
    return _outputs(stack)


def _template_argument(
    target: Target, bucket: str, template: str, parameters: Mapping[str, str]
) -> dict[str, str]:
    content = json.loads(template)
    if target.endpoint_url:
        # An emulator does not expand the serverless transform.
        content = expand(content, parameters, target.region)
    # Leave out the white space before deciding whether it has to take the long way.
    compact = json.dumps(content, separators=(",", ":"))
    if len(compact.encode()) <= MAX_INLINE_TEMPLATE_BYTES:
        return {"TemplateBody": compact}
    key = f"template-{hashlib.sha256(compact.encode()).hexdigest()[:32]}.json"
    target.client("s3").put_object(Bucket=bucket, Key=key, Body=compact.encode())
    place = f"https://{bucket}.s3.{target.region}.amazonaws.com"
    if target.endpoint_url:
        place = f"{target.endpoint_url}/{bucket}"
    return {"TemplateURL": f"{place}/{key}"}


def _describe(cloudformation: Any, name: str) -> dict[str, Any] | None:
    try:
        stacks = cloudformation.describe_stacks(StackName=name)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return next((s for s in stacks if s["StackStatus"] != "DELETE_COMPLETE"), None)


def _parameters_of(target: Target, name: str) -> dict[str, str]:
    stack = _describe(target.client("cloudformation"), name) or {}
    return {p["ParameterKey"]: p.get("ParameterValue", "") for p in stack.get("Parameters", [])}


def _outputs(stack: Mapping[str, Any]) -> dict[str, str]:
    return {o["OutputKey"]: o["OutputValue"] for o in stack.get("Outputs", [])}


def _wait(cloudformation: Any, name: str, progress: Progress) -> dict[str, Any] | None:
    """Wait for the end of what is going on, telling how far it is; None once it is deleted."""
    pause_s, told = 0.25, -1
    while True:
        stack = _describe(cloudformation, name)
        if stack is None or not stack["StackStatus"].endswith("_IN_PROGRESS"):
            return stack
        resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
        done = sum(r["ResourceStatus"].endswith("_COMPLETE") for r in resources)
        if done != told:
            progress(f"{stack['StackStatus'].lower().replace('_', ' ')}: {done} resources stand")
            told = done
        time.sleep(pause_s)
        pause_s = min(5.0, pause_s * 1.3)


def _reasons(cloudformation: Any, name: str) -> str:
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    refused = [
        f"  {e['LogicalResourceId']} ({e['ResourceType']}): {e.get('ResourceStatusReason', '')}"
        for e in reversed(events)
        if "FAILED" in e["ResourceStatus"]
    ]
    return "\n".join([f"the stack {name} could not be deployed:", *refused])


def main() -> int:
    parser = argparse.ArgumentParser(description="Deploy the packaged stack.")
    parser.add_argument("--stage", required=True, help="for example prod; names the stack")
    parser.add_argument("--endpoint-url", default=os.environ.get("AWS_ENDPOINT_URL"))
    parser.add_argument("--parameter", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    parameters = dict(text.split("=", 1) for text in arguments.parameter)
    target = Target(boto3.Session(), arguments.endpoint_url)
    try:
        outputs = deploy(target, arguments.stage, parameters)
    except (DeploymentFailed, BotoCoreError, ClientError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    for name, value in sorted(outputs.items()):
        print(f"{name:24} {value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
