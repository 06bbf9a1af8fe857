"""What does a delivery's news mean on each platform?

One row per platform: our status to its word. What a platform has no word for is not told. Shopify's
words are the values of ``FulfillmentEventStatus``; before the pickup nothing is told, because a
fulfilment marks the items as sent and mails the customer.
Source: Shopify Admin GraphQL, enum FulfillmentEventStatus; our mapping of statuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import read_instant, write_instant

_S = Status

#: platform -> our status -> its word.
MEANINGS: Mapping[str, Mapping[Status, str]] = {
    "shopify": {
        # Told only when a tap was undone: the parcel is with us, and not yet under way again.
        _S.ASSIGNED: "CONFIRMED",
        _S.EN_ROUTE_TO_PICKUP: "CONFIRMED",
        _S.ARRIVED_AT_PICKUP: "CONFIRMED",
        _S.PICKED_UP: "CARRIER_PICKED_UP",
        _S.EN_ROUTE_TO_DROPOFF: "OUT_FOR_DELIVERY",
        _S.ARRIVED_AT_DROPOFF: "OUT_FOR_DELIVERY",
        _S.DELIVERED: "DELIVERED",
        _S.ATTEMPT_FAILED: "ATTEMPTED_DELIVERY",
        _S.AT_PICKUP_POINT: "READY_FOR_PICKUP",
        _S.COLLECTED: "DELIVERED",
        _S.RETURNED: "FAILURE",
        _S.CANCELLED: "FAILURE",
        _S.DISPOSED: "FAILURE",
        _S.LOST: "FAILURE",
        _S.DAMAGED: "FAILURE",
    },
}

#: Statuses that say that the parcel went out: the first of them creates the shipment.
_WENT_OUT = frozenset(
    {
        *(_S.PICKED_UP, _S.EN_ROUTE_TO_DROPOFF, _S.ARRIVED_AT_DROPOFF, _S.DELIVERED),
        *(_S.ATTEMPT_FAILED, _S.AT_PICKUP_POINT, _S.COLLECTED, _S.RETURNING, _S.RETURNED),
    }
)

#: The events after which a shop is told something; wiring subscribes to each.
EVENTS = (
    "delivery.picked_up",
    "delivery.en_route_to_dropoff",
    "delivery.delivered",
    "delivery.attempt_failed",
    "delivery.at_pickup_point",
    "delivery.collected",
    "delivery.returned",
    "delivery.cancelled",
    "delivery.disposed",
    "delivery.lost",
    "delivery.damaged",
    "delivery.undone",
)


@dataclass(frozen=True, slots=True)
class News:
    """What happened to one delivery, by its version; carried by a message of the queue."""

    merchant_id: str
    delivery_id: str
    platform: str
    order_id: str
    version: int
    status: Status
    at: datetime

    @property
    def word(self) -> str | None:
        """What it is called on the delivery's platform; None when that has no word for it."""
        return MEANINGS.get(self.platform, {}).get(self.status)

    @property
    def creates(self) -> bool:
        return self.status in _WENT_OUT

    def to_message(self) -> dict[str, str | int]:
        return {
            "task": "tell",
            "merchant_id": self.merchant_id,
            "delivery_id": self.delivery_id,
            "platform": self.platform,
            "order_id": self.order_id,
            "version": self.version,
            "status": self.status.value,
            "at": write_instant(self.at),
        }

    @classmethod
    def from_message(cls, message: Mapping[str, str | int]) -> "News":
        return cls(
            merchant_id=str(message["merchant_id"]),
            delivery_id=str(message["delivery_id"]),
            platform=str(message["platform"]),
            order_id=str(message["order_id"]),
            version=int(message["version"]),
            status=Status(str(message["status"])),
            at=read_instant(str(message["at"])),
        )


def of_event(event: Event) -> News | None:
    """The news in an event of a delivery; None when its platform is told nothing of it."""
    news = News(
        merchant_id=event.data["merchant_id"],
        delivery_id=event.subject,
        platform=event.data.get("platform", ""),
        order_id=event.data["external_id"],
        version=event.version,
        status=Status(event.data["status"]),
        at=event.at,
    )
    return None if news.word is None else news


def of_delivery(delivery: Delivery) -> News:
    """What a shop would be told of a delivery as it stands."""
    return News(
        merchant_id=delivery.merchant_id,
        delivery_id=delivery.id,
        platform=delivery.platform,
        order_id=delivery.external_id,
        version=delivery.version,
        status=delivery.status,
        at=delivery.history[-1].at,
    )
