"""Where did the last page end? Opaque cursors for lists.

A cursor is the last key in base64. It is checked against the partition of the query that it comes
back with, so a cursor of one merchant opens nothing of another's.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from chalicelib.kit.errors import Malformed

Cursor = str

_LONGEST = 1024


def write_cursor(last_key: Mapping[str, Any]) -> Cursor:
    text = json.dumps(dict(last_key), separators=(",", ":"), sort_keys=True)
    return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


def read_cursor(cursor: Cursor, pk_name: str, pk: str) -> dict[str, str]:
    """Return the key inside; raise Malformed unless it lies in the partition ``pk``."""
    try:
        padded = cursor[:_LONGEST] + "=" * (-len(cursor) % 4)
        key = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (binascii.Error, ValueError) as error:
        raise Malformed("the cursor is not one of ours") from error
    if (
        not isinstance(key, dict)
        or key.get(pk_name) != pk
        or not all(isinstance(value, str) for value in key.values())
    ):
        raise Malformed("the cursor belongs to another list")
    return key
