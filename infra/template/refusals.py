"""What does a caller read where API Gateway refuses a call before any function has seen it?

By itself it answers `{"message": ...}`, and 403 for a path that does not exist. Here each of its
refusals becomes a problem of ours (docs/errors.md), so that programs compare one kind of `code`.
Templates of gateway responses only fill in variables, so each is a finished text with a request id.
Source: Amazon API Gateway, "Gateway responses for REST APIs" and "Gateway response types".
"""

from __future__ import annotations

import json

from chalicelib.entry import problems
from chalicelib.kit import errors
from infra.template.intrinsics import Json

_UNKNOWN_PATH = errors.NotFound("there is nothing at this path, or not by this method")
_BUSY = errors.TooManyRequests("more calls than the stack takes at once", retry_after_s=1)
_UNREADABLE = errors.Malformed("the request cannot be passed on")
_SILENT = errors.Upstream("the call was not answered in time")

#: Nobody signs calls to us with AWS's keys: whoever is told of a token or a signature has missed
#: the path. A path that does not exist, with our own `Authorization: Bearer`, is such a signature.
REFUSALS: dict[str, errors.LastmileError] = {
    "MISSING_AUTHENTICATION_TOKEN": _UNKNOWN_PATH,
    "INVALID_SIGNATURE": _UNKNOWN_PATH,
    "EXPIRED_TOKEN": _UNKNOWN_PATH,
    "ACCESS_DENIED": _UNKNOWN_PATH,
    "RESOURCE_NOT_FOUND": _UNKNOWN_PATH,
    "THROTTLED": _BUSY,
    "QUOTA_EXCEEDED": _BUSY,
    "REQUEST_TOO_LARGE": errors.TooLarge("no call may have more than 10 MB"),
    "UNSUPPORTED_MEDIA_TYPE": errors.UnsupportedMedia(),
    "BAD_REQUEST_BODY": _UNREADABLE,
    "BAD_REQUEST_PARAMETERS": _UNREADABLE,
    "INTEGRATION_TIMEOUT": _SILENT,
    "INTEGRATION_FAILURE": _SILENT,
    "DEFAULT_4XX": _UNREADABLE,
    "DEFAULT_5XX": errors.LastmileError(),
}


def gateway_responses() -> Json:
    """`GatewayResponses` of the REST API, as SAM spells them."""
    return {kind: _response(error) for kind, error in REFUSALS.items()}


def _response(error: errors.LastmileError) -> Json:
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    return {
        "StatusCode": str(error.status),
        # A literal stands in quotes of its own.
        "ResponseParameters": {"Headers": {name: f"'{text}'" for name, text in headers.items()}},
        "ResponseTemplates": {
            "application/json": json.dumps(problems.as_body(error, "$context.requestId"))
        },
    }
