"""What happens on the road? A driver's taps: arrive, complete, fail, undo.

Each tap changes one stop, the deliveries of that stop, and the deliveries of the stop that comes
next (the driver is now on the way to them), all in one commit. A tap may come late (the stairwell
had no signal): its own time counts, never later than now. It may come twice: the second changes
nothing and gets the same answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.foretelling import last_step
from chalicelib.domain.deliveries.model import Delivery, FailureReason, Status
from chalicelib.domain.deliveries.requirements import Proof
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import itinerary, store, wages
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.kit.errors import Conflict, NotFound, UndoTooLate
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Tap:
    """One tap in work: who, where, when, and the deliveries that it touches."""

    work: Work
    route: Route
    stop: Stop
    at: datetime


def arrive(uow: UnitOfWork, driver_id: str, stop_id: str, at: datetime | None = None) -> Route:
    """The driver is there.

    Raises
    ------
    NotFound
        If the driver's route has no such stop.
    """
    tap = _load(uow, driver_id, stop_id, at)
    if tap.stop.status is not StopStatus.PENDING:
        return tap.route
    stop = replace(tap.stop, status=StopStatus.ARRIVED, arrived_at=tap.at)
    command = {
        StopKind.PICKUP: life.ArriveAtPickup(tap.at),
        StopKind.DROPOFF: life.ArriveAtDropoff(tap.at),
    }.get(stop.kind)
    commands = {ref: [command] if command else [] for ref in stop.deliveries}
    return _commit(uow, tap, itinerary.with_stop(tap.route, stop), commands)


def complete(
    uow: UnitOfWork,
    driver_id: str,
    stop_id: str,
    *,
    at: datetime | None = None,
    proofs: tuple[Proof, ...] = (),
) -> Route:
    """Done here: picked up, handed over, or brought back.

    Raises
    ------
    NotFound, IllegalTransition, Conflict
    ProofMissing
        If something is asked for at this door that is not among the proofs.
    """
    tap = _load(uow, driver_id, stop_id, at)
    if tap.stop.status is StopStatus.DONE:
        return tap.route
    _must_be_open(tap.stop)
    command: life.Command | None = {
        StopKind.PICKUP: life.PickUp(tap.at),
        StopKind.DROPOFF: life.Deliver(tap.at, proofs),
    }.get(tap.stop.kind)
    if tap.stop.pickup_point_id is not None:
        point = pickup_points.load(uow, tap.stop.pickup_point_id)
        command = life.LeaveAtPickupPoint(tap.at, tap.at + timedelta(days=point.keeps_days))
    stop = replace(tap.stop, status=StopStatus.DONE, done_at=tap.at)
    commands = {ref: [command] if command else [] for ref in stop.deliveries}
    return _commit(uow, tap, itinerary.with_stop(tap.route, stop), commands)


def fail(
    uow: UnitOfWork,
    driver_id: str,
    stop_id: str,
    reason: FailureReason,
    at: datetime | None = None,
) -> Route:
    """Nobody took it: the parcels stay on board, and a return to the hub ends the route.

    Raises
    ------
    NotFound, IllegalTransition
    Conflict
        If the stop is no recipient's door, or over already.
    """
    tap = _load(uow, driver_id, stop_id, at)
    if tap.stop.status is StopStatus.FAILED:
        return tap.route
    _must_be_open(tap.stop)
    if tap.stop.kind is not StopKind.DROPOFF:
        raise Conflict("only a delivery at the door can fail")
    stop = replace(tap.stop, status=StopStatus.FAILED, done_at=tap.at, failure=reason)
    route = itinerary.with_stop(tap.route, stop)
    hub = merchants.load_hub(uow, route.hub_id)
    route = itinerary.with_return(route, stop.deliveries, hub, lambda: uow.new_id("stp"))
    commands: dict[DeliveryRef, list[life.Command]] = {
        ref: [life.FailAttempt(tap.at, reason)] for ref in stop.deliveries
    }
    return _commit(uow, tap, route, commands)


def undo(uow: UnitOfWork, driver_id: str, stop_id: str, at: datetime | None = None) -> Route:
    """Take the last tap on a stop back, within five minutes; the history keeps both.

    Raises
    ------
    NotFound
    UndoTooLate
        Also if a later tap rests on it: what was handed over was picked up.
    """
    tap = _load(uow, driver_id, stop_id, at)
    if tap.stop.status is StopStatus.PENDING or _is_taken_back(uow, tap):
        return tap.route
    _may_be_taken_back(tap)
    back = StopStatus.PENDING
    if tap.stop.status is not StopStatus.ARRIVED and tap.stop.arrived_at is not None:
        back = StopStatus.ARRIVED
    arrived_at = tap.stop.arrived_at if back is StopStatus.ARRIVED else None
    stop = replace(tap.stop, status=back, arrived_at=arrived_at, done_at=None, failure=None)
    route = itinerary.without_return(itinerary.with_stop(tap.route, stop), stop.deliveries)
    commands: dict[DeliveryRef, list[life.Command]] = {
        ref: [life.Undo(tap.at)] for ref in stop.deliveries
    }
    return _save(uow, tap, replace(route, status=RouteStatus.UNDER_WAY), commands)


def _is_taken_back(uow: UnitOfWork, tap: _Tap) -> bool:
    """Whether the last tap here is an undo: the same again must not take the arrival along."""
    found = delivery_store.load_many(uow, tap.stop.deliveries).values()
    mine = [one for one in found if one.route_id == tap.route.id]
    return bool(mine) and all(last_step(one) == "undone" for one in mine)


def _may_be_taken_back(tap: _Tap) -> None:
    """Told by the stops, for the parcels may be with somebody else by now."""
    stop, route = tap.stop, tap.route
    if stop.status is StopStatus.SKIPPED or stop.kind is StopKind.RETURN:
        raise UndoTooLate("this cannot be undone")
    if route.status is RouteStatus.COMPLETED and not tap.work.is_free:
        raise UndoTooLate("the next route has begun")
    tapped_at = stop.done_at or stop.arrived_at
    if tapped_at is not None and tap.at - tapped_at > lifecycle.UNDO_WITHIN:
        raise UndoTooLate("the tap is more than five minutes old")
    later = route.stops[route.stops.index(stop) + 1 :]
    if any(_rests_on(stop, one) for one in later):
        raise UndoTooLate("a later tap rests on this one")


def _rests_on(stop: Stop, later: Stop) -> bool:
    """Whether a parcel of a stop went on from there; at the hub it did once it was taken in."""
    begun = {StopStatus.DONE, StopStatus.FAILED}
    if later.kind is not StopKind.RETURN:
        begun.add(StopStatus.ARRIVED)
    return later.status in begun and not set(stop.deliveries).isdisjoint(later.deliveries)


def find_stop(uow: UnitOfWork, driver_id: str, stop_id: str) -> tuple[Route, Stop]:
    """A stop of the driver's route, or of the one just finished; raise NotFound."""
    tap = _load(uow, driver_id, stop_id, None)
    return tap.route, tap.stop


