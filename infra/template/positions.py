"""How do pings get past the web function? Three methods of the same API lead to another one.

The address stays one: the phone's page may post to its own origin, and there is one document of all
routes. Chalice sends every route to the web function, so its integration is laid over by another
`Fn::Sub` (the same intrinsic: merged, not mixed). Each method gets a throttle of its own, for the
API's default would let pings and orders wait for each other.
Source: API Gateway, "Throttle requests to your REST APIs" (per method); CloudFormation,
`MethodSetting` (`/` in ResourcePath is written `~1`).
"""

from __future__ import annotations

from infra.template.intrinsics import Json, ref, sub

PATHS = {"/v1/driver/location": ("post",), "/v1/trackers/{device_key}": ("get", "post")}
#: 3,000 phones that send every half minute, and every phone of a dead spot at once.
BATCHES_PER_S = 100
BATCHES_AT_ONCE = 200

_ARN = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    "${TakePositions.Arn}/invocations"
)


def definition() -> Json:
    """What is laid over the API's own document."""
    integration = {"x-amazon-apigateway-integration": {"uri": sub(_ARN)}}
    return {
        "paths": {
            path: {method: integration for method in methods} for path, methods in PATHS.items()
        }
    }


def method_settings() -> list[Json]:
    return [
        {
            "ResourcePath": path.replace("/", "~1").replace("~1", "/~1", 1),
            "HttpMethod": method.upper(),
            "ThrottlingRateLimit": BATCHES_PER_S,
            "ThrottlingBurstLimit": BATCHES_AT_ONCE,
        }
        for path, methods in PATHS.items()
        for method in methods
    ]


PERMISSION: Json = {
    "TakePositionsInvokePermission": {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": ref("TakePositions"),
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {
                "Fn::Sub": [
                    "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*",
                    {"Api": ref("RestAPI")},
                ]
            },
        },
    }
}
