"""What is told of a delivery? The event of its latest version, without anybody's data."""

from chalicelib.domain.deliveries.model import Delivery
from chalicelib.kit.events import Event


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
