"""What happened? One event per version of one thing.

An event belongs to the change that caused it: same item, same transaction, same version. Its id is
therefore derived, not drawn, and hearing of it twice can be noticed by anyone.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.kit.timewindow import read_instant, write_instant

Json = Any  # str | int | bool | None | list | dict, as DynamoDB and JSON both hold it


@dataclass(frozen=True, slots=True)
class Event:
    """News of one subject.

    Parameters
    ----------
    type
        ``noun.past_participle``, e.g. ``delivery.created``; all are listed in docs/events.md.
    subject
        Id of the thing that changed.
    version
        The subject's version after the change, 1 being its creation.
    at
        Business time of the change.
    data
        What listeners need; never personal data.
    """

    type: str
    subject: str
    version: int
    at: datetime
    data: Mapping[str, Json] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"evt_{self.subject}_{self.version:06d}"

    def to_item(self) -> dict[str, Json]:
        return {
            "type": self.type,
            "subject": self.subject,
            "version": self.version,
            "at": write_instant(self.at),
            "data": dict(self.data),
        }

    @classmethod
    def from_item(cls, item: Mapping[str, Json]) -> "Event":
        return cls(
            type=item["type"],
            subject=item["subject"],
            version=int(item["version"]),
            at=read_instant(item["at"]),
            data=item["data"],
        )
