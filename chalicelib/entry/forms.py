"""How is a form of a page read? As browsers send it without a script.

Url-encoded, and small; in parts (``multipart/form-data``, RFC 7578) where a file goes along. API
Gateway hands parts on as text, so a file that is no UTF-8 arrives with U+FFFD in it.
"""

from collections.abc import Mapping
from email.message import Message
from urllib.parse import parse_qs, urlencode

from chalice.app import Response

FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data"
LARGEST_FORM_BYTES = 8 * 1024
MOST_FIELDS = 12


def fields(body: bytes) -> dict[str, str]:
    """The fields of a form, the last of each name; what is no form has none."""
    try:
        given = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
    except ValueError:
        return {}
    return {name: values[-1] for name, values in given.items()}


def parts(content_type: str, body: bytes) -> dict[str, bytes]:
    """The fields and files of a form in parts, the last of each name; what is none has none."""
    boundary = _parameter("content-type", content_type, "boundary").encode()
    if not boundary:
        return {}
    found = {}
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary, MOST_FIELDS + 1)[1:]:
        head, _, content = piece.partition(b"\r\n\r\n")
        for line in head.decode("utf-8", "replace").split("\r\n"):
            title, _, told = line.partition(":")
            if title.strip().lower() == "content-disposition":
                found[_parameter("content-disposition", told.strip(), "name")] = content
    return found


def _parameter(header: str, told: str, name: str) -> str:
    """A parameter of a header, without its quotes."""
    message = Message()
    message[header] = " ".join(told.split())
    given = message.get_param(name, "", header=header)
    return given if isinstance(given, str) else ""


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
