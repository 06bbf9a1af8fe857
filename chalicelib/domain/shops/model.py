"""How are we connected to a merchant's shop?

A merchant has at most one connection per platform. Its ``shop`` is the shop's address as the
platform names it (``vases.myshopify.com``, ``https://vases.example``); its credentials are sealed
for this merchant and platform and never shown again. A connection whose credentials the platform
refused is ``broken``: nothing is tried until new ones come. One that the shop took back
(``app/uninstalled``) is ``closed``; deliveries under way go on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class State(StrEnum):
    CONNECTED = "connected"
    BROKEN = "broken"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Failure:
    """The last thing that went wrong: one of our error codes, a sentence, a time."""

    code: str
    detail: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Connection:
    """See the module's page. ``version`` is the one it was loaded with, 0 when it is new."""

    merchant_id: str
    platform: str
    shop: str
    sealed_credentials: str = field(repr=False)
    settings: Mapping[str, str]
    version: int = 0
    state: State = State.CONNECTED
    connected_at: datetime | None = None
    failure: Failure | None = None

    @property
    def is_usable(self) -> bool:
        """Whether calling the platform makes sense."""
        return self.state is State.CONNECTED

    def with_failure(self, failure: Failure, *, breaks: bool = False) -> "Connection":
        """The connection after something went wrong; ``breaks``: its credentials are refused."""
        is_broken = breaks and self.state is State.CONNECTED
        return replace(self, failure=failure, state=State.BROKEN if is_broken else self.state)


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the search for lost orders has come with one connection.

    ``until``: everything that the shop changed before it was looked at. ``polled_at``: when we
    looked last, successfully or not (wall time); the longest not looked at comes first.
    """

    merchant_id: str
    platform: str
    until: datetime
    polled_at: datetime
    failure: Failure | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """What the shop of a delivery has heard of it.

    ``told_version`` 0: nothing yet. While ``claimed_until`` lies ahead (wall time), somebody is
    telling ``claimed_version``. ``reference``: what the platform calls our shipment.
    """

    merchant_id: str
    delivery_id: str
    platform: str
    told_version: int = 0
    status: str = ""
    reference: str = ""
    told_at: datetime | None = None
    claimed_version: int = 0
    claimed_until: datetime | None = None
    failure: Failure | None = None
    version: int = 0
