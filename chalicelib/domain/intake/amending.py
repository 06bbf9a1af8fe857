"""What does a delivery become by a newer version of its order? Pure."""

from dataclasses import replace

from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.intake.order import Order
from chalicelib.domain.intake.terms import Terms


def amended(before: Delivery, order: Order, terms: Terms) -> Delivery:
    after = replace(
        before,
        order_name=order.order_name,
        pickup=terms.pickup,
        window=terms.window,
        parcel=terms.parcel,
        booking=terms.booking,
        requirements=terms.requirements,
    )
    door = terms.door
    if door is None:
        return after
    is_asked_already = before.status is Status.ADDRESS_REVIEW and door.question is not None
    return replace(
        after,
        dropoff=door.position,
        confidence=door.confidence,
        door_key=door.key,
        shop_door_key=door.key,
        reason=door.question.doubt if is_asked_already and door.question else before.reason,
    )
