"""What is told of a delivery? The event of its latest version, and what is expected of it.

Neither carries anything of its recipient's.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.kit.events import Event

_ON_ITS_WAY = frozenset(
    {
        *(Status.ASSIGNED, Status.EN_ROUTE_TO_PICKUP, Status.ARRIVED_AT_PICKUP),
        *(Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF, Status.ARRIVED_AT_DROPOFF),
    }
)


def event_of(delivery: Delivery) -> Event:
    entry = delivery.history[-1]
    data = {
        "merchant_id": delivery.merchant_id,
        "hub_id": delivery.hub_id,
        "platform": delivery.platform,
        "external_id": delivery.external_id,
        "status": delivery.status.value,
        "route_id": delivery.route_id,
        "driver_id": delivery.driver_id,
        "attempts": len(delivery.attempts),
        "live": delivery.live,
        **({"pickup_point_id": delivery.pickup_point_id} if delivery.pickup_point_id else {}),
    }
    if entry.reason is not None:
        data["reason"] = entry.reason
    return Event(f"delivery.{entry.what}", delivery.id, delivery.version, entry.at, data)


def foretell(before: Delivery, what: str, at: datetime) -> tuple[Delivery, Event | None]:
    """Note what is expected of a delivery on its way: told once for each attempt.

    It is no step of its history: nothing has happened yet, and a driver's last tap stays the last.
    """
    told = f"{what}#{len(before.attempts)}"
    if before.status not in _ON_ITS_WAY or told in before.foretold:
        return before, None
    after = replace(before, version=before.version + 1, foretold=(*before.foretold, told))
    happened = event_of(after)
    return after, replace(happened, type=f"delivery.{what}", at=max(at, happened.at))
