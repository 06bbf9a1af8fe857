"""The operator has no room after all: where else can the parcel go?

To the nearest other point that takes it, has room by what we know, and makes nobody late; else
home, if it has one; else it stays, and whoever drives it there finds the locker full.
"""

from chalicelib.domain.deliveries import lifecycle, redirecting
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.under_way import rerouting
from chalicelib.domain.lockers import holds
from chalicelib.domain.lockers.holds import HoldState
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import PickupPoint, Wanted
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

#: Who stands in the history for it.
BY = "locker operator"
#: Further than that it is no longer on the recipient's way.
FURTHEST_M = 3_000
MOST_LOOKED_AT = 8


def move_on(uow: UnitOfWork, event: Event) -> Delivery | None:
    """On ``locker.refused``: to another point or home; None where it stays. Twice moves it once."""
    ref = DeliveryRef(event.data["merchant_id"], event.data["delivery_id"])
    delivery = deliveries.load(uow, ref)
    moved_on = delivery.pickup_point_id != event.data["point_id"]
    if moved_on or not lifecycle.may_be_redirected(delivery):
        return None
    for point in _others(uow, delivery):
        if rerouting.would_fit(uow, delivery, point):
            return rerouting.redirect(uow, delivery, point, by=BY)
    if delivery.home is None:
        return None
    return rerouting.redirect_home(uow, delivery, by=BY, insist=True)


def _others(uow: UnitOfWork, delivery: Delivery) -> list[PickupPoint]:
    """Points nearby that have not refused it."""
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    refused = {one.point_id for one in holds.load_all(uow, ref) if one.state is HoldState.REFUSED}
    refused.add(delivery.pickup_point_id or "")
    wanted = Wanted(delivery.parcel.weight_g, delivery.parcel.volume_ml)
    near = delivery.home.dropoff if delivery.home else delivery.dropoff
    return [
        one.point
        for one in pickup_points.nearest(uow, near, wanted, MOST_LOOKED_AT)
        if one.point.id not in refused
        and one.distance_m <= FURTHEST_M
        and redirecting.place_at(uow, delivery, one.point)
    ]
