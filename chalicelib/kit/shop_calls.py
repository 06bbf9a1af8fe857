"""What is said between us and a shop's platform? The values that cross that border, both ways.

Orders come in the very shape of the platform's webhooks, so that one reader in intake reads both.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Access:
    """Where a shop is and how to get in, in the clear: for the length of one call.

    ``settings``: what the merchant chose at the connection.
    """

    shop: str
    credentials: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Telling:
    """News of one delivery as a platform is told it.

    ``reference``: what the platform called our shipment when we told it before; empty at first.
    ``creates``: whether this news may create the shipment (before the pickup there is none).
    """

    order_id: str
    tracking_number: str
    tracking_url: str
    status: str
    happened_at: datetime
    notify_customer: bool
    creates: bool
    reference: str = ""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """An order as its webhook would have brought it: the body, and the topic of its headers."""

    order_id: str
    updated_at: datetime
    topic: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Changed:
    """An order that changed; ``order`` where the platform sent all of it along."""

    order_id: str
    updated_at: datetime
    order: FoundOrder | None = None


@dataclass(frozen=True, slots=True)
class ChangedOrders:
    """A page of changed orders, the least recently changed first; no cursor: there are no more."""

    orders: tuple[Changed, ...]
    cursor: str | None = None


class Wish(StrEnum):
    """What a shop asks of its fulfilment service."""

    FULFIL = "fulfil"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Requested:
    """One thing that a shop asks for; ``id`` is what is accepted or rejected."""

    id: str
    order_id: str
    wish: Wish
