"""How is it mended on the same tour? The driver's route gets one stop more, in the same commit.

To a pickup point the delivery is redirected; to a door it is simply on its way again. The phone
hears of either with its next look at the route. If the driver takes the failed tap back within his
five minutes and nothing has come of it yet, all of it is reversed together with the tap.
"""

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.deliveries import redirecting
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import BY_RECOVERY, Delivery
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, StopStatus
from chalicelib.domain.dispatch.under_way import driving, rerouting, second_visits
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.recovery import store
from chalicelib.domain.recovery.facts import Situation
from chalicelib.domain.recovery.model import Chosen, Decision, State
from chalicelib.kit.errors import UndoTooLate
from chalicelib.storage.unit_of_work import UnitOfWork


def start(uow: UnitOfWork, delivery: Delivery, chosen: Chosen, situation: Situation) -> None:
    """Let the driver do it now; the situation says that it can be done."""
    if chosen.remedy is Remedy.POINT_ON_TOUR:
        assert chosen.point_id is not None
        rerouting.redirect(uow, delivery, situation.points[chosen.point_id], by=BY_RECOVERY)
        return
    assert situation.tour is not None
    assert situation.door is not None
    second_visits.back_to_door(uow, situation.tour, delivery, situation.door)


def undo(uow: UnitOfWork, driver_id: str, stop_id: str, at: datetime | None = None) -> Route:
    """Take a driver's last tap back (``driving.undo``), and with it what was begun because of it.

    Raises
    ------
    NotFound
    UndoTooLate
        Also if the driver has reached the second stop already.
    """
    route, stop = driving.find_stop(uow, driver_id, stop_id)
    if stop.status is StopStatus.FAILED:
        for delivery in delivery_store.load_many(uow, stop.deliveries).values():
            decision = store.find_for(uow, delivery)
            if decision is not None and decision.state is State.ON_TOUR:
                _reverse(uow, route, delivery, decision)
                route = dispatch.load_route(uow, route.id)
    return driving.undo(uow, driver_id, stop_id, at)


def _reverse(uow: UnitOfWork, route: Route, delivery: Delivery, decision: Decision) -> None:
    """Take the second stop off the route, and let the delivery go where it went before."""
    shorter = second_visits.without_visit(route, deliveries.ref_of(delivery))
    if shorter is None:
        raise UndoTooLate("the driver has brought it somewhere else already")
    # The undo writes the route's next version, with its news.
    dispatch.save_route(uow, shorter, expect=route.version)
    if delivery.pickup_point_id != decision.from_point_id:
        if decision.from_point_id is None:
            redirecting.redirect_home(uow, delivery, by=BY_RECOVERY)
        else:
            before = pickup_points.load(uow, decision.from_point_id)
            redirecting.redirect(uow, delivery, before, by=BY_RECOVERY)
    undone = replace(
        decision, state=State.TAKEN_BACK, done_at=uow.now, version=decision.version + 1
    )
    store.save(uow, undone, "recovery.taken_back")
