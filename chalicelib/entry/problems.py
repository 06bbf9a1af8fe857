"""How an error is answered: RFC 9457 ``application/problem+json``.

``type`` names the code's row in docs/errors.md, ``code`` is what programs compare.
"""

from typing import Any

from chalice.app import Response

from chalicelib.kit.errors import LastmileError

#: A name, not an address: no domain has to be owned, now or by whoever installs this.
TYPES = "urn:problem-type:lastmile"


def as_body(error: LastmileError, request_id: str) -> dict[str, Any]:
    """The problem itself, as it also stands inside the answer to a batch."""
    body: dict[str, Any] = {
        **error.extra,
        "type": f"{TYPES}:{error.code}",
        "title": error.title,
        "status": error.status,
        "code": error.code,
        "request_id": request_id,
        "retry": error.retry,
    }
    if error.detail:
        body["detail"] = error.detail
    if error.fields:
        body["fields"] = [dict(field) for field in error.fields]
    return body


def problem(error: LastmileError, request_id: str) -> Response:
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if error.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="lastmile"'
    body = as_body(error, request_id)
    return Response(body=body, status_code=error.status, headers=headers)
