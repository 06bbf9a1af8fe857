"""Does the caller have it already? One answer for whatever has an ETag and holds nobody's data."""

from collections.abc import Mapping

from chalice.app import Request, Response


def unless_known(request: Request, body: str, headers: Mapping[str, str]) -> Response:
    """The body, or 304 if the caller holds what ``ETag`` names; HEAD gets no body."""
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(body="", status_code=304, headers=dict(headers))
    return Response(body="" if request.method == "HEAD" else body, headers=dict(headers))
