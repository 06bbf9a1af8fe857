"""A package as small as can be, shaped like the real one: one function behind a REST API, one on a
table's stream, one on a queue, and a layer. Enough to try the launcher, deployer and front door.
"""

import json
import zipfile
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.stack import RunningStack

#: A bound on how long a test that fails takes; it proves nothing.
PATIENCE_S = 120

HANDLERS = """
import base64, hashlib, json, os
import boto3
import said

def api(event, context):
    print("one line, or the emulator waits 50 ms for it")
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    if event["path"].endswith("/healthz"):
        return {"statusCode": 200, "body": "ok"}
    if event["path"].endswith("/pid"):
        return {"statusCode": 200, "body": str(os.getpid())}
    if event["path"].endswith("/put"):
        boto3.client("dynamodb").put_item(
            TableName=os.environ["TABLE"], Item={"pk": {"S": raw.decode()}})
    seen = {
        "sha256": hashlib.sha256(raw).hexdigest(),
        "path": event["path"],
        "query": event.get("multiValueQueryStringParameters"),
        "headers": {k.lower(): v for k, v in event["headers"].items()},
        "base_url": os.environ["PUBLIC_BASE_URL"],
        "layer": said.WORD,
        "foreign": sorted(k for k in os.environ if k.startswith("LEAK")),
    }
    return {
        "statusCode": 201,
        "headers": {"Content-Type": "application/problem+json", "X-Own": "yes"},
        "body": json.dumps(seen),
    }

def stream(event, context):
    print("relay")
    for record in event["Records"]:
        key = record["dynamodb"]["Keys"]["pk"]["S"]
        boto3.client("sqs").send_message(QueueUrl=os.environ["QUEUE"], MessageBody=key)

def queue(event, context):
    print("send")
    for record in event["Records"]:
        boto3.client("sns").publish(
            PhoneNumber="+4915112345678", Message=record["body"], Subject="text",
            MessageAttributes={"a": {"DataType": "String", "StringValue": "b"}})
    return {"batchItemFailures": []}
"""


def _function(handler: str, *events: dict[str, Any]) -> dict[str, Any]:
    return {
        "Type": "AWS::Serverless::Function",
        "Properties": {
            "Runtime": "python3.13",
            "Handler": f"handlers.{handler}",
            "CodeUri": {"Bucket": {"Ref": "CodeBucket"}, "Key": {"Ref": "FunctionZipKey"}},
            "Timeout": PATIENCE_S,
            "Layers": [{"Ref": "Words"}],
            "Environment": {
                "Variables": {
                    "TABLE": {"Ref": "Table"},
                    "QUEUE": {"Ref": "Queue"},
                    "PUBLIC_BASE_URL": {"Ref": "PublicBaseUrl"},
                }
            },
            "Events": {f"Trigger{number}": event for number, event in enumerate(events)},
        },
    }


def template() -> dict[str, Any]:
    names = (
        "Stage",
        "CodeBucket",
        "FunctionZipKey",
        "SolverLayerKey",
        "PicturesLayerKey",
        "PublicBaseUrl",
    )
    # Spelled out: the emulator does not import "any" method.
    any_path = [
        {
            "Type": "Api",
            "Properties": {"Path": "/{proxy+}", "Method": m, "RestApiId": {"Ref": "RestAPI"}},
        }
        for m in ("GET", "POST")
    ]
    code = {"S3Bucket": {"Ref": "CodeBucket"}, "S3Key": {"Ref": "SolverLayerKey"}}
    on_stream = {"Stream": {"Fn::GetAtt": ["Table", "StreamArn"]}, "StartingPosition": "LATEST"}
    on_queue = {"Queue": {"Fn::GetAtt": ["Queue", "Arn"]}, "BatchSize": 1}
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": {name: {"Type": "String", "Default": ""} for name in names},
        "Resources": {
            "Table": {
                "Type": "AWS::DynamoDB::Table",
                "Properties": {
                    "BillingMode": "PAY_PER_REQUEST",
                    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                    "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
                },
            },
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Words": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": code}},
            "RestAPI": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "api"}},
            "APIHandler": _function("api", *any_path),
            "Relay": _function("stream", {"Type": "DynamoDB", "Properties": on_stream}),
            "Send": _function("queue", {"Type": "SQS", "Properties": on_queue}),
        },
        "Outputs": {
            "ApiUrl": {"Value": {"Fn::Sub": "https://${RestAPI}.example.com/api"}},
            "TableName": {"Value": {"Ref": "Table"}},
        },
    }


def write_package(folder: Path) -> Path:
    """Write template, zips and manifest as infra.package leaves them."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "template.json").write_text(json.dumps(template()))
    with zipfile.ZipFile(folder / "function.zip", "w") as function:
        function.writestr("handlers.py", HANDLERS)
    with zipfile.ZipFile(folder / "layer.zip", "w") as layer:
        layer.writestr("python/said.py", "WORD = 'from the layer'\n")
    manifest = {
        "template": "template.json",
        "function": {"path": "function.zip"},
        "solver_layer": {"path": str(folder / "layer.zip")},
        "pictures_layer": {"path": str(folder / "layer.zip")},
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


@dataclass(frozen=True)
class Answer:
    status: int
    headers: HTTPMessage
    body: bytes


def call(
    running: RunningStack,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    """One request through the front door, sent byte for byte."""
    parts = urlsplit(running.base_url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body, headers or {})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()
