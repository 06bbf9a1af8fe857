"""Who at the desk is it? A name that goes into the history, until the desk's people sign in."""

from chalice.app import Request

from chalicelib.entry import rest
from chalicelib.entry.surface import Header

_LONGEST_NAME = 120

DESK_USER = Header(
    "Desk-User",
    "Who at the desk does it: stands in the history of what is changed. Without it: desk.",
    "marta",
)


def desk_user(request: Request) -> str:
    """The name that the caller gives itself; all of the desk has one key."""
    told: str = (request.headers or {}).get("desk-user", "")
    return rest.clean(told)[:_LONGEST_NAME] or "desk"
