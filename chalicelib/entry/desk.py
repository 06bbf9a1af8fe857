"""Who at the desk is it? The name that goes into the history of what is changed."""

from chalicelib.entry.auth import Caller
from chalicelib.entry.surface import Header

DESK_USER = Header(
    "Desk-User",
    "Who at the desk does it, for programs with the operator's key: stands in the history of what "
    "is changed. Without it: desk. Whoever has signed in is named by the account.",
    "marta",
)


def desk_user(caller: Caller) -> str:
    """The name of whoever signed in; with the operator's key, the one that the caller gave."""
    if caller.person is not None:
        return caller.person.name or "desk"
    return caller.called or "desk"
