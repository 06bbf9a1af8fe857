"""Which methods of the API lead past the web function, to a function of their own?

The address stays one, and there is one document of all routes. Chalice sends every route to the web
function, so the integration of these is laid over by another `Fn::Sub` (the same intrinsic: merged,
not mixed). Pings go to `take_positions`, so that they and orders never wait for each other; dead
letters to `tend_dead_letters`, so that who answers strangers cannot fill queues.
"""

from __future__ import annotations

from infra.template import positions
from infra.template.intrinsics import Json, ref, sub

PATHS: dict[str, dict[str, tuple[str, ...]]] = {
    "TakePositions": positions.PATHS,
    "TendDeadLetters": {
        "/v1/dead-letters": ("get",),
        "/v1/dead-letters/{queue}": ("get",),
        "/v1/dead-letters/{queue}/redrive": ("post",),
        "/v1/dead-letters/{queue}/discard": ("post",),
    },
}


def _integration(function: str) -> Json:
    arn = (
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
        "${" + function + ".Arn}/invocations"
    )
    return {"x-amazon-apigateway-integration": {"uri": sub(arn)}}


def definition() -> Json:
    """What is laid over the API's own document."""
    return {
        "paths": {
            path: {method: _integration(function) for method in methods}
            for function, paths in PATHS.items()
            for path, methods in paths.items()
        }
    }


def permissions() -> Json:
    """That the API may call them."""
    return {f"{function}InvokePermission": _permission(function) for function in PATHS}


def _permission(function: str) -> Json:
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": ref(function),
            "Principal": "apigateway.amazonaws.com",
            "SourceArn": {
                "Fn::Sub": [
                    "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*",
                    {"Api": ref("RestAPI")},
                ]
            },
        },
    }
