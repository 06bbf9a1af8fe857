"""Use case of fetching: a webhook named an order; what does the shop say about it now?

The same webhook twice fetches once. A shop that does not answer is asked again by the queue; one
that refuses our credentials breaks its connection, and the search for lost orders finds what was
changed meanwhile, once new ones come: its mark does not move while the shop refuses.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chalicelib.domain.intake import store as intake
from chalicelib.domain.intake.store import Outcome
from chalicelib.domain.shops import store, telling
from chalicelib.domain.shops.model import Connection
from chalicelib.domain.shops.platforms import Gateways
from chalicelib.domain.shops.telling import Commit
from chalicelib.kit.errors import (
    Malformed,
)
from chalicelib.kit.shop_calls import FoundOrder
from chalicelib.kit.shop_errors import (
    ShopError,
)
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Fetch:
    """One order to fetch, as a message of the queue carries it.

    ``source_event_id``: the webhook that named it, where copies of it are to be known.
    """

    merchant_id: str
    platform: str
    order_id: str
    source_event_id: str = ""

    def to_message(self) -> dict[str, str]:
        return {
            "task": "fetch",
            "merchant_id": self.merchant_id,
            "platform": self.platform,
            "order_id": self.order_id,
            "event": self.source_event_id,
        }

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> "Fetch":
        return cls(
            merchant_id=str(message["merchant_id"]),
            platform=str(message["platform"]),
            order_id=str(message["order_id"]),
            source_event_id=str(message.get("event", "")),
        )


class Fate(StrEnum):
    """What became of a fetch that brought no order."""

    KNOWN = "known"
    NOT_CONNECTED = "not_connected"
    NOT_THERE = "not_there"
    REFUSED = "refused"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Fetcher:
    """What fetching needs besides the order."""

    commit: Commit
    gateways: Gateways
    server_key: bytes
    take_in: Callable[[Connection, FoundOrder, str], Outcome]


def fetch(fetcher: Fetcher, wanted: Fetch) -> Outcome | Fate:
    """Fetch one order and take it in.

    Raises
    ------
    ShopUnavailable, PlacesUnavailable
        Trying again is right.
    """
    begun = fetcher.commit(lambda uow: _begin(uow, wanted))
    if isinstance(begun, Fate):
        return begun
    connection = begun
    access = store.access(fetcher.server_key, connection)
    try:
        found = fetcher.gateways[wanted.platform].order(access, wanted.order_id)
    except ShopError as error:
        refused = error
        fetcher.commit(lambda uow: telling.note(uow, connection, refused))
        return Fate.REFUSED
    if found is None:
        return Fate.NOT_THERE
    try:
        return fetcher.take_in(connection, found, wanted.source_event_id)
    except Malformed as error:
        unreadable = error
        fetcher.commit(lambda uow: telling.note(uow, connection, unreadable))
        return Fate.UNREADABLE


def _begin(uow: UnitOfWork, wanted: Fetch) -> Connection | Fate:
    event = wanted.source_event_id
    if event and intake.load_seen(uow, wanted.merchant_id, wanted.platform, event) is not None:
        return Fate.KNOWN
    connection = store.load_connection(uow, wanted.merchant_id, wanted.platform)
    return connection if connection is not None and connection.is_usable else Fate.NOT_CONNECTED
