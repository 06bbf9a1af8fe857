"""What can go wrong with people's accounts? Part of the one tree of ``errors``.

::

    Conflict                           409 conflict
    ├── EmailTaken                     409 email_taken
    └── LastOfItsRole                  409 last_of_its_role
    Gone                               410 gone
    └── InviteExpired                  410 invite_expired
"""

from chalicelib.kit.errors import Conflict, Gone


class EmailTaken(Conflict):
    """The e-mail address has an account already, in this team or another one."""

    code = "email_taken"
    title = "The e-mail address has an account already"


class LastOfItsRole(Conflict):
    """Nobody else could let people in: name another manager, or owner, first."""

    code = "last_of_its_role"
    title = "A team keeps at least one manager or owner"


class InviteExpired(Gone):
    """The invite was used, replaced, or is older than 72 hours: ask for a new one."""

    code = "invite_expired"
    title = "The invite has been used or has expired"
