"""What is a thing that needs a person? What, by when, why, and what could be done.

``due_at`` is when a promise breaks, by the kind's own definition (docs/attention.md). The list is
in its order, so that whoever has time for one thing takes the first.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """In the order in which equally urgent things are told."""

    NO_SHOW = "no_show"
    UNTAKEN_ROUTE = "untaken_route"
    SILENT_DRIVER = "silent_driver"
    LATE_RISK = "late_risk"
    UNSERVED = "unserved"
    LOCKER_REFUSED = "locker_refused"
    ADDRESS_REVIEW = "address_review"
    RECOVERY = "recovery"
    SUPPORT_CASE = "support_case"
    LOST_TEXT = "lost_text"
    PROOF_REVIEW = "proof_review"
    DEAD_LETTERS = "dead_letters"
    WEBHOOK_OFF = "webhook_off"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the API that sees to it.

    Parameters
    ----------
    words
        What it does, for a button.
    previews
        Sent as it stands it changes nothing: the answer says what would, and the same call with
        ``preview`` false and the answer's ``if_version`` does it.
    asks
        It cannot be taken back: ask once more.
    """

    words: str
    method: str
    path: str
    body: Mapping[str, Any] | None = None
    previews: bool = False
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that needs a person.

    Parameters
    ----------
    id
        The same for the same thing at every look, so that it can be settled.
    due_at
        When it breaks a promise; None: it has already.
    about
        The ids of what it is about, by ``merchant_id``, ``delivery_id`` and so on.
    calls
        What could be done; the first is suggested.
    """

    id: str
    kind: Kind
    due_at: datetime | None
    why: str
    about: Mapping[str, str] = field(default_factory=dict)
    calls: tuple[Call, ...] = ()

    def minutes_to_breach(self, now: datetime) -> int:
        """Negative once the time is over; 0 for what is due at once."""
        if self.due_at is None:
            return 0
        return int((self.due_at - now).total_seconds() // 60)


_RANK = {kind: place for place, kind in enumerate(Kind)}


def in_order(items: Iterable[Item], now: datetime) -> list[Item]:
    """The most pressing first; each thing once."""
    once = {one.id: one for one in items}
    return sorted(once.values(), key=lambda one: (one.due_at or now, _RANK[one.kind], one.id))


@dataclass(frozen=True, slots=True)
class Attention:
    """What needs a person at a hub. ``more``: kinds of which there are more than were read."""

    items: Sequence[Item]
    more: tuple[Kind, ...] = ()
