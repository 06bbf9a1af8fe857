"""What can go wrong in a conversation? A branch of ``kit/errors.py``.

::

    Conflict
    └── ConversationClosed             409 conversation_closed
"""

from chalicelib.kit.errors import Conflict


class ConversationClosed(Conflict):
    """No driver is on the way to this door, nor was one there in the last half hour."""

    code = "conversation_closed"
    title = "Nobody is on the way to read that"