def _load(uow: UnitOfWork, driver_id: str, stop_id: str, at: datetime | None) -> _Tap:
    work = drivers.load_work(uow, driver_id)
    for route_id in (work.route_id, work.last_route_id):
        route = None if route_id is None else store.load_route(uow, route_id)
        # Whoever gave it away has it in mind still, as the last one.
        is_theirs = route is not None and route.driver_id == driver_id
        stop = route.stop(stop_id) if route is not None and is_theirs else None
        if route is not None and stop is not None:
            return _Tap(work, route, stop, _told_at(route, stop, at, uow.now))
    raise NotFound("there is no such stop")


def _told_at(route: Route, stop: Stop, at: datetime | None, now: datetime) -> datetime:
    """When it was tapped, as far as a phone's clock can be right: not in the future, not before
    there was a route, and nothing is done before somebody was there. What is paid hangs on it."""
    return min(now, max(at or now, route.planned_at, stop.arrived_at or route.planned_at))


def _must_be_open(stop: Stop) -> None:
    if stop.status.is_over:
        raise Conflict(f"the stop is already {stop.status}", extra={"stop_status": stop.status})


def _commit(
    uow: UnitOfWork,
    tap: _Tap,
    route: Route,
    commands: Mapping[DeliveryRef, list[life.Command]],
) -> Route:
    """Add what follows from the tap (the next stop is on its way), then save all of it."""
    following = {ref: list(steps) for ref, steps in commands.items()}
    coming = route.next_stop()
    if coming is not None and coming.status is StopStatus.PENDING:
        for ref in coming.deliveries:
            following.setdefault(ref, []).extend(_set_out(coming.kind, tap.at))
    return _save(uow, tap, route, following)


def _set_out(kind: StopKind, at: datetime) -> list[life.Command]:
    if kind is StopKind.PICKUP:
        return [life.SetOutForPickup(at)]
    return [life.SetOutForDropoff(at)] if kind is StopKind.DROPOFF else []


def _save(
    uow: UnitOfWork,
    tap: _Tap,
    route: Route,
    commands: Mapping[DeliveryRef, list[life.Command]],
) -> Route:
    loaded = delivery_store.load_many(uow, commands)
    for ref, delivery in loaded.items():
        steps = list(_possible(tap, delivery, commands[ref]))
        if steps:
            deliveries.advance(uow, delivery, *steps)
    route, events = itinerary.settle(tap.route, route, tap.stop.id, tap.at)
    if route.version == tap.route.version:
        return route
    store.save_route(uow, route, expect=tap.route.version)
    uow.emit(*events)
    wages.settle(uow, tap.route, route, tap.at)
    _settle_work(uow, tap, route)
    return route


def _possible(
    tap: _Tap, delivery: Delivery, steps: Iterable[life.Command]
) -> Iterable[life.Command]:
    """The steps that this delivery can take.

    A cancelled delivery is passed over: its stop is about to follow. One whose route was assigned
    a moment ago may not have heard of it yet; it hears it first.
    """
    if delivery.status is Status.CANCELLED or delivery.route_id != tap.route.id:
        return
    ahead: Status = delivery.status
    if ahead is Status.PLANNED and tap.route.driver_id is not None:
        yield life.Assign(tap.at, tap.route.driver_id)
        ahead = Status.ASSIGNED
    for step in steps:
        optional = isinstance(step, life.SetOutForPickup | life.SetOutForDropoff)
        if optional and ahead not in lifecycle.TRANSITIONS[type(step)][0]:
            continue
        yield step
        ahead = (
            lifecycle.TRANSITIONS[type(step)][1] if type(step) in lifecycle.TRANSITIONS else ahead
        )


def _settle_work(uow: UnitOfWork, tap: _Tap, route: Route) -> None:
    """Free the driver when the route is over; bind him again when its end was undone."""
    ended = route.status is RouteStatus.COMPLETED
    if ended and tap.work.route_id == route.id:
        work = replace(tap.work, route_id=None, last_route_id=route.id)
    elif not ended and tap.work.route_id is None:
        work = replace(tap.work, route_id=route.id)
    else:
        return
    drivers.save_work(uow, replace(work, version=tap.work.version + 1))
