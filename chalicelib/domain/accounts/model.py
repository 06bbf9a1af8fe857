"""Who signs in, and what does a role allow? Two audiences that never mix: the desk and the teams.

A role holds everything that those before it hold.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum


class Audience(StrEnum):
    """Where somebody signs in; a token for one opens nothing of the other."""

    DESK = "desk"
    TEAM = "team"


class _Ranked(Enum):
    """Roles in the order in which they are written, the smallest first.

    No texts: a viewer at the desk must not equal a viewer of a team.
    """

    def reaches(self, least: "_Ranked") -> bool:
        """Whether it is that role or a greater one; a role of the other audience never is."""
        ranks = list(type(self))
        return type(self) is type(least) and ranks.index(self) >= ranks.index(least)


class DeskRole(_Ranked):
    """Viewers look; dispatchers run the day; managers see to money, merchants and accounts."""

    VIEWER = "viewer"
    DISPATCHER = "dispatcher"
    MANAGER = "manager"


class TeamRole(_Ranked):
    """Viewers look; staff see to deliveries; owners to settings, keys, webhooks and the team."""

    VIEWER = "viewer"
    STAFF = "staff"
    OWNER = "owner"


AnyRole = DeskRole | TeamRole

#: The one team of the desk; the others bear their merchant's id.
DESK_TEAM = "desk"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may sign in.

    ``merchant_id`` is None at the desk. ``has_password`` is False until the invite was followed.
    Sessions from before ``sessions_end_at`` (wall time) have ended.
    """

    id: str
    name: str
    email: str
    role: AnyRole
    merchant_id: str | None
    created_at: datetime
    active: bool = True
    has_password: bool = False
    signed_in_on: date | None = None
    sessions_end_at: datetime | None = None
    invite_hash: str = ""
    version: int = 1

    @property
    def audience(self) -> Audience:
        return Audience.DESK if self.merchant_id is None else Audience.TEAM

    @property
    def team(self) -> str:
        return self.merchant_id or DESK_TEAM

    @property
    def is_chief(self) -> bool:
        """Whether it is the greatest role: a team keeps at least one of them."""
        return self.role in (DeskRole.MANAGER, TeamRole.OWNER)


def role_named(audience: Audience, word: str) -> AnyRole:
    """Raise ValueError for a word that is no role of this audience."""
    return DeskRole(word) if audience is Audience.DESK else TeamRole(word)
