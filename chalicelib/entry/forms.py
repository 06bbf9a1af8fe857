"""How is a form of a page read? As browsers send it without a script: url-encoded, and small."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlencode

from chalice.app import Response

FORM = "application/x-www-form-urlencoded"
LARGEST_FORM_BYTES = 8 * 1024
MOST_FIELDS = 12


def fields(body: bytes) -> dict[str, str]:
    """The fields of a form, the last of each name; what is no form has none."""
    try:
        given = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in given.items()}


def go(place: str, query: Mapping[str, str] | None = None) -> Response:
    """On to another page; relative, because a stage's path stands before it on API Gateway."""
    asked = urlencode(query or {})
    headers = {
        "Location": f"{place}?{asked}" if asked else place,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Type": "text/plain",
    }
    return Response(body="", status_code=303, headers=headers)
